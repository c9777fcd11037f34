"""Whether a question means no one row of a table: "Which lighthouse is the oldest?", "Who are the keepers?".

Such a question names nothing that stands in a row, and a reader, who sees one row at a time, finds each of them about
as likely: it can't compare them. The words that it points at are then those of any row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rag.question.rows.asked_columns import Asked
from rag.question.rows.named_rows import Row, rows_of
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
    if not rows or rows[0].place != 0 or rows[0].named or asked.again is None:
        return None
    best, others = rows[0], of_one_table(rows[0], rows)[1:]
    if not others or not all(cell.column for cell in best.cells):
        return None
    readings = asked.again.read([replace(hits[row.place], reading=None) for row in (best, *others)])
    if len(readings) <= len(others):
        return None
    first, further = readings[0].answers, max(seen.answers for seen in readings[1:])
    return best if further > first - asked.again.profile.clearly else None


def of_one_table(row: Row, rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a row's table, itself among them; objects of a file are of one where their fields are."""
    fields = {cell.column for cell in row.cells}

    def goes_with(other: Row) -> bool:
        alike = other.columns == row.columns if row.asked is None else {one.column for one in other.cells} == fields
        return alike and other.group == row.group and other.section == row.section

    return [other for other in rows if goes_with(other)]
