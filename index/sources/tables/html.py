"""Tables of a page become rows of records before anything else reads the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from index.sources.tables.grid import Grid
from index.sources.tables.records import table_text

__all__ = ["tabulate"]

Element = Any
"""An lxml element; lxml brings no types of its own."""

_LAYOUT = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "article", "section", "form", "blockquote", "pre", "nav"])
_LONGEST_CELL = 600
_BREAKS = frozenset(["br", "p", "div", "li", "dd", "dt"])
_GROUPS = ("thead", "tbody", "tfoot")


def tabulate(tree: Element) -> None:
    """Put each table that holds data as one cell a row, a record in it; tables that only place things stay."""
    count = 0
    for table in list(tree.iter("table")):
        if next(table.iter("table", "caption"), None) is not table or _is_layout(table):
            continue
        grid = _grid(table)
        if grid is None:
            continue
        count += 1
        grid.name = f"table {count}"
        text, _ = table_text(grid)
        _replace(table, text.split("\n"))


def _is_layout(table: Element) -> bool:
    if table.get("role", "") in ("presentation", "none") or any(True for _ in table.iterdescendants("table")):
        return True
    if any(element.tag in _LAYOUT for element in table.iterdescendants()):
        return True
    has_header = any(True for _ in table.iterdescendants("th"))
    return not has_header and any(len(_text(cell)) > _LONGEST_CELL for cell in table.iterdescendants("td"))


def _grid(table: Element) -> Grid | None:
    """Return the cells of a table, `None` for one without two rows and two columns."""
    rows = list(_rows(table))
    cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
    if len(rows) < 2 or max(map(len, cells), default=0) < 2:
        return None
    caption = table.find("caption")
    grid = Grid(title=" ".join(_text(caption).split()) if caption is not None else "")
    for row, found in zip(rows, cells, strict=True):
        grid.row()
        for cell in found:
            head = cell.tag == "th" or _is_bold(cell)
            grid.cell(_text(cell), _span(cell, "colspan"), _span(cell, "rowspan") or len(rows), head=head)
        grid.end_groups(last=_is_last(row))
    heads = _heads(rows, cells)
    grid.heads = heads or None
    return grid


def _rows(table: Element) -> Iterator[Element]:
    """Yield the rows in the order in which they are shown: what names the columns first, what sums up last."""
    parts = [child for child in table if child.tag in (*_GROUPS, "tr")]
    order = {"thead": 0, "tfoot": 2}
    for part in sorted(parts, key=lambda part: order.get(part.tag, 1)):
        yield from [part] if part.tag == "tr" else part.iterchildren("tr")


def _heads(rows: list[Element], cells: list[list[Element]]) -> int:
    """Return how many rows the page marks as names of columns."""
    heads = 0
    for row, found in zip(rows, cells, strict=True):
        marked = row.getparent().tag == "thead" or (len(found) > 1 and all(cell.tag == "th" for cell in found))
        across = len(found) == 1 and found[0].tag == "th" and not heads
        if not (marked or across):
            break
        heads += 1
    return heads if heads < len(rows) else 0


def _is_last(row: Element) -> bool:
    """Tell whether a row ends a group of rows, beyond which no cell reaches."""
    return row.getnext() is None


def _span(cell: Element, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def _is_bold(cell: Element) -> bool:
    inner = [child for child in cell if isinstance(child.tag, str)]
    bold = len(inner) == 1 and inner[0].tag in ("b", "strong") and not (cell.text or "").strip()
    return bold and not (inner[0].tail or "").strip()


def _text(element: Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts += [" ", _text(child), " "] if child.tag in _BREAKS else [_text(child)]
        parts.append(child.tail or "")
    return "".join(parts)


def _replace(table: Element, lines: list[str]) -> None:
    caption = table.find("caption")
    for child in list(table):
        table.remove(child)
    table.text = None
    for line in [" ".join(_text(caption).split())] if caption is not None else []:
        _add_row(table, line)
    for line in lines:
        _add_row(table, line)


def _add_row(table: Element, line: str) -> None:
    if line:
        row = table.makeelement("tr")
        table.append(row)
        cell = row.makeelement("td")
        row.append(cell)
        cell.text = line
