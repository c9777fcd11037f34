"""ODT, ODS and ODP: headings, paragraphs, lists, tables, slides and sheets; tracked changes are left out."""

from __future__ import annotations

from collections.abc import Sequence

from index.sources.archive import SafeZip
from index.sources.builder import TextBuilder
from index.sources.links import Links, picture_words
from index.sources.odfnumbers import OdfNumbers
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError
from index.sources.xmltree import XmlElement, attribute, find_all, local, parse_xml

__all__ = ["READER"]

_SKIPPED = frozenset(["tracked-changes", "annotation", "sequence-decls", "forms", "shapes", "notes", "note-citation"])
_MARK = b"application/vnd.oasis.opendocument."


def _sniff(head: Head) -> float:
    if "content.xml" not in head.members:
        return 0.0
    marked = _MARK in head.data[:200] or bool(head.members & {"mimetype", "META-INF/manifest.xml"})
    return 1.0 if marked else 0.0


def _read(data: bytes, _context: ReadContext) -> Sequence[Extract]:
    with SafeZip(data) as archive:
        if "META-INF/manifest.xml" in archive.names:
            manifest = parse_xml(archive.read("META-INF/manifest.xml"))
            if any(True for _ in find_all(manifest, "encryption-data")):
                raise RefusedError("encrypted; save it without a password", skipped=True)
        content = parse_xml(archive.read("content.xml"))
        meta = parse_xml(archive.read("meta.xml")) if "meta.xml" in archive.names else None
        styles = parse_xml(archive.read("styles.xml")) if "styles.xml" in archive.names else None
    numbers = OdfNumbers()
    for root in (styles, content):
        if root is not None:
            numbers.learn(root)
    writer = _Writer(numbers, content)
    for body in find_all(content, "body"):
        writer.blocks(body)
    extract = writer.builder.extract()
    if meta is not None:
        told = {local(element): (element.text or "").strip() for element in meta.iter()}
        extract.title, extract.language = told.get("title", ""), told.get("language", "")
        author = told.get("initial-creator") or told.get("creator", "")
        extract.fields = {"author": author, "date": told.get("creation-date") or told.get("date", "")}
    return [extract]


class _Writer:
    def __init__(self, numbers: OdfNumbers, content: XmlElement) -> None:
        self.builder = TextBuilder()
        self._items = 0
        self._mark = "-"
        self._numbers = numbers
        count = sum(1 for _ in find_all(content, "a"))
        self._links = Links(count, len("".join(content.itertext())) if count else 0)

    def blocks(self, container: XmlElement) -> None:
        """Write what is below a container; depth is bounded by the XML parser."""
        for element in container:
            name = local(element)
            if name == "h":
                level = int(attribute(element, "outline-level") or 1)
                words = self._inline(element)
                number = self._numbers.heading(element, level) if words.strip() else ""
                self.builder.heading(level, f"{number} {words}" if number else words)
            elif name == "p":
                self._paragraph(element)
            elif name == "list-item":
                self._items = 1
                self._mark = self._numbers.item(element)
                self.blocks(element)
                self._items = 0
            elif name == "annotation":
                self._comment(element)
            elif name == "table":
                self._table(element)
            elif name not in _SKIPPED:
                if name == "page":
                    self.builder.page()
                self.blocks(element)

    def _paragraph(self, element: XmlElement) -> None:
        text = self._inline(element)
        if self._items and text.strip():
            self.builder.line((f"{self._mark} " if self._items == 1 else "  ") + text.strip())
            self._items += 1
        else:
            self.builder.block(text)
        for box in find_all(element, "text-box", "note-body"):
            self.blocks(box)
        for comment in find_all(element, "annotation"):
            self._comment(comment)

    def _comment(self, comment: XmlElement) -> None:
        who = next(("".join(part.itertext()) for part in find_all(comment, "creator")), "") or "somebody"
        words = " ".join(self._inline(part) for part in find_all(comment, "p"))
        self.builder.block(f"[Comment by {who}: {words}]" if words.strip() else "")

    def _table(self, table: XmlElement) -> None:
        if any(local(parent) == "spreadsheet" for parent in table.iterancestors()):
            self.builder.heading(1, attribute(table, "name"))
        first = True
        for row in find_all(table, "table-row"):
            cells = [
                " ".join(self._inline(p) for p in find_all(cell, "p", "h"))
                for cell in row
                if local(cell) == "table-cell"
            ]
            line = " | ".join(" ".join(cell.split()) for cell in cells if cell.strip())
            if line:
                (self.builder.block if first else self.builder.line)(line)
                first = False

    def _inline(self, element: XmlElement) -> str:
        parts = [element.text or ""]
        for child in element:
            name = local(child)
            if name == "s":
                parts.append(" " * min(int(attribute(child, "c") or 1), 100))
            elif name in ("tab", "line-break"):
                parts.append("\t" if name == "tab" else "\n")
            elif name == "frame":
                told = (part.text or "" for kind in ("desc", "title") for part in find_all(child, kind))
                parts.append(picture_words(next(filter(None, told), "")))
            elif name not in _SKIPPED and name not in ("text-box", "note"):
                words = self._inline(child)
                target = attribute(child, "href") if name == "a" else ""
                parts.append(words + (self._links.behind(words, target) if target else ""))
            parts.append(child.tail or "")
        return "".join(parts)


READER = Reader("OpenDocument", (".odt", ".ods", ".odp", ".ott"), _sniff, _read)
