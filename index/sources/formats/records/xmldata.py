"""Other XML: the text of every element as a block, or, where it holds data, a record for each element with its values.

Markup that feeds carry as text is read as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.sources.formats.markup.webpage import extract_html
from index.sources.markup.html import plain_text
from index.sources.markup.xmlvalues import is_data, value_of
from index.sources.tables.json import marked_objects
from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decoded
from index.sources.text.raised import lowered, raised
from index.sources.text.xml import XmlElement, attribute, children, find_all, local, parse_xml
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_EXTENSIONS = (".xml", ".svg", ".rss", ".atom", ".tei", ".dbk")
_START = re.compile(r"\A\ufeff?\s*<\?xml\b")
_DRAWING = re.compile(r"\A\ufeff?\s*(?:<!--[^>]{0,500}-->\s*)?<svg[\s>]", re.IGNORECASE)
_ELEMENT = re.compile(r"\A\ufeff?\s*<[A-Za-z_][\w.:-]*[\s>/]")
_MARKUP = re.compile(r"<(?:p|br|div|a|b|i|em|strong|img|ul|ol|li|span|table)\b[^<>]*+>", re.IGNORECASE)
# Programs and styles of a drawing (SVG), and pictures that are kept as letters (FB2, OpenDocument, Word): no text.
_UNSHOWN = frozenset(["script", "style", "binary", "binary-data", "bindata", "binarydata"])
_INLINE = frozenset(
    ["a", "b", "i", "em", "strong", "emphasis", "sub", "sup", "span", "code", "q", "cite", "link", "ref",
    "xref", "quote", "foreignphrase", "superscript", "subscript"]
)  # fmt: skip
_RAISED, _LOWERED = ("sup", "superscript"), ("sub", "subscript")


def _sniff(head: Head) -> float:
    if _START.match(head.text) or _DRAWING.match(head.text):
        return 0.8
    return 0.6 if head.suffix in _EXTENSIONS and _ELEMENT.match(head.text) else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    try:
        root = parse_xml(data, context.declared.get("charset", ""))
    except RefusedError as error:
        if error.skipped:
            raise
        context.warn(f"{error.reason}; read as a web page")
        return [extract_html(decoded(data, context))]
    builder = TextBuilder()
    holds_data = is_data(root)
    if holds_data:
        builder.block("\n".join(marked_objects(value_of(root))))
    else:
        _walk(root, builder)
    extract = builder.extract()
    titles = children(root, "title", "name") if holds_data else find_all(root, "title")  # of a row is none of the file
    extract.title = next((element.text or "" for element in titles), "")
    extract.language = attribute(root, "lang") or next((e.text or "" for e in find_all(root, "language")), "")
    return [extract]


def _walk(element: XmlElement, builder: TextBuilder) -> None:
    """Write an element's words; elements within a sentence stay in it. The parser bounds the depth."""
    words = [element.text or ""]
    for child in element:
        name = local(child).lower()
        if name in _UNSHOWN:
            _write("".join(words), builder)
            words.clear()
        elif name in _INLINE:
            words.append(_inline(child, "".join(words)[-1:]))
        else:
            _write("".join(words), builder)
            words.clear()
            _walk(child, builder)
        words.append(child.tail or "")
    _write("".join(words), builder)


def _inline(element: XmlElement, before: str) -> str:
    """Return the words of an element within a sentence, raised and lowered type as such: 10⁶ is not 106."""
    words = "".join(_shown(element))
    name = local(element).lower()
    return raised(words, before) if name in _RAISED else lowered(words, before) if name in _LOWERED else words


def _shown(element: XmlElement) -> Iterator[str]:
    """Yield the words of an element and those in it, but for programs and styles."""
    last = element.text or ""
    yield last
    for child in element:
        if local(child).lower() not in _UNSHOWN:
            words = _inline(child, last[-1:])
            yield words
            last = words or last
        yield child.tail or ""
        last = child.tail or last


def _write(text: str, builder: TextBuilder) -> None:
    builder.block(plain_text(text) if _MARKUP.search(text) else " ".join(text.split()))


READER = Reader("XML", _EXTENSIONS, _sniff, _read)
