"""Tables and sheets of OpenDocument files: repeated cells, cells over several places, what is hidden, raised type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from index.records import uncalculated
from index.sources.tables.grid import Grid
from index.sources.tables.sheets import SheetCell
from index.sources.text.links import Links, picture_words
from index.sources.text.raised import lowered, raised
from index.sources.text.xml import XmlElement, attribute, children, find_all, local
from index.sources.types import ReadContext, RefusedError

__all__ = ["SKIPPED", "Levels", "inline", "sheet_cells", "table_grid"]

SKIPPED = frozenset(["tracked-changes", "annotation", "sequence-decls", "forms", "shapes", "note-citation"])
_MOST_CELLS = 2_000_000
_MOST_REPEATED = 1_000
_HIDDEN = ("collapse", "filter")


def _no_formula(_frame: XmlElement) -> str:
    return ""


class Levels:
    """What the styles of a file say of raised and lowered type, bold letters and hidden sheets.

    Args:
        content: the root of `content.xml`.
    """

    def __init__(self, content: XmlElement) -> None:
        self._levels: dict[str, str] = {}
        self._bold: set[str] = set()
        self._hidden: set[str] = set()
        self.formula: Callable[[XmlElement], str] = _no_formula  # of a frame
        for style in find_all(content, "style"):
            name = attribute(style, "name")
            for mark in find_all(style, "text-properties", "table-properties"):
                position = attribute(mark, "text-position").split(" ")[0].rstrip("%")
                if position not in ("", "0"):
                    self._levels[name] = "sub" if position == "sub" or position.startswith("-") else "super"
                if attribute(mark, "font-weight") in ("bold", "600", "700", "800", "900"):
                    self._bold.add(name)
                if local(mark) == "table-properties" and attribute(mark, "display") == "false":
                    self._hidden.add(name)

    def of(self, element: XmlElement) -> str:
        """Return `"super"`, `"sub"` or `""` for a piece of text."""
        return self._levels.get(attribute(element, "style-name"), "")

    def is_bold(self, cell: XmlElement) -> bool:
        """Tell whether a cell, its paragraphs or all of their words are bold."""
        names = [attribute(element, "style-name") for element in (cell, *find_all(cell, "p", "span"))]
        return any(name in self._bold for name in names)

    def is_hidden(self, table: XmlElement) -> bool:
        """Tell whether a sheet is hidden."""
        return attribute(table, "style-name") in self._hidden


def inline(element: XmlElement, levels: Levels, links: Links | None = None) -> str:
    """Return the words of a paragraph without its boxes and notes; with `links` also what links and pictures tell."""
    return "".join(_pieces(element, levels, links))


def _pieces(element: XmlElement, levels: Levels, links: Links | None) -> list[str]:
    parts = [element.text or ""]
    for child in element:
        name = local(child)
        if name == "s":
            parts.append(" " * min(int(attribute(child, "c") or 1), 100))
        elif name in ("tab", "line-break"):
            parts.append("\t" if name == "tab" else "\n")
        elif name == "frame" and links is not None:
            descriptions = (part.text or "" for kind in ("desc", "title") for part in find_all(child, kind))
            parts.append(picture_words(next(filter(None, descriptions), "")) or levels.formula(child))
        elif name not in SKIPPED and name not in ("frame", "text-box", "note"):
            words = "".join(_pieces(child, levels, links))
            if name == "a" and links is not None:
                words += links.behind(words, attribute(child, "href"))
            shown = {"super": raised, "sub": lowered}.get(levels.of(child) if name == "span" else "")
            parts.append(shown(words, next((part[-1] for part in reversed(parts) if part), "")) if shown else words)
        parts.append(child.tail or "")
    return parts


def table_grid(table: XmlElement, levels: Levels, name: str, title: str = "") -> Grid:
    """Return the cells of a table in a text."""
    grid = Grid(name=name, title=title)
    heads = 0
    rows = [row for row in find_all(table, "table-row") if _table_of(row) is table]
    for row in rows:
        grid.row()
        heads += any(local(parent) == "table-header-rows" for parent in row.iterancestors())
        for cell in children(row, "table-cell", "covered-table-cell"):
            repeated = min(_number(cell, "number-columns-repeated"), _MOST_REPEATED)
            if local(cell) == "covered-table-cell":
                grid.skip(repeated)
                continue
            spans = _number(cell, "number-columns-spanned"), _number(cell, "number-rows-spanned")
            for _ in range(repeated):
                grid.place(_text(cell, levels), *spans, head=levels.is_bold(cell))
    grid.heads = heads if 0 < heads < len(rows) else None
    return grid


def sheet_cells(
    table: XmlElement, levels: Levels, context: ReadContext, links: Links | None = None
) -> dict[tuple[int, int], SheetCell]:
    """Return the cells of a sheet that show anything, by row and column counted from 1."""
    found: dict[tuple[int, int], SheetCell] = {}
    hidden = _hidden_columns(table)
    number = 1
    for row in (row for row in find_all(table, "table-row") if _table_of(row) is table):
        repeated = _number(row, "number-rows-repeated")
        if attribute(row, "visibility") in _HIDDEN:
            context.warn("hidden rows and columns are left out")
        else:
            cells = dict(_row(row, levels, context, links))
            for at in range(number, number + (min(repeated, _MOST_REPEATED) if cells else 0)):
                found |= {(at, column): cell for column, cell in cells.items() if column not in hidden}
            if hidden.intersection(cells):
                context.warn("hidden rows and columns are left out")
        if len(found) > _MOST_CELLS:
            raise RefusedError(f"more than {_MOST_CELLS:,} cells", "split it", skipped=True)
        number += repeated
    return found


def _row(row: XmlElement, levels: Levels, context: ReadContext, links: Links | None) -> Iterator[tuple[int, SheetCell]]:
    column = 1
    for cell in children(row, "table-cell", "covered-table-cell"):
        repeated = _number(cell, "number-columns-repeated")
        text = _text(cell, levels, links) if local(cell) == "table-cell" else ""
        if not text and attribute(cell, "formula"):
            text = uncalculated(attribute(cell, "formula").partition(":=")[2])
            context.warn("formulas without a stored value; open the file in a spreadsheet program and save it")
        if text:
            spans = _number(cell, "number-columns-spanned"), _number(cell, "number-rows-spanned")
            for at in range(column, column + min(repeated, _MOST_REPEATED)):
                yield at, SheetCell(text, *spans, levels.is_bold(cell))
        column += repeated


def _hidden_columns(table: XmlElement) -> set[int]:
    found: set[int] = set()
    at = 1
    for column in find_all(table, "table-column"):
        repeated = _number(column, "number-columns-repeated")
        if attribute(column, "visibility") in _HIDDEN:
            found.update(range(at, at + min(repeated, 16_384)))
        at += repeated
    return found


def _text(cell: XmlElement, levels: Levels, links: Links | None = None) -> str:
    notes = {mark for note in find_all(cell, "annotation") for mark in find_all(note, "p")}
    texts = [inline(part, levels, links) for part in find_all(cell, "p", "h") if part not in notes]
    return " ".join(" ".join(texts).split())


def _table_of(row: XmlElement) -> XmlElement | None:
    return next((parent for parent in row.iterancestors() if local(parent) == "table"), None)


def _number(element: XmlElement, name: str) -> int:
    value = attribute(element, name)
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 9 else 1
