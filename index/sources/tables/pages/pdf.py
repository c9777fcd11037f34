"""Tables of a PDF page: lines whose words stand in the same columns, and whose first line names them.

Only what is sure is taken for a table: cells that never share a column within a line, few words in each, and a header
over a column of values. All else stays in lines.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from index.sources.tables.fields import fields_apart, label_columns
from index.sources.tables.grid import Grid
from index.sources.tables.headers import STRONG, header_depth
from index.sources.tables.pages.pagecolumns import Line, Segment, column_by_column, columns_of, set_in_columns
from index.sources.tables.records import Header, table_text

__all__ = [
    "WITHOUT_SPACES", "Block", "Carried", "Line", "Segment", "columns_of", "continued", "rows_apart", "rows_of",
    "table_of_lines", "with_tables",
]  # fmt: skip

_FEWEST_LINES = 3
_FEWEST_PAIRS = 3  # rows of two columns; fewer may as well be a form, whose first line is a pair as all others
_LONGEST_CELL = 60
_LONGEST_CAPTION = 160
_SAME_EDGE = 3.0
_RUNNING_LINES = 2  # at the edges of a page, between the parts of a table
_FARTHEST_LINE = 3.5  # of the letters' size
_APART, _EVEN = 1.2, 1.1  # how much further apart rows are than the lines of a cell, and how evenly those are
_LINE_HEIGHT = 0.9  # of the letters' size, at least
_HYPHENS = ("-", "\u2010", "\u00ad", "\ufffe", "\x02")
WITHOUT_SPACES = re.compile(
    "[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]"
)
"""Letters of scripts that part their words by no spaces."""
_CAPTION = re.compile(r"[^\W\d]+\.?\s*\d+(?:[.:]\d+)*\s*[.:–—-]?\s+\S")


Block: TypeAlias = Grid | str
"""A table, or lines that are marked already."""


@dataclass(slots=True)
class Carried:
    """What the next page must know of a ruled table at the end of a page: it may go on there, without its header.

    Attributes:
        edges: where its columns begin on the page, in points; empty without such a table.
        header: names of its columns.
    """

    edges: tuple[float, ...] = ()
    header: Header | None = None

    def header_for(self, grid: Grid, lines: int) -> Header | None:
        """Return the header that counts for a table as well: of the page before, with the same columns, at the top."""
        alike = len(self.edges) == len(grid.edges) and all(
            abs(one - other) <= _SAME_EDGE for one, other in zip(self.edges, grid.edges, strict=True)
        )
        return self.header if grid.edges and alike and lines <= _RUNNING_LINES else None

    def keep(self, grid: Grid | None, header: Header | None) -> None:
        """Keep the last table of a page for the next one; `None` where it ends before the page does."""
        self.edges, self.header = ((), None) if grid is None else (grid.edges, header)


def with_tables(
    lines: Sequence[Line],
    before: Sequence[str] = (),
    ruled: Mapping[int, Sequence[Block]] | None = None,
    carried: Carried | None = None,
) -> list[str]:
    """Return the lines of a page as text, those of tables as marked records.

    Args:
        lines: of the page, without those of ruled tables.
        before: written before each line that is in no table.
        ruled: tables that are known by the lines drawn around them, and code, by the line before which they stand.
        carried: of the page before; takes what the next one must know.
    """
    carried, ruled = carried or Carried(), ruled or {}
    if not ruled:
        carried.keep(None, None)
    page = _Page()
    at = 0
    while at < len(lines):
        page.put_known(ruled.get(at, ()), at, len(lines) - at, carried)
        end, grid = _found_at(lines, at, ruled)
        if grid is None and (last := set_in_columns(lines, at, ruled)) > at:
            end = last
            page.written += column_by_column(lines[at:end], before[at:end])
        elif grid is None:
            page.written += _plain(lines[at:end], before[at:end])
        else:
            page.put(grid)
        at = end
    page.put_known(ruled.get(at, ()), at, 0, carried)
    return page.written


@dataclass(slots=True)
class _Page:
    """The lines of a page as they are written, and how many tables stand among them."""

    written: list[str] = field(default_factory=list)
    tables: int = 0

    def put(self, grid: Grid, above: Header | None = None) -> Header | None:
        """Write the records of a table; returns what names its columns."""
        self.tables += 1
        grid.name = f"table {self.tables}" if self.tables > 1 else "table"
        if self.written and len(self.written[-1]) <= _LONGEST_CAPTION and _CAPTION.match(self.written[-1]):
            grid.title = self.written[-1]
        text, header = table_text(grid, above)
        self.written += text.split("\n")
        return header

    def put_known(self, known: Sequence[Block], above: int, below: int, carried: Carried) -> None:
        """Write tables and code that are known already, with so many lines of the page above and below."""
        for block in known:
            if isinstance(block, str):
                self.written += block.split("\n")
                continue
            header = self.put(block, None if self.tables else carried.header_for(block, above))
            carried.keep(block if below <= _RUNNING_LINES else None, header)


def _found_at(lines: Sequence[Line], at: int, stops: Container[int]) -> tuple[int, Grid | None]:
    """Return the table that begins at a line, if one does, and where it ends, or where the next one may begin."""
    end = _run(lines, at, stops)
    found = table_of_lines(lines[at:end])
    if found is None:  # what stands alone below it may not belong to it
        end = next((number for number in range(at + 1, end) if len(lines[number]) < 2), end)
        found = table_of_lines(lines[at:end])
    return (_next_start(lines, at, end), None) if found is None else (end, found)


def _plain(lines: Sequence[Line], before: Sequence[str]) -> list[str]:
    """Return lines that are in no table as text, each with what is written before it."""
    marks = before or [""] * len(lines)
    return [
        mark + text
        for mark, line in zip(marks, lines, strict=True)
        for text in fields_apart([part.text for part in line if part.text])
    ]


def _next_start(lines: Sequence[Line], at: int, end: int) -> int:
    """Return the next line that may be the header of a table, where the lines from `at` to `end` are none.

    A row below a header that isn't sure must not be taken for one; a line of fewer cells above is none of its rows.
    """
    wider = (number for number in range(at + 1, end) if len(lines[number]) > len(lines[at]))
    return max(at + 1, next(wider, end))


def _run(lines: Sequence[Line], at: int, stops: Container[int]) -> int:
    """Return where the lines end that stand below each other, each with gaps or below a cell, from `at` on."""
    end, farthest = at, 0.0
    while (
        end < len(lines)
        and (end == at or end not in stops)
        and all(len(part.text) <= _LONGEST_CELL for part in lines[end])
    ):
        down = lines[end - 1][0].y - lines[end][0].y if end > at and lines[end] and lines[end - 1] else 0.0
        if end > at and not 0 < down <= _FARTHEST_LINE * lines[end][0].size:
            break
        if len(lines[end]) < 2 and not _is_below(lines[at:end], lines[end], closer=down * _APART < farthest):
            break
        farthest = max(farthest, down)
        end += 1
    return end


def _is_below(above: Sequence[Line], line: Line, *, closer: bool) -> bool:
    """Tell whether the only words of a line begin where a cell above does.

    Those at the margin may as well be the next paragraph, unless they stand closer than rows do.
    """
    if not above or len(line) != 1:
        return False
    starts = [part.start for one in above for part in one]
    near = any(abs(start - line[0].start) <= _SAME_EDGE for start in starts)
    return near and (closer or line[0].start > min(starts) + _SAME_EDGE)


def table_of_lines(lines: Sequence[Line]) -> Grid | None:
    """Return the table that lines below each other are, `None` where that is not sure."""
    columns = columns_of(lines) if len(lines) >= _FEWEST_LINES else []
    if len(columns) < 2:
        return None
    rows = rows_apart(lines, columns) or rows_of(lines, columns)
    if rows is None:
        return None
    grid = Grid.of(rows)
    if label_columns(grid.rows()):
        return grid
    depth, sure = header_depth(grid.rows(), None)
    if sure < STRONG or (len(columns) == 2 and len(rows) - depth < _FEWEST_PAIRS):
        return None
    grid.heads = depth
    return grid


def rows_apart(
    lines: Sequence[Line], columns: Sequence[tuple[float, float]], fewest: int = _FEWEST_LINES
) -> list[dict[int, str]] | None:
    """Return the rows that are set further apart than the lines within them; `None` where all lines are evenly so.

    Then cells may have several lines in any column, the first one too. Fewer rows than `fewest` tell nothing.
    """
    downs = [one[0].y - other[0].y for one, other in pairwise(lines)]
    order = sorted(downs)
    if not order or order[0] < _LINE_HEIGHT * lines[0][0].size:  # cells of one row stand at several heights
        return None
    apart = next((high for low, high in pairwise(order) if high > _APART * low), 0.0)
    if not apart or order[0] * _EVEN < max(down for down in downs if down < apart):
        return None
    groups = [[lines[0]]]
    for line, down in zip(lines[1:], downs, strict=True):
        if down < apart:
            groups[-1].append(line)
        else:
            groups.append([line])
    rows = [_one_row(group, columns) for group in groups]
    return rows if len(rows) >= fewest and all(0 in row for row in rows) else None


def _one_row(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> dict[int, str]:
    row: dict[int, str] = {}
    for part in (part for line in lines for part in line if part.text):
        place = _column(part, columns)
        row[place] = continued(row[place], part.text) if place in row else part.text
    return row


def rows_of(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[dict[int, str]] | None:
    """Return the words of each row by column; `None` where that is not sure.

    A line without a word in the first column goes on with the row above it where its words would not have fitted there.
    """
    rows: list[dict[int, str]] = []
    above: dict[int, Segment] = {}
    for line in lines:
        placed = {_column(part, columns): part for part in line}
        if len(placed) < len(line):
            return None
        wrapped = [
            place in above and _is_wrapped(above[place], part, columns[place][1]) for place, part in placed.items()
        ]
        if rows and all(wrapped) and (0 not in placed or len(placed) == 1):
            for place, part in placed.items():
                rows[-1][place] = continued(rows[-1][place], part.text)
            above |= placed
            continue
        if rows and 0 not in placed and (any(wrapped) or len(placed) == 1):
            return None
        rows.append({place: part.text for place, part in placed.items()})
        above = placed
    return rows


def _is_wrapped(above: Segment, below: Segment, right: float) -> bool:
    """Tell whether words go on in the next line of a column: the first of them had no room behind those above."""
    word = below.text.split(" ", 1)[0]
    return above.end + 0.5 * below.size * (len(word) + 1) > right


def continued(before: str, after: str) -> str:
    """Return the words of two lines of a cell as one; whether a hyphen between them stays is decided later."""
    if before[-1:] in _HYPHENS and before[-2:-1].isalpha() and after[:1].islower():
        return before[:-1] + "\u00ad" + after
    close = WITHOUT_SPACES.match(before[-1:]) and WITHOUT_SPACES.match(after[:1])
    return before + ("" if close else " ") + after


def _column(part: Segment, columns: Sequence[tuple[float, float]]) -> int:
    return next(n for n, (start, end) in enumerate(columns) if start <= part.start <= end)
