"""PDF by pypdfium2: the text layer in reading order, page by page; encrypted, scanned and broken files are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from index.sources.builder import TextBuilder
from index.sources.dates import pdf_date
from index.sources.hygiene import clean_line
from index.sources.pdflayout import is_garbled, page_lines, paragraphs, reread, without_running_lines
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

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
        if len(document) > _MOST_PAGES:
            raise RefusedError(f"{len(document):,} pages; the limit is {_MOST_PAGES:,}", skipped=True)
        pages = list(_pages(document, context))
        pages = (reread(pages) if _is_garbled(pages) else None) or pages
        _refuse_without_text(pages, context)
        extract = _extract(pages, _bookmarks(document))
        if extract.tables:
            context.warn(f"{len(extract.tables)} tables were told by how their words stand; compare them with the page")
        _fill_metadata(extract, document.get_metadata_dict(), context)
    except PdfiumError as error:
        if "password" in str(error).lower():
            raise RefusedError("encrypted with a password; save it without one", skipped=True) from error
        raise RefusedError(f"damaged: {error}") from error
    return [extract]


def _pages(document: Any, context: ReadContext) -> Iterator[list[str]]:  # noqa: ANN401 - pypdfium2 has no types
    from pypdfium2 import PdfiumError

    for number in range(len(document)):
        try:
            page = document[number]
            yield page_lines(page.get_textpage())
            page.close()
        except PdfiumError:
            context.warn(f"page {number + 1} is damaged and was left out")
            yield []


def _refuse_without_text(pages: Sequence[Sequence[str]], context: ReadContext) -> None:
    empty = [number for number, lines in enumerate(pages, 1) if not any(line.strip() for line in lines)]
    if len(empty) == len(pages):
        damaged = len(context.warnings) == len(pages)
        if damaged:
            raise RefusedError("damaged: none of its pages can be read")
        raise RefusedError("scanned or without text: no page has a text layer; recognise its text (OCR)", skipped=True)
    if _is_garbled(pages):
        raise RefusedError("its fonts don't tell which characters they show; recognise its text (OCR)")
    if empty:
        shown = ", ".join(map(str, empty[:_SHOWN_PAGES])) + (" …" if len(empty) > _SHOWN_PAGES else "")
        context.warn(f"{len(empty)} of {len(pages)} pages have no text layer: {shown}")


def _is_garbled(pages: Sequence[Sequence[str]]) -> bool:
    return is_garbled("\n".join("\n".join(lines) for lines in pages))


def _extract(pages: Sequence[list[str]], bookmarks: dict[int, list[tuple[int, str]]]) -> Extract:
    builder = TextBuilder()
    for number, lines in enumerate(without_running_lines(pages)):
        builder.page()
        titles = {title.casefold(): level for level, title in bookmarks.get(number, [])}
        for paragraph in paragraphs(lines, titles):
            level = titles.get(clean_line(paragraph).casefold(), 0)
            if level:
                builder.heading(level, paragraph)
            else:
                builder.block(paragraph)
    return builder.extract()


def _bookmarks(document: Any) -> dict[int, list[tuple[int, str]]]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the outline by page: (level, title)."""
    found: dict[int, list[tuple[int, str]]] = {}
    for bookmark in islice(document.get_toc(max_depth=6), _MOST_BOOKMARKS):
        target = bookmark.get_dest()
        page = target.get_index() if target is not None else None
        if page is not None:
            found.setdefault(page, []).append((bookmark.level + 1, clean_line(bookmark.get_title())))
    return found


def _fill_metadata(extract: Extract, told: dict[str, str], context: ReadContext) -> None:
    title = clean_line(told.get("Title", ""))
    stem = context.path.stem.lower()
    looks_made = title.lower().startswith(("microsoft word", "untitled", "powerpoint")) or title.lower() == stem
    extract.title = "" if looks_made or title.lower().endswith((".doc", ".docx", ".dvi", ".tex", ".indd")) else title
    date = pdf_date(told.get("CreationDate", "")) or pdf_date(told.get("ModDate", ""))
    extract.fields = {"author": clean_line(told.get("Author", "")), "date": date}


READER = Reader("PDF", (".pdf",), _sniff, _read)
