"""XLSX: each sheet a section, each row a line of its shown values; hidden sheets are left out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from index.sources.builder import TextBuilder
from index.sources.ooxml import Package, is_package
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError
from index.sources.xmltree import XmlElement, attribute, children, find_all, local

__all__ = ["READER"]

_MOST_CELLS = 2_000_000
_DATE_FORMATS = frozenset([*range(14, 18), 22, *range(27, 37), *range(50, 59)])
_DATE_PATTERN = re.compile(r"(?:yy|d{1,4}|m{3,})", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\[[^\[\]]*+\]|\\.')


def _sniff(head: Head) -> float:
    return is_package(head, "xl/")


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    package = Package(data)
    name = package.main_part("xl/workbook.xml")
    root = package.part(name)
    relations = package.relations(name)
    book = _Book(package, relations)
    builder = TextBuilder()
    for sheet in () if root is None else find_all(root, "sheet"):
        if sheet.get("state") in ("hidden", "veryHidden"):
            context.warn("hidden sheets are left out")
            continue
        target = relations.get(attribute(sheet, "id"), ("", ""))[1]
        rows = list(book.rows(target)) if target in package.zip.names else []
        if rows:
            builder.heading(1, sheet.get("name", ""))
            builder.block("\n".join(rows))
    extract = builder.extract()
    package.fill_properties(extract)
    return [extract]


class _Book:
    def __init__(self, package: Package, relations: dict[str, tuple[str, str]]) -> None:
        self._package = package
        self._cells = 0
        self._strings = [_string(item) for item in self._items(relations, "sharedStrings", "si")]
        self._dates = self._date_styles(relations)

    def _items(self, relations: dict[str, tuple[str, str]], kind: str, name: str) -> Iterator[XmlElement]:
        target = next((target for found, target in relations.values() if found == kind), "")
        root = self._package.part(target) if target else None
        return iter(()) if root is None else find_all(root, name)

    def _date_styles(self, relations: dict[str, tuple[str, str]]) -> frozenset[int]:
        """Return the numbers of the cell styles that show a number as a date."""
        formats = set(_DATE_FORMATS)
        for item in self._items(relations, "styles", "numFmt"):
            if _DATE_PATTERN.search(_QUOTED.sub("", item.get("formatCode", ""))):
                formats.add(int(item.get("numFmtId", "0")))
        found = [item for table in self._items(relations, "styles", "cellXfs") for item in children(table, "xf")]
        return frozenset(n for n, item in enumerate(found) if int(item.get("numFmtId", "0")) in formats)

    def rows(self, target: str) -> Iterator[str]:
        """Yield the rows of a sheet that hold anything, values separated by bars."""
        for row in find_all(self._package.part(target), "row"):
            if row.get("hidden") in ("1", "true"):
                continue
            values = [" ".join(self._value(cell).split()) for cell in children(row, "c")]
            self._cells += len(values)
            if self._cells > _MOST_CELLS:
                raise RefusedError(f"more than {_MOST_CELLS:,} cells; split it", skipped=True)
            line = " | ".join(value for value in values if value)
            if line:
                yield line

    def _value(self, cell: XmlElement) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return "".join(_string(part) for part in children(cell, "is"))
        raw = next((part.text or "" for part in children(cell, "v")), "")
        if kind == "s":
            number = int(raw) if raw.isdigit() else -1
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(raw, raw)
        if kind == "n" and raw and int(cell.get("s", "0") or 0) in self._dates:
            return _date(raw)
        return "" if kind == "e" else raw


def _string(item: XmlElement) -> str:
    """Return a shared or inline string without the readings printed above its characters."""
    return "".join(
        part.text or ""
        for part in find_all(item, "t")
        if all(local(parent) != "rPh" for parent in part.iterancestors())
    )


def _date(raw: str) -> str:
    """Return the day of a serial number counted from 1899-12-30, as spreadsheets do."""
    try:
        moment = dt.datetime(1899, 12, 30) + dt.timedelta(days=float(raw))
    except (ValueError, OverflowError):
        return raw
    return moment.strftime("%Y-%m-%d" if moment.time() == dt.time() else "%Y-%m-%d %H:%M")


READER = Reader("XLSX", (".xlsx", ".xlsm"), _sniff, _read)
