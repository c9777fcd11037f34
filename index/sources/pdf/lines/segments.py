"""The characters of a line of a PDF page put together to words: cut where it is empty, raised type as such."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from index.sources.tables.pages.pdf import Segment
from index.sources.text.raised import lowered, note_mark, raised

__all__ = ["OF_CELLS", "SMALLER", "Char", "segments_of"]

SMALLER = 0.88  # of the size of the letters beside it
_HIGHER, _LOWER = 0.15, 0.06  # of that size, above or below its baseline
_FARTHEST = 1.0
_LONGEST = 6
_GAP = 1.1  # of the letters' size: wider than between words, also in justified text
OF_CELLS = 0.75
"""The same between level lines, where no text is justified: cells stand closer there."""


@dataclass(frozen=True, slots=True)
class Char:
    """A character, where it stands, its size, whether PDFium made it up, and its number on the page."""

    text: str
    x: float
    y: float
    size: float
    made_up: bool
    number: int = -1
    left: float | None = None  # with the room that its font leaves beside it, where that was asked for
    right: float | None = None


def segments_of(line: Sequence[Char], notes: Collection[str], gap: float = _GAP) -> list[Segment]:
    """Return a line cut where it is empty for longer than between words, raised type as such.

    Args:
        line: its characters.
        notes: the marks of the page's notes.
        gap: from so many times the letters' size on it is cut.
    """
    found: list[Segment] = []
    text, start, last = "", 0.0, None
    at = 0
    while at < len(line):
        char = line[at]
        if last is not None and not char.text.isspace() and char.x - _end(last) > gap * max(char.size, last.size):
            found.append(Segment(start, _end(last), last.y, text.strip(), last.size))
            text, last = "", None
        level, end = _level(line, at)
        words = "".join(one.text for one in line[at:end])
        start = start if text.strip() else char.x
        text += _shown(words, level, text[-1:], notes)
        shown = [one for one in line[at:end] if not one.text.isspace()]
        if shown and not level:
            last = shown[-1]
        elif shown and last is not None:  # what is raised moves the edge, not the line
            last = Char(last.text, max(last.x, shown[-1].x), last.y, last.size, made_up=False)
        at = end
    if last is not None or text.strip():
        found.append(
            Segment(
                start, _end(last) if last else start, last.y if last else 0.0, text.rstrip(), last.size if last else 0.0
            )
        )
    return found


def _end(char: Char) -> float:
    """Return where a character ends, about so where that was not asked for: half of its size is the usual width."""
    return char.x + 0.5 * char.size if char.right is None else char.right


def _level(line: Sequence[Char], at: int) -> tuple[int, int]:
    """Return whether type is raised (1), lowered (-1) or neither, and where the run ends that begins at `at`."""
    char = line[at]
    base = next((one for one in reversed(line[:at]) if not one.text.isspace()), None)
    if base is None or (at and line[at - 1].text.isspace()) or not (char.text.isalnum() or char.text in "+-−"):
        return 0, at + 1
    shift = (char.y - base.y) / base.size if base.size else 0.0
    if char.size > SMALLER * base.size or not (_HIGHER <= shift <= _FARTHEST or -_FARTHEST <= shift <= -_LOWER):
        return 0, at + 1
    end = at + 1
    while end < len(line) and _same(char, line[end]) and end - at < _LONGEST:
        end += 1
    return (1 if shift > 0 else -1), end


def _same(one: Char, other: Char) -> bool:
    near = abs(one.y - other.y) < 0.1 * one.size and abs(one.size - other.size) < 0.1 * one.size
    return near and not other.text.isspace() and not other.made_up


def _shown(words: str, level: int, before: str, notes: Collection[str]) -> str:
    if not level:
        return words
    if level > 0 and words in notes:
        return note_mark(words, before)
    return (raised if level > 0 else lowered)(words, before)
