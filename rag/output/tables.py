"""Tables of an answer where no table can be drawn: one whose rows are wider than a line is written cell by cell.

Rows that fit a line stay as they are: in Markdown they can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

__all__ = ["cell_by_cell", "cells_of_row", "is_row", "is_table"]

_WIDEST = 100  # code points of a row
_ENDS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*")


def cell_by_cell(text: str) -> str:
    """Return a text whose wide tables are written by rows, each cell on a line of its own behind its column's name."""
    result: list[str] = []
    for in_table, group in groupby(text.split("\n"), key=is_row):
        lines = list(group)
        wide = in_table and is_table(lines) and max(map(len, lines)) > _WIDEST
        result += _rows_as_lists(lines) if wide else lines
    return "\n".join(result)


def is_row(line: str) -> bool:
    """Tell whether a line of Markdown is one of a table."""
    return line.lstrip().startswith("|")


def is_table(lines: Sequence[str]) -> bool:
    """Tell whether lines are a table: the second one parts its head from its body."""
    return len(lines) > 2 and bool(_RULE.fullmatch(lines[1].strip()))


def cells_of_row(line: str) -> list[str]:
    """Return the cells of a row."""
    parts = _ENDS.split(line.strip())[1:]
    kept = parts[:-1] if parts and not parts[-1].strip() else parts
    return [cell.strip().replace("\\|", "|") for cell in kept]


def _rows_as_lists(lines: Sequence[str]) -> Iterator[str]:
    """Yield the rows of a table as lists of their cells; a column without a name names its rows."""
    names = cells_of_row(lines[0])
    for place, line in enumerate(lines[2:]):
        cells = cells_of_row(line)
        if place:
            yield ""
        for number, cell in enumerate(cells):
            name = names[number] if number < len(names) else ""
            if cell:
                yield f"- {name}: {cell}" if name else cell
