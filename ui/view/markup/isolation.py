"""Words that run against their sentence kept in their own order: addresses, measures, and what stands in quotes.

The bidirectional algorithm (Unicode Standard Annex 9) knows letters and digits, not names: in an Arabic sentence the
last slash of an address, the pluses of C++ and the groups of a telephone number change sides, and so does the question
mark of an English quotation. Each of them is put into an isolate (rules X5a to X5c), whose markup adds no character.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TypeAlias

from ui.view.markup.direction import Direction, direction
from ui.view.markup.escape import escape

__all__ = ["Parts", "Span", "isolated", "isolates"]

Span: TypeAlias = tuple[int, int, Direction]
"""Start and end (code points) of words in a text, and the way they run."""

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_LEFTWARD = re.compile(f"[{_RTL}]")
# No part repeats without a limit from every start: a hostile text must not cost more than its length.
# A name begins after neither a letter nor a digit nor a hyphen, but after the hyphen of a Hebrew prefix.
_BEGIN = rf"(?:(?<=[{_RTL}]-)|(?<![\w{_RTL}.,-]))"
_ALONE = rf"(?<![\w{_RTL}.,-])"
_NAMES = rf"""
      (?P<web>https?://|www\.|{_BEGIN}(?:[a-z\d-]{{1,63}}\.){{1,8}}[a-z]{{2,20}}/)  # how web addresses begin
    | (?P<name>
      (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}          # mail addresses
    | {_BEGIN}\+\d[\d\ ()-]{{5,24}}\d                                           # telephone numbers
    | {_BEGIN}[A-Za-z]{{1,20}}(?:\+\+|\#)(?!\w)                                # C++, C#
    | {_BEGIN}(?:[A-Za-z]\.){{2,8}}                                             # U.S.
    | {_ALONE}(?:[A-Za-z]:\\|~/|\.{{1,2}}/|/)[\w./\\-]{{0,400}}[\w/\\]          # paths
    | {_ALONE}--?[A-Za-z][\w-]{{0,60}}                                          # options of a command
    | {_BEGIN}[@\#][A-Za-z]\w{{0,60}}                                           # @name, #word
    | {_BEGIN}\d[\d.,-]{{0,20}}[A-Za-z][\w-]{{0,60}}                            # 737-MAX, 5G
    | {_BEGIN}\d{{4}}-\d\d-\d\d(?![\d-])                                       # dates as computers write them
    | {_ALONE}[-\u2212]\d[\d.,]{{0,20}}(?![\d-])                               # below zero
    )"""
# The end of a web address is looked for apart: tried from every start it would cost the square of a text of starts.
_ADDRESS = re.compile("[!-~]*")
_CLOSING, _MOST_CLOSING = ".,;:!?)'\"]", 4
# A name before a colon or comma and a figure: the figure belongs to the sentence, not to the name.
_FIGURE = re.compile(r"[:;,.]\s{1,9}\d", re.ASCII)
_BEFORE_FIGURES = rf"""
    | {_BEGIN}(?P<latin>[A-Za-z](?:[\w\ .&'/-]{{0,80}}\w)?)(?=[:;,.]\s{{1,9}}\d)
    | (?P<leftward>[{_RTL}](?:[{_RTL}\ -]{{0,80}}[{_RTL}])?)(?=[:;,.]\s{{1,9}}\d)"""
_QUOTED = r"""
    | "(?P<straight>[^"\n]{1,400})" | \u201c(?P<curly>[^\u201c\u201d\n]{1,400})\u201d
    | \u00ab(?P<angle>[^\u00ab\u00bb\n]{1,400})\u00bb | \((?P<round>[^()\n]{1,400})\)"""
_FOUND = re.compile(_NAMES + _QUOTED, re.VERBOSE | re.ASCII)
# Looking for what stands before figures costs more than all the rest, and most texts have nothing of it.
_FOUND_WITH_FIGURES = re.compile(_NAMES + _BEFORE_FIGURES + _QUOTED, re.VERBOSE | re.ASCII)


class Parts:
    """A text that is written as HTML part by part, from left to right, its isolates where they lie whole in a part.

    Each character and each isolate is looked at once, however many parts there are.

    Args:
        text: any text; escaped here.
        way: how the element runs that will hold it.
    """

    def __init__(self, text: str, way: Direction) -> None:
        self._text = text
        self._spans = isolates(text, way)
        self._starts = [start for start, _, _ in self._spans]
        self._next = 0
        self._written = 0

    def whole(self, place: int) -> int:
        """Return the place, or where the isolate begins that a cut there would cut in two."""
        before = bisect_left(self._starts, place) - 1
        return self._starts[before] if before >= 0 and place < self._spans[before][1] else place

    def upto(self, end: int) -> str:
        """Return the HTML from the end of the last part to a place that does not lie before it."""
        parts: list[str] = []
        position = self._written
        while self._next < len(self._spans) and self._spans[self._next][0] < end:
            low, high, way = self._spans[self._next]
            if position <= low and high <= end:
                parts += [escape(self._text[position:low]), f'<bdi dir="{way}">{escape(self._text[low:high])}</bdi>']
                position = high
            self._next += 1
        self._written = end
        return "".join([*parts, escape(self._text[position:end])])

    def skip(self, place: int) -> None:
        """Leave out what lies before a place."""
        self._written = max(self._written, place)


def isolated(text: str, way: Direction) -> str:
    """Return the text as HTML without any markup but isolates.

    Args:
        text: any text; escaped here.
        way: how the element runs that will hold it.
    """
    return Parts(text, way).upto(len(text))


def isolates(text: str, way: Direction) -> list[Span]:
    """Return the words of the text that need an order of their own, in their order and without overlaps."""
    return list(_spans(text, way)) if not text.isascii() and _LEFTWARD.search(text) else []


def _spans(text: str, way: Direction) -> Iterator[Span]:
    position = 0
    wanted = _FOUND_WITH_FIGURES if _FIGURE.search(text) else _FOUND
    while found := wanted.search(text, position):
        kind = str(found.lastgroup)
        low, high = found.span(kind)
        if kind == "web":
            high = _address_end(text, high)
        runs: Direction = "ltr" if kind in ("name", "web") else direction(found[kind], way)
        if kind in ("name", "web") or runs != way:
            yield low, high, runs
            position = max(found.end(), high)
        else:
            position = found.start() + 1  # a quotation that runs with its sentence: what stands in it is looked at


def _address_end(text: str, start: int) -> int:
    """Return where a web address ends whose beginning ends at `start`: signs that close a sentence are not its own."""
    run = _ADDRESS.match(text, start)
    end = run.end() if run else start
    kept = len(text[max(start, end - _MOST_CLOSING) : end].rstrip(_CLOSING))
    return max(start, end - _MOST_CLOSING) + kept
