"""Tables of a PDF page around which lines are drawn: the words within each cell, in as many lines as they have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from index.sources.pdf.lines.outerrows import Span, seen_lines, with_outer_rows
from index.sources.pdf.lines.rulings import Ruling, Rulings
from index.sources.pdf.lines.segments import OF_CELLS, Char, segments_of
from index.sources.tables.grid import Grid
from index.sources.tables.headers import STRONG, header_depth
from index.sources.tables.pages.pdf import Segment, columns_of, continued, rows_apart, rows_of
from index.sources.tables.pages.ruled import Area, Box, areas, band_of

__all__ = ["without_tables"]

_LONGEST_CELL = 1_500
_FILLED = 0.3  # share of the cells
_CUT_WORDS = 0.05  # share of the words that a line may cut
_SPACE, _RAISED = 0.8, 0.6  # of the letters' size: from there on a space stands between; a raised one stands so high
_FEW_BANDS = 3  # so many rows are not parted by level lines, which then only part header, rows and sums
_EVEN = 1.5  # how evenly the lines of rows must stand that nothing else parts

Word = list[Char]
Bold = Callable[[int], bool]


def without_tables(
    lines: Sequence[Word], rulings: Rulings, notes: Collection[str], bold: Bold
) -> tuple[list[Word], Mapping[int, list[Grid]]]:
    """Return the lines of a page that are in no ruled table, and the tables by the line before which they stand.

    Args:
        lines: of the page, in the order of reading.
        rulings: what is drawn on it.
        notes: the marks of its notes.
        bold: says whether the character of a number is set in bold type.
    """
    kept = [list(line) for line in lines]
    places: list[tuple[list[int], Grid]] = []
    for drawn in areas(_as_lines(rulings.level), _as_lines(rulings.upright)):
        area, inside, grid = _found(drawn, kept, notes, bold)
        if grid is None:
            continue
        first = next(number for number, line in enumerate(inside) if any(not char.text.isspace() for char in line))
        places.append(([first], grid))
        kept = [[char for char in line if not _is_in(area, char)] for line in kept]
    if not places:
        return [list(line) for line in lines], {}
    return _placed(kept, places)


def _found(
    area: Area, kept: Sequence[Word], notes: Collection[str], bold: Bold
) -> tuple[Area, list[Word], Grid | None]:
    """Return the place of a table with the rows beyond its first and last line, the words in it, and the table."""
    if area.boxes:
        inside = _inside(area, kept)
        return area, inside, _boxed(area, inside, notes, bold)
    for wider in dict.fromkeys(with_outer_rows(area, kept, notes)):
        inside = _inside(wider, kept)
        grid = _banded(wider, inside, notes, bold)
        if grid is not None:
            return wider, inside, grid
    return area, [], None


def _inside(area: Area, lines: Sequence[Word]) -> list[Word]:
    return [[char for char in line if _is_in(area, char)] for line in lines]


def _placed(
    kept: Sequence[Word], places: Sequence[tuple[list[int], Grid]]
) -> tuple[list[Word], Mapping[int, list[Grid]]]:
    """Return the lines that still say something, and the tables by the line before which they stand."""
    shown: list[Word] = []
    found: dict[int, list[Grid]] = {}
    for number, line in enumerate(kept):
        for (first,), grid in places:
            if first == number:
                found.setdefault(len(shown), []).append(grid)
        if any(not char.text.isspace() for char in line):
            shown.append(line)
    return shown, found


def _as_lines(rulings: Sequence[Ruling]) -> list[tuple[float, float, float]]:
    return [(line.at, line.start, line.end) for line in rulings]


def _middle(char: Char) -> tuple[float, float]:
    return char.x + 0.25 * char.size, char.y + 0.25 * char.size


def _is_in(area: Area, char: Char) -> bool:
    x, y = _middle(char)
    return area.left <= x <= area.right and area.bottom <= y <= area.top


def _boxed(area: Area, lines: Sequence[Word], notes: Collection[str], bold: Bold) -> Grid | None:
    """Return the table of an area whose cells are drawn; `None` where it is none."""
    held: dict[Box, list[Word]] = {}
    cut = words = 0
    for line in lines:
        last: tuple[Box, Char] | None = None
        for char in line:
            if char.text.isspace():
                if last is not None and held[last[0]]:
                    held[last[0]][-1].append(char)
                    last = last[0], char
                continue
            box = _box_at(area.boxes, char)
            if box is None:
                return None
            words += last is None or last[1].text.isspace()
            new_line = last is None or last[0] != box or not held.get(box)
            cut += last is not None and last[0] != box and _touch(last[1], char)
            if new_line:
                held.setdefault(box, []).append([])
            held[box][-1].append(char)
            last = box, char
    texts = {box: _cell_text(found, notes) for box, found in held.items()}
    if cut > max(1, _CUT_WORDS * words) or not _is_table(area, texts):
        return None
    return _grid_of(area.boxes, texts, {box for box, found in held.items() if _all_bold(found, bold)})


def _touch(one: Char, other: Char) -> bool:
    """Tell whether two characters of a line stand in one word."""
    near = abs(one.y - other.y) < 0.3 * one.size and 0 <= other.x - one.x < 0.9 * one.size
    return near and one.text.isalnum() and other.text.isalnum()


def _box_at(boxes: Sequence[Box], char: Char) -> Box | None:
    x, y = _middle(char)
    return next((box for box in boxes if box.left <= x <= box.right and box.bottom <= y <= box.top), None)


def _cell_text(lines: Sequence[Word], notes: Collection[str]) -> str:
    text = ""
    for line in _as_seen(lines):
        said = " ".join(part.text for part in segments_of(line, notes) if part.text).strip()
        text = continued(text, said) if text and said else text or said
    return text


def _as_seen(lines: Sequence[Word]) -> Iterator[Word]:
    """Yield the lines of a cell, those at one height as one."""
    last: Word = []
    for line in lines:
        if last and line and _is_beside(last[-1], line[0]):
            apart = line[0].x - last[-1].x > _SPACE * last[-1].size
            last = [*last, *([Char(" ", last[-1].x, last[-1].y, last[-1].size, made_up=True)] if apart else []), *line]
            continue
        if last:
            yield last
        last = list(line)
    if last:
        yield last


def _is_beside(one: Char, other: Char) -> bool:
    """Tell whether a character stands behind another in one line, raised or lowered at most."""
    return other.x > one.x and abs(other.y - one.y) < _RAISED * max(one.size, other.size)


def _is_table(area: Area, texts: Mapping[Box, str]) -> bool:
    filled = [box for box, text in texts.items() if text]
    rows, columns = {box.row for box in filled}, {box.column for box in filled}
    many = len(filled) >= _FILLED * len(area.boxes)
    return len(rows) > 1 and len(columns) > 1 and many and all(len(text) <= _LONGEST_CELL for text in texts.values())


def _all_bold(lines: Sequence[Word], bold: Bold) -> bool:
    chars = [char for line in lines for char in line if not char.made_up and not char.text.isspace()]
    return bool(chars) and all(bold(char.number) for char in (chars[0], chars[len(chars) // 2], chars[-1]))


def _grid_of(boxes: Sequence[Box], texts: Mapping[Box, str], heads: Collection[Box]) -> Grid:
    grid, row = Grid(), -1
    for box in boxes:
        while row < box.row:
            grid.row()
            row += 1
        grid.put(box.column, texts.get(box, ""), box.width, box.height, head=box in heads)
    grid.edges = tuple(sorted({box.left for box in boxes}))
    return grid


def _banded(area: Area, lines: Sequence[Word], notes: Collection[str], bold: Bold) -> Grid | None:
    """Return the table of an area that only level lines cut into rows; `None` where it is not sure to be one."""
    bands: dict[int, list[Segment]] = {}
    for line in lines:
        for part in segments_of(line, notes, OF_CELLS) if line else ():
            if part.text:
                bands.setdefault(band_of(area, part.y + 0.25 * part.size), []).append(part)
    across = {band for band, parts in bands.items() if len(parts) == 1 and len(bands) > _FEW_BANDS}
    columns = columns_of([parts for band, parts in bands.items() if band not in across])
    if columns:  # what stands alone in the first column is a row with empty cells
        across = {band for band in across if bands[band][0].end > columns[0][1] or bands[band][0].start < columns[0][0]}
    if len(columns) < 2 or len(bands) < 2:
        return None
    rows: list[dict[int, str]] = []
    heads = 0
    for band in sorted(bands):
        found = [{-1: bands[band][0].text}] if band in across else _rows_in(bands[band], columns, len(bands))
        if found is None:
            return None
        rows += found
        heads = heads or (len(found) if _is_head(area, lines, band, bold) else 0)
    return _sure(rows, len(columns), heads)


def _rows_in(parts: Sequence[Segment], columns: Sequence[Span], bands: int) -> list[dict[int, str]] | None:
    """Return the rows between two level lines: one, unless the table has few of these."""
    seen = seen_lines(parts)
    if bands > _FEW_BANDS:
        return _as_one(seen, columns)
    downs = sorted(above[0].y - below[0].y for above, below in pairwise(seen))
    evenly = not downs or downs[-1] <= _EVEN * downs[0]  # else cells of one row stand at several heights
    return rows_apart(seen, columns, 2) or (rows_of(seen, columns) if evenly else None)


def _is_head(area: Area, lines: Sequence[Word], band: int, bold: Bold) -> bool:
    """Tell whether all words of the highest row are set in bold type, and not all below it."""
    chars = [char for line in lines for char in line if not char.made_up and not char.text.isspace()]
    bands = {band_of(area, _middle(char)[1]) for char in chars}
    if not bands or band != min(bands):
        return False
    first = [char for char in chars if band_of(area, _middle(char)[1]) == band]
    rest = [char for char in chars if band_of(area, _middle(char)[1]) != band]
    return all(bold(char.number) for char in first) and not all(bold(char.number) for char in rest)


def _sure(rows: Sequence[Mapping[int, str]], width: int, heads: int) -> Grid | None:
    """Return the grid of rows when it is sure which of them name the columns; the first few look as if they did."""
    grid = Grid()
    for number, row in enumerate(rows):
        grid.row()
        for column, text in row.items():
            grid.put(max(0, column), text, width if column < 0 else 1, head=number < heads)
    if any(len(text) > _LONGEST_CELL for row in rows for text in row.values()):
        return None
    depth, sure = header_depth(grid.rows(), None)
    grid.heads = depth
    return grid if sure >= STRONG else None


def _as_one(lines: Sequence[Sequence[Segment]], columns: Sequence[Span]) -> list[dict[int, str]] | None:
    """Return the words between two lines as one row."""
    row: dict[int, str] = {}
    for line in lines:
        for part in line:
            place = next((n for n, (start, end) in enumerate(columns) if start <= part.start <= end), None)
            if place is None:
                return None
            row[place] = continued(row[place], part.text) if place in row else part.text
    return [row]
