"""Citations as others can follow them: W3C Web Annotations, and addresses that open a web page at the quoted words.

Web Annotation Data Model (https://www.w3.org/TR/annotation-model/, 4.2.4 and 4.2.5): words by themselves with what
stands around them, and by their offsets in code points. Text fragments: https://wicg.github.io/scroll-to-text-fragment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from index.errors import StoreError
from index.types import Document

if TYPE_CHECKING:
    from rag.types import Citation

__all__ = ["annotation", "named_annotations", "quote_annotations", "text_fragment"]

_AROUND = 32  # code points before and behind the words
_LONG, _WORDS, _LETTERS = 160, 6, 24  # of a longer quote its first and last words are named, where it has words
_CONTEXT_WORDS = 3


def annotation(document: Document, start: int, end: int, name: str = "") -> Mapping[str, Any]:
    """Return the words of a document as a Web Annotation.

    Args:
        document: the document.
        start: first code point of the words in its text.
        end: one past their last.
        name: of the annotation, an IRI, or `""`.
    """
    text = document.text
    words = {
        "type": "TextQuoteSelector",
        "exact": text[start:end],
        "prefix": text[max(0, start - _AROUND) : start],
        "suffix": text[end : end + _AROUND],
    }
    place = {"type": "TextPositionSelector", "start": start, "end": end}
    target = {"source": document.source, "selector": [words, place]}
    head = {"@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "motivation": "highlighting"}
    return {**head, **({"id": name} if name else {}), "target": target}


def quote_annotations(citations: Iterable[Citation], document: Callable[[str], Document]) -> list[Mapping[str, Any]]:
    """Return the quotes of an answer as Web Annotations, `urn:babelquote:citation:NUMBER` each.

    Args:
        citations: of the answer.
        document: gives a document by its id; quotes that stand there no more are left out.
    """
    return named_annotations(((f"citation:{one.number}", one) for one in citations), document)


def named_annotations(
    named: Iterable[tuple[str, Citation]], document: Callable[[str], Document]
) -> list[Mapping[str, Any]]:
    """Return quotes as Web Annotations, `urn:babelquote:NAME` each.

    Args:
        named: each with its name.
        document: gives a document by its id; quotes that stand there no more are left out.
    """
    found, known = [], cache(document)
    for name, one in named:
        with suppress(StoreError, KeyError):
            text = known(one.document_id)
            if text.text[one.start : one.end] == one.quote:  # it may have changed meanwhile
                found.append(annotation(text, one.start, one.end, f"urn:babelquote:{name}"))
    return found


def text_fragment(document: Document, start: int, end: int) -> str:
    """Return the address of a web page at some of its words; `""` for a document that is no page of the web."""
    parts = urlsplit(document.source)
    words = " ".join(document.text[start:end].split())
    if parts.scheme not in ("http", "https") or not parts.netloc or not words:
        return ""
    base, _, fragment = document.source.partition("#")
    fragment = fragment.partition(":~:")[0]
    return f"{base}#{fragment}:~:text={_directive(document.text, start, words)}"


def _directive(text: str, start: int, words: str) -> str:
    """Return what names the words: all of them, or the first and the last; with those before where they stand twice."""
    first, last = _ends(words)
    quoted = _encoded(first) + (f",{_encoded(last)}" if last else "")
    if text.find(text[start : start + len(first)]) == start:
        return quoted
    before = " ".join(text[max(0, start - 200) : start].split()[-_CONTEXT_WORDS:])
    return f"{_encoded(before)}-,{quoted}" if before else quoted


def _ends(words: str) -> tuple[str, str]:
    if len(words) <= _LONG:
        return words, ""
    parts = words.split(" ")
    if len(parts) >= 2 * _WORDS:
        return " ".join(parts[:_WORDS]), " ".join(parts[-_WORDS:])
    return re.sub(r"\s+$", "", words[:_LETTERS]), re.sub(r"^\s+", "", words[-_LETTERS:])


def _encoded(words: str) -> str:
    """Return words as a directive may hold them: its own signs are the hyphen, the comma and the ampersand."""
    return quote(words.encode("utf-8", "replace").decode("utf-8"), safe="").replace("-", "%2D")
