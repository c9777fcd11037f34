"""Where the words of a receipt went when its document is called otherwise: moved to another folder, renamed, merged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from index.types import Document
from rag.retrieval.retrieve import Readable

__all__ = ["digest", "find", "renamed_documents", "same_passage"]

_MOST_PLACES = 100
Cited: TypeAlias = Mapping[str, Any]
"""A citation as a receipt keeps it."""


def renamed_documents(citations: Iterable[Cited], present: Iterable[bool], index: Readable) -> list[Document | None]:
    """Return for each citation the document that holds its words under another name, or `None`.

    It is the document with the same text. Where no document of the old name is left, a renamed one may have been edited
    too: then it is the only document that still holds the whole passage. Of a passage that several hold, such as a
    licence, nobody can say where it went.

    Args:
        citations: those whose words are not where they were.
        present: whether a document of the old name is still there, a citation each.
        index: all its documents are read once.
    """
    wanted = list(zip(citations, present, strict=True))
    same: list[Document | None] = [None] * len(wanted)
    holding: list[list[Document]] = [[] for _ in wanted]
    for name in sorted(index.store.document_ids()) if wanted else ():
        document = index.store.document(name)
        sealed = digest(document.text)
        for at, (citation, still) in enumerate(wanted):
            if name == citation["document_id"]:
                continue
            if sealed == citation.get("document_sha256"):
                same[at] = same[at] or document
            elif not still and _holds_passage(document.text, citation):
                holding[at].append(document)
    return [whole or (parts[0] if len(parts) == 1 else None) for whole, parts in zip(same, holding, strict=True)]


def _holds_passage(text: str, citation: Cited) -> bool:
    place = None if citation["passage"] is None else find(text, citation)
    return place is not None and same_passage(text, citation, place)


def find(text: str, citation: Cited) -> int | None:
    """Return where the quote stands: at its place, else in its unchanged passage, else nearest to its place."""
    quote, start = citation["quote"], citation["start"]
    if text.startswith(quote, start):
        return int(start)
    return min(
        _nearest(text, quote, start),
        key=lambda at: (not same_passage(text, citation, at), abs(at - start)),
        default=None,
    )


def _nearest(text: str, quote: str, start: int) -> Iterator[int]:
    """Yield where a quote stands, on both sides of its old place so many times at most: a word stands everywhere."""
    place, count = text.find(quote, start), 0
    while place >= 0 and count < _MOST_PLACES:
        yield place
        place, count = text.find(quote, place + 1), count + 1
    place, count = text.rfind(quote, 0, start + len(quote) - 1), 0
    while place >= 0 and count < _MOST_PLACES:
        yield place
        place, count = text.rfind(quote, 0, place + len(quote) - 1), count + 1


def same_passage(text: str, citation: Cited, found: int) -> bool:
    """Tell whether the passage around the quote, wherever it has gone, is letter for letter what it was."""
    passage = citation["passage"]
    if passage is None:
        return True  # nothing is known about it
    shift = found - citation["start"]
    start, end = passage["start"] + shift, passage["end"] + shift
    return 0 <= start <= end <= len(text) and bool(digest(text[start:end]) == passage["sha256"])


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8; halves of characters count as well."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
