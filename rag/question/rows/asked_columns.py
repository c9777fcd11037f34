"""Which column of a row a question asks for, where it names the column in other words or in another language.

A reader takes the neighbour of an empty cell for the answer, and of two columns of one kind (from and until, buying and
selling, first and last) it often takes the wrong one. So it reads the row once more, a column at a time, each beside
the cells that the question names ("Day: Friday | To: 17"); an empty cell as if it held what another row has there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from index.language.numbers.quantities import DATE, held
from index.language.question_words import asks_for_a_name
from index.records import BETWEEN, Cell, is_blank, is_uncalculated
from rag.question.alike import names
from rag.question.kinds.answer_type import Expectation
from rag.question.kinds.expectations import Expected
from rag.question.rows.rereading import Rereading
from rag.types import Reading, ScoredPassage

__all__ = ["Asked", "Near", "Trial", "at_asked_column", "blank_column", "without_words"]

Near: TypeAlias = Callable[[Sequence[str]], Sequence[float]]
"""Returns how near names of columns are to the question, as cosines of their vectors."""

_MOST = 16  # columns, each of which is read
_DATE = "3.5.1990"
_UNKNOWN = -99.0  # stands for minus infinity: words that are not the answer


def _no_nearness(words: Sequence[str]) -> Sequence[float]:
    return [0.0 for _ in words]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is read with columns.

    Attributes:
        question: standing alone.
        kind: what kind of answer it asks for.
        again: reads with it; `None`: only words that are alike name a column.
        near: how near names of columns are to it.
        wanted: what it asks for, as its vector says.
    """

    question: str
    kind: Expected = ""
    again: Rereading | None = None
    near: Near = _no_nearness
    wanted: Expectation | None = None

    @property
    def sample(self) -> str:
        """A value of the kind that is asked for, to stand in an empty column of an unknown kind: a date, or `""`."""
        wanted = self.wanted
        return _DATE if wanted is not None and wanted.date >= wanted.profile.only_number else ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A row that is tried column by column.

    Attributes:
        hit: the passage that holds it.
        start: where the row begins in the document.
        cells: what it holds.
        known: columns whose values the question names: it doesn't ask for these.
        blank: what would stand in the columns that hold nothing, or a formula without its result.
        unknown: those of them of which no other row says what kind of value they hold.
    """

    hit: ScoredPassage
    start: int
    cells: tuple[Cell, ...]
    known: frozenset[str]
    blank: Mapping[str, str]
    unknown: frozenset[str] = frozenset()

    @property
    def values(self) -> dict[str, str]:
        """What stands, or would stand, in each column that may be asked for."""
        filled = {
            cell.column: cell.value
            for cell in self.cells
            if cell.column and cell.column not in {*self.known, *self.blank}
        }
        return {**filled, **self.blank}

    @property
    def row_name(self) -> str:
        """The column of what the row is called: its first, where the question names nothing in the row."""
        filled = (cell.column for cell in self.cells if not is_blank(cell.value))
        return "" if self.known else next(filled, "")

    @property
    def is_at_formula(self) -> bool:
        """Whether the reader points at a formula without its result: no other column is asked for."""
        reading, start = self.hit.reading, self.start
        return reading is not None and any(
            is_uncalculated(cell.value) and start + cell.start <= reading.start < start + cell.end
            for cell in self.cells
        )


def blank_column(trial: Trial, named: Sequence[str] | None, asked: Asked) -> str | None:
    """Return the name of the empty column that a question asks for, `""` where it asks for none, or for a formula.

    Args:
        trial: the row.
        named: empty columns that the question's words name; none where they name one that is filled in; `None` where
            they name no column.
        asked: the question.

    Returns:
        `None` where it can't be decided: without a reader, in a row of too many columns.
    """
    if trial.is_at_formula:
        return ""
    readings = _readings(trial, asked.again) if trial.blank else {}
    if asked.again is None or not readings.keys() & trial.blank.keys():
        return None
    profile = asked.again.profile
    scores = _scores(readings, trial, asked, profile.nearness)
    blank = [column for column in trial.blank if column in scores]
    others = max((score for column, score in scores.items() if column not in trial.blank), default=_UNKNOWN)
    if named:
        wanted = max((scores[column] for column in named if column in scores), default=_UNKNOWN)
        return "" if others >= wanted + profile.surer_than_words else named[0]
    formulas = {cell.column for cell in trial.cells if is_uncalculated(cell.value)}
    best = max(blank, key=lambda column: scores[column], default="")
    ahead = profile.surer if named is None else profile.surer_than_words
    is_asked = best and readings[best].answers >= profile.least and scores[best] >= others + ahead
    return best if is_asked and best not in formulas else ""


def at_asked_column(trial: Trial, asked: Asked) -> ScoredPassage:
    """Return the passage with the words of the column that the question asks for, or none where that isn't sure.

    It stays as it is where its words are no cell of a column that is tried, or the question names their column.

    Args:
        trial: the row, which was read.
        asked: the question.
    """
    hit, start, cell = trial.hit, trial.start, _pointed_at(trial, asked.question)
    if cell is None or len(trial.values) < 2 or trial.is_at_formula:
        return hit
    if _is_named_alone(cell, trial, asked.question):
        return _within(hit, cell, start)
    readings = _readings(trial, asked.again)
    if asked.again is None or len({seen.answers for seen in readings.values()}) < 2:  # names alone decide nothing
        return _within(hit, cell, start)
    profile = asked.again.profile
    scores = _scores(readings, trial, asked, profile.nearness)
    best, second = (*sorted(scores, key=lambda column: -scores[column]), "")[:2]
    lead = scores[best] - scores.get(second, _UNKNOWN)
    if best == cell.column and (second not in trial.blank or lead >= profile.surer):
        return _within(hit, cell, start)
    chosen = next((one for one in trial.cells if one.column == best and not is_blank(one.value)), None)
    if chosen is None or lead < profile.leads:
        return without_words(hit)
    return _pointing_at(hit, start + chosen.start, start + chosen.end, readings[best].span)


def without_words(hit: ScoredPassage) -> ScoredPassage:
    """Return a passage that was read as one whose reader doesn't know which words answer."""
    assert hit.reading is not None, "only what was read has words"
    return replace(hit, reading=replace(hit.reading, span=_UNKNOWN, others=(), within=()))


