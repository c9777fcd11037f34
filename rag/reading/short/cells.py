"""Which cell of a table's row is shown as a short answer: the value beside a column's name, or the name itself.

A reader often points at the name of a column together with the value, or at the name alone, and means the value. Where
the columns are the things that are asked about ("Which plan has a pool?"), the name is the answer and the value isn't.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.language.folding import fold
from index.language.lexicon import known_words, spaced_words, unspaced_words
from index.language.numbers.digits import numbers
from index.language.question_words import asks_which, counts
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens
from index.records import Cell, cells_of, is_blank, is_uncalculated, table_at, tables_of
from rag.question.alike import forms_of, is_among
from rag.question.kinds.answer_type import Expectation
from rag.question.kinds.expectations import Expected
from rag.types import ScoredPassage

__all__ = ["answering_cell", "goes_over_a_blank", "value_named"]

_LONGEST = 100  # code points of a cell that is shown as a short answer
_NUMERIC = re.compile(r"\W*\d[\d\s.,:%/-]*\W*[^\W\d]{0,4}\W*")
_DIGIT = re.compile(r"\d")
_MARK_LETTERS = 3  # "yes", "no", "ja", "x": more letters are a word that says something
_FEW = 3  # words of a value that is shown whole, whichever of them the reader points at
_BEFORE = 3  # signs in which "which" stands before a column's name, in scripts without spaces
_TICKS = frozenset("✓✔☑☒●•xX")


def answering_cell(
    hit: ScoredPassage, start: int, end: int, question: str, kind: Expected, wanted: Expectation | None
) -> tuple[int, int] | None:
    """Return the place (first code point, one past the last) of what is shown for a cell that a span touches.

    The place is empty, `(start, start)`, where nothing is to be shown: the cell is blank, holds more than a few words,
    or a formula without its result, or numbers would have to be compared ("Which team has the most staff?" beside
    "Staff: 31"). `None` where the span lies in no table, or within a longer value. All places are within the passage.

    Args:
        hit: a passage that was read.
        start: first code point of the span.
        end: one past its last.
        question: standing alone.
        kind: what kind of answer it asks for.
        wanted: the same, as its vector says.
    """
    text = hit.passage.text
    found = _row(hit, start, end)
    if found is None:
        return None
    line, cells = found
    if _names_another_number(hit, question):
        return start, start
    number = _asks_for_a_number(kind, wanted)
    cell = next((one for one in cells if start < line + one.end), None)
    if cell is None or not cell.column:
        unnamed = kind == "number" and cell is not None and any(one.column for one in cells)
        return (start, start) if unnamed else None  # what names the rows below it is no number of one of them
    if is_uncalculated(cell.value):
        return start, start
    place = _answering(cell, cells, (start - line, end - line), text[line:], question, number)
    return None if place is None else (line + place[0], line + place[1])


def goes_over_a_blank(hit: ScoredPassage, start: int, end: int) -> bool:
    """Tell whether a span within a passage goes from one cell over an empty one, which may be the one that is meant."""
    found = _row(hit, start, end)
    if found is None:
        return False
    line, cells = found
    touched = [cell for cell in cells if line + cell.end > start and line + cell.start < end]
    return len(touched) > 1 and any(is_blank(cell.value) for cell in touched)


def _names_another_number(hit: ScoredPassage, question: str) -> bool:
    """Tell whether a question asks which row has a number, and this one hasn't: "Which team has 5 staff?"."""
    asked = set(numbers(question))
    if not asked or counts(question) or not asks_which(question):
        return False
    return asked.isdisjoint(numbers(f"{hit.title}\n{hit.passage.heading}\n{hit.passage.text}"))


def value_named(hit: ScoredPassage, question: str) -> bool:
    """Tell whether a question asks which row has a number that it names itself: "Which team has 9 staff?".

    Its number doesn't make it a question for one.

    Args:
        hit: a passage that was read.
        question: standing alone.
    """
    asked = set(numbers(question))
    if not asked or counts(question) or not asks_which(question):
        return False
    assert hit.reading is not None, "only what was read points at a row"
    start, end = hit.reading.start - hit.passage.start, hit.reading.end - hit.passage.start
    found = _row(hit, start, end) or _row(hit, *[len(hit.passage.text)] * 2)  # the span may begin in a heading
    return found is not None and any(asked.issuperset(numbers(cell.value)) and numbers(cell.value) for cell in found[1])


def _row(hit: ScoredPassage, start: int, end: int) -> tuple[int, list[Cell]] | None:
    """Return where the row begins that holds a span, within the passage, and its cells; `None` outside of tables."""
    offset, text = hit.passage.start, hit.passage.text
    table = table_at(tables_of(hit.metadata), start + offset, end + offset)
    if table is None:
        return None
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    return line, list(cells_of(text[line : stop if stop >= 0 else len(text)], table.columns))


