"""Finding the markers of sources in what a model wrote, in the forms that models use, whatever they were asked for.

`[1]`, `[1, 2]`, `[1-3]`, `[^1]`, `【1†source】`, `[Source 1]`, `(Quelle 2)`, `(1)`; in any digits; never inside code, a
quotation within a line, or quoted lines. One pass over the text, without backtracking, so that hostile text costs no
more than honest text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.language.folding import fold
from index.language.lexicon import entries, known_words, numbered
from index.language.numbers.digits import ascii_digits
from index.language.scripts import NO_SPACES, script_of

__all__ = ["Marker", "find_markers"]

# A longer marker is no marker; a wider range is cut to this many numbers.
_LONGEST = 400
_WIDEST = 50
_OPEN = {"[": "]", "【": "】"}
_ROUND = {"(": ")", "（": "）"}
_QUOTES = {"“": "”", "«": "»", "„": "“”", "「": "」", "『": "』", "‹": "›", '"': '"'}
_CLOSING = {sign: re.compile(f"[{closing}]") for sign, closing in _QUOTES.items()}
_ITEM = re.compile(r"\s*[\^#]?(\d+)\s*(?:[-–—‑~〜至]\s*(\d+)\s*)?\Z")
# What stands between a word for a source and its number: "Source 1", "doc_1", "Quelle Nr. 1", "来源：1".
_LETTERS = r"[^\d\s:：#=_№,;()（）]"
_WORDED = re.compile(rf"\s{{0,3}}(?P<word>{_LETTERS}{{1,24}}(?:\s{_LETTERS}{{1,12}})?)[\s:：.#=_№-]{{0,4}}(?=\d)")
_COUNTED = re.compile(r"[\s.]n(?:[ro]\.?|[°º])\Z", re.IGNORECASE)
# "[Source 1: its title]"
_TITLED = re.compile(r"(\d+)\s?[:：]\s")
# "【1†source】", "【4:0†source】"
_DAGGER = re.compile(r"(?::\d+)?\s?†.*\Z")
_FENCE = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})")
_ENUMERATES = re.compile(r"\s*(?:[-*•]\s)?[(（]\d+[)）]")
_LAST_WORD = re.compile(r"[^\s()（）\[\]]{1,40}\Z")
_COPIED = re.compile(r"([^\s()（）\[\]]{1,40})\s?[(（]\s?(\d{1,3})\s?[)）]")
# Behind a number in round brackets that is a marker, a clause is over.
_CLAUSE_ENDS = re.compile(r"\s*(?:[.,;:!?…|。！？、，；：।؟،؛]|\Z|[(（\[【]\d)")
_SENTENCE_ENDS = tuple(".!?…。！？।؟")
_ENDS_LINE = " \t\r\n.!?…。！？।؟,;:*_⚠"


_WRITTEN_ALONG = NO_SPACES | {"Hang"}  # scripts whose "and" needs no space around it


@lru_cache(maxsize=1)
def _separators() -> re.Pattern[str]:
    """Return what finds the signs and the "and" between two numbers of a marker."""
    along = [word for word in entries("and_words") if script_of(word) in _WRITTEN_ALONG]
    apart = [word for word in entries("and_words") if script_of(word) not in _WRITTEN_ALONG and word != "&"]
    return re.compile(rf"[,;،؛、，；&]|{'|'.join(along)}|\s(?:{'|'.join(apart)})\s")


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


def find_markers(text: str, sources: Sequence[str] = ()) -> list[Marker]:
    """Return the markers of a text in order; those in code, quotations and quoted lines are left alone.

    Args:
        text: what a model wrote.
        sources: the texts of the numbered sources. With them a number in round brackets at the end of a clause is a
            marker too, unless a source has the word before it and the number so.
    """
    found: list[Marker] = []
    reader = _Reader(sources)
    fence = ""
    position = 0
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and (not fence or (mark.group(1)[0] == fence[0] and len(mark.group(1)) >= len(fence))):
            fence = "" if fence else mark.group(1)
        elif not fence and not line.lstrip().startswith(">"):
            found += reader.read(line, position)
        position += len(line)
    return found


class _Reader:
    """Reads lines; knows how many sources there are, and what in them looks like a marker."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._count = len(sources)
        self._copied = {
            (fold(word), int(ascii_digits(number))) for source in sources for word, number in _COPIED.findall(source)
        }

    def read(self, line: str, offset: int) -> list[Marker]:
        """Return the markers of a line that begins at an offset."""
        found: list[Marker] = []
        closers = _last_places(line)
        enumerates = bool(_ENUMERATES.match(line))
        position = _into_whole_quotation(line, closers)
        while position < len(line):
            letter = line[position]
            if letter == "`":
                position = _after_code(line, position, closers)
            elif letter in _QUOTES:
                position = _after_quotation(line, position, closers)
            elif marker := self._marker(line, position, enumerates=enumerates):
                found.append(Marker(offset + marker.start, offset + marker.end, marker.numbers))
                position = marker.end
            else:
                position += 1
        return found

    def _marker(self, line: str, position: int, *, enumerates: bool) -> Marker | None:
        letter = line[position]
        if letter in _OPEN:
            return _bracketed(line, position)
        if letter in _ROUND:
            end = _end(line, position, _ROUND[letter])
            numbers = _numbers_in(line[position + 1 : end], worded=True) if end > 0 else None
            if numbers is not None:
                return Marker(position, end + 1, numbers)
            if end > 0 and not enumerates and self._count:
                return self._bare(line, position, end)
        return None

    def _bare(self, line: str, position: int, end: int) -> Marker | None:
        """Return a marker like `(1)`: behind a word, at the end of a clause, and not a source's own words."""
        numbers = _numbers_in(line[position + 1 : end], worded=False)
        if not numbers or not all(1 <= number <= self._count for number in numbers):
            return None
        before = line[max(0, position - 60) : position].rstrip()
        word = _LAST_WORD.search(before)
        if not before or before[-1].isdigit() or before[-1] in ":：(（,，-–—":
            return None
        if not before.endswith(_SENTENCE_ENDS) and not _CLAUSE_ENDS.match(line, end + 1):
            return None
        form = fold(word.group()) if word else ""
        if (form, numbers[0]) in self._copied or numbered("numbers").get(form) == numbers[0]:
            return None
        return Marker(position, end + 1, numbers)