def _pointed_at(trial: Trial, question: str) -> Cell | None:
    """Return the cell that the reader points at, if its column may be asked for.

    A value that only repeats the question is no answer, and others may take its place; one that shares words with it
    may be one. Where the question names nothing in the row, what the row is called may be asked for.
    """
    reading, start = trial.hit.reading, trial.start
    if reading is None or reading.start < start:
        return None
    cell = next((one for one in trial.cells if reading.start < start + one.end), None)
    if cell is None or not cell.column or cell.column == trial.row_name:
        return None
    return cell if cell.column not in trial.known or names(question, cell.value) else None


def _is_named_alone(cell: Cell, trial: Trial, question: str) -> bool:
    """Tell whether the question names a cell's column with all its words, and no other that is tried."""
    return [column for column in trial.values if names(question, column)] == [cell.column]


def _scores(readings: Mapping[str, Reading], trial: Trial, asked: Asked, nearness: float) -> dict[str, float]:
    """Return the log-odds of each column that it is asked for; without what can't answer, if anything else is there.

    A date doesn't where the question asks who or where, words don't where it asks for a number; an empty column of an
    unknown kind may answer either. What the row is called stands beside each column, so that it isn't tried.
    """
    values, language, wanted = trial.values, trial.hit.passage.language, asked.wanted
    number = wanted is not None and wanted.amount + wanted.date + wanted.year >= wanted.profile.only_number
    name = asks_for_a_name(asked.question)
    columns = [column for column in readings if column != trial.row_name]
    scores = {
        column: readings[column].answers + nearness * cosine
        for column, cosine in zip(columns, asked.near(columns), strict=True)
    }
    fitting = {
        column: score
        for column, score in scores.items()
        if column in trial.unknown
        or (
            not (number and not any(map(str.isdigit, values[column])))
            and not (name and DATE in held(values[column], language))
        )
    }
    return fitting or scores


def _within(hit: ScoredPassage, cell: Cell, start: int) -> ScoredPassage:
    """Return a passage whose words end where the cell does in which they begin: more would be another's value too."""
    reading = hit.reading
    assert reading is not None, "only what was read has words"
    if reading.end <= start + cell.end:
        return hit
    return _pointing_at(hit, max(reading.start, start + cell.start), start + cell.end, reading.span)


def _pointing_at(hit: ScoredPassage, start: int, end: int, span: float) -> ScoredPassage:
    assert hit.reading is not None, "only what was read has words"
    return replace(hit, reading=replace(hit.reading, start=start, end=end, span=span, others=(), within=()))


def _readings(trial: Trial, again: Rereading | None) -> dict[str, Reading]:
    """Return what the reader sees in each column beside the cells that the question names."""
    columns = trial.values
    if again is None or not 1 < len(columns) <= _MOST:
        return {}
    filled = [cell for cell in trial.cells if not is_blank(cell.value) and not is_uncalculated(cell.value)]
    kept = [cell for cell in filled if cell.column in trial.known] or filled[:1]
    before = [f"{cell.column}: {cell.value}" if cell.column else cell.value for cell in kept]
    hits = [_with(trial.hit, BETWEEN.join([*before, f"{column}: {value}"])) for column, value in columns.items()]
    return dict(zip(columns, again.read(hits), strict=False))


def _with(hit: ScoredPassage, text: str) -> ScoredPassage:
    passage = replace(hit.passage, text=text, end=hit.passage.start + len(text))
    return replace(hit, passage=passage, sentences=(), metadata={}, reading=None)
