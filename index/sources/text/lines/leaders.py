"""Lists of names with what belongs to each far to the right: "Bicycle ........ 1.10 euros", or a tabulator between.

Each line is a row with two cells. Read as prose, the price of one line would stand beside the name of the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.language.hygiene import clean_line
from index.records import BETWEEN, BLANK
from index.sources.text.marks import MARK, mark_first, mark_row

__all__ = ["is_pair", "leader_rows"]

Pair = tuple[str, str]

_GAP = re.compile(r"\s*(?:[.·‧․]{4,}|…{2,}|(?:[.·…] ){4,}[.·…]?)\s*|[^\S\n]*\t[^\S\n]*")
_FEWEST = 2  # lines below each other
_LONGEST_NAME, _LONGEST_VALUE, _LONGEST_LINE = 80, 60, 400
_FEWEST_LETTERS = 2  # fewer before a gap count the lines: "a)"
_NUMBER = re.compile(r"\(?(?:[\divxlc]+|\w)[.)]+", re.IGNORECASE)
_PAGE = re.compile(r"\d{1,4}|[ivxlc]{1,6}", re.IGNORECASE)
_COLONS = (":", "：")


def leader_rows(lines: Sequence[str]) -> list[str]:
    """Return lines, those of such lists as marked records of a table, or as fields where the names end with colons.

    Tables of contents stay as they are, and so do forms in which nothing is filled in.
    """
    written: list[str] = []
    run: list[Pair] = []
    for at, line in enumerate([*lines, ""]):
        pair = _pair(line)
        if pair is not None:
            run.append(pair)
            continue
        written += _records(run) if _is_list(run) else lines[at - len(run) : at]
        run = []
        written.append(line)
    return written[:-1]


def is_pair(line: str) -> bool:
    """Tell whether a line is a name and what belongs to it; with others below it, it is a row of a list."""
    return _pair(line) is not None


def _pair(line: str) -> Pair | None:
    parts = _GAP.split(line.lstrip(" ")) if len(line) <= _LONGEST_LINE and not line.startswith(MARK) else []
    match [part for at, part in enumerate(parts) if part or at == 0]:
        case [name]:
            name, value = clean_line(name), ""
        case [name, value]:
            name, value = clean_line(name), clean_line(value)
        case _:
            return None
    fits = len(name) <= _LONGEST_NAME and len(value) <= _LONGEST_VALUE and len(parts) > 1
    return (name, value) if fits and _names(name) else None


def _names(words: str) -> bool:
    return sum(map(str.isalpha, words)) >= _FEWEST_LETTERS and not _NUMBER.fullmatch(words)


def _is_list(run: Sequence[Pair]) -> bool:
    values = [value for _, value in run if value]
    return len(run) >= _FEWEST and bool(values) and not _are_pages(values)


def _are_pages(values: Sequence[str]) -> bool:
    """Tell whether values are the page numbers of a table of contents: they never fall."""
    if not all(map(_PAGE.fullmatch, values)):
        return False
    numbers = [int(value) for value in values if value.isdecimal()]
    return numbers == sorted(numbers)


def _records(run: Sequence[Pair]) -> list[str]:
    if all(name.endswith(_COLONS) for name, _ in run):
        return [f"{name} {value or BLANK}" for name, value in run]
    records = [f"{name}{BETWEEN}{value or BLANK}" for name, value in run]
    first = mark_first(records[0], 1, "", "", [])
    return [first, *(mark_row(record, row) for row, record in enumerate(records[1:], 2))]
