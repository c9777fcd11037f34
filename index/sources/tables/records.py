"""A table becomes records: a line for each row, every cell with the name of its column, ready for the text.

Merged cells stand in each row that they reach, lines above the header and bands across the table are told apart, an
empty cell says so. What is written is marked, so that the text's reader knows the records again (`index.records`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.records import BETWEEN, BLANK
from index.sources.tables.fields import fields, label_columns
from index.sources.tables.grid import Grid, GridCell, distinct
from index.sources.tables.headers import STRONG, column_names, header_depth
from index.sources.text.marks import mark_first, mark_row

__all__ = ["Header", "table_text"]

# In a wider table most cells of a row are often empty, and saying so of each would bury the others.
_WIDE = 16


@dataclass(frozen=True, slots=True)
class Header:
    """What names the columns of a table; a later part of it may have none of its own."""

    columns: tuple[str, ...]


def table_text(grid: Grid, before: Header | None = None) -> tuple[str, Header | None]:
    """Return the text of a table, lines above it first, and its header.

    Args:
        grid: its cells.
        before: the header of the table right above with the same columns, which counts for this one as well when it
            shows none.
    """
    rows, numbers = _filled(grid.rows(), grid.numbers)
    above = next((number for number, row in enumerate(rows) if not _is_line(row)), len(rows))
    lines = [next(distinct(row)).text for row in rows[:above]]
    rows, numbers = rows[above:], numbers[above:]
    if grid.heads is None and (labels := label_columns(rows)):
        return "\n".join([*lines, *fields(rows, labels)]), None
    heads = None if grid.heads is None else max(0, grid.heads - len(lines))
    depth, sure = header_depth(rows, heads)
    names = column_names(rows[:depth])
    if before is not None and len(before.columns) == (len(rows[0]) if rows else 0) and sure < STRONG:
        depth, names = 0, list(before.columns)
    title = grid.title or (lines[-1] if lines else "")
    lines += _records(grid, title, names, rows[depth:], numbers[depth:], rows[:depth])
    return "\n".join(lines), Header(tuple(names)) if names else None


def _filled(rows: list[list[GridCell]], numbers: Sequence[int]) -> tuple[list[list[GridCell]], list[int]]:
    """Return the rows that hold anything, with their numbers."""
    kept = [(row, number) for row, number in zip(rows, numbers, strict=True) if any(cell.text for cell in row)]
    return [row for row, _ in kept], [number for _, number in kept]


def _is_line(row: Sequence[GridCell]) -> bool:
    """Tell whether a row is a line over the whole table: one cell alone, the first or across."""
    found = list(distinct(row))
    return len(row) > 1 and len(found) == 1 and row[0] is found[0]


def _is_band(row: Sequence[GridCell]) -> bool:
    """Tell whether a row is one cell across the table, which names the rows below it."""
    return len(row) > 1 and all(cell is row[0] for cell in row)


def _openings(rows: Sequence[Sequence[GridCell]]) -> frozenset[int]:
    """Return the places of rows that name those below them by their first cell alone, as spreadsheets have it.

    The first row is one, and each has rows with more behind it; else it is a thing of which nothing is told.
    """
    alone = [n for n, row in enumerate(rows) if len(row) > 1 and row[0].text and not any(c.text for c in row[1:])]
    ends = [*alone[1:], len(rows)]
    fits = len(alone) > 1 and alone[0] == 0 and all(end > start + 1 for start, end in zip(alone, ends, strict=True))
    return frozenset(alone) if fits else frozenset()


def _records(
    grid: Grid,
    title: str,
    names: Sequence[str],
    rows: Sequence[Sequence[GridCell]],
    numbers: Sequence[int],
    heads: Sequence[Sequence[GridCell]],
) -> Iterator[str]:
    if not rows and heads:
        rows, numbers, names = heads, list(range(1, len(heads) + 1)), []
    repeated = {tuple(cell.text for cell in row) for row in heads}
    band, used, first = "", True, True
    openings = _openings(rows) if names else frozenset()
    for place, (row, number) in enumerate(zip(rows, numbers, strict=True)):
        if tuple(cell.text for cell in row) in repeated and names:
            continue
        if _is_band(row) or place in openings:
            if not used:
                yield band
            band, used = row[0].text, False
            continue
        used = True
        if len(row) == 1:
            yield row[0].text
            continue
        record = BETWEEN.join([*([band] if band else []), *_cells(row, names)])
        yield mark_first(record, number, grid.name, title, names) if first else mark_row(record, number)
        first = False
    if not used:
        yield band


def _cells(row: Sequence[GridCell], names: Sequence[str]) -> Iterator[str]:
    """Yield the cells of a record, each with its column's name; one across columns of no name once."""
    last: GridCell | None = None
    for at, cell in enumerate(row):
        name = names[at] if at < len(names) else ""
        if name and cell is last and name == names[at - 1]:
            continue
        if name:
            if cell.text or len(row) <= _WIDE:
                yield f"{name}: {cell.text or BLANK}"
        elif cell is not last and (cell.text or (not names and (at + 1 < len(row) or len(row) == 2))):
            yield cell.text or BLANK
        last = cell if cell.text else None
