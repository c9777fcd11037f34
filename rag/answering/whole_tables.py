"""All rows of a table that a question means: each of them, or those that hold a value that it names.

Whoever asks "Which lighthouse is the tallest?" compares all rows, and "Which orders came from Norway?" lists some. A
few of them would look like the whole answer. A table of more rows than people take in at once isn't shown, and a
question that means no one of them is refused with the reason; of rows that hold a value the first ones are shown, with
a remark of how many there are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from index.records import Table, tables_of
from index.stores.base import Filter
from index.types import Passage
from rag.question.rows.named_rows import Row, rows_of, table_around
from rag.question.rows.unnamed_rows import of_one_table
from rag.retrieval.retrieve import Readable, retrieve
from rag.types import ScoredPassage

__all__ = ["TOO_MANY", "Together", "all_rows", "chosen_rows"]

TOO_MANY = "no row of the table is named, and rows are not compared"
_MOST = 12  # rows that are shown: about as many as a screen holds
_FOUND = 40  # passages that are looked at; as many as that are too many, whatever they hold
_SEARCHED = 400  # passages in which rows with a value are looked for


@dataclass(frozen=True, slots=True)
class Together:
    """Rows of a table that are quoted together.

    Attributes:
        passages: those of the rows, in the table's order, before what else was found.
        rows: of each the number of its passage, from 1, and where it begins and ends in the document.
        remark: what is not shown, for people, or `""`.
    """

    passages: tuple[ScoredPassage, ...] = ()
    rows: tuple[tuple[int, int, int], ...] = ()
    remark: str = ""


def all_rows(
    index: Readable, row: Row, hits: Sequence[ScoredPassage], question: str, where: Filter | None
) -> Together | None:
    """Return all rows of a table, `None` where they are too many or not all of them can be found.

    Args:
        index: what is searched.
        row: one of them.
        hits: what was found, best first; the row's among them.
        question: standing alone.
        where: which passages may be found.
    """
    table = _table_of(index, row, hits, question, where, _FOUND)
    if table is None or not 1 < len(table.rows) <= _MOST or not table.is_whole:
        return None
    return _together(table.rows, table.found, hits)


def chosen_rows(
    index: Readable, row: Row, hits: Sequence[ScoredPassage], question: str, where: Filter | None
) -> Together | None:
    """Return all rows of a table that hold the words of a question which one of them holds; `None`: it alone does.

    Arguments are those of `all_rows`. Where each row of a long table holds them they choose none, and nothing is
    returned.
    """
    if not any(_fits(other, row) for other in of_one_table(row, rows_of(question, hits)) if other.place != row.place):
        return None
    table = _table_of(index, row, hits, question, where, _SEARCHED)
    fitting = [other for other in table.rows if _fits(other, row)] if table is not None else []
    if table is None or len(fitting) <= 1 or len(fitting) == len(table.rows) > _MOST:
        return None
    shown = sorted(fitting, key=lambda other: other.section[:2] != row.section[:2])[
        :_MOST
    ]  # first those of its own table
    more = f"{len(shown)} of {len(fitting)} rows that fit are shown" if len(fitting) > len(shown) else ""
    return replace(_together(shown, table.found, hits), remark=more)


def _fits(other: Row, row: Row) -> bool:
    return bool(row.named) and row.named <= other.named


@dataclass(frozen=True, slots=True)
class _Whole:
    """The rows of a table, the passages they stand in, and whether none is missing."""

    rows: Sequence[Row]
    found: Sequence[ScoredPassage]
    is_whole: bool


def _table_of(
    index: Readable, row: Row, hits: Sequence[ScoredPassage], question: str, where: Filter | None, most: int
) -> _Whole | None:
    """Return the rows that go with a row, as far as they stand in so many passages."""
    hit = hits[row.place]
    table = table_around(hit, row.span[0])
    text = index.store.document(hit.passage.document_id).text
    if table is None:
        return None
    is_apart = "#" in hit.source and len(_lines(text, table)) == 1  # each row of its file is a document
    near = _of_file(index, hit, question, where, most) if is_apart else _of_document(index, hit, table, most)
    known = {one.passage.id: one for one in hits}
    found = [known.get(one.passage.id, one) for one in near]
    rows = of_one_table(row, rows_of(question, found))
    return _Whole(rows, found, is_apart or row.asked is not None or _is_whole(text, found, rows))


def _together(rows: Sequence[Row], found: Sequence[ScoredPassage], hits: Sequence[ScoredPassage]) -> Together:
    chosen = [found[each.place] for each in rows]
    names = {one.passage.id for one in chosen}
    others = [one for one in hits if one.passage.id not in names]
    places = tuple((number, *each.span) for number, each in enumerate(rows, 1))
    return Together((*chosen, *others), places)


def _is_whole(text: str, found: Sequence[ScoredPassage], rows: Sequence[Row]) -> bool:
    """Tell whether all rows are there of each table that has some."""
    tables = {table for row in rows if (table := table_around(found[row.place], row.span[0])) is not None}
    return sum(len(_lines(text, table)) for table in tables) == len(rows)


def _lines(text: str, table: Table) -> list[str]:
    return [line for line in text[table.start : table.end].split("\n") if line.strip()]


def _of_document(index: Readable, hit: ScoredPassage, table: Table, most: int) -> list[ScoredPassage]:
    """Return the passages from the first to the last table with some columns, in reading order; none: too many."""
    alike = [one for one in tables_of(hit.metadata) if one.columns == table.columns]
    keys = index.store.keys(hit.passage.document_id)

    def passage(key: int) -> Passage:
        return index.store.passages([key])[0]

    first = bisect_right(keys, alike[0].start, key=lambda key: passage(key).end)
    found = list(islice(_before(map(passage, islice(keys, first, None)), alike[-1].end), most))
    if len(found) == most:
        return []
    return [replace(hit, passage=one, ranks={}, sentences=(), reading=None) for one in found]


def _before(passages: Iterator[Passage], end: int) -> Iterator[Passage]:
    for one in passages:
        if one.start >= end:
            return
        yield one


def _of_file(
    index: Readable, hit: ScoredPassage, question: str, where: Filter | None, most: int
) -> list[ScoredPassage]:
    """Return the passages of a file's rows, each of which is a document, in their order; none: too many."""
    name = hit.source.partition("#")[0]
    kept = where or Filter()
    of_it = replace(kept, metadata=(*kept.metadata, ("source", name)))
    found = retrieve(index, question, most, of_it).passages
    if len(found) == most:
        return []
    return sorted((one for one in found if one.source.partition("#")[0] == name), key=_number)


def _number(hit: ScoredPassage) -> tuple[int, int]:
    number = hit.source.rpartition("#")[2]
    return (int(number) if number.isdecimal() else 0), hit.passage.start
