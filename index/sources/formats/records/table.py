"""CSV and TSV: each row a text; the separator is found by counting, the header by its look."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from index.records import BETWEEN
from index.sources.tables.grid import GridCell
from index.sources.tables.headers import column_names, header_depth
from index.sources.tables.named_rows import MOST_ROWS, Row, extract_rows
from index.sources.text.encoding import decoded
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_EXTENSIONS = (".csv", ".tsv", ".tab")
_SEPARATORS = ",;\t|"
_MOST_COLUMNS = 2_000
_MOST_FIELD = 16 * 1024 * 1024
_SAMPLE_LINES = 30
_SAMPLE_ROWS = 200

Numbered = tuple[int, list[str]]


def _sniff(head: Head) -> float:
    return 0.6 if head.text and head.suffix in _EXTENSIONS else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    text = decoded(data, context)
    rows = _rows(text.replace("\0", ""), context)
    if not rows:
        return []
    title, rows = _without_title(rows)
    header, body = _header(rows)
    ragged = sum(len(row) != len(header) for _, row in body)
    if ragged:
        context.warn(f"{ragged} rows have more or fewer values than there are columns")
    return extract_rows([Row(_named(header, row), number) for number, row in body], context, heading=title)


def _rows(text: str, context: ReadContext) -> list[Numbered]:
    """Return the rows that hold anything, with their numbers as a spreadsheet shows them."""
    lines = text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    separator = _separator(lines)
    if max(line.count(separator) for line in lines) >= _MOST_COLUMNS:
        raise RefusedError(f"more than {_MOST_COLUMNS:,} columns", skipped=True)
    csv.field_size_limit(_MOST_FIELD)
    rows: list[Numbered] = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            if len(row) > _MOST_COLUMNS:
                raise RefusedError(f"more than {_MOST_COLUMNS:,} columns", skipped=True)
            if any(value.strip() for value in row):
                rows.append((number, [value.strip() for value in row]))
            if len(rows) > MOST_ROWS:
                raise RefusedError(f"more than {MOST_ROWS:,} rows", "split it", skipped=True)
    except csv.Error as error:
        context.warn(f"damaged after row {len(rows)} ({error}); the rows before it were read")
    return rows


def _separator(lines: Sequence[str]) -> str:
    """Return the separator that most lines hold equally often."""

    def agreement(separator: str) -> tuple[int, int]:
        counts = Counter(line.count(separator) for line in lines if line.strip())
        often = [(lines_with, count) for count, lines_with in counts.items() if count]
        return max(often, default=(0, 0))

    return max(_SEPARATORS, key=agreement)


def _without_title(rows: list[Numbered]) -> tuple[str, list[Numbered]]:
    """Return the line above the header, if there is one, and the rows from the header on."""
    lines = []
    while len(rows) > 2 and _filled(rows[0]) == 1 and rows[0][1][0] and _filled(rows[1]) > 1:
        lines.append(rows[0][1][0])
        rows = rows[1:]
    return BETWEEN.join(lines), rows


def _filled(row: Numbered) -> int:
    return sum(map(bool, row[1]))


def _header(rows: list[Numbered]) -> tuple[list[str], list[Numbered]]:
    """Take the first rows as names when they look like names (`index.sources.tables.headers`); else make some."""
    first = rows[0][1]
    width = max(len(row) for _, row in rows)
    cells = [[GridCell(value) for value in [*row, *[""] * (width - len(row))]] for _, row in rows[:_SAMPLE_ROWS]]
    depth = header_depth(cells, None)[0]
    looks_right = all(first) and len(set(first)) == len(first) and all(len(name) <= 80 for name in first)
    if not depth and len(rows) > 1 and looks_right and not any(_is_number(name) for name in first):
        depth = 1
    if not depth:
        return [f"column {number}" for number in range(1, width + 1)], rows
    names = column_names(cells[:depth])
    while len(names) > 1 and not names[-1]:
        names.pop()
    columns = [name if name and name not in names[:at] else f"column {at + 1}" for at, name in enumerate(names)]
    return ["" if not at and not names[0] else name for at, name in enumerate(columns)], rows[depth:]


def _named(header: list[str], row: list[str]) -> dict[str, str]:
    extra = [f"column {number}" for number in range(len(header) + 1, len(row) + 1)]
    missing = [""] * (len(header) - len(row))
    return dict(zip([*header, *extra], [*row, *missing], strict=True))


def _is_number(value: str) -> bool:
    return value.replace(".", "").replace(",", "").replace("-", "").isdigit()


READER = Reader("CSV", _EXTENSIONS, _sniff, _read)