def _last_places(line: str) -> dict[str, int]:
    """Return where each closing sign stands last, so that an opening one without a partner is seen at once."""
    return {letter: place for place, letter in enumerate(line)}


def _into_whole_quotation(line: str, last: dict[str, int]) -> int:
    """Return the place behind a sign that puts the whole line in quotation marks, else 0.

    Who quotes the whole answer means its markers.
    """
    start = len(line) - len(line.lstrip(" \t*_-•"))
    sign = line[start : start + 1]
    if sign not in _QUOTES or not sign:
        return 0
    end = len(line.rstrip(_ENDS_LINE)) - 1
    closes = end > start and line[end] in _QUOTES[sign] and _closing_place(line, start, last) == end
    return start + 1 if closes else 0


def _closing_place(line: str, position: int, last: dict[str, int]) -> int:
    """Return where the quotation that begins here ends, inch signs not counted; -1 when nothing closes it."""
    sign = line[position]
    if all(last.get(closing, -1) <= position for closing in _QUOTES[sign]):
        return -1
    for match in _CLOSING[sign].finditer(line, position + 1):
        place = match.start()
        if sign != '"' or not line[place - 1].isdigit() or place == last['"']:
            return place
    return -1


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
    """Return the place behind the quotation that begins here, or behind its sign when nothing closes it.

    A straight sign behind a letter or a digit begins none: it closes one, or means inches.
    """
    sign = line[position]
    if sign == '"' and position and line[position - 1].isalnum():
        return position + 1
    if all(last.get(closing, -1) <= position for closing in _QUOTES[sign]):
        return position + 1
    match = _CLOSING[sign].search(line, position + 1)
    return match.end() if match else position + 1


def _end(line: str, position: int, closing: str) -> int:
    return line.find(closing, position + 1, position + _LONGEST)


def _bracketed(line: str, position: int) -> Marker | None:
    """Return the marker in square brackets that begins here, with what some models put around it."""
    twice = line.startswith("[[", position)
    end = _end(line, position, _OPEN[line[position]])
    if end < 0:
        return None
    inside = line[position + 1 + twice : end]
    if "[" in inside or "【" in inside:  # a run of opening brackets is not read from each of them
        return None
    escaped = inside.endswith("\\") and line[position - 1 : position] == "\\"
    numbers = _numbers_in(inside.rstrip("\\") if escaped else inside)
    if numbers is None or (twice and line[end + 1 : end + 2] != "]"):
        return None
    return Marker(position - escaped, end + 1 + twice, numbers)


def _numbers_in(inside: str, *, worded: bool | None = None) -> tuple[int, ...] | None:
    """Return the numbers between two brackets, or `None` when it is no marker.

    Args:
        inside: what stands between the brackets.
        worded: whether a word for a source must stand there; `None` when it may.
    """
    text = ascii_digits(inside)
    rest = _without_word(text)
    if worded is not None and worded != (rest is not None):
        return None
    if rest is not None and (titled := _TITLED.match(rest)):
        return (int(titled.group(1)),)
    numbers: list[int] = []
    for item in _separators().split(text if rest is None else rest):
        cut = _DAGGER.sub("", item)
        match = _ITEM.match(_without_word(cut) or cut)
        if match:
            first = int(match.group(1))
            numbers += range(first, min(int(match.group(2) or first), first + _WIDEST - 1) + 1)
        elif not ((rest is not None or "†" in text) and item is not text):
            return None
    return tuple(dict.fromkeys(numbers))


def _without_word(text: str) -> str | None:
    """Return what follows a word for a source, or `None` when no such word stands there."""
    match = _WORDED.match(text)
    if match is None:
        return None
    word = _COUNTED.sub("", match["word"].rstrip(" .-"))
    return text[match.end() :] if fold(word) in known_words("sources") else None
