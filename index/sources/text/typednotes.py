"""Marks of notes that were typed by hand: "212³ households" above the line "³ Estimate" are 212 of them, no power.

Files say which marks lead to notes only where a program set these. Of a mark that was typed, what shows it is that a
line begins with it, and that it stands behind one number and no other.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from index.sources.types import Extract

__all__ = ["notes_apart"]

_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_NOTE = re.compile(rf"^([{_DIGITS}]{{1,2}})[ \t.):]*(?=[^\W\d_])", re.MULTILINE)
_BEHIND_NUMBER = re.compile(
    rf"(?P<factor>[×·∙*⋅]\s?)?(?<![\d.,])(?P<number>\d[\d.,]*)(?P<mark>[{_DIGITS}]{{1,2}})"
    rf"(?![{_DIGITS}⁺⁻])(?!\s?[=×·∙*⋅+/^])"
)
_BASE = "10"  # of powers, where no sign of a product stands before it either: "10⁵ cells"


def notes_apart(extract: Extract) -> Extract:
    """Return a text in which marks of typed notes stand apart from numbers, its offsets moved along; in place.

    Args:
        extract: as a format gives it, raised digits written as such.
    """
    marks = set(_NOTE.findall(extract.text))
    if not marks:
        return extract
    found: dict[str, list[int]] = {mark: [] for mark in marks}
    for match in _BEHIND_NUMBER.finditer(extract.text):
        if match["mark"] in marks and not match["factor"] and match["number"] != _BASE:
            found[match["mark"]].append(match.start("mark"))
    points = sorted(places[0] for places in found.values() if len(places) == 1)
    return _spaced(extract, points) if points else extract


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
