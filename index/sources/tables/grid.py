"""The grid of a table as a file gives it: cells that may span rows and columns, put in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from index.language.hygiene import clean_line

__all__ = ["Grid", "GridCell"]

_MOST_SPANNED = 1_000
_MOST_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class GridCell:
    """A cell; one that spans several places stands in each of them as the same object.

    Attributes:
        text: on one line.
        width: columns that it spans.
        height: rows that it spans.
        head: the file says that it is the name of a column or row, or shows it like one.
    """

    text: str
    width: int = 1
    height: int = 1
    head: bool = False


_EMPTY = GridCell("")


@dataclass(slots=True)
class Grid:
    """Takes cells row by row and fills what they span.

    Attributes:
        name: what people call the table: `"Sheet Stations"`, or `""`.
        title: a line that says what it is about, or `""`.
        heads: rows at the top that the file says are names of columns; `None` when it doesn't say.
        numbers: number of each row as a reader of the file counts.
        edges: where its columns begin on a page, where that is known.
    """

    name: str = ""
    title: str = ""
    heads: int | None = None
    numbers: list[int] = field(default_factory=list)
    edges: tuple[float, ...] = ()
    _rows: list[dict[int, GridCell]] = field(default_factory=list)
    _pending: dict[int, tuple[GridCell, int]] = field(default_factory=dict)
    _column: int = 0
    _cells: int = 0

    @classmethod
    def of(cls, rows: Sequence[Mapping[int, str]]) -> Grid:
        """Return a grid of rows, each the words of its cells by their columns, counted from 0."""
        grid = cls()
        for row in rows:
            grid.row()
            for column, words in row.items():
                grid.put(column, words)
        return grid

    def row(self, number: int | None = None) -> None:
        """Begin a row; cells from above that reach into it stand in it already."""
        self.numbers.append(number if number is not None else (self.numbers[-1] + 1 if self.numbers else 1))
        filled = {column: cell for column, (cell, _) in self._pending.items()}
        self._pending = {at: (cell, left - 1) for at, (cell, left) in self._pending.items() if left > 1}
        self._rows.append(filled)
        self._column = 0

    def cell(self, text: str, width: int = 1, height: int = 1, *, head: bool = False) -> None:
        """Put a cell into the next free place of the row."""
        filled = self._rows[-1]
        while self._column in filled:
            self._column += 1
        self.put(self._column, text, width, height, head=head)
        self._column += max(1, min(width, _MOST_SPANNED))

    def place(self, text: str, width: int = 1, height: int = 1, *, head: bool = False) -> None:
        """Put a cell into the next place, where the file leaves places for cells that span."""
        self.put(self._column, text, width, height, head=head)
        self._column += 1

    def put(self, column: int, text: str, width: int = 1, height: int = 1, *, head: bool = False) -> None:
        """Put a cell into a place of the row, counted from 0."""
        width = max(1, min(width, _MOST_SPANNED))
        height = max(1, min(height, 65_535))
        placed = GridCell(clean_line(text), width, height, head)
        self._cells += width
        for at in range(column, column + width if self._cells <= _MOST_CELLS else column + 1):
            self._rows[-1].setdefault(at, placed)
            if height > 1:
                self._pending[at] = (placed, height - 1)

    def repeat(self, width: int = 1) -> None:
        """Let the cell above go on in the next free place."""
        above = self._rows[-2] if len(self._rows) > 1 else {}
        for at in range(self._column, self._column + max(1, min(width, _MOST_SPANNED))):
            self._rows[-1].setdefault(at, above.get(at, _EMPTY))
        self._column += max(1, width)

    def end_groups(self, *, last: bool) -> None:
        """Let no cell reach beyond this row, where it is the last of its group."""
        if last:
            self._pending.clear()

    def skip(self, width: int = 1) -> None:
        """Leave places empty."""
        self._column += width

    def rows(self) -> list[list[GridCell]]:
        """Return the rows, all equally wide, without columns that hold nothing."""
        used = sorted({at for row in self._rows for at, cell in row.items() if cell.text})
        return [[row.get(at, _EMPTY) for at in used] for row in self._rows]

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell.text for row in self._rows for cell in row.values())


def distinct(cells: Sequence[GridCell]) -> Iterator[GridCell]:
    """Yield the cells that hold something, one that spans several places once."""
    last: GridCell | None = None
    for cell in cells:
        if cell.text and cell is not last:
            yield cell
        last = cell
