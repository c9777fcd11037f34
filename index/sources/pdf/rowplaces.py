"""Where the cells of a table's row stand on a page of its PDF: beside each other, in their order, letter by letter.

The text of a row names its columns, which stand elsewhere on the page, so it is found by its values alone. A row that
could be another one has no places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from index.sources.pdf.layout import page_characters
from index.sources.pdf.places import Box, all_of, around, character_boxes, letters_of, line_boxes

__all__ = ["RowCell", "RowWords", "row_boxes"]

_MOST_PLACES = 300  # of the rarest value of a row: more tell nothing
_MOST_LINES = 12  # of a cell
_WORD = 0.15  # of the letters' height: what stands closer is of the same word
_SHARED = 0.5  # of the lower of two cells: so much of it stands beside the other


@dataclass(frozen=True, slots=True)
class RowCell:
    """A value of a row.

    Attributes:
        value: its words.
        marked: whether it is to be marked.
        elsewhere: it may stand above or below the row: it spans several, or names those below it.
    """

    value: str
    marked: bool = True
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class RowWords:
    """A row to mark.

    Attributes:
        cells: those that hold something, in the order of their columns.
        number: which of the rows of the page with the same cells it is, from 0.
        alike: how many such rows there are.
    """

    cells: tuple[RowCell, ...]
    number: int = 0
    alike: int = 1


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: from which letter of the page to which, line by line, and the box around all of it."""

    spans: tuple[tuple[int, int], ...]
    box: Box

    @property
    def letters(self) -> int:
        return sum(end - start for start, end in self.spans)


class _Page:
    """The letters of a page with their boxes."""

    def __init__(self, textpage: Any) -> None:  # noqa: ANN401 - pypdfium2 has no types
        self._textpage = textpage
        self._characters = page_characters(textpage)
        self._boxes = character_boxes(textpage, [number for number, _ in self._characters])
        self._letters = letters_of([letter for _, letter in self._characters])

    def places(self, value: str) -> list[_Place]:
        """Return where a value stands on the page, as words of its own."""
        return self._together(value) or self._in_lines(value.split(" "), _MOST_LINES)

    def _together(self, value: str) -> list[_Place]:
        wanted = letters_of(value).text
        found = (self._place(start, start + len(wanted)) for start in all_of(self._letters.text, wanted))
        return [place for place in found if place is not None] if wanted else []

    def _in_lines(self, words: Sequence[str], most: int) -> list[_Place]:
        """Return where words stand in lines below each other, between which the page shows other cells."""
        for cut in range(len(words) - 1, 0, -1):
            heads = self._together(" ".join(words[:cut]))
            if not heads:
                continue
            rest = words[cut:]
            tails = self._together(" ".join(rest)) or (self._in_lines(rest, most - 1) if most > 1 else [])
            return [whole for head in heads[:_MOST_PLACES] if (whole := _with_line_below(head, tails))]
        return []

    def _place(self, start: int, end: int) -> _Place | None:
        boxes = [box for at in range(start, end) if (box := self._box(at))]
        if not boxes or self._touch(start - 1, start) or self._touch(end - 1, end):
            return None
        return _Place(((start, end),), reduce(around, boxes))

    def _box(self, at: int) -> Box | None:
        return self._boxes.get(self._letters.places[at]) if 0 <= at < len(self._letters.places) else None

    def _touch(self, at: int, after: int) -> bool:
        """Tell whether two letters that follow one another are of one word."""
        one, other = self._box(at), self._box(after)
        if one is None or other is None or not _beside(one, other):
            return False
        gap = max(other[0] - one[2], one[0] - other[2])
        return gap < _WORD * max(one[3] - one[1], other[3] - other[1])

    def others(self, box: Box, *, whole: bool) -> int:
        """Count the letters whose middle stands beside a box, or within it; `whole`: over the page's whole width."""
        count = 0
        for place in self._letters.places:
            letter = self._boxes.get(place)
            if letter is None or not box[1] <= (letter[1] + letter[3]) / 2 <= box[3]:
                continue
            count += whole or box[0] <= (letter[0] + letter[2]) / 2 <= box[2]
        return count

    def lines(self, place: _Place) -> list[Box]:
        """Return a box for each line of a value."""
        at = {number for start, end in place.spans for number in self._letters.places[start:end]}
        return line_boxes(self._textpage, sorted(self._characters[number][0] for number in at))


