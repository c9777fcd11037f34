"""All rows of a table, for a question that means no one of them: whoever asks compares, counts or lists them.

A few of the rows would look like the answer. A table of more rows than people take in at once isn't shown, and the
question is refused with the reason.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from index.stores.base import Filter
from index.types import Passage
from rag.question.rows.named_rows import Row, rows_of, table_around
from rag.question.rows.unnamed_rows import of_one_table
from rag.retrieval.retrieve import Readable, retrieve
from rag.types import ScoredPassage

__all__ = ["TOO_MANY", "Together", "all_rows"]

TOO_MANY = "no row of the table is named, and rows are not compared"
_MOST = 12  # rows that are shown: about as many as a screen holds
_FOUND = 40  # rows of a file that is read row by row; as many as that are too many, whatever else was found


@dataclass(frozen=True, slots=True)
class Together:
    """Rows of a table that are quoted together.

    Attributes:
        passages: those of the rows, in the table's order, before what else was found.
        rows: of each the number of its passage, from 1, and where it begins and ends in the document.
    """

    passages: tuple[ScoredPassage, ...] = ()
    rows: tuple[tuple[int, int, int], ...] = ()


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
    hit = hits[row.place]
    near = _of_file(index, hit, question, where) if "#" in hit.source else _of_document(index, hit, row)
    if near is None:
        return None
    known = {one.passage.id: one for one in hits}
    near = [known.get(one.passage.id, one) for one in near]
    rows = of_one_table(row, rows_of(question, near))
    if not 1 < len(rows) <= _MOST or len(rows) < _lines(index, hit, row):
        return None
    chosen = [near[each.place] for each in rows]
    names = {one.passage.id for one in chosen}
    others = [one for one in hits if one.passage.id not in names]
    places = tuple((number, *each.span) for number, each in enumerate(rows, 1))
    return Together((*chosen, *others), places)


def _lines(index: Readable, hit: ScoredPassage, row: Row) -> int:
    """Return how many rows a table has; 0 where each is a document, or objects of a file differ in their fields."""
    table = table_around(hit, row.span[0])
    if table is None or row.asked is not None:
        return 0
    text = index.store.document(hit.passage.document_id).text
    return sum(bool(line.strip()) for line in text[table.start : table.end].split("\n"))


def _of_document(index: Readable, hit: ScoredPassage, row: Row) -> list[ScoredPassage] | None:
    """Return the passages of a table in reading order; `None` where they are too many."""
    table = table_around(hit, row.span[0])
    if table is None:
        return None
    keys = index.store.keys(hit.passage.document_id)

    def passage(key: int) -> Passage:
        return index.store.passages([key])[0]

    first = bisect_right(keys, table.start, key=lambda key: passage(key).end)
    found = _before(map(passage, islice(keys, first, None)), table.end)
    passages = list(islice(found, _FOUND))
    if len(passages) == _FOUND:
        return None
    return [replace(hit, passage=one, ranks={}, sentences=(), reading=None) for one in passages]


def _before(passages: Iterator[Passage], end: int) -> Iterator[Passage]:
    for one in passages:
        if one.start >= end:
            return
        yield one


def _of_file(index: Readable, hit: ScoredPassage, question: str, where: Filter | None) -> list[ScoredPassage] | None:
    """Return the passages of a file's rows, each of which is a document, in their order; `None`: too many."""
    name = hit.source.partition("#")[0]
    kept = where or Filter()
    of_it = replace(kept, metadata=(*kept.metadata, ("source", name)))
    found = retrieve(index, question, _FOUND, of_it).passages
    if len(found) == _FOUND:
        return None
    return sorted((one for one in found if one.source.partition("#")[0] == name), key=_number)


def _number(hit: ScoredPassage) -> tuple[int, int]:
    number = hit.source.rpartition("#")[2]
    return (int(number) if number.isdecimal() else 0), hit.passage.start
