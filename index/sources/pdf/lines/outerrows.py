"""Rows of a table that stand beyond its first or last level line: a header above the first, a row below the last.

Where every row has a line below it the header has none above; where every row has one above, none is below the last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from index.sources.pdf.lines.segments import OF_CELLS, Char, segments_of
from index.sources.tables.pages.pdf import Segment, columns_of
from index.sources.tables.pages.ruled import Area, band_of

__all__ = ["Span", "seen_lines", "with_outer_rows"]

Span: TypeAlias = tuple[float, float]
"""From where to where a column goes."""
# Of the letters' size: how far from its line a row may stand, and how far from each other the lines of one row.
_FROM_LINE, _FROM_WORDS = 2.4, 1.7
_ABOVE, _BELOW = 0.9, 0.4  # of the letters' size: they reach so far from their baseline
_SAME_EDGE = 3.0
_MOST_LINES = 6


def with_outer_rows(area: Area, lines: Sequence[Sequence[Char]], notes: Collection[str]) -> Iterator[Area]:
    """Yield the places that a table may have, which level lines alone cut into rows: the likeliest first.

    Args:
        area: between the first and the last line.
        lines: of the page.
        notes: the marks of its notes.
    """
    parts = [part for line in lines for part in (segments_of(line, notes, OF_CELLS) if line else ()) if part.text]
    parts = [part for part in parts if area.left <= part.start + 0.25 * part.size <= area.right]
    bands: dict[int, list[Segment]] = {}
    for part in parts:
        if area.bottom <= part.y + 0.25 * part.size <= area.top:
            bands.setdefault(band_of(area, part.y + 0.25 * part.size), []).append(part)
    columns = columns_of([held for held in bands.values() if len(held) > 1])
    below = _below(area, parts, columns)
    yield below
    yield _above(below, parts, columns)
    yield area
    yield _above(area, parts, columns)


def seen_lines(parts: Sequence[Segment]) -> list[list[Segment]]:
    """Return words as they stand below each other, each line from left to right."""
    found: list[list[Segment]] = []
    for part in sorted(parts, key=lambda part: -part.y):
        if found and found[-1][0].y - part.y < 0.5 * part.size:
            found[-1].append(part)
        else:
            found.append([part])
    return [sorted(line, key=lambda part: part.start) for line in found]


def _above(area: Area, parts: Sequence[Segment], columns: Sequence[Span]) -> Area:
    """Return a place with the row above its first line; the same without one."""
    lines = seen_lines([part for part in parts if part.y + 0.25 * part.size > area.top])[::-1]
    row = _row(lines, columns, area.top, aligned=False)
    if not row:
        return area
    top = max(part.y + _ABOVE * part.size for part in row)
    return replace(area, top=top, bands=(top, *area.bands))


def _below(area: Area, parts: Sequence[Segment], columns: Sequence[Span]) -> Area:
    """Return a place with the row below its last line; the same without one."""
    lines = seen_lines([part for part in parts if part.y + 0.25 * part.size < area.bottom])
    row = _row(lines, columns, area.bottom, aligned=True)
    if not row or min(part.start for part in row) > columns[0][1]:
        return area
    bottom = min(part.y - _BELOW * part.size for part in row)
    return replace(area, bottom=bottom, bands=(*area.bands, bottom))


def _row(lines: Sequence[Sequence[Segment]], columns: Sequence[Span], edge: float, *, aligned: bool) -> list[Segment]:
    """Return the words beside a level line that stand in two columns at least; none where they don't."""
    row: list[Segment] = []
    for line in lines[:_MOST_LINES]:
        reach = (_FROM_WORDS if row else _FROM_LINE) * line[0].size
        places = [_column(part, columns, aligned=aligned) for part in line]
        if abs(line[0].y - edge) > reach or None in places:
            break
        row += line
        edge = line[0].y
    return row if len({_column(part, columns, aligned=aligned) for part in row}) > 1 else []


def _column(part: Segment, columns: Sequence[Span], *, aligned: bool) -> int | None:
    """Return the only column that some words stand in, where asked for from its beginning or to its end."""
    held = [at for at, (start, end) in enumerate(columns) if part.start <= end and start <= part.end]
    if len(held) != 1:
        return None
    start, end = columns[held[0]]
    at_edge = min(abs(part.start - start), abs(part.end - end)) <= _SAME_EDGE
    return held[0] if at_edge or not aligned else None
