"""XLSX: each sheet a section, each row of a table a record of its shown values; what is hidden is left out."""

from __future__ import annotations

from collections.abc import Sequence

from index.sources.office.charts import write_charts
from index.sources.office.leftout import LeftOut
from index.sources.office.ooxml import Package, is_package
from index.sources.office.runninglines import RunningLines
from index.sources.office.sheets.cells import Workbook
from index.sources.office.sheets.notes import comments_of, pictures_of, printed_lines, with_links
from index.sources.pictures.embedded import EmbeddedPictures
from index.sources.tables.sheets import write_sheet
from index.sources.text.builder import TextBuilder
from index.sources.text.lines.typednotes import notes_apart
from index.sources.text.xml import attribute, find_all
from index.sources.types import Extract, Head, ReadContext, Reader

__all__ = ["READER"]


def _sniff(head: Head) -> float:
    return is_package(head, "xl/")


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    package = Package(data)
    name = package.main_part("xl/workbook.xml")
    root = package.part(name)
    relations = package.relations(name)
    book = Workbook(package, relations, root)
    sheets = _Sheets(package, book, context)
    for sheet in () if root is None else find_all(root, "sheet"):
        if sheet.get("state") in ("hidden", "veryHidden"):
            context.warn("hidden sheets are left out")
            continue
        target = relations.get(attribute(sheet, "id"), ("", ""))[1]
        if target in package.zip.names:
            sheets.sheet(target, sheet.get("name", ""))
    book.report(context)
    sheets.end()
    extract = notes_apart(sheets.builder.extract())
    package.fill_properties(extract)
    return [extract]


class _Sheets:
    """Writes sheet after sheet: its cells, charts, pictures and comments."""

    def __init__(self, package: Package, book: Workbook, context: ReadContext) -> None:
        self.builder = TextBuilder()
        self._package, self._book, self._context = package, book, context
        self._left_out = LeftOut()
        self._running = RunningLines()
        self._pictures = EmbeddedPictures(context, package.zip, self._left_out)

    def sheet(self, part: str, name: str) -> None:
        """Write a sheet below its name."""
        root = self._package.part(part)
        cells = with_links(self._package, part, root, self._book.cells(root, part, name))
        if cells:
            self.builder.heading(1, name)
            write_sheet(cells, f"Sheet {name}", self.builder)
        for kind, drawing in self._package.relations(part).values():
            shapes = self._package.part(drawing) if kind == "drawing" else None
            if shapes is not None:
                write_charts(self._package, drawing, shapes, self.builder, self._context)
                for words, picture in pictures_of(self._package, drawing, shapes):
                    self.builder.block(words)
                    self._pictures.write(picture, self.builder, described=bool(words))
        for comment in comments_of(self._package, part):
            self.builder.block(comment)
        printed_lines(root, self._running)

    def end(self) -> None:
        """Write the headers and footers of the sheets, and warn of what was left out."""
        self._running.write(self.builder)
        self._pictures.report()
        self._left_out.report(self._context)


READER = Reader("XLSX", (".xlsx", ".xlsm"), _sniff, _read)
