"""PPTX: slides in order, each a page headed by its title; tables and speaker notes; no hidden slides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from index.sources.markup.formulas import formula_text
from index.sources.office.charts import write_charts
from index.sources.office.codestyles import is_code_paragraph
from index.sources.office.diagrams import diagram_text
from index.sources.office.leftout import LeftOut
from index.sources.office.ooxml import Package, is_package
from index.sources.office.runninglines import RunningLines
from index.sources.office.slidenumbers import SlideNumbers
from index.sources.pictures.embedded import EmbeddedPictures
from index.sources.tables.grid import Grid
from index.sources.tables.records import table_text
from index.sources.text.builder import TextBuilder
from index.sources.text.lines.typednotes import notes_apart
from index.sources.text.links import Links, picture_words
from index.sources.text.raised import lowered, raised
from index.sources.text.xml import XmlElement, attribute, children, find_all, local
from index.sources.types import Extract, Head, ReadContext, Reader

__all__ = ["READER"]

_FURNITURE = ("dt", "sldNum", "sldImg")


def _sniff(head: Head) -> float:
    return is_package(head, "ppt/")


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    package = Package(data)
    name = package.main_part("ppt/presentation.xml")
    root = package.part(name)
    relations = package.relations(name)
    slides = _Slides(package, context)
    for entry in () if root is None else find_all(root, "sldId"):
        slides.slide(next((relations[value][1] for value in entry.attrib.values() if value in relations), ""))
    slides.end()
    extract = notes_apart(slides.builder.extract())
    package.fill_properties(extract)
    return [extract]


class _Slides:
    """Writes slide after slide: its shapes, charts and diagrams, the speaker's notes, comments."""

    def __init__(self, package: Package, context: ReadContext) -> None:
        self.builder = TextBuilder()
        self._package, self._context = package, context
        self._left_out = LeftOut()
        self._running = RunningLines()
        self._pictures = EmbeddedPictures(context, package.zip, self._left_out)

    def slide(self, part: str) -> None:
        """Write a slide, which is a page."""
        self.builder.page()
        slide = self._package.part(part) if part else None
        if slide is None:
            return
        if slide.get("show") in ("0", "false"):
            self._context.warn("hidden slides are left out")
            return
        relations = self._package.relations(part)
        addresses = self._package.addresses(part)
        self._shapes(slide, Links(len(addresses), 0), addresses, relations)
        write_charts(self._package, part, slide, self.builder, self._context)
        for mark in find_all(slide, "relIds"):
            self.builder.block(diagram_text(self._package, relations, mark))
        notes = next((name for kind, name in relations.values() if kind == "notesSlide"), "")
        if notes in self._package.zip.names:
            self._shapes(self._package.part(notes), Links(0, 0), {}, {})
        for kind, name in relations.values():
            if kind == "comments" and name in self._package.zip.names:
                _comments(self._package.part(name), self.builder)

    def end(self) -> None:
        """Write the footers of the slides, each once, and warn of what was left out."""
        self._running.write(self.builder)
        self._pictures.report()
        self._left_out.report(self._context)

    def _shapes(
        self,
        slide: XmlElement,
        links: Links,
        targets: Mapping[str, str],
        relations: Mapping[str, tuple[str, str]],
    ) -> None:
        _show_links(slide, links, targets)
        for shape in find_all(slide, "sp", "graphicFrame", "pic"):
            if any(local(parent) == "Fallback" for parent in shape.iterancestors()):
                continue
            role = next((attribute(mark, "type") for mark in find_all(shape, "ph")), "")
            if role in ("ftr", "hdr"):
                self._running.add("Footer" if role == "ftr" else "Header", " ".join(_paragraphs(shape)))
            elif role in _FURNITURE:
                continue
            elif role in ("title", "ctrTitle"):
                self.builder.heading(1, " ".join(_paragraphs(shape)))
            elif local(shape) == "pic":
                self._picture(shape, relations)
            elif local(shape) == "graphicFrame":
                _table(shape, self.builder)
                self._left_out.objects += any(True for _ in find_all(shape, "oleObj"))
            else:
                _words(shape, self.builder)

    def _picture(self, shape: XmlElement, relations: Mapping[str, tuple[str, str]]) -> None:
        description = picture_words(next((attribute(mark, "descr") for mark in find_all(shape, "cNvPr")), ""))
        self.builder.block(description)
        embedded = next((attribute(mark, "embed") for mark in find_all(shape, "blip")), "")
        self._pictures.write(relations.get(embedded, ("", ""))[1], self.builder, described=bool(description))


