"""HTML: the main text of a page by trafilatura; the whole visible page where that finds too little."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from index.language.hygiene import clean_line
from index.sources.markup.html import Element, fill_blocks, parse_html, pictures_of, remove_hidden, show_links
from index.sources.pictures.inline import InlinePictures
from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decoded
from index.sources.text.lines.typednotes import notes_apart
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError
from index.sources.web.addresses import is_address
from index.sources.web.boilerplate import strip_page_remnants
from index.sources.web.documents import is_like_a_document, remove_furniture
from index.sources.web.pagedata import declared
from index.types import JsonValue

__all__ = ["READER", "extract_html"]

_START = re.compile(
    r"\A\s*+(?:<\?xml[^>]*+>\s*+)?(?><!--.*?-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_ANY = re.compile(r"<(?:html|head|body|title|div|p|table|meta)\b[^<>]*+>", re.IGNORECASE)
_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)"""
    rb"""|<\?xml[^>]{0,100}encoding=["']([\w.:-]+)""",
    re.IGNORECASE,
)
_EXTENSIONS = (".html", ".htm", ".xhtml", ".shtml")
Page = Any
"""What trafilatura returns; it brings no types of its own."""

_DATES = {"extensive_search": False, "original_date": True}  # what the page declares, no guess from its text
_SMALL_PAGE = 3000
_LARGE_PAGE = 1_000_000  # characters; trafilatura takes seconds for each million
_TOO_LITTLE = 0.4
_ALMOST_ALL = 0.8


def _sniff(head: Head) -> float:
    if not head.text:
        return 0.0
    if _START.match(head.text):
        return 0.9
    return 0.7 if head.suffix in _EXTENSIONS and _ANY.search(head.text) else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    declaration = _CHARSET.search(data[:8192])
    declared = context.declared.get("charset") or (
        next(filter(None, declaration.groups()), b"").decode("ascii") if declaration else ""
    )
    text = decoded(data, context, declared)
    pictures = InlinePictures(text, context, markup=True)
    extract = extract_html(pictures.text, context.source if is_address(context.source) else "", pictures)
    pictures.report()
    if not extract.text and len(text) > _SMALL_PAGE:
        raise RefusedError(
            "no text found: empty for a reader, nested too deeply, or too long in one piece", skipped=True
        )
    return [extract]


def extract_html(text: str, base: str = "", pictures: InlinePictures | None = None) -> Extract:
    """Return the main text of a page with its title, dates, author, site name and language.

    Args:
        text: the page.
        base: its address, or `""`.
        pictures: those that stand in it, whose words go behind the others.
    """
    tree = parse_html(text)
    if tree is None:
        return Extract(text="")
    is_document = is_like_a_document(tree)
    deleted = tree.find(".//del") is not None
    language = str(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    title = clean_line(tree.findtext(".//title") or "")
    declared_fields = declared(tree)
    remove_hidden(tree)
    show_links(tree, base)
    if is_document:
        remove_furniture(tree)
    shown = pictures_of(tree)
    whole = _whole_page(tree)
    page = _main_text(tree) if len(text) <= _LARGE_PAGE else None
    extract = _from_main(page) if page is not None else Extract(text="")
    missed = len(whole.text) <= _SMALL_PAGE and len(extract.text) < _TOO_LITTLE * len(whole.text)
    flattened = "\n" not in extract.text and "\n" in whole.text and len(extract.text) > _ALMOST_ALL * len(whole.text)
    if missed or flattened or not extract.text or is_document:
        extract = whole
    extract = notes_apart(extract)
    if deleted:
        extract.warnings.append("deleted text is left out")
    _fill_fields(extract, page, title, language)
    extract.fields |= declared_fields
    if pictures is not None:
        pictures.append(shown, extract)
    return extract


def _whole_page(tree: Element) -> Extract:
    builder = TextBuilder()
    fill_blocks(tree.find("body"), builder)
    return builder.extract()


def _main_text(tree: Element) -> Page:
    from trafilatura import bare_extraction

    return bare_extraction(
        tree, include_comments=False, include_tables=True, with_metadata=True, date_extraction_params=_DATES
    )


def _from_main(page: Page) -> Extract:
    """Write trafilatura's result, an XML tree of `p`, `head`, `list`, `table`, `quote`, as blocks."""
    builder = TextBuilder()
    _rename(page.body)
    fill_blocks(page.body, builder)
    extract = builder.extract()
    kept, _removed = strip_page_remnants(extract.text)
    start = extract.text.index(kept)
    moved = [(offset - start, level, title) for offset, level, title in extract.headings]
    extract.headings = [heading for heading in moved if 0 <= heading[0] < len(kept)]
    extract.tables = _moved(extract.tables, start, len(kept))
    code = [(low - start, high - start) for low, high in extract.code]
    extract.code = [(low, high) for low, high in code if low >= 0 and high <= len(kept)]
    extract.text = kept
    return extract


def _moved(tables: Sequence[dict[str, JsonValue]], by: int, length: int) -> list[dict[str, JsonValue]]:
    """Return the tables that lie in the text that was kept, by their places in it."""
    found = [(table, int(str(table["start"])) - by, int(str(table["end"])) - by) for table in tables]
    return [{**table, "start": start, "end": end} for table, start, end in found if start >= 0 and end <= length]


_NAMES = {"list": "ul", "item": "li", "row": "tr", "cell": "td", "quote": "blockquote", "lb": "br", "code": "pre"}


def _rename(body: Element) -> None:
    for element in body.iter():
        if element.tag == "head":
            element.tag = element.get("rend") if re.fullmatch(r"h[1-6]", element.get("rend") or "") else "h2"
        elif element.tag == "list" and element.get("rend") == "ol":
            element.tag = "ol"
        else:
            element.tag = _NAMES.get(element.tag, element.tag)


def _fill_fields(extract: Extract, page: Page, title: str, language: str) -> None:
    extract.title = clean_line((page.title if page is not None else "") or "") or title
    extract.language = language
    if page is None:
        return
    values = {"date": page.date, "author": page.author, "outlet": page.sitename}
    extract.fields = {name: clean_line(value) for name, value in values.items() if value}


READER = Reader("HTML", _EXTENSIONS, _sniff, _read)
