"""Marks of notes that were typed by hand: "212³ households" above the line "³ Estimate" are 212 of them, no power.

Files say which marks lead to notes only where a program set these. Of a mark that was typed, what shows it is that a
line begins with it, and that it stands behind one number and no other. Where the notes are a list at the end
("1 Estimate", "1. Estimate"), it is that the text before has all their marks, in their order: ¹ is no power.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set

from index.sources.types import Extract

__all__ = ["notes_apart"]

_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED = str.maketrans("0123456789", _DIGITS)
_NOTE = re.compile(rf"^([{_DIGITS}]{{1,2}})[ \t.):]*(?=[^\W\d_])", re.MULTILINE)
_BEHIND_NUMBER = re.compile(
    rf"(?P<factor>[×·∙*⋅]\s?)?(?<![\d.,])(?P<number>\d[\d.,]*)(?P<mark>[{_DIGITS}]{{1,2}})"
    rf"(?![{_DIGITS}⁺⁻])(?!\s?[=×·∙*⋅+/^])"
)
_IN_LIST = re.compile(r"^[(\[]?(\d{1,2})[.)\]:]?[ \t]+(?=\S*[^\W\d_])", re.MULTILINE)
_MARK = re.compile(rf"(?<![{_DIGITS}⁺⁻])[{_DIGITS}]{{1,2}}(?![{_DIGITS}])")
_BASE = "10"  # of powers, where no sign of a product stands before it either: "10⁵ cells"


def notes_apart(extract: Extract) -> Extract:
    """Return a text in which marks of typed notes stand apart from numbers, its offsets moved along; in place.

    Args:
        extract: as a format gives it, raised digits written as such.
    """
    if not _MARK.search(extract.text):
        return extract
    points = {*_behind_one(extract.text, set(_NOTE.findall(extract.text))), *_of_lists(extract.text)}
    return _spaced(extract, sorted(points)) if points else extract


def _behind_one(text: str, marks: Set[str], start: int = 0, end: int | None = None) -> list[int]:
    """Return where those of some marks stand, in a part of a text, that are behind one number there and no other."""
    found: dict[str, list[int]] = {mark: [] for mark in marks}
    for match in _BEHIND_NUMBER.finditer(text, start, len(text) if end is None else end) if marks else ():
        if match["mark"] in marks and not match["factor"] and match["number"] != _BASE:
            found[match["mark"]].append(match.start("mark"))
    return [places[0] for places in found.values() if len(places) == 1]


def _of_lists(text: str) -> Iterator[int]:
    """Yield where marks stand behind numbers whose notes are a list further on."""
    begin = 0
    for start, end, count in _lists(text):
        marks = [str(number).translate(_RAISED) for number in range(1, count + 1)]
        if _stand_in_order(text, marks, begin, start):
            yield from _behind_one(text, set(marks), begin, start)
            begin = end


def _lists(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield of each list whose items are counted from 1 where it begins, where its last item does, and their number."""
    start, end, count = 0, 0, 0
    for match in _IN_LIST.finditer(text):
        number = int(match[1])
        if number == 1 and count:
            yield start, end, count
        if number == 1:
            start, end, count = match.start(), match.end(), 1
        elif count and number == count + 1:
            end, count = match.end(), number
    if count:
        yield start, end, count


def _stand_in_order(text: str, marks: Sequence[str], start: int, end: int) -> bool:
    seen = (match[0] for match in _MARK.finditer(text, start, end))
    return all(mark in seen for mark in marks)  # each is looked for behind the one before


def _spaced(extract: Extract, points: Sequence[int]) -> Extract:
    """Put a space before each of some offsets."""

    def moved(offset: int) -> int:
        return offset + bisect_left(points, offset)

    text = extract.text
    parts = [text[start:end] for start, end in zip([0, *points], [*points, len(text)], strict=True)]
    extract.text = " ".join(parts)
    extract.headings = [
        (moved(start), level, extract.text[moved(start) : moved(start + len(title))])
        for start, level, title in extract.headings
    ]
    extract.pages = [moved(page) for page in extract.pages]
    extract.code = [(moved(start), moved(end)) for start, end in extract.code]
    for table in extract.tables:
        table |= {key: moved(int(str(table[key]))) for key in ("start", "end")}
    by_ocr = extract.fields.get("ocr")
    if isinstance(by_ocr, list):
        spans = [span for span in by_ocr if isinstance(span, list)]
        extract.fields["ocr"] = [[moved(int(str(offset))) for offset in span] for span in spans]
    return extract
