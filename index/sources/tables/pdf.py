"""Tables of a PDF page: lines whose words stand in the same columns, and whose first line names them.

Only what is sure is taken for a table: cells that never share a column within a line, few words in each, and a header
over a column of values. All else stays in lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sources.tables.grid import Grid
from index.sources.tables.headers import STRONG, header_depth
from index.sources.tables.records import table_text

__all__ = ["Segment", "with_tables"]

_FEWEST_LINES = 3
_LONGEST_CELL = 60
_FARTHEST_LINE = 3.5  # of the letters' size
_CAPTION = re.compile(r"[^\W\d]+\.?\s*\d+(?:[.:]\d+)*\s*[.:–—-]?\s+\S")


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of a line without a gap: where they begin and end, on which baseline, and how large."""

    start: float
    end: float
    y: float
    text: str
    size: float


Line = Sequence[Segment]


def with_tables(lines: Sequence[Line], before: Sequence[str] = ()) -> list[str]:
    """Return the lines of a page as text, those of tables as marked records; `before` is written before others."""
    written: list[str] = []
    at = tables = 0
    while at < len(lines):
        end = _run(lines, at)
        grid = _grid(lines[at:end]) if end - at >= _FEWEST_LINES else None
        if grid is None:
            mark = before[at] if before else ""
            written.append(mark + " ".join(segment.text for segment in lines[at] if segment.text))
            at += 1
            continue
        tables += 1
        grid.name = f"table {tables}" if tables > 1 else "table"
        if written and len(written[-1]) <= 160 and _CAPTION.match(written[-1]):
            grid.title = written[-1]
        written += table_text(grid)[0].split("\n")
        at = end
    return written


def _run(lines: Sequence[Line], at: int) -> int:
    """Return where the lines end that stand below each other, each with gaps, from `at` on."""
    end = at
    while end < len(lines) and len(lines[end]) > 1 and all(len(part.text) <= _LONGEST_CELL for part in lines[end]):
        if end > at:
            down = lines[end - 1][0].y - lines[end][0].y
            if not 0 < down <= _FARTHEST_LINE * lines[end][0].size:
                break
        end += 1
    return end


def _grid(lines: Sequence[Line]) -> Grid | None:
    columns = _columns(lines)
    if len(columns) < 2:
        return None
    grid = Grid()
    for line in lines:
        places = [_column(part, columns) for part in line]
        if len(set(places)) < len(places):
            return None
        grid.row()
        for place, part in zip(places, line, strict=True):
            grid.put(place, part.text)
    depth, sure = header_depth(grid.rows(), None)
    if sure < STRONG:
        return None
    grid.heads = depth
    return grid


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Return where columns begin and end: what overlaps in any two lines is one."""
    columns: list[tuple[float, float]] = []
    for part in sorted((part for line in lines for part in line), key=lambda part: part.start):
        if columns and part.start <= columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], part.end)
        else:
            columns.append((part.start, part.end))
    return columns


def _column(part: Segment, columns: Sequence[tuple[float, float]]) -> int:
    return next(n for n, (start, end) in enumerate(columns) if start <= part.start <= end)
