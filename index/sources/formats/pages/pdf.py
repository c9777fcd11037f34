"""PDF by pypdfium2: the text layer in reading order, page by page, scanned pages by OCR; broken files are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from index.language.hygiene import clean_line
from index.sources.ocr.scans import Scans, is_scan, ocr_spans, rendered
from index.sources.office.leftout import LeftOut
from index.sources.pdf.annotations import page_marks
from index.sources.pdf.garbled import is_garbled, reread
from index.sources.pdf.layout import known_words, page_lines
from index.sources.pdf.notes import bare, dropped_lines, without_running_lines
from index.sources.pdf.story import Story
from index.sources.pdf.xfa import is_placeholder, xfa_lines
from index.sources.pictures.figures import figures
from index.sources.pictures.words import MOST_POINTS, PictureWords
from index.sources.tables.pages.pdf import Carried
from index.sources.text.dates import pdf_date
from index.sources.text.lines.leaders import leader_rows
from index.sources.text.lines.typednotes import notes_apart
from index.sources.text.links import Links
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["READER"]

_MOST_PAGES = 10_000
_MOST_BOOKMARKS = 2_000
_SHOWN_PAGES = 10


def _sniff(head: Head) -> float:
    return 1.0 if head.data.startswith(b"%PDF-") else 0.95 * (b"%PDF-" in head.data[:1024])


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data)
        if document.get_formtype():
            document.init_forms()
        if len(document) > _MOST_PAGES:
            raise RefusedError(f"{len(document):,} pages; the limit is {_MOST_PAGES:,}", skipped=True)
        scans = Scans(context, len(document))
        marks: dict[int, list[tuple[bool, str]]] = {}
        pictures = _Pictures(context)
        pages = list(_pages(document, context, scans, marks, pictures))
        form = xfa_lines(document)
        if form and is_placeholder("\n".join(line for lines in pages for line in lines)):
            pages = [[] for _ in pages]
        if _is_garbled(pages):
            pages = reread(pages) or [scans.lines(at, partial(_rendered, document, at)) for at in range(len(pages))]
        if not any(marks.values()) and not form:
            _refuse_without_text(pages, context, scans)
        shown = _shown_marks(marks, pages)
        written = "\n".join(line for lines in (*pages, *shown.values()) for line in lines)
        shown[len(pages) - 1] = [*shown.get(len(pages) - 1, []), *(line for line in form if line not in written)]
        extract = _extract(pages, _bookmarks(document), shown, pictures.words)
        scanned = ocr_spans(scans.pages, extract.pages, len(extract.text))
        extract.fields["ocr"] = sorted([*scanned, *_by_ocr(extract)]) or None
        pictures.report()
        if extract.tables:
            context.warn(f"{len(extract.tables)} tables were told by how their words stand; compare them with the page")
        _fill_metadata(extract, document.get_metadata_dict(), context)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise RefusedError("encrypted with a password", "save it without one", skipped=True) from error
        raise RefusedError(f"damaged: {error}") from error
    return [extract]


def _pages(
    document: Any,  # noqa: ANN401 - pypdfium2 has no types
    context: ReadContext,
    scans: Scans,
    marks: dict[int, list[tuple[bool, str]]],
    pictures: _Pictures,
) -> Iterator[list[str]]:
    """Yield the lines of each page; what stands beside them goes to `marks`."""
    from pypdfium2 import PdfiumError

    links, carried = Links(0, 0), Carried()
    for number in range(len(document)):
        try:
            page = document[number]
            textpage = page.get_textpage()
            lines = leader_rows(page_lines(textpage, carried))
            if is_scan(page, lines):
                lines = scans.lines(number, partial(rendered, page)) or lines
            else:
                pictures.read(number, page, textpage)
            lines, marks[number] = page_marks(document, page, links, lines)
            yield lines
            page.close()
        except PdfiumError:
            context.warn(f"page {number + 1} is damaged and was left out")
            yield []


class _Pictures:
    """The words in the pictures of pages that have a text of their own.

    Attributes:
        words: the paragraphs that were read, by page.
    """

    def __init__(self, context: ReadContext) -> None:
        self._left_out, self._context = LeftOut(), context
        self._reader = PictureWords(context, self._left_out, 0)
        self.words: dict[int, list[str]] = {}

    def read(self, number: int, page: Any, textpage: Any) -> None:  # noqa: ANN401 - pypdfium2 has no types
        """Read the pictures of a page."""
        for figure in figures(page, textpage):
            seen = partial(figure.seen, MOST_POINTS)
            lines = partial(self._reader.lines_of, figure.width, figure.height, seen)
            self.words.setdefault(number, []).extend(self._reader.words(figure.key, lines))

    def report(self) -> None:
        """Warn of what was read, and of what could not be."""
        self._reader.report()
        self._left_out.report(self._context)


def _shown_marks(
    marks: Mapping[int, Sequence[tuple[bool, str]]], pages: Sequence[Sequence[str]]
) -> dict[int, list[str]]:
    """Return what to show of the marks of each page: links only where they are few."""
    count = sum(is_link for found in marks.values() for is_link, _ in found)
    few = Links(count, sum(len(line) for lines in pages for line in lines)).shown
    return {number: [line for is_link, line in found if few or not is_link] for number, found in marks.items()}


def _rendered(document: Any, number: int) -> Image:  # noqa: ANN401 - pypdfium2 has no types
    return rendered(document[number])


def _refuse_without_text(pages: Sequence[Sequence[str]], context: ReadContext, scans: Scans) -> None:
    empty = [number for number, lines in enumerate(pages, 1) if not any(line.strip() for line in lines)]
    if len(empty) == len(pages):
        damaged = len(context.warnings) == len(pages)
        if damaged:
            raise RefusedError("damaged: none of its pages can be read")
        reason = scans.reason.removeprefix("a picture of text: ") or "no words were recognised on its pages"
        raise RefusedError(f"scanned or without text: no page has a text layer; {reason}", skipped=True)
    if _is_garbled(pages):
        reason = scans.reason or "nor could they be recognised"
        raise RefusedError(f"its fonts don't tell which characters they show; {reason}")
    if empty:
        because = f"; {scans.reason.removeprefix('a picture of text: ')}" if scans.reason else ""
        context.warn(f"{len(empty)} of {len(pages)} pages have no text layer: {_listed(empty)}{because}")
    if scans.pages:
        read = [number + 1 for number in scans.pages]
        context.warn(f"{len(read)} of {len(pages)} pages were read by OCR: {_listed(read)}")


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:_SHOWN_PAGES])) + (" …" if len(numbers) > _SHOWN_PAGES else "")


def _is_garbled(pages: Sequence[Sequence[str]]) -> bool:
    return is_garbled("\n".join("\n".join(lines) for lines in pages))


def _extract(
    pages: Sequence[list[str]],
    bookmarks: dict[int, list[tuple[int, str]]],
    marks: Mapping[int, Sequence[str]],
    pictures: Mapping[int, Sequence[str]],
) -> Extract:
    story = Story(known_words([[bare(line) for line in lines] for lines in pages]))
    kept = without_running_lines(pages)
    for number, lines in enumerate(kept):
        titles = {title.casefold(): level for level, title in bookmarks.get(number, [])}
        story.page(lines, titles, marks.get(number, ()), pictures.get(number, ()))
    story.end(dropped_lines(pages, kept))
    return notes_apart(story.extract())


def _by_ocr(extract: Extract) -> list[list[int]]:
    """Return from where to where the words of pictures stand in a text."""
    spans = extract.fields.get("ocr")
    return (
        [[int(str(place)) for place in span] for span in spans if isinstance(span, list)]
        if isinstance(spans, list)
        else []
    )


def _bookmarks(document: Any) -> dict[int, list[tuple[int, str]]]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the outline by page: (level, title)."""
    found: dict[int, list[tuple[int, str]]] = {}
    for bookmark in islice(document.get_toc(max_depth=6), _MOST_BOOKMARKS):
        target = bookmark.get_dest()
        page = target.get_index() if target is not None else None
        if page is not None:
            found.setdefault(page, []).append((bookmark.level + 1, clean_line(bookmark.get_title())))
    return found


def _fill_metadata(extract: Extract, information: dict[str, str], context: ReadContext) -> None:
    title = clean_line(information.get("Title", ""))
    stem = context.path.stem.lower()
    looks_made = title.lower().startswith(("microsoft word", "untitled", "powerpoint")) or title.lower() == stem
    extract.title = "" if looks_made or title.lower().endswith((".doc", ".docx", ".dvi", ".tex", ".indd")) else title
    date = pdf_date(information.get("CreationDate", "")) or pdf_date(information.get("ModDate", ""))
    extract.fields |= {"author": clean_line(information.get("Author", "")), "date": date}


READER = Reader("PDF", (".pdf",), _sniff, _read)
