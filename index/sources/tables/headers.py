"""Which rows at the top of a table name its columns, where the file doesn't say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.sources.tables.grid import GridCell, distinct

__all__ = ["STRONG", "column_names", "header_depth", "is_value"]

_MOST_DEPTH = 4
_LONGEST_NAME = 80
_LABELS = 3  # rows of plain words from which a first row of words may name them
_MOSTLY = 0.8
_MANY = 4  # values among which a few that look like years may be none
STRONG = 2
"""Header found by its look or by what stands under it; 1: only because all cells are short words."""
_VALUE = re.compile(
    r"[^\w]{0,3}(?:[A-Z]{1,3}\s?)?[-+−–(]?\s?[^\w\s]?\s?\d[\d\s.,'’:/\-−–٫٬]*(?:[eE][+-]?\d+)?\s?(?:[%‰°]|[^\W\d]{1,4}[²³]?|\S)?\)?\.?\Z"
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[/–-]\d{2,4})?\Z")
_PERIOD = re.compile(r"[A-Z]\d{1,2}(?:[ /'’-]*(?:\d\d){1,2})?\Z")  # Q1 2023, H2, T3, W12
_SENTENCE = re.compile(r"[.!?。！？]\s*\Z")

Row = Sequence[GridCell]


def is_value(text: str) -> bool:
    """Tell whether a cell holds a number, a date, an amount or a yes and no, and no name."""
    return bool(_VALUE.match(text)) or text in ("TRUE", "FALSE", "–", "-") or text.startswith("#")


def header_depth(rows: Sequence[Row], declared: int | None) -> tuple[int, int]:
    """Return how many rows name the columns, and how sure that is (0 to `STRONG`).

    Args:
        rows: of the table, without lines above it.
        declared: what the file says; `None` when it says nothing.
    """
    if declared is not None:
        depth = _with_cells_below(rows, max(0, min(declared, len(rows) - 1)))
        return (depth, STRONG) if depth or not declared else (0, 0)
    if len(rows) < 2 or len(rows[0]) < 2:
        return 0, 0
    depth = 1
    while depth < min(_MOST_DEPTH, len(rows) - 1) and _goes_on(rows[depth - 1], rows[depth], rows[depth + 1 :]):
        depth += 1
    sure = _sureness(rows, depth)
    if not sure and depth > 1:
        depth, sure = 1, _sureness(rows, 1)
    return (depth, sure) if sure else (0, 0)


def _with_cells_below(rows: Sequence[Row], depth: int) -> int:
    """Return the depth of a header with the rows into which its cells reach: programs mark its first row only."""
    reach = depth
    while 0 < reach < len(rows) and any(
        one is other and one.text for one, other in zip(rows[reach - 1], rows[reach], strict=True)
    ):
        reach += 1
    return reach if reach < len(rows) and reach <= _MOST_DEPTH else depth


def _goes_on(row: Row, below: Row, rest: Sequence[Row]) -> bool:
    """Tell whether a row of names is one of groups: it has cells over several columns, or gaps that the next fills."""
    if not _names(below):
        return False
    pairs = list(zip(row, below, strict=True))
    wide = any(1 < cell.width < len(row) for cell in row if cell.text)
    if wide or any(one is other and one.text for one, other in pairs):
        return True
    gaps = [at for at, (one, other) in enumerate(pairs) if at and other.text and not one.text and row[at - 1].text]
    completes = any(one.text and not other.text for one, other in pairs) or not row[0].text
    return completes and any(_is_over_values(at, below[at].text, rest) for at in gaps)


def _is_over_values(at: int, name: str, rest: Sequence[Row]) -> bool:
    held = [row[at].text for row in rest if row[at].text]
    return bool(held) and _mostly_values(held) and (not is_value(name) or not all(map(_YEAR.match, held)))


def _names(row: Row) -> bool:
    """Tell whether a row may name columns: short words or years."""
    texts = [cell.text for cell in distinct(row)]
    return len(texts) > 1 and all(_is_name(text) for text in texts)


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and (bool(_YEAR.match(text) or _PERIOD.match(text)) or not is_value(text))


def _sureness(rows: Sequence[Row], depth: int) -> int:
    """Return how sure it is that the first rows name the columns, 0 to `STRONG`."""
    body = [row for row in rows[depth:] if not all(cell is row[0] for cell in row)]
    names = column_names(rows[:depth])
    lowest = rows[depth - 1]  # one name over several columns is one
    own_names = [name for at, name in enumerate(names) if name and not (at and lowest[at] is lowest[at - 1])]
    named = sum(map(bool, names))
    distinctly = len(own_names) > 1 and len(set(own_names)) == len(own_names) and 2 * named >= len(names)
    if not distinctly or not _names(lowest):
        return 0
    if _is_shown(lowest, body):
        return STRONG
    if len(names) == 2 and _is_form(_columns(names, body)):
        return 0
    if _stands_over_values(names, own_names, body):
        return STRONG
    return int(_may_name(names, own_names, body))


def _is_shown(row: Row, body: Sequence[Row]) -> bool:
    """Tell whether a row looks otherwise than those below it."""
    return all(cell.head for cell in distinct(row)) and not all(cell.head for line in body for cell in line)


def _is_form(columns: Sequence[Sequence[str]]) -> bool:
    """Tell whether two columns hold labels and what is written beside them: the first row is a pair as all others.

    Its values are of several kinds; a single one among words and empty cells proves nothing.
    """
    labels, held = columns
    if sum(label.endswith((":", "：")) for label in labels) > len(labels) / 2:
        return True
    kinds = Counter(_kind(text) for text in held if is_value(text))
    years = min(kinds["year"], kinds["number"]) if kinds.total() >= _MANY else 0
    if kinds.total() < 2:
        return bool(kinds) and len(labels) > 1
    return kinds.most_common(1)[0][1] + years < _MOSTLY * kinds.total()


def _kind(value: str) -> str:
    """Return what kind of value a cell holds: a year, a date or time, a number, or an amount by its unit."""
    if _YEAR.match(value):
        return "year"
    if len(re.findall(r"(?<=\d)[./:\-–](?=\d)", value)) > 1 or re.match(r"\d{1,2}:\d\d", value):
        return "date"
    return "".join(letter for letter in value if letter.isalpha() or letter in "%‰°") or "number"


def _stands_over_values(names: Sequence[str], own_names: Sequence[str], body: Sequence[Row]) -> bool:
    if sum(map(bool, map(_YEAR.match, own_names))) > len(own_names) / 2 and not _YEAR.match(names[0]):
        return True
    return any(name and held and _mostly_values(held) for name, held in zip(names, _columns(names, body), strict=True))


def _may_name(names: Sequence[str], own_names: Sequence[str], body: Sequence[Row]) -> bool:
    """Tell whether words over words may be names: none comes again below, and all columns but the first have one."""
    columns = _columns(names, body)
    again = any(name in held for name, held in zip(names, columns, strict=True))
    if again or not all(names[1:]) or any(_SENTENCE.search(name) for name in own_names):
        return False
    return len(names) > 2 or (len(body) >= _LABELS and not _is_mixed(columns[1]))


def _columns(names: Sequence[str], body: Sequence[Row]) -> list[list[str]]:
    return [[row[at].text for row in body if row[at].text] for at in range(len(names))]


def _mostly_values(held: Sequence[str]) -> bool:
    return sum(map(is_value, held)) >= _MOSTLY * len(held)


def _is_mixed(held: Sequence[str]) -> bool:
    """Tell whether a column holds values of several kinds, as the right half of a form does."""
    return 0 < sum(map(is_value, held)) < len(held)


def column_names(heads: Sequence[Row]) -> list[str]:
    """Return a name for each column: the words above it from top to bottom, those of a group over all its columns."""
    names: list[list[str]] = [[] for _ in heads[0]] if heads else []
    for level, row in enumerate(heads):
        group = ""
        for at, cell in enumerate(row):
            below = any(other[at].text for other in heads[level + 1 :])
            gap = not cell.text and level + 1 < len(heads) and below
            group = cell.text or (group if gap and not _own(heads, level, at) else "")
            if group and group not in names[at]:
                names[at].append(group)
    return [" ".join(found) for found in names]


def _own(heads: Sequence[Row], level: int, at: int) -> bool:
    """Tell whether a gap belongs to no group: the cell above it in an earlier row names it already."""
    return any(row[at].text for row in heads[:level])
