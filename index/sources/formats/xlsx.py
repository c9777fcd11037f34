"""XLSX: each sheet a section, each row of a table a record of its shown values; what is hidden is left out."""

from __future__ import annotations

from collections.abc import Sequence

from index.sources.office.charts import write_charts
from index.sources.office.leftout import LeftOut
from index.sources.office.ooxml import Package, is_package
from index.sources.office.sheetnotes import comments_of, pictures_of, with_links
from index.sources.office.xlsxcells import Workbook
from index.sources.tables.sheets import write_sheet
from index.sources.text.builder import TextBuilder
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
    builder = TextBuilder()
    for sheet in () if root is None else find_all(root, "sheet"):
        if sheet.get("state") in ("hidden", "veryHidden"):
            context.warn("hidden sheets are left out")
            continue
        target = relations.get(attribute(sheet, "id"), ("", ""))[1]
        if target in package.zip.names:
            _sheet(package, book, target, sheet.get("name", ""), builder, context)
    book.tell(context)
    extract = builder.extract()
    package.fill_properties(extract)
    return [extract]


def _sheet(
    package: Package, book: Workbook, target: str, name: str, builder: TextBuilder, context: ReadContext
) -> None:
    root = package.part(target)
    cells = with_links(package, target, root, book.cells(root, target, name))
    if cells:
        builder.heading(1, name)
        write_sheet(cells, f"Sheet {name}", builder)
    left_out = LeftOut()
    for kind, drawing in package.relations(target).values():
        shapes = package.part(drawing) if kind == "drawing" else None
        if shapes is not None:
            write_charts(package, drawing, shapes, builder, context)
            for words in pictures_of(shapes, left_out):
                builder.block(words)
    for comment in comments_of(package, target):
        builder.block(comment)
    left_out.tell(context)


READER = Reader("XLSX", (".xlsx", ".xlsm"), _sniff, _read)