def row_boxes(textpage: Any, row: RowWords) -> list[Box] | None:  # noqa: ANN401 - pypdfium2 has no types
    """Return the boxes of the marked cells of a row, one a line; `None` where it isn't sure which they are."""
    page = _Page(textpage)
    places = [page.places(cell.value) for cell in row.cells]
    rows = _rows(row.cells, places)
    chosen = next(
        (kept[row.number] for kept in _surest(page, rows) if len(kept) == row.alike and row.number < len(kept)), None
    )
    if chosen is None:
        return None
    whole = [
        place or _beyond(places[at], chosen, cell)
        for at, (place, cell) in enumerate(zip(chosen, row.cells, strict=True))
    ]
    found: list[Box] = []
    for cell, place in zip(row.cells, whole, strict=True):
        if cell.marked and place is None:
            return None
        if cell.marked and place is not None:
            found += [box for box in page.lines(place) if box not in found]
    return found or None


def _with_line_below(head: _Place, tails: Sequence[_Place]) -> _Place | None:
    """Return a line with the nearest of those below it; `None` where none is."""
    low, high = head.box[0], head.box[2]
    below = [tail for tail in tails if tail.box[3] <= head.box[3] and not _beside(tail.box, head.box)]
    under = [tail for tail in below if tail.box[0] < high and tail.box[2] > low]
    if not under:
        return None
    tail = max(under, key=lambda place: place.box[3])
    return _Place((*head.spans, *tail.spans), around(head.box, tail.box))


_Chosen = list[_Place | None]


def _rows(cells: Sequence[RowCell], places: Sequence[Sequence[_Place]]) -> list[_Chosen]:
    """Return where all cells that must stand in one row do so, from the top of the page down."""
    own = [at for at, cell in enumerate(cells) if not cell.elsewhere] or list(range(len(cells)))
    rarest = min(own, key=lambda at: len(places[at]), default=-1)
    if rarest < 0 or not 0 < len(places[rarest]) <= _MOST_PLACES:
        return []
    found: list[_Chosen] = []
    for anchor in places[rarest]:
        beside = [[place for place in each if _beside(place.box, anchor.box)] for each in places]
        beside[rarest] = [anchor]
        row = next(_in_order(cells, beside), None)
        if row is not None and row not in found:
            found.append(row)
    return sorted(found, key=lambda row: -max(place.box[3] for place in row if place))


def _in_order(cells: Sequence[RowCell], beside: Sequence[Sequence[_Place]]) -> Iterator[_Chosen]:
    """Yield the cells of a row from left to right, then from right to left."""
    for sign in (1, -1):
        row: _Chosen = []
        last: _Place | None = None
        for at, cell in enumerate(cells):
            free = [place for place in beside[at] if last is None or _follows(last, place, sign)]
            same = at and cells[at - 1].value == cell.value and row[-1] is not None
            if not free and same:  # one cell across two columns
                row.append(row[-1])
                continue
            if not free and not cell.elsewhere:
                break
            row.append(min(free, key=lambda place: sign * place.box[0]) if free else None)
            last = row[-1] or last
        if len(row) == len(cells) and any(row):
            yield row


def _follows(last: _Place, place: _Place, sign: int) -> bool:
    return (place.box[0] >= last.box[2]) if sign > 0 else (place.box[2] <= last.box[0])


def _surest(page: _Page, rows: Sequence[_Chosen]) -> Iterator[list[_Chosen]]:
    """Yield the rows beside which nothing else stands on the page, those with nothing else between, and all."""
    for whole in (True, False):
        yield [row for row in rows if _is_alone(page, row, whole=whole)]
    yield list(rows)


def _is_alone(page: _Page, row: _Chosen, *, whole: bool) -> bool:
    placed = {place.spans: place for place in row if place}.values()
    box = reduce(around, (place.box for place in placed))
    return page.others(box, whole=whole) == sum(place.letters for place in placed)


def _beyond(places: Sequence[_Place], row: _Chosen, cell: RowCell) -> _Place | None:
    """Return the nearest place of a cell that doesn't stand in the row itself; `None` where it must, or has none."""
    if not cell.elsewhere or not places:
        return None
    middle = [(place.box[1] + place.box[3]) / 2 for place in row if place]
    height = sum(middle) / len(middle)
    return min(places, key=lambda place: abs((place.box[1] + place.box[3]) / 2 - height))


def _beside(one: Box, other: Box) -> bool:
    """Tell whether two boxes stand beside each other: half of the lower one, at least."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared >= _SHARED * min(one[3] - one[1], other[3] - other[1])
