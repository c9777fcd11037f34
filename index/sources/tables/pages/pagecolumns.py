"""Lines of a PDF page that are cut where they are empty, and pages set in columns whose lines come side by side.

Most programs write one column after the other. Some write line by line across the page, and a sentence then has words
of the other column inside it. What shows text and no table is that each column goes on from line to line: with a small
letter, or a word that is parted.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Line", "Segment", "column_by_column", "columns_of", "set_in_columns"]

_FEWEST_LINES = 4
_FLOWS = 0.35  # share of a column's lines that go on in the next; in German half of those begin with a capital letter
_WORDS = 3  # in a line of a column, on average; names of fields are shorter
_FARTHEST_LINE = 2.5  # of the letters' size, to the next line of a paragraph
_EDGE = 3.0  # points
_HYPHENS = "-\u2010\u00ad\ufffe\x02"
_TERMINAL = ".!?:;"


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of a line without a gap: where they begin and end, on which baseline, and how large."""

    start: float
    end: float
    y: float
    text: str
    size: float


Line = Sequence[Segment]


def set_in_columns(lines: Sequence[Line], at: int, stops: Container[int]) -> int:
    """Return where the lines end, from `at` on, that are two columns or more of running text; `at`: they are none.

    Args:
        lines: of the page.
        at: the first of them.
        stops: lines before which something else stands.
    """
    count, end = len(lines[at]), at + 1
    if count < 2:
        return at
    while _goes_below(lines, end, stops) and len(lines[end]) == count:
        end += 1
    found = lines[at:end]
    columns = columns_of(found)
    if len(found) < _FEWEST_LINES or len(columns) != count:
        return at
    if not all(_flows([line[place].text for line in found]) for place in range(count)):
        return at
    while _goes_below(lines, end, stops) and all(_place(part, columns) is not None for part in lines[end]):
        end += 1  # where one column is longer than the other
    return end


def _goes_below(lines: Sequence[Line], at: int, stops: Container[int]) -> bool:
    return at < len(lines) and at not in stops and bool(lines[at]) and _is_next(lines[at - 1], lines[at])


def _place(part: Segment, columns: Sequence[tuple[float, float]]) -> int | None:
    """Return the column in which words lie, `None` for none or several."""
    inside = (n for n, (start, end) in enumerate(columns) if start - _EDGE <= part.start and part.end <= end + _EDGE)
    return next(inside, None)


def _is_next(above: Line, below: Line) -> bool:
    return 0 < above[0].y - below[0].y <= _FARTHEST_LINE * below[0].size


def _flows(texts: Sequence[str]) -> bool:
    """Tell whether lines are running text."""
    pairs = list(pairwise(texts))
    going = sum(bool(one) and (one[-1] in _HYPHENS or _goes_on(one, other)) for one, other in pairs)
    words = sum(len(text.split()) for text in texts)
    return going >= _FLOWS * len(pairs) and words >= _WORDS * len(texts)


def _goes_on(one: str, other: str) -> bool:
    return other[:1].islower() and one[-1] not in _TERMINAL


def column_by_column(lines: Sequence[Line], before: Sequence[str]) -> list[str]:
    """Return the text of such lines, one column after the other, each line with what is written before it."""
    marks, columns = before or [""] * len(lines), columns_of(lines)
    return [
        mark + part.text
        for place in range(len(columns))
        for mark, line in zip(marks, lines, strict=True)
        for part in line
        if _place(part, columns) == place
    ]


def columns_of(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Return where columns begin and end: what overlaps in any two lines is one."""
    columns: list[tuple[float, float]] = []
    for part in sorted((part for line in lines for part in line), key=lambda part: part.start):
        if columns and part.start <= columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], part.end)
        else:
            columns.append((part.start, max(part.start, part.end)))
    return columns
