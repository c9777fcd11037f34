"""A document's text without the names of its tables' columns, which every row repeats and which tell nothing of it."""

from __future__ import annotations

from index.records import BETWEEN, cells_of, tables_of
from index.types import Document

__all__ = ["values_of"]


def values_of(document: Document, end: int) -> str:
    """Return the first code points of a document's text, of each row of a table the values alone."""
    text, parts, at = document.text[:end], list[str](), 0
    for table in tables_of(document.metadata):
        if table.start < at or not any(table.columns):
            continue
        rows = text[table.start : table.end].split("\n")
        parts += [text[at : table.start], "\n".join(_values(row, table.columns) for row in rows)]
        at = table.end
    return "".join([*parts, text[at:]])


def _values(row: str, columns: tuple[str, ...]) -> str:
    return BETWEEN.join(cell.value for cell in cells_of(row, columns))
