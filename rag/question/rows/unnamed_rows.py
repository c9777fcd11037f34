"""Whether a question means no one row of a table: "Which lighthouse is the oldest?", "Who are the keepers?".

Such a question names nothing that stands in a row, and a reader, who sees one row at a time, finds each of them about
as likely: it can't compare them. The words that it points at are then those of any row.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.question.rows.asked_columns import Asked
from rag.question.rows.named_rows import Row, rows_of
from rag.question.rows.rereading import Rereading
from rag.types import ScoredPassage

__all__ = ["of_one_table", "unnamed_row"]


def unnamed_row(asked: Asked, hits: Sequence[ScoredPassage]) -> Row | None:
    """Return the best hit's row, if a question names nothing in it and another row of its table is about as likely.

    Args:
        asked: the question.
        hits: best first, those that are meant.

    Returns:
        `None` where the best hit is no row of a table with columns, a row is named, the reader clearly prefers the best
        one, or nothing can read.
    """
    rows = rows_of(asked.question, hits)
    if not rows or rows[0].place != 0 or asked.again is None:
        return None
    best, others = rows[0], of_one_table(rows[0], rows)[1:]
    if not others or _named_alone(best, others):
        return None
    likely = _answers(hits[best.place], asked.again)
    least = None if likely is None else likely - asked.again.profile.clearly
    further = (_answers(hits[row.place], asked.again) for row in others)
    return best if least is not None and any(found is not None and found > least for found in further) else None


def _named_alone(best: Row, others: Sequence[Row]) -> bool:
    """Tell whether the question names something in a row; what objects of a file are called in common is nothing."""
    shared = frozenset.intersection(*(row.named for row in others)) if best.asked is not None else frozenset()
    return not best.named <= shared


def _answers(hit: ScoredPassage, again: Rereading) -> float | None:
    """Return the log-odds that a hit answers, which is read if it wasn't; `None` where nothing can read."""
    reading = hit.reading or next(iter(again.read([hit])), None)
    return None if reading is None else reading.answers


def of_one_table(row: Row, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that go with a row, itself among them; none where its cells have no names, as in a form.

    They are those of its file under the same columns, as far as the question doesn't part them by what stands above
    them: "the south bank". Objects of a file go together where they have the same fields.
    """
    fields = _fields(row)

    def goes_with(other: Row) -> bool:
        alike = other.columns == row.columns if row.asked is None else _fields(other) == fields
        return alike and other.group == row.group and other.about == row.about

    return [other for other in rows if goes_with(other)] if any(row.columns) or len(fields) > 1 else []


def _fields(row: Row) -> set[str]:
    return {cell.column for cell in row.cells if cell.column}
