"""Code in a document's text: where it lies, and which of its lines belong together.

Line ends, indentation and blanks mean something in code, so a quote of code keeps them. `metadata["code"]` holds where
each block begins and ends.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

__all__ = ["code_at", "code_parts", "code_spans", "code_units"]

Span = tuple[int, int]

_WHOLE_LENGTH, _WHOLE_LINES = 1_000, 25  # a block up to this size is read and quoted as one
_GOES_ON = re.compile(r"(?:\\|\s\^|`|\|\|?|&&)[ \t]*\Z")  # ends a line that its shell reads on from
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def code_spans(metadata: Mapping[str, object]) -> tuple[Span, ...]:
    """Return where code begins and ends in a text, in order; what is no place is passed over."""
    listed = metadata.get("code")
    found: list[Span] = []
    for entry in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
        match entry:
            case [int(start), int(end)] if 0 <= start < end:
                found.append((start, end))
            case _:
                continue
    return tuple(sorted(found))


def code_at(spans: Sequence[Span], offset: int) -> Span | None:
    """Return the block of code that holds an offset."""
    place = bisect_right(spans, (offset, 1 << 62)) - 1
    return spans[place] if place >= 0 and offset < spans[place][1] else None


def code_parts(spans: Sequence[Span], start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Yield the pieces of `start:end` in order, each with whether it is code."""
    at = start
    for first, last in spans:
        low, high = max(first, at), min(last, end)
        if low < high:
            if at < low:
                yield at, low, False
            yield low, high, True
            at = high
    if at < end:
        yield at, end, False


def code_units(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield what of code is read and quoted as one: a block; of a long one its parts between blank lines, or lines."""
    for start, end in spans:
        if end <= len(text):
            yield from _units(text, start, end)


def _units(text: str, start: int, end: int) -> Iterator[Span]:
    if _is_short(text, start, end):
        yield from _trimmed(text, start, end)
        return
    at = start
    for gap in [*_BLANK.finditer(text, start, end), None]:
        stop = gap.start() if gap else end
        if _is_short(text, at, stop):
            yield from _trimmed(text, at, stop)
        else:
            yield from _lines(text, at, stop)
        at = text.rfind("\n", stop, gap.end()) + 1 if gap else end


def _is_short(text: str, start: int, end: int) -> bool:
    return end - start <= _WHOLE_LENGTH and text.count("\n", start, end) < _WHOLE_LINES


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the lines, each with those that its last sign carries on to."""
    first = at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop
        if not (_GOES_ON.search(text, at, stop) and stop - first < _WHOLE_LENGTH):
            yield from _trimmed(text, first, stop)
            first = stop + 1
        at = stop + 1
    if first < end:
        yield from _trimmed(text, first, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a piece without the blank lines around it; its first line keeps its indentation."""
    words = text[start:end]
    kept = words.strip()
    if kept:
        first = start + words.index(kept[0])
        yield max(start, text.rfind("\n", start, first) + 1), start + len(words.rstrip())
