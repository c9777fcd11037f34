"""Where words of a document's text stand on a page of its PDF: boxes, found by the words and checked by them.

The text of a document is the page's, put in order: lines joined, hyphens at their ends taken out, ligatures turned.
So letters alone are compared, without spaces and hyphens; what has moved further (notes) has no boxes, and rows of
tables are found by their cells (`index.sources.pdf.rowplaces`).
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from index.sources.pdf.layout import page_characters

__all__ = [
    "Box",
    "Letters",
    "all_of",
    "around",
    "boxes_of",
    "character_boxes",
    "letters_of",
    "line_boxes",
    "words_under",
]

Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top in points of the page, before it is turned."""

_PASSED = re.compile(
    "[\\s\\u00ad\\ufffe\\x02\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\ue000-\\uf8ff‐‑–—−•-]"
)
_BRACKETS = str.maketrans("([{<«", ")]}>»")
_DIGITS = {digit: str(unicodedata.digit(digit)) for digit in "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉"}


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of a text without spaces, hyphens and signs of typesetting, each with its place in the text."""

    text: str
    places: tuple[int, ...]


def letters_of(text: Sequence[str]) -> Letters:
    """Return the letters of a text, given character by character."""
    letters, places = [], []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", _DIGITS.get(character, character)):
            if not _PASSED.match(letter) and not unicodedata.combining(letter):
                letters.append(letter.translate(_BRACKETS))
                places.append(place)
    return Letters("".join(letters), tuple(places))


def boxes_of(textpage: Any, words: str, before: str) -> list[Box] | None:  # noqa: ANN401 - pypdfium2 has no types
    """Return the boxes of some words on a page, a box a line; `None` where they can't be found letter by letter.

    Args:
        textpage: the page.
        words: of the document's text.
        before: what stands before them on the same page, which says which of several places is meant.
    """
    characters = page_characters(textpage)
    there, wanted = letters_of([letter for _, letter in characters]), letters_of(words).text
    if not wanted:
        return None
    places = all_of(there.text, wanted)
    if not places:
        return None
    near = len(letters_of(before).text)
    earlier = len(all_of(letters_of(before + words).text, wanted)) - 1
    if 0 <= earlier < len(places) and len(places) > 1:
        start = places[earlier]
    else:
        start = min(places, key=lambda place: abs(place - near))
    numbers = sorted({characters[place][0] for place in there.places[start : start + len(wanted)]})
    boxes = line_boxes(textpage, numbers)
    return boxes if words_under(textpage, boxes, characters) == wanted else None


def words_under(textpage: Any, boxes: Sequence[Box], characters: Sequence[tuple[int, str]] | None = None) -> str:  # noqa: ANN401
    """Return the letters whose middle lies under some boxes, in the order of the page."""
    all_characters = page_characters(textpage) if characters is None else characters
    places = character_boxes(textpage, [number for number, _ in all_characters])
    under = []
    for place, (_, character) in enumerate(all_characters):
        if place not in places:
            continue
        across, up = places[place][::2], places[place][1::2]
        x, y = sum(across) / 2, sum(up) / 2
        if any(low <= x <= high and below <= y <= above for low, below, high, above in boxes):
            under.append(character)
    return letters_of(under).text


def character_boxes(textpage: Any, numbers: Sequence[int]) -> dict[int, Box]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the box of each character that has one, by its place among the numbers that PDFium gave them."""
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    found: dict[int, Box] = {}
    for place, number in enumerate(numbers):
        if raw.FPDFText_GetCharBox(textpage, number, left, right, bottom, top):
            found[place] = (left.value, bottom.value, right.value, top.value)
    return found


def all_of(text: str, part: str) -> list[int]:
    """Return where a part stands in a text, a thousand places at most."""
    found: list[int] = []
    at = text.find(part)
    while at >= 0 and len(found) < 1_000:
        found.append(at)
        at = text.find(part, at + 1)
    return found


def line_boxes(textpage: Any, numbers: Sequence[int]) -> list[Box]:  # noqa: ANN401
    """Return one box around the characters of each line, which follow one another and overlap in height."""
    boxes: list[Box] = []
    last = -2
    for place, box in character_boxes(textpage, numbers).items():
        number = numbers[place]
        if boxes and number - last <= _FEW and _same_line(boxes[-1], box):
            boxes[-1] = around(boxes[-1], box)
        else:
            boxes.append(box)
        last = number
    return [box for box in boxes if box[2] > box[0] or box[3] > box[1]]


_FEW = 4  # characters passed over between two letters of a line


def _same_line(one: Box, other: Box) -> bool:
    """Tell whether two boxes lie side by side, or one below the other in vertical text."""
    across = min(one[3], other[3]) - max(one[1], other[1])
    beside = max(other[0] - one[2], one[0] - other[2])
    size = max(one[3] - one[1], other[3] - other[1], 1.0)
    return across > -0.2 * size and beside < 2.5 * size


def around(one: Box, other: Box) -> Box:
    """Return the box around two."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
