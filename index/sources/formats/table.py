"""CSV and TSV: each row a text; the separator is found by counting, the header by its look."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from index.sources.encoding import decode
from index.sources.rows import MOST_ROWS, extract_rows
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_EXTENSIONS = (".csv", ".tsv", ".tab")
_SEPARATORS = ",;\t|"
_MOST_COLUMNS = 2_000
_MOST_FIELD = 16 * 1024 * 1024
_SAMPLE_LINES = 30


def _sniff(head: Head) -> float:
    return 0.6 if head.text and head.suffix in _EXTENSIONS else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    text, warnings = decode(data, context.declared.get("charset", ""))
    for warning in warnings:
        context.warn(warning)
    rows = _rows(text.replace("\0", ""), context)
    if not rows:
        return []
    header, body = _header(rows)
    ragged = sum(len(row) != len(header) for row in body)
    if ragged:
        context.warn(f"{ragged} rows have more or fewer values than there are columns")
    return extract_rows([_named(header, row) for row in body], context)


def _rows(text: str, context: ReadContext) -> list[list[str]]:
    lines = text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    separator = _separator(lines)
    if max(line.count(separator) for line in lines) >= _MOST_COLUMNS:
        raise RefusedError(f"more than {_MOST_COLUMNS:,} columns", skipped=True)
    csv.field_size_limit(_MOST_FIELD)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if len(row) > _MOST_COLUMNS:
                raise RefusedError(f"more than {_MOST_COLUMNS:,} columns", skipped=True)
            if any(value.strip() for value in row):
                rows.append([value.strip() for value in row])
            if len(rows) > MOST_ROWS:
                raise RefusedError(f"more than {MOST_ROWS:,} rows; split it", skipped=True)
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


def _header(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Take the first row as names when it looks like names: filled, different, short, no numbers; else make some."""
    first = rows[0]
    looks_right = all(first) and len(set(first)) == len(first) and all(len(name) <= 80 for name in first)
    if len(rows) > 1 and looks_right and not any(_is_number(name) for name in first):
        return first, rows[1:]
    return [f"column {number}" for number in range(1, max(map(len, rows)) + 1)], rows


def _named(header: list[str], row: list[str]) -> dict[str, str]:
    extra = [f"column {number}" for number in range(len(header) + 1, len(row) + 1)]
    return dict(zip([*header, *extra], row, strict=False))


def _is_number(value: str) -> bool:
    return value.replace(".", "").replace(",", "").replace("-", "").isdigit()


READER = Reader("CSV", _EXTENSIONS, _sniff, _read)