def _answering(
    cell: Cell, cells: Sequence[Cell], at: tuple[int, int], row: str, question: str, number: bool
) -> tuple[int, int] | None:
    """Return the place of what is shown of a row, within it; `None` for the words that the reader points at."""
    other = _named_beside(cell, cells, question)
    if other is not None:
        return other.start, other.end
    if not number and _compares(cells, question):
        return at[0], at[0]
    if not number and _says_nothing_alone(cell):
        place = _instead(cell, cells, at, row, question)
        if place is not None:
            return place
    if at[0] >= cell.start and len(tokens(cell.value)) > _FEW:
        return None
    sayable = not is_blank(cell.value) and len(cell.value) <= _LONGEST
    return (cell.start, cell.end) if sayable else (at[0], at[0])


def _named_beside(cell: Cell, cells: Sequence[Cell], question: str) -> Cell | None:
    """Return the only cell whose column a question names, where the reader points at the number of another column."""
    if _holds(question, cell.column) or _holds(question, cell.value):
        return None
    further = _further(cell, cells, forms_of(question))
    if further is not None:
        return further
    if not _says_nothing_alone(cell):
        return None
    named = [one for one in cells if one.column and _holds(question, one.column) and _says_nothing_alone(one)]
    return named[0] if len(named) == 1 and not is_blank(named[0].value) else None


def _further(cell: Cell, cells: Sequence[Cell], asked: Sequence[str]) -> Cell | None:
    """Return the only cell with a number whose column has all that the question says of the given one's, and more.

    "The last departure in summer" is none of "Summer, first departure": what both names share decides nothing.
    """

    def said(one: Cell) -> set[str]:
        return {form for form in forms_of(one.column) if is_among([form], asked)}

    own = said(cell)
    more = [one for one in cells if own and own < said(one) and _DIGIT.search(one.value)]
    return more[0] if len(more) == 1 and _DIGIT.search(cell.value) else None


def _compares(cells: Sequence[Cell], question: str) -> bool:
    """Tell whether numbers of several rows or columns would have to be compared: nothing else shows which is meant.

    The question names a column of numbers and nothing that stands in the row, or several columns of numbers.
    """
    numeric = [one for one in cells if one.column and _NUMERIC.fullmatch(one.value)]
    named = [one for one in numeric if is_among(forms_of(question), forms_of(one.column))]
    asked = forms_of(question)
    held = any(_holds(question, one.value) or is_among(asked, forms_of(one.value)) for one in cells)
    return (bool(named) and not held) or sum(_holds(question, one.column) for one in numeric) > 1


def _instead(cell: Cell, cells: Sequence[Cell], at: tuple[int, int], row: str, question: str) -> tuple[int, int] | None:
    """Return the place, within the row, of what is shown instead of a bare number or a mark.

    It is nothing, the column's name or the row's. `None` where the value may be what is asked for.
    """
    nothing = at[0], at[0]
    asked = next((one for one in cells if one.column and _asks_for_column(one.column, question)), None)
    if asked is not None and asked is not cell:
        return (asked.start, asked.end) if _holds(question, cell.value) and not is_blank(asked.value) else nothing
    if at[1] > cell.start or _holds(question, cell.column):
        return None
    if fold(cell.value) not in known_words("agreements") and cell.value not in _TICKS:
        return nothing
    start = row.rfind(cell.column, 0, cell.start)
    return (start, start + len(cell.column)) if start >= 0 else nothing


def _says_nothing_alone(cell: Cell) -> bool:
    """Tell whether a value is a bare number or a mark, which says something of its column only."""
    letters = sum(char.isalpha() for char in cell.value)
    return bool(_NUMERIC.fullmatch(cell.value)) or (not any(map(str.isdigit, cell.value)) and letters <= _MARK_LETTERS)


def _asks_for_a_number(kind: Expected, wanted: Expectation | None) -> bool:
    sure = wanted is not None and wanted.amount + wanted.date + wanted.year >= wanted.profile.number
    return bool(kind) or wanted is None or sure


def _asks_for_column(column: str, question: str) -> bool:
    """Tell whether a question asks "which" of the things that stand in a column: "Which team has the most staff?"."""
    if script_of(question) in NO_SPACES:
        before = question[max(0, question.find(column) - _BEFORE) : max(0, question.find(column))]
        return any(sign in before for sign in unspaced_words("asking"))
    forms = [token.form for token in tokens(question)]
    named = forms_of(column)
    behind = [forms[n + 1 : n + 2] for n, form in enumerate(forms) if form in spaced_words("which")]
    return len(named) == 1 and any(is_among(named, one) for one in behind)


def _holds(question: str, words: str) -> bool:
    """Tell whether a question holds all of some words."""
    asked = [token.form for token in tokens(question)]
    found = [token.form for token in tokens(words)]
    return bool(found) and all(is_among([form], asked) for form in found)
