"""Which line breaks of a text end what is said, and which only wrap it."""

from __future__ import annotations

import re
from bisect import bisect_left

from index.language.scripts import NO_SPACES, is_small, script_of_char

__all__ = ["LEADERS", "hard_breaks"]

LEADERS = re.compile(r"(?:[.·…] ?){4,}")
"""Dots that lead from a name to what stands at the end of its line; fewer are an ellipsis."""

_BREAK = re.compile(r"(?:\r\n|[\r\n\v\f\x85\u2028\u2029])\s*")
_ONE_BREAK = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_LIST_MARK = re.compile(
    r"(?:[-*+•◦▪‣·●○■□–—→✓✔※►|>#]|\[\d+\]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]|[\d٠-٩۰-۹]{1,3}[)、．])(?=\s|$)|[|#•●■]"
)
_UNFINISHED = frozenset(",、，،-‐")
_LINE_LIMIT = 160  # longest line, in columns, that a program or a page wraps at
_LISTED = 20  # columns under which a line may as well be an item of a list
_SHORTEST = 30  # columns that a line must fill before its break is taken for wrapping


def hard_breaks(text: str) -> list[int]:
    """Return, in order, the offsets in `text` at which a new line or paragraph begins that is not mere wrapping.

    A blank line always counts. A single line break counts unless the next line goes on with a small letter, or this
    one ends with a comma (and isn't short, as items of lists are), or the whole text is wrapped at one width and this
    line fills it.
    """
    breaks = [match for match in _BREAK.finditer(text) if match.start() and match.end() < len(text)]
    if not breaks:
        return []
    lines = _line_spans(text, breaks)
    width = _wrap_width(text, lines, breaks)
    return [
        match.end()
        for match, (start, end) in zip(breaks, lines, strict=True)
        if _is_blank_line(match.group()) or not _goes_on(text, start, end, match.end(), width)
    ]


def _line_spans(text: str, breaks: list[re.Match[str]]) -> list[tuple[int, int]]:
    starts = [0, *(match.end() for match in breaks[:-1])]
    return [(start, _trimmed(text, start, match.start())) for start, match in zip(starts, breaks, strict=True)]


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _is_blank_line(gap: str) -> bool:
    return len(_ONE_BREAK.findall(gap)) > 1 or any(mark in gap for mark in "\f\u2029")


def _columns(text: str, start: int, end: int) -> int:
    """Return how wide a line is: ideographs and kana take two columns."""
    if end - start > _LINE_LIMIT:
        return end - start
    return sum(2 if script_of_char(char) in ("Hani", "Kana", "Hang") else 1 for char in text[start:end])


def _wrap_width(text: str, lines: list[tuple[int, int]], breaks: list[re.Match[str]]) -> int:
    """Return the width in columns that most lines are wrapped at, 0 when the text has no such width."""
    widths = [_columns(text, *line) for line in lines]
    wrapped = sorted(
        width for width, match in zip(widths, breaks, strict=True) if width and not _is_blank_line(match.group())
    )
    if not wrapped:
        return 0
    width = wrapped[int(0.9 * (len(wrapped) - 1))]
    fill = len(wrapped) - bisect_left(wrapped, int(0.75 * width))
    exceed = sum(columns > 1.2 * width for columns in widths) + (len(text) - breaks[-1].end() > 1.2 * width)
    fits = _SHORTEST <= width <= _LINE_LIMIT and fill >= 0.6 * len(wrapped) and exceed <= 0.05 * len(widths)
    return width if fits else 0


def _goes_on(text: str, start: int, end: int, following: int, width: int) -> bool:
    """Tell whether the line `start:end` goes on in the line that begins at `following`."""
    columns = _columns(text, start, end)
    if start == end or _LIST_MARK.match(text, following) or LEADERS.search(text, start, end):
        return False
    if columns >= _LISTED and (is_small(text[following]) or text[end - 1] in _UNFINISHED):
        return True
    if not width:
        return False
    if script_of_char(text[end - 1]) in NO_SPACES:
        return columns >= width - 4
    word = len(text[following : following + 40].split(None, 1)[0])
    return columns >= _SHORTEST and columns + 1 + word > 0.9 * width
