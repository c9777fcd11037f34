"""The straight lines of a PDF page: drawn ones, and the edges of coloured areas, by which a table shows its grid."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Ruling", "Rulings", "rulings_of"]

_MOST_OBJECTS, _MOST_LINES = 20_000, 5_000
_STRAIGHT = 0.7  # points by which the ends of a level line may differ
_SHORTEST = 5.0
_TOGETHER = 2.2  # lines so near are one: the two edges of a drawn line, those of neighbouring cells
_GAP = 3.0
_WHOLE_PAGE = 0.95
_DEEPEST = 4

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_UNCHANGED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A level or upright line: where it stands on the other axis, and from where to where it goes."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rulings:
    """The lines of a page: level ones by their height, upright ones by their place, in points from below left."""

    level: tuple[Ruling, ...] = ()
    upright: tuple[Ruling, ...] = ()


def rulings_of(page: Any) -> Rulings:  # noqa: ANN401 - pypdfium2 has no types
    """Return the lines of a page; none where it is turned, or is a drawing of very many lines."""
    from pypdfium2 import raw

    if raw.FPDFPage_GetRotation(page) or raw.FPDFPage_CountObjects(page) > _MOST_OBJECTS:
        return Rulings()
    width, height = page.get_size()
    level: list[Ruling] = []
    upright: list[Ruling] = []
    for one, other in _edges(_top(page), _UNCHANGED, 0):
        (x0, y0), (x1, y1) = one, other
        if abs(y0 - y1) <= _STRAIGHT and abs(x0 - x1) >= _SHORTEST:
            level.append(Ruling((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif abs(x0 - x1) <= _STRAIGHT and abs(y0 - y1) >= _SHORTEST:
            upright.append(Ruling((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
        if len(level) + len(upright) > _MOST_LINES:
            return Rulings()
    level = [line for line in level if line.end - line.start < _WHOLE_PAGE * width]
    upright = [line for line in upright if line.end - line.start < _WHOLE_PAGE * height]
    return Rulings(_joined(level), _joined(upright))


def _top(page: Any) -> Iterator[Any]:  # noqa: ANN401 - pypdfium2 has no types
    from pypdfium2 import raw

    return (raw.FPDFPage_GetObject(page, number) for number in range(raw.FPDFPage_CountObjects(page)))


def _edges(objects: Iterator[Any], outer: Matrix, depth: int) -> Iterator[tuple[Point, Point]]:
    """Yield the straight edges of all paths, those within forms too."""
    from pypdfium2 import raw

    for each in objects:
        kind = raw.FPDFPageObj_GetType(each)
        if kind == raw.FPDF_PAGEOBJ_PATH and _is_seen(each):
            yield from _path_edges(each, _times(_matrix(each), outer))
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            count = min(raw.FPDFFormObj_CountObjects(each), _MOST_OBJECTS)
            inner = (raw.FPDFFormObj_GetObject(each, number) for number in range(count))
            yield from _edges(inner, _times(_matrix(each), outer), depth + 1)


def _is_seen(path: Any) -> bool:  # noqa: ANN401 - pypdfium2 has no types
    """Tell whether a path is drawn, and not only filled in white."""
    from pypdfium2 import raw

    filled, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, filled, stroked)
    if stroked.value or not filled.value:
        return bool(stroked.value)
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(path, red, green, blue, alpha):
        return True
    return alpha.value > 0 and min(red.value, green.value, blue.value) < 255


def _matrix(each: Any) -> Matrix:  # noqa: ANN401 - pypdfium2 has no types
    from pypdfium2 import raw

    found = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(each, found):
        return _UNCHANGED
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix that does first the one, then the other."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _path_edges(path: Any, matrix: Matrix) -> Iterator[tuple[Point, Point]]:  # noqa: ANN401 - pypdfium2 has no types
    from pypdfium2 import raw

    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    first: Point | None = None
    last: Point | None = None
    for number in range(min(raw.FPDFPath_CountSegments(path), _MOST_LINES)):
        segment = raw.FPDFPath_GetPathSegment(path, number)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = a * x.value + c * y.value + e, b * x.value + d * y.value + f
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == raw.FPDF_SEGMENT_LINETO and last is not None:
            yield last, point
        if raw.FPDFPathSegment_GetClose(segment) and first is not None:
            yield point, first
        last = point


def _joined(lines: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Return the lines with those that lie on each other or go on from each other made one."""
    groups: list[list[Ruling]] = []
    for line in sorted(lines, key=lambda line: line.at):
        if groups and line.at - groups[-1][0].at <= _TOGETHER:
            groups[-1].append(line)
        else:
            groups.append([line])
    found: list[Ruling] = []
    for group in groups:
        at = sum(line.at for line in group) / len(group)
        start = end = float("-inf")
        for line in sorted(group, key=lambda line: line.start):
            if line.start > end + _GAP:
                if end > start:
                    found.append(Ruling(at, start, end))
                start = line.start
            end = max(end, line.end)
        found.append(Ruling(at, start, end))
    return tuple(found)
