"""Words that run against their sentence kept in their own order: addresses, measures, and what stands in quotes.

The bidirectional algorithm (Unicode Standard Annex 9) knows letters and digits, not names: in an Arabic sentence the
last slash of an address, the pluses of C++ and the groups of a telephone number change sides, and so does the question
mark of an English quotation. Each of them is put into an isolate (rules X5a to X5c), whose markup adds no character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from ui.direction import Direction, direction
from ui.escape import escape

__all__ = ["Span", "isolated", "isolates", "with_isolates"]

Span: TypeAlias = tuple[int, int, Direction]
"""Start and end (code points) of words in a text, and the way they run."""

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_LEFTWARD = re.compile(f"[{_RTL}]")
# No part repeats without a limit from every start: a hostile text must not cost more than its length.
# A name begins after neither a letter nor a digit nor a hyphen, but after the hyphen of a Hebrew prefix.
_BEGIN = rf"(?:(?<=[{_RTL}]-)|(?<![\w{_RTL}.,-]))"
_ALONE = rf"(?<![\w{_RTL}.,-])"
_NAMES = rf"""(?P<name>
      (?:https?://|www\.|{_BEGIN}(?:[a-z\d-]{{1,63}}\.){{1,8}}[a-z]{{2,20}}/)      # web addresses
          [!-~]{{0,2000}}?(?=[.,;:!?)'"\]]{{0,4}}(?:[^!-~]|$))
    | (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}          # mail addresses
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
# A name before a colon or comma and a figure: the figure belongs to the sentence, not to the name.
_FIGURE = re.compile(r"[:;,.]\s+\d", re.ASCII)
_BEFORE_FIGURES = rf"""
    | {_BEGIN}(?P<latin>[A-Za-z](?:[\w\ .&'/-]{{0,80}}\w)?)(?=[:;,.]\s+\d)
    | (?P<leftward>[{_RTL}](?:[{_RTL}\ -]{{0,80}}[{_RTL}])?)(?=[:;,.]\s+\d)"""
_QUOTED = r"""
    | "(?P<straight>[^"\n]{1,400})" | \u201c(?P<curly>[^\u201c\u201d\n]{1,400})\u201d
    | \u00ab(?P<angle>[^\u00ab\u00bb\n]{1,400})\u00bb | \((?P<round>[^()\n]{1,400})\)"""
_FOUND = re.compile(_NAMES + _QUOTED, re.VERBOSE | re.ASCII)
# Looking for what stands before figures costs more than all the rest, and most texts have nothing of it.
_FOUND_WITH_FIGURES = re.compile(_NAMES + _BEFORE_FIGURES + _QUOTED, re.VERBOSE | re.ASCII)


def isolated(text: str, way: Direction) -> str:
    """Return the text as HTML without any markup but isolates.

    Args:
        text: any text; escaped here.
        way: how the element runs that will hold it.
    """
    return with_isolates(text, isolates(text, way))


def isolates(text: str, way: Direction) -> list[Span]:
    """Return the words of the text that need an order of their own, in their order and without overlaps."""
    return list(_spans(text, way)) if not text.isascii() and _LEFTWARD.search(text) else []


def with_isolates(text: str, spans: list[Span], start: int = 0, end: int | None = None) -> str:
    """Return a part of the text as HTML, with the spans that lie in it as isolates."""
    parts: list[str] = []
    position = start
    end = len(text) if end is None else end
    for low, high, way in spans:
        if low >= position and high <= end:
            parts += [escape(text[position:low]), f'<bdi dir="{way}">{escape(text[low:high])}</bdi>']
            position = high
    return "".join([*parts, escape(text[position:end])])


def _spans(text: str, way: Direction) -> Iterator[Span]:
    position = 0
    wanted = _FOUND_WITH_FIGURES if _FIGURE.search(text) else _FOUND
    while found := wanted.search(text, position):
        kind = str(found.lastgroup)
        low, high = found.span(kind)
        runs: Direction = "ltr" if kind == "name" else direction(found[kind], way)
        if kind == "name" or runs != way:
            yield low, high, runs
            position = found.end()
        else:
            position = found.start() + 1  # a quotation that runs with its sentence: what stands in it is looked at
