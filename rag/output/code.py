"""Words of a source for people: prose on one line, code in its lines.

Where a sentence is wrapped in a file says nothing; where a line of code ends does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from index.codeblocks import code_at, code_parts, code_spans
from index.language.words import visible

if TYPE_CHECKING:
    from rag.types import Answer, Citation, ScoredPassage

__all__ = ["FENCE", "INDENT", "code_in", "fenced", "is_code", "laid_out", "quoted_lines", "words_of"]

INDENT = "    "
"""Before each line of code below the name of its source."""
FENCE = "```"
"""Stands, alone on its line, before and behind code in an answer's text."""
Part = tuple[str, bool]
"""Words, and whether they are code."""


def is_code(hit: ScoredPassage, start: int) -> bool:
    """Tell whether what begins at an offset of the document is code."""
    return code_at(code_spans(hit.metadata), start) is not None


def laid_out(text: str, offset: int, metadata: Mapping[str, object]) -> list[Part]:
    """Return words of a document in parts: prose on one line each, code in its lines.

    Args:
        text: the words.
        offset: where they begin in the document.
        metadata: of the document.
    """
    spans = code_spans(metadata)
    if not spans:
        return _prose(text)
    found: list[Part] = []
    for start, end, code in code_parts(spans, offset, offset + len(text)):
        words = text[start - offset : end - offset]
        found += [(words.strip("\n").rstrip(), True)] if code and words.strip() else _prose(words)
    return found


def _prose(text: str) -> list[Part]:
    words = " ".join(text.split())
    return [(words, False)] if words else []


def words_of(hit: ScoredPassage, start: int, end: int) -> str:
    """Return words of a hit by their place in the document, without what nobody sees; code in its lines."""
    offset = hit.passage.start
    low = max(0, start - offset)
    text = hit.passage.text[low : max(0, end - offset)]
    parts = laid_out(text, low + offset, hit.metadata)
    return fenced([(visible(words), code) for words, code in parts])


def fenced(parts: Sequence[Part]) -> str:
    """Return parts as Markdown: code of several lines, or with blanks that count, between fences."""
    written: list[str] = []
    for words, code in parts:
        if code and ("\n" in words or "  " in words or "\t" in words):
            fence = FENCE
            while fence in words:
                fence += "`"
            written.append(f"{fence}\n{words}\n{fence}")
        else:
            written.append(words)
    return "\n".join(written) if any("\n" in one for one in written) else " ".join(written)


def code_in(answer: Answer, citation: Citation) -> list[Part]:
    """Return the parts of a quote; of one whose passage isn't known, its words on one line."""
    hits = (hit for hit in answer.passages if hit.passage.document_id == citation.document_id)
    metadata = next((hit.metadata for hit in hits), {})
    return laid_out(citation.quote, citation.start, metadata)


def quoted_lines(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the lines of a quote that holds code; none for one without."""
    if any(code and "\n" in words for words, code in parts):
        for words, _ in parts:
            yield from words.split("\n")
