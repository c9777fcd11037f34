"""Tables of plain text, whose cells stand below each other by spaces or tabulators: each row becomes a record.

With their spaces gone, a cell that is empty would hold what stands in the next column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.sources.tables.pages.pagecolumns import Line, Segment
from index.sources.tables.pages.pdf import table_of_lines
from index.sources.tables.records import table_text
from index.sources.text.marks import MARK

__all__ = ["with_tables_marked"]

_FEWEST = 3  # lines: the names of the columns and two rows
_TAB = 8  # columns of a terminal
_CELL = re.compile(r"\S+(?: \S+)*")
_LIKELY = re.compile(r"\S *(?: {2}|\t)[ \t]*\S")
_LONGEST_LINE = 400
_SIZE = 2.0  # of letters, in columns, so that one is half as wide as it is high


def with_tables_marked(text: str) -> str:
    """Return a text with the rows of its tables as marked records; what is no table for sure stays as it is."""
    if not _LIKELY.search(text):
        return text
    return "\n".join(_written(text.split("\n")))


def _written(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _is_row(lines[end]):
            end += 1
        rows = [_cells(line, number) for number, line in enumerate(lines[at:end])]
        grid = table_of_lines(rows) if len(rows) >= _FEWEST else None
        if grid is None:
            yield from lines[at : end + 1]
            at = end + 1
        else:
            yield from table_text(grid)[0].split("\n")
            at = end


def _is_row(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and not line.startswith(MARK) and _LIKELY.search(line) is not None


def _cells(line: str, number: int) -> Line:
    found = ((len(line[: one.start()].expandtabs(_TAB)), one[0]) for one in _CELL.finditer(line))
    return [Segment(start, start + len(words), -_SIZE * number, words, _SIZE) for start, words in found]
