"""DOCX: paragraphs, headings, lists with their numbers, tables, text boxes, notes and comments; no deleted text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.sources.markup.formulas import formula_text
from index.sources.markup.html import plain_text
from index.sources.office.charts import write_charts
from index.sources.office.codestyles import WordCode
from index.sources.office.diagrams import diagram_text
from index.sources.office.leftout import LeftOut
from index.sources.office.ooxml import Package, flag, is_package
from index.sources.office.runninglines import write_word_lines
from index.sources.office.word.fields import WordFields, without_prompts
from index.sources.office.word.numbers import BULLET, WordNumbers
from index.sources.office.word.symbols import box_of, symbol
from index.sources.office.word.tables import table_of
from index.sources.pictures.embedded import EmbeddedPictures
from index.sources.tables.records import table_text
from index.sources.text.builder import TextBuilder
from index.sources.text.lines.typednotes import notes_apart
from index.sources.text.links import Links, picture_words
from index.sources.text.raised import lowered, raised
from index.sources.text.xml import XmlElement, attribute, children, find_all, local
from index.sources.types import Extract, Head, ReadContext, Reader

__all__ = ["READER"]

_SKIPPED = frozenset(
    ["del", "moveFrom", "Fallback", "pPr", "instrText", "delText", "sectPr", "rt", "commentRangeStart"]
)
_SHIFTED = {"superscript": raised, "subscript": lowered}
_SHORT_ITEM = 100  # an item up to this long stands right below the one before
_FIELD_MARKS = ("fldSimple", "instrText")
_PAGE_END = "\x0c"
_INSIDE = re.compile(r"(?<![.!?:;。！？…\s\x0c])\s*\x0c\s*(?=\S)")
_BESIDE = frozenset(["txbxContent", "chart", "relIds", "blip", "imagedata"])  # written after their paragraph
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}


def _sniff(head: Head) -> float:
    return is_package(head, "word/")


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    package = Package(data)
    name = package.main_part("word/document.xml")
    root = package.part(name)
    if root is not None:
        without_prompts(root)
    story = _Story(package, name, root, context)
    for body in () if root is None else children(root, "body"):
        story.blocks(body)
    for kind in ("footnotes", "endnotes", "comments"):
        story.notes(kind)
    story.running_lines()
    story.report()
    extract = notes_apart(story.builder.extract())
    package.fill_properties(extract)
    return [extract]


class _Story:
    """Walks blocks; recursion only into tables and containers, whose depth the XML parser bounds."""

    def __init__(self, package: Package, part: str, root: XmlElement | None, context: ReadContext) -> None:
        self.builder = TextBuilder()
        self.skipped_deletions = False
        self._package, self._part, self._context = package, part, context
        self._tables = 0
        self._left_out = LeftOut()
        self._pictures = EmbeddedPictures(context, package.zip, self._left_out)
        self._described: set[XmlElement] = set()  # pictures of which somebody said what they show
        self._sayings: dict[str, Callable[[XmlElement, list[XmlElement]], str]] = {
            "t": lambda element, _: element.text or "",
            "oMath": lambda element, _: formula_text(element),
            "sym": lambda element, _: symbol(element),
            "docPr": lambda element, _: self._picture(element),
            "fldChar": lambda element, _: box_of(element) + self._fields.shown(element, self._links),
            "hyperlink": self._field,
            "fldSimple": self._field,
            "OLEObject": self._object,
        }
        self._relations = package.relations(part)
        self._levels = self._heading_levels()
        self._in_list = False
        self._code = WordCode(self._part_of("styles"), root)
        self._lines: list[str] = []  # of the code that is open
        self._outside = package.addresses(part)
        self._links = Links(0 if root is None else len(self._outside), 0 if root is None else len(root))
        self._fields = WordFields(root, WordNumbers(self._part_of("numbering"), self._part_of("styles")))

    def _part_of(self, kind: str) -> XmlElement | None:
        target = next((target for found, target in self._relations.values() if found == kind), "")
        return self._package.part(target) if target else None

    def _heading_levels(self) -> dict[str, int]:
        """Return the level of each style that is a heading, by its name or its outline level."""
        root = self._part_of("styles")
        levels = {}
        for style in () if root is None else find_all(root, "style"):
            name = next((attribute(child, "val") for child in children(style, "name")), "").lower()
            outline = next((attribute(child, "val") for child in find_all(style, "outlineLvl")), "")
            if name.startswith("heading ") and name[8:].isdigit():
                levels[attribute(style, "styleId")] = int(name[8:])
            elif name == "title":
                levels[attribute(style, "styleId")] = 1
            elif outline.isdigit() and int(outline) < 9:
                levels[attribute(style, "styleId")] = int(outline) + 1
        return levels

    def blocks(self, container: XmlElement) -> None:
        """Write every paragraph and table below a container."""
        for element in container:
            name = local(element)
            if name != "p":
                self._close_code()
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._table(element)
            elif name == "altChunk":
                self._foreign(attribute(element, "id"))
            elif name not in _SKIPPED:
                self.blocks(element)
        self._close_code()

    def _close_code(self) -> None:
        """Write the paragraphs of code that stand below each other, a line each."""
        lines, self._lines = self._lines, []
        self.builder.code("\n".join(lines))

    def report(self) -> None:
        """Warn of what was left out."""
        if self.skipped_deletions:
            self._context.warn("tracked deletions are left out")
        self._pictures.report()
        self._left_out.report(self._context)

    def notes(self, kind: str) -> None:
        """Write footnotes or endnotes after the text."""
        root = self._part_of(kind)
        for note in () if root is None else root:
            if kind == "comments":
                who = attribute(note, "author") or "somebody"
                self.builder.block(f"[Comment by {who}: {self._cell(note, [])}]")
            elif attribute(note, "type") in ("", "normal"):
                self.blocks(note)

    def running_lines(self) -> None:
        """Write the headers and footers of the pages, each once."""
        write_word_lines(self._package, self._relations, lambda line: "".join(self._runs(line, [])), self.builder)

    def _paragraph(self, paragraph: XmlElement) -> None:
        boxes: list[XmlElement] = []
        text = _over_pages("".join(self._runs(paragraph, boxes)))
        level, label = self._kind(paragraph)
        if (
            not level
            and label is None
            and not boxes
            and (self._code.is_block(paragraph) or (self._lines and not text.strip()))
        ):
            self._lines.append(text)
            self._in_list = False
            return
        self._close_code()
        shown = f"{label} {text.strip()}" if label and text.strip() else text
        is_item = label is not None and not level
        if level:
            self.builder.heading(level, text if label == BULLET else shown)
        elif is_item and self._in_list and len(shown) < _SHORT_ITEM:
            self.builder.line(shown)
        else:
            self.builder.block(shown)
        self._in_list = is_item
        self._boxes(boxes)

    def _boxes(self, boxes: Sequence[XmlElement]) -> None:
        """Write the text boxes and charts of a paragraph."""
        for box in boxes:
            if local(box) == "chart":
                write_charts(self._package, self._part, box, self.builder, self._context)
            elif local(box) == "relIds":
                self.builder.block(diagram_text(self._package, self._relations, box))
            elif local(box) in ("blip", "imagedata"):
                name = self._relations.get(attribute(box, "embed") or attribute(box, "id"), ("", ""))[1]
                self._pictures.write(name, self.builder, described=box in self._described)
            else:
                self.blocks(box)

    def _kind(self, paragraph: XmlElement) -> tuple[int, str | None]:
        """Return the heading level (0 for none) and what stands before an item of a list (`None`: it is none)."""
        level, is_item = 0, False
        for properties in children(paragraph, "pPr"):
            for child in properties:
                if local(child) == "pStyle":
                    level = self._levels.get(attribute(child, "val"), 0)
                elif local(child) == "outlineLvl" and attribute(child, "val").isdigit():
                    level = level or (int(attribute(child, "val")) + 1) % 10
                names = [attribute(mark, "val") for mark in children(child, "numId")]
                is_item = is_item or (local(child) == "numPr" and names != ["0"])  # 0 takes a style's number away
        label = self._fields.label(paragraph)
        return level, BULLET if label is None and is_item and not level else label

    def _runs(self, element: XmlElement, boxes: list[XmlElement]) -> list[str]:
        parts: list[str] = []
        for child in element:
            name = local(child)
            if name in _BESIDE:
                boxes.append(child)
            elif name in _SKIPPED:
                self.skipped_deletions |= name in ("del", "moveFrom")
            elif name in _BREAKS:
                parts.append(_PAGE_END if attribute(child, "type") in ("page", "column") else _BREAKS[name])
            elif name == "r":
                parts.extend(self._run(child, boxes, next((part[-1] for part in reversed(parts) if part), "")))
            elif (said := self._said(name, child, boxes)) is not None:
                parts.append(said)
            else:
                parts.extend(self._runs(child, boxes))
        return parts

    def _said(self, name: str, element: XmlElement, boxes: list[XmlElement]) -> str | None:
        """Return the words of an element, `None` where they are those of its children."""
        saying = self._sayings.get(name)
        return None if saying is None else saying(element, boxes)

    def _object(self, _element: XmlElement, _boxes: list[XmlElement]) -> str:
        self._left_out.objects += 1
        return ""

    def _run(self, run: XmlElement, boxes: list[XmlElement], before: str) -> list[str]:
        """Return the words of a run as they are seen: none of hidden ones, raised and lowered type as such."""
        if _is_hidden(run):
            return []
        shifted = _SHIFTED.get(_vertical(run))
        words = self._runs(run, boxes)
        return words if shifted is None else [shifted("".join(words), before)]

    def _field(self, element: XmlElement, boxes: list[XmlElement]) -> str:
        """Return a link or a simple field with what it leads to."""
        words = "".join(self._runs(element, boxes))
        if local(element) == "fldSimple":
            return words or self._fields.reference(attribute(element, "instr"))
        return words + self._links.behind(words, self._outside.get(attribute(element, "id"), ""))

    def _picture(self, about: XmlElement) -> str:
        """Return the description of a picture."""
        words = picture_words(attribute(about, "descr"))
        if words:
            self._described.update(find_all(about.getparent(), "blip"))
        return words

    def _table(self, table: XmlElement) -> None:
        """Write a table as records; one of single cells is a frame around text."""
        boxes: list[XmlElement] = []
        grid = table_of(table, lambda cell: self._cell(cell, boxes))
        if grid is None:
            for cell in find_all(table, "tc"):
                if next(parent for parent in cell.iterancestors() if local(parent) == "tbl") is table:
                    self.blocks(cell)
            return
        self._tables += 1
        grid.name = f"table {self._tables}"
        self.builder.block(table_text(grid)[0])
        self._boxes(boxes)

    def _cell(self, cell: XmlElement, boxes: list[XmlElement]) -> str:
        return " ".join("".join(self._runs(paragraph, boxes)) for paragraph in find_all(cell, "p"))

    def _foreign(self, identifier: str) -> None:
        target = self._relations.get(identifier, ("", ""))[1]
        if target.lower().endswith((".html", ".htm", ".xhtml")) and target in self._package.zip.names:
            self.builder.block(plain_text(self._package.zip.read(target).decode("utf-8", "replace")))


def _over_pages(text: str) -> str:
    """Return a paragraph in which the end of a page ends no sentence."""
    return _INSIDE.sub(" ", text).replace(_PAGE_END, "\n") if _PAGE_END in text else text


def _vertical(run: XmlElement) -> str:
    """Return `"superscript"` or `"subscript"` for a run that stands so, by its style or by its place and size."""
    marks = {local(mark): attribute(mark, "val") for found in children(run, "rPr") for mark in found}
    if "vertAlign" in marks or "sz" not in marks:
        return marks.get("vertAlign", "")
    place = marks.get("position", "0")
    return "" if place.lstrip("-") in ("", "0", "1") else ("subscript" if place.startswith("-") else "superscript")


def _is_hidden(run: XmlElement) -> bool:
    return any(flag(mark) for properties in children(run, "rPr") for mark in children(properties, "vanish"))


READER = Reader("DOCX", (".docx", ".docm", ".dotx"), _sniff, _read)
