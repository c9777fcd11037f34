"""Finding `[n]` in what a model wrote: in any digits, single, listed or as a range; never inside code or quotations.

One pass over the text, without backtracking, so that hostile text costs no more than honest text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["Marker", "find_markers"]

# A longer marker is no marker; a wider range is cut to this many numbers.
_LONGEST = 400
_WIDEST = 50
_OPEN = {"[": "]", "【": "】"}
_QUOTES = {"“": "”", "«": "»", "„": "“”", "「": "」", "『": "』", "‹": "›", '"': '"'}
_CLOSING = {sign: re.compile(f"[{closing}]") for sign, closing in _QUOTES.items()}
_BEGINS = re.compile(r"[\[【]\s{0,3}\^?\d")
# Read to the first sign that a marker has not, so that a run of opening brackets is not read from each of them.
_WHOLE = re.compile(r"[\[【][^\[\]【】]{1,400}+[\]】]")
_ITEM = re.compile(r"\s*\^?(\d+)\s*(?:[-–—‑~〜至]\s*(\d+)\s*)?\Z")
_SEPARATORS = re.compile("[,;،؛、，；]")
_FENCE = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Marker:
    """A group of numbers as it stands in the text: `text[start:end]` reads `[1, 3-5]`.

    Attributes:
        start: first character of the marker.
        end: one past the last.
        numbers: what it cites, in order, without repeats.
    """

    start: int
    end: int
    numbers: tuple[int, ...]


def find_markers(text: str) -> list[Marker]:
    """Return the markers of a text in order; those in code, quotations and quoted lines are left alone."""
    found: list[Marker] = []
    fence = ""
    position = 0
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and (not fence or (mark.group(1)[0] == fence[0] and len(mark.group(1)) >= len(fence))):
            fence = "" if fence else mark.group(1)
        elif not fence and not line.lstrip().startswith(">"):
            found += _in_line(line, position)
        position += len(line)
    return found


def _in_line(line: str, offset: int) -> list[Marker]:
    found: list[Marker] = []
    closers = _last_places(line)
    position = 0
    while position < len(line):
        letter = line[position]
        if letter == "`":
            position = _after_code(line, position, closers)
        elif letter in _QUOTES:
            position = _after_quotation(line, position, closers)
        elif letter in _OPEN:
            marker = _marker_at(line, position, offset)
            if marker:
                found.append(marker)
            position = marker.end - offset if marker else position + 1
        else:
            position += 1
    return found


def _last_places(line: str) -> dict[str, int]:
    """Return where each closing sign stands last, so that an opening one without a partner is seen at once."""
    return {letter: place for place, letter in enumerate(line)}


def _after_code(line: str, position: int, last: dict[str, int]) -> int:
    """Return the place behind inline code that begins here, or behind the ticks when nothing closes it."""
    stop = position
    while stop < len(line) and line[stop] == "`":
        stop += 1
    if last["`"] < stop:
        return stop
    close = line.find("`", stop)
    while close < len(line) and line[close] == "`":
        close += 1
    return close


def _after_quotation(line: str, position: int, last: dict[str, int]) -> int:
    """Return the place behind the quotation that begins here, or behind its sign when nothing closes it."""
    sign = line[position]
    if all(last.get(closing, -1) <= position for closing in _QUOTES[sign]):
        return position + 1
    match = _CLOSING[sign].search(line, position + 1)
    return match.end() if match else position + 1


def _marker_at(line: str, position: int, offset: int) -> Marker | None:
    if not _BEGINS.match(line, position) or not _WHOLE.match(line, position):
        return None
    end = line.find(_OPEN[line[position]], position + 1, position + _LONGEST)
    if end < 0:
        return None
    numbers: list[int] = []
    for item in _SEPARATORS.split(_ascii_digits(line[position + 1 : end])):
        match = _ITEM.match(item)
        if match is None:
            return None
        first = int(match.group(1))
        last = int(match.group(2) or first)
        numbers += range(first, min(last, first + _WIDEST - 1) + 1)
    return Marker(offset + position, offset + end + 1, tuple(dict.fromkeys(numbers)))


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(letter)) if letter.isdecimal() else letter for letter in text)
