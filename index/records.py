"""Rows of tables in a document's text: where they lie, which row of which table they are, and what their cells hold.

A table stands in the text as records: a line for each row, every cell with the name of its column,
`Branch: Lyon | Manager: Mei Tanaka | Deputy: –`. What `metadata["tables"]` says of it is enough to find the row
and the column of any place again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.types import Document, JsonValue, Sentence, location_at

__all__ = [
    "BETWEEN",
    "BLANK",
    "RECORDS",
    "Cell",
    "Rows",
    "Table",
    "Wholes",
    "cells_of",
    "is_blank",
    "is_uncalculated",
    "location",
    "table_at",
    "tables_of",
    "uncalculated",
    "untitled_file",
]

BETWEEN = " | "
"""Stands between the cells of a record."""
BLANK = "–"
"""Stands for a cell that is empty."""
RECORDS = "records"
"""Name of a table whose rows are objects of a file, and no rows for its reader."""
_UNCALCULATED = ", not calculated)"
_NOTHING = frozenset(["", "-", "–", "—", "--", "n/a", "N/A", "n.a.", "k.A.", "…", "?"])


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a text.

    Attributes:
        start: first code point of its first record.
        end: one past the last of its last; each line between is a record.
        name: what people call it: `"Sheet Stations"`, `"table 2"`, or `""`.
        title: the line above it that says what it is about, or `""`.
        columns: names of its columns, `""` for one without; empty when the table has no header.
        rows: `(line, row)`: from that line of it on, rows are numbered from there, as a reader of the file counts.
    """

    start: int
    end: int
    name: str = ""
    title: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[int, int], ...] = ((0, 1),)

    def row(self, line: int) -> int:
        """Return the number of the row that stands in a line of the table, lines counted from 0."""
        first, number = self.rows[max(0, bisect_right(self.rows, (line, 1 << 62)) - 1)]
        return number + line - first


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a record: the column's name (`""` without one), the value, and where the value lies in the record."""

    column: str
    value: str
    start: int
    end: int


def tables_of(metadata: Mapping[str, object]) -> tuple[Table, ...]:
    """Return the tables that a document's metadata tell of, in order; what is none is passed over."""
    listed = metadata.get("tables")
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return ()
    found = []
    for entry in listed:
        match entry:
            case {"start": int(start), "end": int(end)} if 0 <= start < end:
                found.append(_table(start, end, entry))
            case _:
                continue
    return tuple(sorted(found, key=lambda table: table.start))


def _table(start: int, end: int, entry: Mapping[str, JsonValue]) -> Table:
    columns, rows = entry.get("columns"), entry.get("rows")
    runs = [(line, row) for line, row in _pairs(rows)] or [(0, 1)]
    names = columns if isinstance(columns, Sequence) and not isinstance(columns, str) else ()
    name, title = str(entry.get("name") or ""), str(entry.get("title") or "")
    return Table(start, end, name, title, tuple(map(str, names)), tuple(sorted(runs)))


def _pairs(rows: JsonValue) -> Iterator[tuple[int, int]]:
    for entry in rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ():
        match entry:
            case [int(line), int(row)]:
                yield line, row
            case _:
                continue


def table_at(tables: Sequence[Table], start: int, end: int) -> Table | None:
    """Return the table that holds `start:end`, `None` when it lies in none."""
    place = bisect_right(tables, start, key=lambda table: table.start) - 1
    return tables[place] if place >= 0 and end <= tables[place].end else None


class Wholes:
    """Pieces of a text that are read and quoted as one, by where they begin and end.

    Args:
        spans: of the pieces; what overlaps one before it is passed over.
    """

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if start < end and (not self._spans or start >= self._spans[-1][1]):
                self._spans.append((start, end))
        self._starts = [start for start, _ in self._spans]

    @property
    def edges(self) -> Iterator[int]:
        """Where pieces begin and end."""
        return (edge for piece in self._spans for edge in piece)

    def at(self, offset: int) -> tuple[int, int] | None:
        """Return the piece in which an offset lies."""
        place = bisect_right(self._starts, offset) - 1
        return self._spans[place] if place >= 0 and offset < self._spans[place][1] else None

    def whole(self, sentences: Iterable[Sentence]) -> Iterator[Sentence]:
        """Yield sentences, those within one piece as one."""
        last: tuple[int, int] | None = None
        for sentence in sentences:
            piece = self.at(sentence.start)
            if piece is None:
                yield sentence
            elif piece != last:
                last = piece
                yield Sentence(*piece)

    def with_others(self, spans: Iterable[tuple[int, int]]) -> Wholes:
        """Return these pieces and others."""
        return Wholes([*self._spans, *spans])


