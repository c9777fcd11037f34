"""The characters of a PDF page with their places: raised type is told by size and baseline, tables by their columns."""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from index.sources.pdf.notes import NOTE, SMALL
from index.sources.tables.pdf import Segment, with_tables
from index.sources.text.raised import lowered, note_mark, raised

__all__ = ["placed_lines"]

_SMALLER = 0.88  # of the size of the letters beside it
_HIGHER, _LOWER = 0.15, 0.06  # of that size, above or below its baseline
_FARTHEST = 1.0
_LONGEST = 6
_GAP = 1.1  # of the letters' size: wider than between words, also in justified text
_NOTE_LINE = re.compile(r"\s*(\d{1,3})\b\W{0,2}\s*\D")
_ONLY_MARK = re.compile(r"\s*(?:\d{1,3}|[*†‡])\s*")
_MOST_CHARACTERS = 40_000
_NOTE_SIZE = 0.95  # of the usual size: smaller letters


@dataclass(frozen=True, slots=True)
class _Char:
    """A character, where it stands, its size, and whether PDFium made it up."""

    text: str
    x: float
    y: float
    size: float
    made_up: bool


def placed_lines(textpage: Any, text: str) -> list[str] | None:  # noqa: ANN401 - pypdfium2 has no types
    """Return the lines of a page with raised type and tables as such; `None` where its characters tell another text.

    Args:
        textpage: the page.
        text: what PDFium makes of it.
    """
    if textpage.count_chars() > _MOST_CHARACTERS:
        return None
    chars = _characters(textpage)
    if "".join(char.text for char in chars).split() != text.split():
        return None
    lines = [line for line in _lines(chars) if line]
    sizes = [char.size for line in lines for char in line if not char.made_up and not char.text.isspace()]
    if not sizes:
        return None
    usual = median(sizes)
    notes = {found[1] for line in lines if (found := _note_of(line, usual))}
    return with_tables([_segments(line, notes) for line in lines], [_mark_of(line, usual) for line in lines])


def _characters(textpage: Any) -> list[_Char]:  # noqa: ANN401 - pypdfium2 has no types
    from pypdfium2 import raw

    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    found = []
    for number in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, number)
        raw.FPDFText_GetCharOrigin(textpage, number, x, y)
        made_up = bool(raw.FPDFText_IsGenerated(textpage, number))
        size = raw.FPDFText_GetFontSize(textpage, number)
        if not made_up and raw.FPDFText_GetMatrix(textpage, number, matrix):
            size *= math.hypot(matrix.b, matrix.d)
        found.append(_Char(chr(code) if code < 0x110000 else "\ufffd", x.value, y.value, size, made_up))
    return found


def _lines(chars: Sequence[_Char]) -> Iterator[list[_Char]]:
    line: list[_Char] = []
    for char in chars:
        if char.text in "\r\n":
            yield line
            line = []
        else:
            line.append(char)
    yield line


def _mark_of(line: Sequence[_Char], usual: float) -> str:
    """Return what tells a line in small letters, and one with which a note begins."""
    shown = [char.size for char in line if not char.text.isspace() and not char.made_up]
    small = bool(shown) and median(shown) < usual * _NOTE_SIZE
    alone = small and _ONLY_MARK.fullmatch("".join(char.text for char in line))  # higher than the words of its note
    if alone or _note_of(line, usual):
        return SMALL + NOTE
    return SMALL if small else ""


def _note_of(line: Sequence[_Char], usual: float) -> re.Match[str] | None:
    """Return the number that a line in small letters begins with, which a note does."""
    shown = [char for char in line if not char.text.isspace()]
    small = shown and median(char.size for char in shown) < usual * _NOTE_SIZE
    match = _NOTE_LINE.match("".join(char.text for char in line))
    raised_number = len(shown) > 2 and shown[0].size < _SMALLER * shown[-1].size
    return match if small or raised_number else None


def _segments(line: Sequence[_Char], notes: set[str]) -> list[Segment]:
    """Return a line cut where it is empty for longer than between words, raised type as such."""
    found: list[Segment] = []
    text, start, last = "", 0.0, None
    at = 0
    while at < len(line):
        char = line[at]
        if last is not None and not char.text.isspace() and char.x - _end(last) > _GAP * max(char.size, last.size):
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
            last = _Char(last.text, max(last.x, shown[-1].x), last.y, last.size, made_up=False)
        at = end
    if last is not None or text.strip():
        found.append(
            Segment(
                start, _end(last) if last else start, last.y if last else 0.0, text.rstrip(), last.size if last else 0.0
            )
        )
    return found


def _end(char: _Char) -> float:
    """Return about where a character ends: half of its size is the usual width."""
    return char.x + 0.5 * char.size


def _level(line: Sequence[_Char], at: int) -> tuple[int, int]:
    """Return whether type is raised (1), lowered (-1) or neither, and where the run ends that begins at `at`."""
    char = line[at]
    base = next((one for one in reversed(line[:at]) if not one.text.isspace()), None)
    if base is None or (at and line[at - 1].text.isspace()) or not (char.text.isalnum() or char.text in "+-−"):
        return 0, at + 1
    shift = (char.y - base.y) / base.size if base.size else 0.0
    if char.size > _SMALLER * base.size or not (_HIGHER <= shift <= _FARTHEST or -_FARTHEST <= shift <= -_LOWER):
        return 0, at + 1
    end = at + 1
    while end < len(line) and _same(char, line[end]) and end - at < _LONGEST:
        end += 1
    return (1 if shift > 0 else -1), end


def _same(one: _Char, other: _Char) -> bool:
    near = abs(one.y - other.y) < 0.1 * one.size and abs(one.size - other.size) < 0.1 * one.size
    return near and not other.text.isspace() and not other.made_up


def _shown(words: str, level: int, before: str, notes: set[str]) -> str:
    if not level:
        return words
    if level > 0 and words in notes:
        return note_mark(words, before)
    return (raised if level > 0 else lowered)(words, before)
