"""Lines of pages that are read from right to left, seen in a mirror: then what is known of other pages holds for them.

PDFium gives the characters of such a line in the order of reading, so that their places jump to and fro where a number
stands among the words. Here words that stand together keep that order and take the places that they fill as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.sources.pdf.lines.rulings import Ruling, Rulings
from index.sources.pdf.lines.segments import Char

__all__ = ["RTL", "is_mirrored", "mended_brackets", "mirrored_line", "mirrored_rulings"]

RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MIRRORED = str.maketrans("()[]{}", ")(][}{")
_OPENED = dict(zip(")]}", "([{", strict=True))
_CLOSED = dict(zip("([{", ")]}", strict=True))
_OPENING, _CLOSING = re.compile(r"(?<!\S)[()\[\]{}](?=\w)"), re.compile(r"(?<=\w)[()\[\]{}](?!\w)")
_GAP = 1.1  # of the letters' size, as in `index.sources.pdf.lines.segments`
_WIDTH = 0.5  # of the letters' size: about as wide is a letter
_MOST = 0.5


def is_mirrored(text: str) -> bool:
    """Tell whether most letters of a page are read from right to left."""
    letters = sum(map(str.isalpha, text))
    return letters > 0 and len(RTL.findall(text)) > _MOST * letters


def mirrored_line(line: Sequence[Char]) -> list[Char]:
    """Return a line from its right end on: groups of words that stand together, each in the order of reading."""
    shown = [at for at, char in enumerate(line) if not char.made_up and not char.text.isspace()]
    group_of = _groups(line, shown)
    groups: list[list[int]] = [[] for _ in range(1 + max(group_of.values(), default=-1))]
    last = group_of[shown[0]] if shown else 0
    for at in range(len(line)):
        last = group_of.get(at, last)
        if groups:
            groups[last].append(at)
    return [char for group in groups for char in _in_place([line[at] for at in group])]


def _groups(line: Sequence[Char], shown: Sequence[int]) -> dict[int, int]:
    """Return the group of each character, counted from the right: gaps part them."""
    found: dict[int, int] = {}
    group, edge = -1, 0.0
    for at in sorted(shown, key=lambda at: -line[at].x):
        char = line[at]
        if group < 0 or edge + _start(char) > _GAP * char.size:
            group += 1
        edge = char.x
        found[at] = group
    return found


def _in_place(group: Sequence[Char]) -> list[Char]:
    """Return the characters of a group in places from left to right, as a mirror shows them."""
    shown = [char for char in group if not char.made_up and not char.text.isspace()]
    places = sorted((_start(char), -char.x if char.right is not None else None) for char in shown)
    text = mended_brackets("".join(char.text for char in group))  # each char of a page is one letter
    found: list[Char] = []
    used = 0
    for char, letter in zip(group, text, strict=True):
        used += not char.made_up and not char.text.isspace()
        start, end = places[max(0, used - 1)]
        found.append(replace(char, text=letter, x=start, left=None, right=end))
    return found


def _start(char: Char) -> float:
    """Return where a character begins that is read from the right, as a mirror shows it."""
    return -(char.x + _WIDTH * char.size if char.right is None else char.right)


def mirrored_rulings(rulings: Rulings) -> Rulings:
    """Return the lines of a page as a mirror shows them."""
    level = tuple(Ruling(line.at, -line.end, -line.start) for line in rulings.level)
    return Rulings(level, tuple(Ruling(-line.at, line.start, line.end) for line in rulings.upright))


def mended_brackets(line: str) -> str:
    """Mirror the brackets of a right-to-left line that only then match: PDFium keeps them as they look on paper.

    Beside words of other scripts it keeps some and turns others: those open before a word and close behind one.
    """
    if not RTL.search(line) or _is_balanced(line):
        return line
    by_words = _OPENING.sub(lambda found: _OPENED.get(found[0], found[0]), line)
    by_words = _CLOSING.sub(lambda found: _CLOSED.get(found[0], found[0]), by_words)
    return next((repaired for repaired in (line.translate(_MIRRORED), by_words) if _is_balanced(repaired)), line)


def _is_balanced(line: str) -> bool:
    depth = 0
    for character in line:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return depth == 0
