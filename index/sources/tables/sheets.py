"""A sheet of cells becomes text: its tables found, each written as records, single lines as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.sources.tables.grid import Grid
from index.sources.tables.headers import STRONG, header_depth
from index.sources.tables.records import Header, table_text
from index.sources.text.builder import TextBuilder
from index.sources.text.marks import MARK

__all__ = ["SheetCell", "write_sheet"]

_TITLE_LINES = 2


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell of a sheet: what it shows, how far it spans, and whether it looks like a name."""

    text: str
    width: int = 1
    height: int = 1
    head: bool = False


Cells = Mapping[tuple[int, int], SheetCell]
"""Cells by row and column, counted from 1, in order; a merged one under its first place."""


def write_sheet(cells: Cells, name: str, builder: TextBuilder) -> None:
    """Write what a sheet shows.

    Rows without anything part tables, and so do columns where both sides have a header of their own. A part below
    without a header goes on with the one above it.
    """
    title = ""
    headers: dict[tuple[int, int], Header | None] = {}
    for rows in _bands(cells):
        for grid, columns in _side_by_side(rows, name):
            grid.title = title
            text, header = table_text(grid, headers.get(columns))
            headers = {**headers, columns: header} if header else headers
            builder.block(text)
            alone = MARK not in text and text.count("\n") < _TITLE_LINES
            title = text.split("\n")[0] if alone else ""


def _bands(cells: Cells) -> Iterator[dict[int, dict[int, SheetCell]]]:
    """Yield runs of rows that follow each other: row, column, cell."""
    rows: dict[int, dict[int, SheetCell]] = {}
    reach = 0
    for (row, column), cell in sorted(cells.items()):
        if rows and row > reach + 1:
            yield rows
            rows = {}
        rows.setdefault(row, {})[column] = cell
        reach = max(reach, row + cell.height - 1)
    if rows:
        yield rows


def _side_by_side(rows: Mapping[int, Mapping[int, SheetCell]], name: str) -> Iterator[tuple[Grid, tuple[int, int]]]:
    """Yield the tables that stand beside each other with the columns they take, from left to right."""
    used = {at for row in rows.values() for at, cell in row.items() for at in range(at, at + min(cell.width, 1000))}
    edges = [(one, other) for one, other in pairwise(sorted(used)) if other > one + 1]
    parts, first = [], min(used)
    for one, other in edges:
        left, right = _grid(rows, first, one, name), _grid(rows, other, max(used), name)
        if all(_has_header(part) for part in (left, right)):
            parts.append((first, one))
            first = other
    for start, end in [*parts, (first, max(used))]:
        yield _grid(rows, start, end, name), (start, end)


def _has_header(grid: Grid) -> bool:
    rows = [row for row in grid.rows() if any(cell.text for cell in row)]
    while len(rows) > 1 and sum(bool(cell.text) for cell in rows[0]) == 1:
        rows = rows[1:]
    return header_depth(rows, None)[1] == STRONG


def _grid(rows: Mapping[int, Mapping[int, SheetCell]], first: int, last: int, name: str) -> Grid:
    grid = Grid(name=name)
    numbers: Sequence[int] = sorted(rows)
    bottom = max(row + min(cell.height, 65_535) - 1 for row in rows for cell in rows[row].values())
    for number in range(numbers[0], bottom + 1):
        grid.row(number)
        for column, cell in sorted(rows.get(number, {}).items()):
            if first <= column <= last:
                grid.put(column - first, cell.text, cell.width, cell.height, head=cell.head)
    return grid
