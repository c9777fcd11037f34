"""The grid that the lines of a page draw: which cells there are, and which of them are merged.

Lines that cross make cells. Where there are level lines alone, they part the rows, and the columns are left to the
words that stand between them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Area", "Box", "Line", "areas", "band_of"]

_NEAR = 3.0  # points by which lines that meet may miss each other
_MOST_CELLS = 20_000
_FEWEST_LINES = 3  # level ones without an upright one

Line = tuple[float, float, float]
"""Where a line stands on the other axis, and from where to where it goes."""


@dataclass(frozen=True, slots=True)
class Box:
    """A cell: its place in the grid, how many rows and columns it spans, and where it lies on the page."""

    row: int
    column: int
    height: int
    width: int
    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True, slots=True)
class Area:
    """A place on a page that lines show as a table.

    Attributes:
        left: its edges, in points from below left.
        right: of them.
        bottom: of them.
        top: of them.
        boxes: its cells, row by row; empty where only level lines are drawn.
        bands: heights of the level lines, from the top, where there are no others.
    """

    left: float
    right: float
    bottom: float
    top: float
    boxes: tuple[Box, ...] = ()
    bands: tuple[float, ...] = ()


def areas(level: Sequence[Line], upright: Sequence[Line]) -> list[Area]:
    """Return the tables that lines draw, those from top to bottom that don't overlap.

    Args:
        level: height, left and right end of each level line.
        upright: place, lower and upper end of each upright one.
    """
    found: list[Area] = []
    used: set[Line] = set()
    for across, up in _connected(level, upright):
        used.update(across)
        area = _grid(across, up)
        if area is not None:
            found.append(area)
    loose = [line for line in level if line not in used]
    found += [area for area in _banded(loose) if not any(_overlap(area, other) for other in found)]
    return sorted(found, key=lambda area: -area.top)


def _connected(level: Sequence[Line], upright: Sequence[Line]) -> Iterator[tuple[list[Line], list[Line]]]:
    """Yield the level and the upright lines of each group of lines that meet."""
    waiting = list(upright)
    while waiting:
        up, across = [waiting.pop()], list[Line]()
        for line in up:
            for other in level:
                if other not in across and _meet(other, line):
                    across.append(other)
                    more = [each for each in waiting if _meet(other, each)]
                    up += more
                    waiting = [each for each in waiting if each not in more]
        yield across, up


def _meet(level: Line, upright: Line) -> bool:
    y, left, right = level
    x, low, high = upright
    return left - _NEAR <= x <= right + _NEAR and low - _NEAR <= y <= high + _NEAR


def _grid(across: Sequence[Line], up: Sequence[Line]) -> Area | None:
    """Return the cells that lines draw; `None` where they make no grid."""
    if not across:
        return None
    left, right = min(line[1] for line in across), max(line[2] for line in across)
    low, high = min(line[1] for line in up), max(line[2] for line in up)
    xs = _places([line[0] for line in up] + [left, right])
    ys = _places([line[0] for line in across] + [low, high])[::-1]
    if len(xs) < 3 or len(ys) < 3 or len(xs) * len(ys) > _MOST_CELLS:
        return None
    boxes = _boxes(xs, ys, across, up)
    return Area(xs[0], xs[-1], ys[-1], ys[0], tuple(boxes)) if boxes else None


def _places(found: Sequence[float]) -> list[float]:
    places: list[float] = []
    for place in sorted(found):
        if not places or place - places[-1] > _NEAR:
            places.append(place)
    return places


def _boxes(xs: Sequence[float], ys: Sequence[float], across: Sequence[Line], up: Sequence[Line]) -> list[Box]:
    """Return the cells; none where what no line parts is no rectangle."""
    rows, columns = len(ys) - 1, len(xs) - 1
    middles = [(ys[row] + ys[row + 1]) / 2 for row in range(rows)]
    centres = [(xs[column] + xs[column + 1]) / 2 for column in range(columns)]
    walls = [[_is_drawn(up, xs[column + 1], middles[row]) for column in range(columns)] for row in range(rows)]
    floors = [[_is_drawn(across, ys[row + 1], centres[column]) for column in range(columns)] for row in range(rows)]
    taken: set[tuple[int, int]] = set()
    boxes = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) in taken:
                continue
            width = height = 1
            while column + width < columns and not walls[row][column + width - 1]:
                width += 1
            while row + height < rows and not any(floors[row + height - 1][column : column + width]):
                height += 1
            places = {(row + down, column + on) for down in range(height) for on in range(width)}
            if places & taken or not _is_closed(row, column, height, width, walls, floors):
                return []
            taken |= places
            boxes.append(Box(row, column, height, width, xs[column], xs[column + width], ys[row + height], ys[row]))
    return boxes


def _is_closed(
    row: int, column: int, height: int, width: int, walls: Sequence[Sequence[bool]], floors: Sequence[Sequence[bool]]
) -> bool:
    """Tell whether no line goes through a cell."""
    inner_walls = any(any(walls[row + down][column : column + width - 1]) for down in range(height))
    inner_floors = any(any(floors[row + down][column : column + width]) for down in range(height - 1))
    return not inner_walls and not inner_floors


def _is_drawn(lines: Sequence[Line], at: float, middle: float) -> bool:
    return any(abs(line[0] - at) <= _NEAR and line[1] - _NEAR <= middle <= line[2] + _NEAR for line in lines)


def _banded(level: Sequence[Line]) -> Iterator[Area]:
    """Yield the places that level lines alone cut into rows: lines of one width below each other."""
    waiting = sorted(level, key=lambda line: -line[0])
    while waiting:
        first = waiting[0]
        alike = [line for line in waiting if abs(line[1] - first[1]) <= _NEAR and abs(line[2] - first[2]) <= _NEAR]
        waiting = [line for line in waiting if line not in alike]
        if len(alike) >= _FEWEST_LINES:
            heights = tuple(line[0] for line in alike)
            yield Area(first[1], first[2], heights[-1], heights[0], bands=heights)


def _overlap(one: Area, other: Area) -> bool:
    return one.left < other.right and other.left < one.right and one.bottom < other.top and other.bottom < one.top


def band_of(area: Area, y: float) -> int:
    """Return the row in which a height lies, where level lines part the rows."""
    return bisect_right([-height for height in area.bands], -y) - 1
