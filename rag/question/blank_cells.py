"""Which empty cell of a row a question asks for, where it names the column in other words or in another language.

The words that a reader chose tell it: they stand in the empty cell itself ("Salary: –"), or in the cell beside it,
whose column fits the question worse than the empty one does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from index.records import Cell, is_blank
from index.types import FloatArray
from rag.types import Reading

__all__ = ["Embed", "blank_column"]

Embed: TypeAlias = Callable[[str], FloatArray]

# So much nearer to the question must the name of an empty cell's column be than that of the cell with the words that
# the reader chose: single words say little, and a refusal where the value stands is a fault as well.
_NEARER = 0.045
_MOST_BLANK = 16  # names that are compared, each of which is embedded


def blank_column(
    question: str,
    cells: Sequence[Cell],
    offset: int,
    reading: Reading | None,
    named: frozenset[str],
    embed: Embed | None,
) -> str:
    """Return the name of the column that a question asks for and that is empty in a row, `""` when it isn't.

    Args:
        question: standing alone.
        cells: of the row, in order.
        offset: of the row in its document.
        reading: what a reader saw in the passage that holds the row; without one nothing is told.
        named: columns whose values the question names: it doesn't ask for these.
        embed: gives the vector of a text.
    """
    if reading is None:
        return ""
    start, end = reading.start - offset, reading.end - offset
    read = [cell for cell in cells if cell.start < end and start < cell.end + 1 and cell.column not in named]
    read = read or [cell for cell in cells if _begin(cell) < end and start <= cell.end and cell.column not in named]
    blank = [cell.column for cell in cells if is_blank(cell.value) and cell.column and cell.column not in named]
    if not read:
        return ""
    if is_blank(read[0].value):
        return read[0].column
    if embed is None or len(read) > 1 or not read[0].column or not 0 < len(blank) <= _MOST_BLANK:
        return ""
    vector = embed(question)
    near = {column: float(vector @ embed(column)) for column in (read[0].column, *blank)}
    best = max(blank, key=lambda column: near[column])
    return best if near[best] >= near[read[0].column] + _NEARER else ""


def _begin(cell: Cell) -> int:
    """Return about where a cell's name begins."""
    return cell.start - len(cell.column) - 2 if cell.column else cell.start
