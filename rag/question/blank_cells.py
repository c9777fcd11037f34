"""Which empty cell of a row a question asks for, where it names the column in other words or in another language.

A reader takes the neighbour of an empty cell for the answer. So it reads the row once more, a column at a time, each
beside the cells that the question names ("Day: Friday | To: 17"); an empty cell as if it held what another row has
there. Where the reader is surest of such a one, that is what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from index.records import BETWEEN, Cell
from rag.types import Reading, ScoredPassage

__all__ = ["ReadAgain", "Trial", "blank_column"]

ReadAgain: TypeAlias = Callable[[Sequence[ScoredPassage]], Sequence[Reading]]
"""Reads passages with the question once more; none where there is no reader."""

# 81 questions in ten languages to twelve tables, each with every column empty in turn, seven of which chose these
# numbers: 56 empty cells that were asked for are said, and 9 of 213 that weren't. By what the reader pointed at first
# and by the vectors of the names it was 43 and 16; these vectors beside this add nothing.
_SURER = 0.5  # log-odds by which an empty cell is surer than all others
_SURER_THAN_WORDS = 2.0  # the same where the question's words name another column
_LEAST = -3.0  # log-odds under which no cell is asked for
_MOST = 16  # columns, each of which is read


@dataclass(frozen=True, slots=True)
class Trial:
    """A row that is tried column by column.

    Attributes:
        hit: the passage that holds it.
        cells: those that hold something.
        known: columns whose values the question names: it doesn't ask for these.
        blank: what would stand in the columns that are empty.
    """

    hit: ScoredPassage
    cells: tuple[Cell, ...]
    known: frozenset[str]
    blank: Mapping[str, str]


def blank_column(trial: Trial, named: Sequence[str] | None, again: ReadAgain | None) -> str | None:
    """Return the name of the empty column that a question asks for, `""` where it asks for none.

    Args:
        trial: the row.
        named: empty columns that the question's words name; none where they name one that is filled in; `None` where
            they name no column.
        again: reads with the question; `None` without a reader.

    Returns:
        `None` where it can't be decided: without a reader, in a row of too many columns.
    """
    scores = _scores(trial, again) if trial.blank else {}
    blank = [column for column in trial.blank if column in scores]
    if not blank:
        return None
    others = max((score for column, score in scores.items() if column not in trial.blank), default=_LEAST)
    if named:
        wanted = max((scores[column] for column in named if column in scores), default=others)
        return "" if others >= wanted + _SURER_THAN_WORDS else named[0]
    best = max(blank, key=lambda column: scores[column])
    ahead = _SURER if named is None else _SURER_THAN_WORDS
    return best if scores[best] >= max(_LEAST, others + ahead) else ""


def _scores(trial: Trial, again: ReadAgain | None) -> dict[str, float]:
    """Return the log-odds of each column that it answers."""
    filled = {cell.column: cell.value for cell in trial.cells if cell.column and cell.column not in trial.known}
    columns = {**filled, **trial.blank}
    if again is None or not 1 < len(columns) <= _MOST:
        return {}
    kept = [cell for cell in trial.cells if cell.column in trial.known] or list(trial.cells[:1])
    before = [f"{cell.column}: {cell.value}" if cell.column else cell.value for cell in kept]
    hits = [_with(trial.hit, BETWEEN.join([*before, f"{column}: {value}"])) for column, value in columns.items()]
    return dict(zip(columns, (reading.answers for reading in again(hits)), strict=False))


def _with(hit: ScoredPassage, text: str) -> ScoredPassage:
    passage = replace(hit.passage, text=text, end=hit.passage.start + len(text))
    return replace(hit, passage=passage, sentences=(), metadata={}, reading=None)
