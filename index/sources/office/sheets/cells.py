"""The cells of a workbook as they are shown: formats, dates, formulas, errors, merged ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.records import uncalculated
from index.sources.office.ooxml import Package, flag
from index.sources.tables.numberformat import BUILT_IN, show_number
from index.sources.tables.sheets import SheetCell
from index.sources.text.raised import lowered, raised
from index.sources.text.xml import XmlElement, attribute, children, find_all, local
from index.sources.types import ReadContext, RefusedError

__all__ = ["Workbook", "place_of"]

_MOST_CELLS = 2_000_000
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})\Z")
_SHOWN_PLACES = 5
_ON = ("1", "true", "on")

Relations = dict[str, tuple[str, str]]


class Workbook:
    """Reads cells; remembers what a person should know of them.

    Args:
        package: the file.
        relations: of its main part.
        root: the main part.
    """

    def __init__(self, package: Package, relations: Relations, root: XmlElement | None) -> None:
        self._package = package
        self._cells = 0
        self._strings = [_string(item) for item in self._items(relations, "sharedStrings", "si")]
        self._formats, self._bold = self._styles(relations)
        settings = () if root is None else find_all(root, "workbookPr")
        self._from_1904 = any(attribute(item, "date1904") in _ON for item in settings)
        self._uncalculated: list[str] = []
        self._hidden = False

    def _items(self, relations: Relations, kind: str, name: str) -> Iterator[XmlElement]:
        target = next((target for found, target in relations.values() if found == kind), "")
        root = self._package.part(target) if target else None
        return iter(()) if root is None else find_all(root, name)

    def _styles(self, relations: Relations) -> tuple[list[str], list[bool]]:
        """Return the format code of each cell style, and whether its letters are bold."""
        codes = dict(BUILT_IN)
        for item in self._items(relations, "styles", "numFmt"):
            codes[_number(item.get("numFmtId", ""))] = item.get("formatCode", "")
        fonts = [font for table in self._items(relations, "styles", "fonts") for font in children(table, "font")]
        bold = [any(flag(mark) for mark in children(font, "b")) for font in fonts]
        styles = [item for table in self._items(relations, "styles", "cellXfs") for item in children(table, "xf")]
        formats = [codes.get(_number(item.get("numFmtId", "0")), "General") for item in styles]
        used = [_number(item.get("fontId", "0")) for item in styles]
        return formats, [0 <= font < len(bold) and bold[font] for font in used]

    def cells(self, root: XmlElement | None, part: str, sheet: str) -> dict[tuple[int, int], SheetCell]:
        """Return the cells of a sheet that hold anything, by row and column."""
        if root is None:
            return {}
        merged = dict(_merged(root))
        heads = set(self._head_rows(root, part))
        hidden = _hidden_columns(root)
        found: dict[tuple[int, int], SheetCell] = {}
        number = 0
        for row in find_all(root, "row"):
            number = _number(row.get("r", "")) or number + 1
            if row.get("hidden") in _ON:
                self._hidden = True
                continue
            for column, cell in self._row(row, number, hidden, sheet):
                width, height = merged.get((number, column), (1, 1))
                head = number in heads or self._is_bold(cell)
                text = self._value(cell, sheet)
                if text:
                    found[number, column] = SheetCell(text, width, height, head)
        return found

    def _row(self, row: XmlElement, number: int, hidden: set[int], sheet: str) -> Iterator[tuple[int, XmlElement]]:
        column = 0
        for cell in children(row, "c"):
            place = place_of(cell.get("r", ""))
            column = place[1] if place else column + 1
            self._cells += 1
            if self._cells > _MOST_CELLS:
                raise RefusedError(f"more than {_MOST_CELLS:,} cells", "split it", skipped=True)
            if column in hidden:
                self._hidden = True
                continue
            yield column, cell
            if _is_uncalculated(cell):
                self._uncalculated.append(f"{sheet}!{cell.get('r') or f'row {number}'}")

    def _head_rows(self, root: XmlElement, part: str) -> Iterator[int]:
        """Yield the rows that the sheet itself treats as headers: of its tables and its filter."""
        ranges = [found.get("ref", "") for found in children(root, "autoFilter")]
        if any(True for _ in children(root, "tableParts")):
            for kind, target in self._package.relations(part).values():
                table = self._package.part(target) if kind == "table" else None
                if table is not None and table.get("headerRowCount") != "0":
                    ranges.append(table.get("ref", ""))
        for ref in ranges:
            place = place_of(ref.partition(":")[0])
            if place:
                yield place[0]

    def _is_bold(self, cell: XmlElement) -> bool:
        style = _number(cell.get("s", "0"))
        return 0 <= style < len(self._bold) and self._bold[style]

    def _value(self, cell: XmlElement, _sheet: str) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return "".join(_string(part) for part in children(cell, "is"))
        raw = next((part.text or "" for part in children(cell, "v")), "")
        if kind == "s":
            number = int(raw) if raw.isdigit() else -1
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(raw, raw)
        if _is_uncalculated(cell):
            formula = next((part.text or "" for part in children(cell, "f")), "")
            return uncalculated(f"={formula}" if formula else "")
        if kind == "n" and raw:
            style = _number(cell.get("s", "0"))
            code = self._formats[style] if 0 <= style < len(self._formats) else "General"
            return show_number(raw, code, from_1904=self._from_1904)
        return raw

    def report(self, context: ReadContext) -> None:
        """Warn of what could not be read as it is shown."""
        if self._hidden:
            context.warn("hidden rows and columns are left out")
        if self._uncalculated:
            shown = ", ".join(self._uncalculated[:_SHOWN_PLACES])
            more = " …" if len(self._uncalculated) > _SHOWN_PLACES else ""
            context.warn(
                f"{len(self._uncalculated)} formulas have no stored value ({shown}{more}); "
                "open the file in a spreadsheet program and save it"
            )


def _is_uncalculated(cell: XmlElement) -> bool:
    has_formula = any(True for _ in children(cell, "f"))
    return has_formula and not any((part.text or "").strip() or cell.get("t") == "str" for part in children(cell, "v"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def place_of(ref: str) -> tuple[int, int] | None:
    """Return row and column of a reference like `B12`, counted from 1."""
    match = _PLACE.match(ref)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _merged(root: XmlElement) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the first place of each merged range, and its width and height."""
    for item in find_all(root, "mergeCell"):
        first, _, last = item.get("ref", "").partition(":")
        start, end = place_of(first), place_of(last)
        if start and end:
            yield start, (end[1] - start[1] + 1, end[0] - start[0] + 1)


def _hidden_columns(root: XmlElement) -> set[int]:
    found: set[int] = set()
    for item in find_all(root, "col"):
        if item.get("hidden") in _ON:
            first = _number(item.get("min", ""))
            found.update(range(first, min(_number(item.get("max", "")), first + 16_384) + 1))
    return found


def _string(item: XmlElement) -> str:
    """Return a shared or inline string without the readings printed above its characters."""
    parts: list[str] = []
    for part in find_all(item, "t"):
        above = [local(parent) for parent in part.iterancestors()]
        if "rPh" in above:
            continue
        text = part.text or ""
        place = next((attribute(mark, "val") for mark in find_all(part.getparent(), "vertAlign")), "")
        before = "".join(parts)[-1:]
        shown = {"superscript": raised, "subscript": lowered}.get(place)
        parts.append(shown(text, before) if shown and "r" in above else text)
    return "".join(parts)
