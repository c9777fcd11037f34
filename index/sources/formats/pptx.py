"""PPTX: slides in order, each a page headed by its title; tables and speaker notes; no hidden slides."""

from __future__ import annotations

from collections.abc import Sequence

from index.sources.builder import TextBuilder
from index.sources.ooxml import Package, is_package
from index.sources.types import Extract, Head, ReadContext, Reader
from index.sources.xmltree import XmlElement, attribute, find_all, local

__all__ = ["READER"]

_FURNITURE = ("dt", "ftr", "sldNum", "hdr", "sldImg")


def _sniff(head: Head) -> float:
    return is_package(head, "ppt/")


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    package = Package(data)
    name = package.main_part("ppt/presentation.xml")
    root = package.part(name)
    relations = package.relations(name)
    builder = TextBuilder()
    for entry in () if root is None else find_all(root, "sldId"):
        target = next((relations[value][1] for value in entry.attrib.values() if value in relations), "")
        builder.page()
        slide = package.part(target) if target else None
        if slide is None:
            continue
        if slide.get("show") in ("0", "false"):
            context.warn("hidden slides are left out")
            continue
        _shapes(slide, builder)
        notes = next((name for kind, name in package.relations(target).values() if kind == "notesSlide"), "")
        if notes in package.zip.names:
            _shapes(package.part(notes), builder)
    extract = builder.extract()
    package.fill_properties(extract)
    return [extract]


def _shapes(slide: XmlElement, builder: TextBuilder) -> None:
    for shape in find_all(slide, "sp", "graphicFrame"):
        if any(local(parent) == "Fallback" for parent in shape.iterancestors()):
            continue
        role = next((attribute(mark, "type") for mark in find_all(shape, "ph")), "")
        if role in _FURNITURE:
            continue
        if role in ("title", "ctrTitle"):
            builder.heading(1, " ".join(_paragraphs(shape)))
        elif local(shape) == "graphicFrame":
            _table(shape, builder)
        else:
            builder.block("\n".join(_paragraphs(shape)))


def _table(frame: XmlElement, builder: TextBuilder) -> None:
    for number, row in enumerate(find_all(frame, "tr")):
        cells = [" ".join(_paragraphs(cell)) for cell in find_all(row, "tc")]
        (builder.line if number else builder.block)(" | ".join(cell for cell in cells if cell.strip()))


def _paragraphs(element: XmlElement) -> list[str]:
    texts = [
        "".join((part.text or "") if local(part) == "t" else "\n" for part in find_all(paragraph, "t", "br"))
        for paragraph in find_all(element, "p")
    ]
    return [text for text in texts if text.strip()]


READER = Reader("PPTX", (".pptx", ".pptm", ".ppsx"), _sniff, _read)
