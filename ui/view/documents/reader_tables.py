"""HTML of a table in the reader: a row for each record, a cell for each value.

The names of columns stand above the table, drawn by the style sheet; in each record they stay, unseen, so that the
words of a row are those of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from index.records import Cell, Table, cells_of
from ui.view.markup.html import element

__all__ = ["Write", "table_html"]

_FEWEST = 2  # columns of a table


class Write(Protocol):
    """Returns a piece of the text as HTML, with what is marked in it."""

    def __call__(self, start: int, end: int, *, code: bool = False) -> str:
        """Return the HTML of `text[start:end]`."""
        ...


def table_html(text: str, table: Table, span: tuple[int, int], write: Write) -> str:
    """Return some lines of a table; `""` where it has no columns that could be drawn.

    Args:
        text: of the document.
        table: the table.
        span: from where to where its lines are drawn.
        write: writes a piece of the text.
    """
    lines = list(_lines(text, *span))
    rows = [cells_of(text[start:end], table.columns) for start, end in lines]
    named = [name for name in table.columns if name]
    before = max((_before(cells, named) for cells in rows), default=0)
    width = before + len(table.columns) if named else max(map(len, rows), default=0)
    if width < _FEWEST or not lines:
        return ""
    body = "".join(
        _row(cells, _places(cells, table.columns, before) if named else list(range(len(cells))), width, line, write)
        for cells, line in zip(rows, _with_ends(lines, span[1]), strict=True)
    )
    return element("table", _head(table.columns, before) * bool(named) + element("tbody", body), class_="bq-table")


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if text[start:stop].strip():
            found.append((start, stop))
        start = stop + 1
    return found


def _with_ends(lines: Sequence[tuple[int, int]], end: int) -> list[tuple[int, int, int]]:
    """Return each line with where the next one begins, so that the line ends between them are written as well."""
    following = [start for start, _ in lines[1:]]
    return [(start, stop, after) for (start, stop), after in zip(lines, [*following, end], strict=True)]


def _before(cells: Sequence[Cell], named: Sequence[str]) -> int:
    """Return how many cells without a name stand before the first that has one: bands over the rows."""
    return next((place for place, cell in enumerate(cells) if cell.column), 0) if named else 0


def _places(cells: Sequence[Cell], columns: Sequence[str], before: int) -> list[int]:
    """Return the column of each cell, counted from 0; a row may leave some out."""
    found: list[int] = []
    last = -1
    for cell in cells:
        after = max(last + 1 - before, 0)
        own = (
            next((at for at in range(after, len(columns)) if columns[at] == cell.column), None) if cell.column else None
        )
        last = last + 1 if own is None else before + own
        found.append(last)
    return found


def _head(columns: Sequence[str], before: int) -> str:
    names = [*[""] * before, *columns]
    cells = (element("th", scope="col", data_name=name, aria_label=name or None) for name in names)
    return element("thead", element("tr", "".join(cells)))


def _row(cells: Sequence[Cell], places: Sequence[int], width: int, line: tuple[int, int, int], write: Write) -> str:
    start, _, after = line
    parts: list[str] = []
    at = 0
    for number, (cell, place) in enumerate(zip(cells, places, strict=True)):
        parts += [element("td")] * (place - at)
        first = start + (cells[number - 1].end if number else 0)  # the bar and the column's name
        low, high = start + cell.start, start + cell.end
        last = after if number == len(cells) - 1 else high
        parts.append(element("td", _unseen(first, low, write) + write(low, high) + _unseen(high, last, write)))
        at = place + 1
    return element("tr", "".join([*parts, *[element("td")] * (width - at)]))


def _unseen(start: int, end: int, write: Write) -> str:
    return element("span", write(start, end), class_="bq-unseen") if start < end else ""