def _show_links(slide: XmlElement, links: Links, targets: Mapping[str, str]) -> None:
    """Write, in place, where links lead behind their words."""
    for run in find_all(slide, "r"):
        for link in find_all(run, "hlinkClick"):
            for words in find_all(run, "t"):
                words.text = (words.text or "") + links.behind(words.text or "", targets.get(attribute(link, "id"), ""))


def _comments(root: XmlElement, builder: TextBuilder) -> None:
    for comment in find_all(root, "cm"):
        words = " ".join("".join(part.itertext()) for part in find_all(comment, "text", "txBody"))
        builder.block(f"[Comment: {' '.join(words.split())}]" if words.strip() else "")


def _words(shape: XmlElement, builder: TextBuilder) -> None:
    """Write the paragraphs of a shape, those of code with their lines as they are."""
    numbers = SlideNumbers()
    paragraphs = list(find_all(shape, "p"))
    for is_code, pairs in groupby(zip(_code_marks(paragraphs), paragraphs, strict=True), lambda pair: pair[0]):
        some = [paragraph for _, paragraph in pairs]
        if is_code:
            builder.code("\n".join(map(_text, some)))
        else:
            builder.block("\n".join(_numbered(some, numbers)))


def _code_marks(paragraphs: Sequence[XmlElement]) -> list[bool]:
    """Tell of each paragraph whether it is code, empty ones between such included."""
    marks = [is_code_paragraph(paragraph) for paragraph in paragraphs]
    empty = [not _text(paragraph).strip() for paragraph in paragraphs]
    for at, blank in enumerate(empty):
        further = next((n for n in range(at, len(marks)) if not empty[n]), None)
        marks[at] = marks[at] or (blank and at > 0 and marks[at - 1] and further is not None and marks[further])
    return marks


def _table(frame: XmlElement, builder: TextBuilder) -> None:
    for table in find_all(frame, "tbl"):
        styled = any(attribute(mark, "firstRow") in ("1", "true") for mark in children(table, "tblPr"))
        grid = Grid(name="table")
        for number, row in enumerate(children(table, "tr")):
            grid.row()
            for cell in children(row, "tc"):
                if "1" in (cell.get("hMerge"), cell.get("vMerge")) or "true" in (
                    cell.get("hMerge"),
                    cell.get("vMerge"),
                ):
                    continue
                spans = [
                    int(cell.get(name, "1")) if cell.get(name, "1").isdigit() else 1 for name in ("gridSpan", "rowSpan")
                ]
                grid.cell(" ".join(_paragraphs(cell)), *spans, head=styled and not number)
        builder.block(table_text(grid)[0])


def _paragraphs(element: XmlElement) -> list[str]:
    return _numbered(find_all(element, "p"), SlideNumbers())


def _numbered(paragraphs: Iterable[XmlElement], numbers: SlideNumbers) -> list[str]:
    texts = []
    for paragraph in paragraphs:
        text = _text(paragraph)
        if text.strip():
            texts.append(numbers.before(paragraph) + text)
    return texts


def _text(paragraph: XmlElement) -> str:
    parts: list[str] = []
    for part in find_all(paragraph, "t", "br", "oMath"):
        above = {local(parent) for parent in part.iterancestors()}
        if "Fallback" in above or "oMath" in above:
            continue
        if local(part) == "oMath":
            parts.append(formula_text(part))
            continue
        text = (part.text or "") if local(part) == "t" else "\n"
        place = next((attribute(mark, "baseline") for mark in children(part.getparent(), "rPr")), "").rstrip("%")
        if place not in ("", "0") and local(part) == "t":
            text = (lowered if place.startswith("-") else raised)(text, "".join(parts)[-1:])
        parts.append(text)
    return "".join(parts)


READER = Reader("PPTX", (".pptx", ".pptm", ".ppsx"), _sniff, _read)
