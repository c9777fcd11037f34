"""Rows of tables that are marked on the page of a PDF: their cells, and which of several like rows is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.records import Cell, Rows, Table, cells_of, table_at, tables_of
from index.sources.pdf.places import letters_of
from index.sources.pdf.rowplaces import RowCell, RowWords
from index.types import Document

__all__ = ["rows_marked"]


def rows_marked(document: Document, start: int, end: int, page: tuple[int, int]) -> tuple[RowWords, ...]:
    """Return the rows whose cells a span touches; none where it doesn't lie in a table.

    Args:
        document: with the span.
        start: first code point of the span.
        end: one past its last.
        page: from where to where the text of the rows' page goes.
    """
    tables = tables_of(document.metadata)
    table = table_at(tables, start, end)
    if table is None:
        return ()
    all_rows = Rows(document.text, [one for one in tables if one.start < page[1] and one.end > page[0]])
    spans = sorted({span for at in all_rows.edges if (span := all_rows.at(at)) and page[0] <= span[0] < page[1]})
    read = {span: _cells(document, table_at(tables, *span), span) for span in spans}
    return tuple(_row(read, span, (start, end)) for span in spans if span[0] < end and span[1] > start)


def _cells(document: Document, table: Table | None, span: tuple[int, int]) -> tuple[Cell, ...]:
    """Return the cells of a row; of its own table, as one with other columns is parted otherwise."""
    return cells_of(document.text[slice(*span)], table.columns if table else ())


def _row(read: dict[tuple[int, int], tuple[Cell, ...]], span: tuple[int, int], asked: tuple[int, int]) -> RowWords:
    spans = list(read)
    at = spans.index(span)
    beside = [read[spans[near]] for near in (at - 1, at + 1) if 0 <= near < len(spans)]
    cells = tuple(_row_cells(read[span], beside, (asked[0] - span[0], asked[1] - span[0])))
    own = [_values(one) for one in read.values()]
    return RowWords(cells, own[:at].count(own[at]), own.count(own[at]))


def _row_cells(cells: Sequence[Cell], beside: Sequence[Sequence[Cell]], asked: tuple[int, int]) -> Iterator[RowCell]:
    """Yield the cells that hold something; what a row beside has too, or names the rows below, may stand elsewhere."""
    begin, named = 0, any(cell.column for cell in cells)
    for at, cell in enumerate(cells):
        shared = any((other.column, other.value) == (cell.column, cell.value) for row in beside for other in row)
        band = named and at == 0 and not cell.column
        if letters_of(cell.value).text:  # a dash alone, as for an empty cell, has no place
            yield RowCell(cell.value, begin < asked[1] and cell.end > asked[0], shared or band)
        begin = cell.end


def _values(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(cell.value for cell in cells if letters_of(cell.value).text)
