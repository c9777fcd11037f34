"""Whether a citation that was read from a receipt's file has the fields that are read of it."""

from __future__ import annotations

from rag.renamed import digest

__all__ = ["is_sound"]


def is_sound(citation: object) -> bool:
    """Tell whether a citation of a receipt has everything that is read of it, and its quote its digest."""
    if not isinstance(citation, dict):
        return False
    texts = [citation.get(name) for name in ("document_id", "source", "quote", "quote_sha256")]
    numbers = [citation.get(name) for name in ("number", "start", "end")]
    passage = citation.get("passage", False)
    return (
        all(isinstance(text, str) for text in texts)
        and all(_is_count(number) for number in numbers)
        and bool(citation["quote"])
        and citation["end"] - citation["start"] == len(citation["quote"])
        and citation["quote_sha256"] == digest(citation["quote"])
        and (passage is None or _is_place(passage))
    )


def _is_place(passage: object) -> bool:
    return (
        isinstance(passage, dict)
        and _is_count(passage.get("start"))
        and _is_count(passage.get("end"))
        and isinstance(passage.get("sha256"), str)
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
