"""The headings that a source names, where they stand in its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.types import Document

__all__ = ["Heading", "headings_of"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: where its line begins, where the text below it begins, its words, and how deep it is, from 1 to 6."""

    start: int
    end: int
    title: str
    level: int = 1


def headings_of(document: Document) -> list[Heading]:
    """Return the headings that the source states, in order; what is no heading of this text is passed over."""
    listed, text = document.metadata.get("headings"), document.text
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return []
    found: dict[int, Heading] = {}
    for entry in listed:
        match entry:
            case [int(offset), level, str(title)] if 0 <= offset < len(text):
                end = text.find("\n", offset)
                after = _next_text(text, end) if end >= 0 else len(text)
                found[offset] = Heading(offset, after, title, min(max(level, 1), 6) if isinstance(level, int) else 1)
            case _:
                continue
    return [found[offset] for offset in sorted(found)]


def _next_text(text: str, offset: int) -> int:
    while offset < len(text) and text[offset].isspace():
        offset += 1
    return offset
