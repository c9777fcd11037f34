"""What a file says about itself, read as a row: each line ("Published by: Grań") is a column with its value."""

from __future__ import annotations

from index.records import Cell
from rag.question.rows.asked_columns import Trial
from rag.types import ScoredPassage

__all__ = ["property_trial"]

_MARK = ": "


def property_trial(hit: ScoredPassage) -> Trial | None:
    """Return the properties of a file as a row that can be tried column by column, `None` for any other passage."""
    span, passage = hit.metadata.get("properties"), hit.passage
    match span:
        case [int(start), int(end)] if start <= passage.start and passage.end <= end:
            return Trial(hit, passage.start, tuple(_cells(passage.text)), frozenset(), {})
        case _:
            return None


def _cells(text: str) -> list[Cell]:
    """Return a cell for each line; one without a name, such as "About the file plan.pdf", is what the row is called."""
    cells, at = [], 0
    for line in text.split("\n"):
        name, mark, value = line.partition(_MARK)
        if line.strip():
            begin = at + len(name) + len(mark) if mark else at
            cells.append(Cell(name if mark else "", value if mark else name, begin, at + len(line)))
        at += len(line) + 1
    return cells
