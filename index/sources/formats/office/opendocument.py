"""ODT, ODS and ODP: headings, paragraphs, lists, tables, slides and sheets; tracked changes are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

from index.sources.markup.formulas import formula_text
from index.sources.office.archive import SafeZip
from index.sources.office.codestyles import OdfCode
from index.sources.office.leftout import LeftOut
from index.sources.office.odf.numbers import OdfNumbers
from index.sources.office.odf.tables import SKIPPED, Levels, inline, sheet_cells, table_grid
from index.sources.office.runninglines import RunningLines
from index.sources.pictures.embedded import EmbeddedPictures, best_of
from index.sources.tables.records import table_text
from index.sources.tables.sheets import write_sheet
from index.sources.text.builder import TextBuilder
from index.sources.text.lines.typednotes import notes_apart
from index.sources.text.links import Links
from index.sources.text.xml import XmlElement, attribute, children, find_all, local, parse_xml
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_RUNNING = tuple(f"{name}{which}" for name in ("header", "footer") for which in ("", "-left", "-first"))
_MARK = b"application/vnd.oasis.opendocument."


def _sniff(head: Head) -> float:
    if "content.xml" not in head.members:
        return 0.0
    marked = _MARK in head.data[:200] or bool(head.members & {"mimetype", "META-INF/manifest.xml"})
    return 1.0 if marked else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    with SafeZip(data) as archive:
        if "META-INF/manifest.xml" in archive.names:
            manifest = parse_xml(archive.read("META-INF/manifest.xml"))
            if any(True for _ in find_all(manifest, "encryption-data")):
                raise RefusedError("encrypted", "save it without a password", skipped=True)
        content = parse_xml(archive.read("content.xml"))
        meta = parse_xml(archive.read("meta.xml")) if "meta.xml" in archive.names else None
        styles = parse_xml(archive.read("styles.xml")) if "styles.xml" in archive.names else None
        numbers = OdfNumbers()
        for root in (styles, content):
            if root is not None:
                numbers.learn(root)
        writer = _Writer(archive, Levels(content), numbers, content, context)
        writer.code = OdfCode(styles, content)
        for body in find_all(content, "body"):
            writer.blocks(body)
        writer.running_lines(styles)
        writer.report(content)
    extract = notes_apart(writer.builder.extract())
    if meta is not None:
        metadata = {local(element): (element.text or "").strip() for element in meta.iter()}
        extract.title, extract.language = metadata.get("title", ""), metadata.get("language", "")
        author = metadata.get("initial-creator") or metadata.get("creator", "")
        extract.fields |= {"author": author, "date": metadata.get("creation-date") or metadata.get("date", "")}
    return [extract]


class _Writer:
    def __init__(
        self, archive: SafeZip, levels: Levels, numbers: OdfNumbers, content: XmlElement, context: ReadContext
    ) -> None:
        self.builder = TextBuilder()
        self._archive, self._levels, self._numbers, self._context = archive, levels, numbers, context
        self._left_out = LeftOut()
        self._pictures = EmbeddedPictures(context, archive, self._left_out)
        self._written: dict[str, Callable[[XmlElement], None]] = {
            "h": self._heading,
            "p": self._paragraph,
            "annotation": self._comment,
            "table": self._table,
            "object": self._chart,
            "image": self._picture,
        }
        self._items = self._tables = 0
        self._mark = "-"
        self.code = OdfCode()
        self._lines: list[str] = []  # of the code that is open
        count = sum(1 for _ in find_all(content, "a"))
        levels.formula = self._formula
        self._links = Links(count, len("".join(content.itertext())) if count else 0)

    def blocks(self, container: XmlElement) -> None:
        """Write what is below a container; depth is bounded by the XML parser."""
        for element in container:
            name = local(element)
            self._close_code(name)
            if name in self._written:
                self._written[name](element)
            elif name == "list-item":
                self._items = 1
                self._mark = self._numbers.item(element)
                self.blocks(element)
                self._items = 0
            elif name not in SKIPPED and attribute(element, "display") != "none":
                if name == "page":
                    self.builder.page()
                self.blocks(element)
        self._close_code()

    def _heading(self, element: XmlElement) -> None:
        level = int(attribute(element, "outline-level") or 1)
        words = self._inline(element)
        number = self._numbers.heading(element, level) if words.strip() else ""
        self.builder.heading(level, f"{number} {words}" if number else words)

    def _close_code(self, before: str = "") -> None:
        """Write the paragraphs of code that stand below each other, a line each; nothing yet before a paragraph."""
        if before == "p":
            return
        lines, self._lines = self._lines, []
        self.builder.code("\n".join(lines))

    def _paragraph(self, element: XmlElement) -> None:
        text = self._inline(element)
        if not self._items and (self.code.is_block(element) or (self._lines and not text.strip())):
            self._lines.append(text)
            return
        self._close_code()
        if self._items and text.strip():
            self.builder.line((f"{self._mark} " if self._items == 1 else "  ") + text.strip())
            self._items += 1
        else:
            self.builder.block(text)
        for box in find_all(element, "text-box", "note-body", "object", "image"):
            if local(box) in ("object", "image"):
                if not any(local(parent) in ("text-box", "note-body") for parent in _between(box, element)):
                    self._written[local(box)](box)
            else:
                self.blocks(box)
        for comment in find_all(element, "annotation"):
            self._comment(comment)

    def _table(self, table: XmlElement) -> None:
        if any(local(parent) == "spreadsheet" for parent in table.iterancestors()):
            self._sheet(table)
            return
        self._tables += 1
        grid = table_grid(table, self._levels, f"table {self._tables}")
        self.builder.block(table_text(grid)[0])

    def _sheet(self, table: XmlElement) -> None:
        name = attribute(table, "name")
        if self._levels.is_hidden(table):
            self._context.warn("hidden sheets are left out")
            return
        cells = sheet_cells(table, self._levels, self._context, self._links)
        if cells:
            self.builder.heading(1, name)
            write_sheet(cells, f"Sheet {name}", self.builder)
        for shapes in find_all(table, "object"):
            self._chart(shapes)
        for image in find_all(table, "image"):
            self._picture(image)
        for comment in find_all(table, "annotation"):
            self._comment(comment)

    def _inner(self, element: XmlElement) -> XmlElement | None:
        """Return the root of a document in the document."""
        part = attribute(element, "href").removeprefix("./").rstrip("/") + "/content.xml"
        return parse_xml(self._archive.read(part)) if part in self._archive.names else None

    def _formula(self, frame: XmlElement) -> str:
        """Return the formula that a frame holds."""
        roots = (root for root in map(self._inner, find_all(frame, "object")) if root is not None)
        return next((formula_text(root) for root in roots if local(root) == "math"), "")

    def _chart(self, element: XmlElement) -> None:
        """Write the numbers of a chart, which is a document in the document."""
        root = self._inner(element)
        chart = next(find_all(root, "chart"), None) if root is not None else None
        for inner in find_all(chart, "chart") if chart is not None else ():
            if local(inner.getparent()) == "chart":
                title = next(
                    (inline(p, self._levels) for mark in find_all(inner, "title") for p in find_all(mark, "p")), ""
                )
                tables = [table_grid(table, self._levels, "chart", title) for table in find_all(inner, "table")]
                texts = [table_text(grid)[0] for grid in tables if not grid.is_empty]
                if not texts:
                    self._context.warn("the numbers of a chart are not stored in the file")
                self.builder.block("\n".join(filter(None, [title, *texts])))

    def _picture(self, image: XmlElement) -> None:
        """Write the words of a picture, unless it only shows what its frame holds in another form."""
        frame = image.getparent()
        kinds = [local(child) for child in frame]
        if {"object", "object-ole", "plugin"} & set(kinds) or "image" in kinds[: frame.index(image)]:
            return
        names = [attribute(child, "href").removeprefix("./") for child in children(frame, "image")]
        described = any((part.text or "").strip() for part in find_all(frame, "desc", "title"))
        self._pictures.write(best_of(names), self.builder, described=described)

    def running_lines(self, styles: XmlElement | None) -> None:
        """Write the headers and footers of the pages, each once."""
        found = RunningLines()
        for master in () if styles is None else find_all(styles, "master-page"):
            for place in children(master, *_RUNNING):
                shown = attribute(place, "display") != "false"
                for paragraph in find_all(place, "p", "h") if shown else ():
                    numbered = any(True for _ in find_all(paragraph, "page-number", "page-count"))
                    found.add(local(place).partition("-")[0].title(), self._inline(paragraph), numbered=numbered)
        found.write(self.builder)

    def report(self, content: XmlElement) -> None:
        """Warn of what was left out."""
        self._left_out.objects = sum(1 for _ in find_all(content, "object-ole", "plugin"))
        self._pictures.report()
        self._left_out.report(self._context)

    def _comment(self, comment: XmlElement) -> None:
        who = next(("".join(part.itertext()) for part in find_all(comment, "creator")), "") or "somebody"
        words = " ".join(self._inline(part) for part in find_all(comment, "p"))
        self.builder.block(f"[Comment by {who}: {words}]" if words.strip() else "")

    def _inline(self, element: XmlElement) -> str:
        return inline(element, self._levels, self._links)


def _between(element: XmlElement, top: XmlElement) -> Iterator[XmlElement]:
    """Yield what an element lies in, up to another."""
    return takewhile(lambda parent: parent is not top, element.iterancestors())


READER = Reader("OpenDocument", (".odt", ".ods", ".odp", ".ott"), _sniff, _read)
