"""A document's text without the names of its tables' columns, which every row repeats and which tell nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from index.records import BETWEEN, Cell, cells_of, tables_of
from index.types import Document

__all__ = ["values_of"]


_FEWEST = 4  # rows of a table, of which it says something that all share a value


def values_of(document: Document, end: int, *, varied: bool = False) -> str:
    """Return the first code points of a document's text, of each row of a table the values alone.

    Args:
        document: with what is known of its tables.
        end: so many code points are looked at.
        varied: leave out what stands in every row of a table, such as a currency: that is no subject of it.
    """
    text, parts, at = document.text[:end], list[str](), 0
    for table in tables_of(document.metadata):
        if table.start < at or not any(table.columns):
            continue
        rows = [cells_of(row, table.columns) for row in text[table.start : table.end].split("\n")]
        shared = _shared(rows) if varied else frozenset()
        parts += [text[at : table.start], "\n".join(_values(row, shared) for row in rows)]
        at = table.end
    return "".join([*parts, text[at:]])


def _values(row: Sequence[Cell], shared: frozenset[tuple[str, str]]) -> str:
    return BETWEEN.join(cell.value for cell in row if (cell.column, cell.value) not in shared)


def _shared(rows: Sequence[Sequence[Cell]]) -> frozenset[tuple[str, str]]:
    """Return the columns in which all rows of a table that is no short one have one value, with it."""
    counts = Counter((cell.column, cell.value) for row in rows for cell in row)
    return frozenset(one for one, count in counts.items() if count == len(rows) >= _FEWEST)
