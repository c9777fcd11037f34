"""Tables of Word files: cells over several columns, cells that go on from above, rows that the file calls headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from index.sources.office.ooxml import flag
from index.sources.tables.grid import Grid
from index.sources.text.xml import XmlElement, attribute, children, find_all, local

__all__ = ["table_of"]

# Styles that show a first row like all others.
_PLAIN = frozenset(["", "TableGrid", "TableNormal", "Tabellenraster", "Grilledutableau", "Tablaconcuadrcula"])


def table_of(table: XmlElement, text: Callable[[XmlElement], str]) -> Grid | None:
    """Return the cells of a table in their places, `None` for one in which no row has two.

    Args:
        table: a `w:tbl`.
        text: gives the words of a cell.
    """
    rows = [(row, list(_cells(row, table))) for row in find_all(table, "tr") if _inside(row, "tbl") is table]
    if max((len(cells) for _, cells in rows), default=0) < 2:
        return None
    grid = Grid()
    styled = _is_styled(table)
    heads = 0
    for place, (row, cells) in enumerate(rows):
        grid.row()
        properties = [mark for found in children(row, "trPr") for mark in found]
        heads += heads == place and any(local(mark) == "tblHeader" and flag(mark) for mark in properties)
        grid.skip(sum(_number(attribute(mark, "val")) for mark in properties if local(mark) == "gridBefore"))
        for cell in cells:
            _put(grid, cell, text, head=(styled and not place) or _is_bold(cell))
    if 0 < heads < len(rows):
        grid.heads = heads
    return grid


def _put(grid: Grid, cell: XmlElement, text: Callable[[XmlElement], str], *, head: bool) -> None:
    properties = [mark for found in children(cell, "tcPr") for mark in found]
    width = next((_number(attribute(mark, "val")) for mark in properties if local(mark) == "gridSpan"), 1)
    merge = next((attribute(mark, "val") or "continue" for mark in properties if local(mark) == "vMerge"), "")
    if merge == "continue":
        grid.repeat(width)
    else:
        grid.cell(text(cell), width, head=head)


def _cells(row: XmlElement, table: XmlElement) -> Iterator[XmlElement]:
    return (cell for cell in find_all(row, "tc") if _inside(cell, "tbl") is table)


def _inside(element: XmlElement, name: str) -> XmlElement | None:
    return next((parent for parent in element.iterancestors() if local(parent) == name), None)


def _is_styled(table: XmlElement) -> bool:
    """Tell whether the table's style shows its first row in another way."""
    marks = [mark for properties in children(table, "tblPr") for mark in properties]
    style = next((attribute(mark, "val") for mark in marks if local(mark) == "tblStyle"), "")
    first = any(local(mark) == "tblLook" and attribute(mark, "firstRow") in ("1", "true") for mark in marks)
    return first and style not in _PLAIN


def _is_bold(cell: XmlElement) -> bool:
    runs = [run for run in find_all(cell, "r") if any((part.text or "").strip() for part in children(run, "t"))]
    return bool(runs) and all(
        any(flag(mark) for found in children(run, "rPr") for mark in children(found, "b")) for run in runs
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