class Rows(Wholes):
    """Where each row of a document's tables begins and ends; what doesn't fit the text is passed over.

    Args:
        text: of the document.
        tables: in it, in order.
    """

    def __init__(self, text: str, tables: Sequence[Table]) -> None:
        super().__init__(_rows_of(text, tables))


def _rows_of(text: str, tables: Sequence[Table]) -> Iterator[tuple[int, int]]:
    last = 0
    for table in tables:
        start = max(table.start, last)
        for line in text[start : table.end].split("\n"):
            kept = line.strip()
            if kept:
                first = start + line.index(kept)
                last = first + len(kept)
                yield first, last
            start += len(line) + 1


def is_blank(value: str) -> bool:
    """Tell whether a cell's value says that there is none."""
    return value.strip() in _NOTHING


def uncalculated(formula: str) -> str:
    """Return what stands for a cell that is a formula whose result the file doesn't hold."""
    return f"({formula or 'formula'}{_UNCALCULATED}"


def is_uncalculated(value: str) -> bool:
    """Tell whether a cell's value is a formula whose result the file doesn't hold."""
    return value.startswith("(") and value.endswith(_UNCALCULATED)


def cells_of(record: str, columns: Sequence[str]) -> tuple[Cell, ...]:
    """Return the cells of a record in order; a bar inside a value cuts nothing where the columns have names."""
    starts = [0]
    while (bar := record.find(BETWEEN, starts[-1])) >= 0:
        starts.append(bar + len(BETWEEN))
    found: list[Cell] = []
    names = [name for name in columns if name]
    for begin, following in zip(starts, [*starts[1:], len(record) + len(BETWEEN)], strict=True):
        start, end = begin, following - len(BETWEEN)
        name = next((name for name in names if record.startswith(f"{name}: ", start)), "")
        if name:
            names = names[names.index(name) + 1 :]
            start += len(name) + 2
        elif found and columns and len(names) < sum(map(bool, columns)):
            last = found.pop()
            name, start = last.column, last.start
        found.append(Cell(name, record[start:end], start, end))
    return tuple(found)


def untitled_file(title: str, source: str) -> str:
    """Return the file of a record that is named by its number there ("prices #7"); `""` for any other document.

    Args:
        title: of the document.
        source: of the document: a file, with `#` and a number behind it for one of its records.
    """
    file, _, number = source.rpartition("#")
    return file if number.isdecimal() and title.endswith(f" #{number}") else ""


def location(document: Document, start: int, end: int) -> str:
    """Return for people where in the source a quote stands: `"p. 12"`, `"Sheet Stations, row 250"`, or `""`."""
    place = location_at(document, start)
    parts = [place] if place else []
    table = table_at(tables_of(document.metadata), start, end)
    if table is not None:
        parts += _in_table(document.text, table, start, end)
    return ", ".join(parts)


def _in_table(text: str, table: Table, start: int, end: int) -> Iterator[str]:
    line = text.count("\n", table.start, start)
    last = line + text.count("\n", start, end)
    low, high = table.row(line), table.row(last)
    if table.name and table.name != RECORDS:
        yield table.name
    if table.name == RECORDS:
        yield f"record {low}" if line == last else f"records {low}–{high}"
    else:
        yield f"row {low}" if line == last else f"rows {low}–{high}"
    if line == last:
        first = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", end)
        record = text[first : stop if stop >= 0 else len(text)]
        for cell in cells_of(record, table.columns):
            if cell.column and cell.start <= start - first and end - first <= cell.end:
                yield f"column {cell.column}"
