"""Right-to-left words that PDFium gives as they look, from left to right: put in the order in which they are read.

Programs such as browsers place every letter by itself. PDFium turns the order of some of their words round and leaves
others, sets marks apart from their letters and brackets to the wrong word. Where that is seen on a page, its lines are
put together by the places of their letters alone: from the right, numbers and words of other scripts among them from
the left (the reordering of the Unicode Bidirectional Algorithm, rule L2, backwards).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from statistics import median

from index.sources.pdf.lines.mirrored import mended_brackets
from index.sources.pdf.lines.segments import Char

__all__ = ["in_reading_order", "is_as_seen"]

_LEAST_PAIRS, _TURNED = 10, 0.1  # neighbouring letters, and which part of them may stand in the wrong order
_SAME = 0.05  # points between the places of letters that one glyph stands for
_BESIDE, _LEVEL, _LOOKED_BACK = 1.5, 0.6, 60  # of the letters' size: neighbours, letters of one height; lines
_RAISED, _FEW = 0.4, 8  # of the letters' size; letters
_NEAR, _LONGEST = 3, 60  # glyphs on either side of a mark, and between two words of a run
_WORD_GAP = 0.12  # of the letters' size
_ALLAH = "\u0647\u0644\u0644"  # the letters of the glyph in "Allah", from behind
_LAM, _ALEFS = "\u0644", frozenset("\u0622\u0623\u0625\u0627\u0671")
_JOINING = frozenset(".,:/-'’&@_")  # between two digits or letters they part no word
_SIGNS = frozenset("+-\u2212")
_ASTRAY = re.compile(r"\w[(\[] \w|(?:^| )[.:]\d+$")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")


@dataclass(slots=True)
class _Glyph:
    """What is drawn at one place: a letter or several, with the marks on it.

    Attributes:
        chars: in the order of PDFium.
        left: where it begins, with the room that its font leaves.
        right: where it ends.
        marks: above and below it.
    """

    chars: list[Char]
    left: float
    right: float
    marks: list[Char] = field(default_factory=list)

    @property
    def size(self) -> float:
        """Of the letters."""
        return self.chars[0].size

    @property
    def text(self) -> str:
        """Its letters."""
        return "".join(char.text for char in self.chars)


def is_as_seen(chars: Sequence[Char]) -> bool:
    """Tell whether some words of a page stand as they look: the letters in them go to the right instead of the left.

    Brackets at the wrong word and stops before a number at the end of a line tell it, too.
    """
    lines = "".join(char.text for char in chars).split("\n")
    if any(_ASTRAY.search(mended_brackets(line.strip())) for line in lines):
        return True
    placed = [char for char in chars if not char.made_up]
    pairs = [
        (one, other) for one, other in pairwise(placed) if _is_right_to_left(one.text) and _is_right_to_left(other.text)
    ]
    apart = [
        other.x - one.x
        for one, other in pairs
        if _SAME < abs(other.x - one.x) < _BESIDE * one.size and one.y == other.y
    ]
    return len(apart) >= _LEAST_PAIRS and sum(step > 0 for step in apart) > _TURNED * len(apart)


def in_reading_order(chars: Sequence[Char]) -> list[Char]:
    """Return the characters of a page line by line in the order of reading, spaces made anew.

    Args:
        chars: as PDFium gives them, with where they begin and end.
    """
    found: list[Char] = []
    for line in _lines(chars):
        found += [*_read(_glyphs(line)), Char("\n", 0.0, 0.0, 0.0, made_up=True)]
    return found[:-1]


def _lines(chars: Sequence[Char]) -> list[list[Char]]:
    """Return the lines of a page; a letter that stands higher for its mark belongs to the line beside it.

    Of letters that a program placed one by one PDFium makes a line each, or one of several lines.
    """
    lines: list[list[Char]] = [[]]
    for char in chars:
        if char.text == "\n":
            lines.append([])
        elif char.text != "\r":
            lines[-1].append(char)
    found: list[list[Char]] = []
    for line in chain.from_iterable(map(_levels, lines)):
        if found and found[-1] and line and (_is_one_line(found[-1], line) or _is_level(found[-1], line)):
            found[-1] = [*found[-1], *line]
        elif (at := _place_within(found, line)) >= 0:
            found[at] = [*found[at], *line]
        else:
            found.append(line)
    return found


def _levels(line: list[Char]) -> list[list[Char]]:
    """Return the lines that PDFium made one of, the highest first."""
    levels: list[list[Char]] = []
    last: list[Char] = []
    for char in line:
        if not char.text.isspace() and not _is_mark(char):
            last = next((level for level in levels if abs(level[0].y - char.y) < _LEVEL * char.size), [])
            if not last:
                levels.append(last)
        elif not last:
            continue
        last.append(char)
    return sorted(levels, key=lambda level: -level[0].y) if len(levels) > 1 else [line]


def _is_level(one: Sequence[Char], other: Sequence[Char]) -> bool:
    """Tell whether two lines stand at one height."""
    near = abs(median(char.y for char in one) - median(char.y for char in other))
    return near < _LEVEL * max(one[0].size, other[0].size)


def _place_within(found: Sequence[Sequence[Char]], line: Sequence[Char]) -> int:
    """Return which line some letters stand between the letters of; -1 for none."""
    if not line:
        return -1
    low, high = min(char.x for char in line), max(char.x for char in line)
    for at in range(len(found) - 1, max(-1, len(found) - _LOOKED_BACK), -1):
        if found[at] and _is_level(found[at], line):
            edges = [char.x for char in found[at]]
            return at if min(edges) < high and low < max(edges) else -1
    return -1


def _is_one_line(one: Sequence[Char], other: Sequence[Char]) -> bool:
    """Tell whether two lines are one: one is a few letters with their marks, and hardly higher than the other."""
    few = min(one, other, key=len)
    near = abs(median(char.y for char in one) - median(char.y for char in other)) < _RAISED * few[0].size
    return near and any(map(_is_mark, few)) and len(few) <= _FEW


def _glyphs(line: Sequence[Char]) -> list[_Glyph]:
    """Return what is drawn on a line, from right to left."""
    glyphs: list[_Glyph] = []
    marks: list[Char] = []
    for char in line:
        if char.text.isspace():
            continue
        same = bool(glyphs) and abs(glyphs[-1].chars[-1].x - char.x) < _SAME
        if _is_mark(char):
            (glyphs[-1].marks if same else marks).append(char)
            continue
        left, right = _edges(char)
        if same and _is_right_to_left(char.text):
            glyph = glyphs[-1]
            glyph.chars.append(char)
            glyph.left, glyph.right = min(glyph.left, left), max(glyph.right, right)
        else:
            glyphs.append(_Glyph([char], left, right))
    turned = [*(one.left < other.left for one, other in pairwise(glyphs)), False]
    for glyph, is_turned in zip(glyphs, turned, strict=False):
        glyph.chars = _letters(glyph, turned=is_turned)
    glyphs.sort(key=lambda glyph: glyph.left)
    for mark in marks:
        at = bisect_left(glyphs, mark.x, key=lambda glyph: glyph.left)
        near = glyphs[max(0, at - _NEAR) : at + _NEAR]
        if near:
            min(near, key=lambda glyph: _distance(glyph, mark)).marks.append(mark)
        else:
            glyphs.append(_Glyph([mark], *_edges(mark)))  # nothing but marks
    return sorted(glyphs, key=lambda glyph: -(glyph.left + glyph.right))


def _edges(char: Char) -> tuple[float, float]:
    """Return where a character begins and ends."""
    if char.left is None or char.right is None:
        return char.x, char.x + 0.5 * char.size
    return min(char.x, char.left), max(char.x, char.right)


def _is_mark(char: Char) -> bool:
    return unicodedata.category(char.text).startswith("M")


def _distance(glyph: _Glyph, mark: Char) -> tuple[float, float]:
    """Return how far a mark is from a letter; of two that touch, the one that begins nearer has it."""
    return max(glyph.left - mark.x, mark.x - glyph.right, 0.0), abs(glyph.left - mark.x)


def _letters(glyph: _Glyph, *, turned: bool) -> list[Char]:
    """Return the letters of a glyph in the order of reading: in a word that is turned round they are, too."""
    text = glyph.text
    alef_first = len(text) == 2 and text[0] in _ALEFS and text[1] == _LAM
    lam_first = len(text) == 2 and text[0] == _LAM
    back = alef_first or text == _ALLAH or (turned and len(text) > 1 and not lam_first and text != _ALLAH[::-1])
    return glyph.chars[::-1] if back else glyph.chars


def _read(glyphs: Sequence[_Glyph]) -> Iterator[Char]:
    """Yield the characters of a line: words from the right, what is written from the left turned back."""
    arabic = any(_ARABIC.match(glyph.text) for glyph in glyphs)
    at = 0
    while at < len(glyphs):
        end = _run_end(glyphs, at, arabic=arabic)
        run = glyphs[at:end]
        if at and _apart(glyphs[at - 1], run[0]):
            yield _space(run[0])
        if end > at + 1:
            run = run[::-1]
        for number, glyph in enumerate(run):
            if number and _apart(glyph, run[number - 1]):
                yield _space(glyph)
            yield from (*glyph.chars, *glyph.marks)
        at = end


def _run_end(glyphs: Sequence[_Glyph], at: int, *, arabic: bool) -> int:
    """Return where a run ends that is read from the left: letters of such scripts with numbers between, or a number.

    Args:
        glyphs: of a line, from the right.
        at: the first of the run.
        arabic: whether the line has Arabic letters: there "$5" is a number and then a sign.
    """
    number = at + 1 < len(glyphs) and unicodedata.bidirectional(glyphs[at + 1].text[0]) in ("EN", "AN")
    if _is_of_number(glyphs[at]) and number and not _apart(glyphs[at], glyphs[at + 1]):
        return _run_end(glyphs, at + 1, arabic=arabic)  # "7.5%" as Hebrew sets it
    if not _is_left_to_right(glyphs[at]):
        return at + 1
    end, has_letters = at + 1, glyphs[at].text.isalpha()
    reach = at + 1
    while reach < min(len(glyphs), end + _LONGEST) and not _is_right_to_left(glyphs[reach].text):
        glyph = glyphs[reach]
        reach += 1
        if not _is_left_to_right(glyph):
            continue
        has_letters = has_letters or glyph.text.isalpha()
        between = glyphs[end : reach - 1]
        whole = not any(_apart(one, other) for one, other in pairwise(glyphs[end - 1 : reach]))
        if (whole and all(one.text in _JOINING for one in between)) or (glyph.text.isalpha() and has_letters):
            end = reach
        elif not has_letters:
            break
    if end < len(glyphs) and not _apart(glyphs[end - 1], glyphs[end]):
        end += glyphs[end].text in _SIGNS or (_is_of_number(glyphs[end]) and not arabic)
    return end


def _is_of_number(glyph: _Glyph) -> bool:
    """Tell whether a glyph is a sign of numbers: a percent sign, a currency."""
    return unicodedata.bidirectional(glyph.text[0]) == "ET"


def _is_right_to_left(text: str) -> bool:
    return unicodedata.bidirectional(text[0]) in ("R", "AL")


def _is_left_to_right(glyph: _Glyph) -> bool:
    return unicodedata.bidirectional(glyph.text[0]) in ("L", "EN", "AN")


def _apart(one: _Glyph, other: _Glyph) -> bool:
    """Tell whether there is a space between a glyph and the next one on its left."""
    right, left = (one, other) if one.left >= other.left else (other, one)
    return right.left - left.right > _WORD_GAP * max(one.size, other.size)


def _space(glyph: _Glyph) -> Char:
    return replace(glyph.chars[0], text=" ", made_up=True)
