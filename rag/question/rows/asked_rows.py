"""Which row of a table a question asks for, and whether its cell holds anything.

A row says everything about one thing in few words, and its neighbours say the same of others in the same words. What
parts them are the values that the question names: of two rows of a table, the one that holds all that the other
holds of the question, and more, is meant. A cell that is empty there is no answer, and its neighbour isn't one either;
and where several rows fit, none of them says how many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from index.records import cells_of, is_blank, is_uncalculated, location
from index.types import Document
from rag.question.alike import alike, among, forms_of, names
from rag.question.rows.asked_columns import Asked, Trial, at_asked_column, blank_column, without_words
from rag.question.rows.named_rows import Row, rows_of, table_around
from rag.question.rows.property_lines import property_trial
from rag.question.rows.rereading import Rereading
from rag.types import ScoredPassage

__all__ = ["ask_of_rows", "meant_first", "pointed_again", "settled"]

_MOST_TRIED = 50  # rows in which a value is looked for that might stand in an empty cell
_MOST_NAMED = 3  # columns that a remark names


def meant_first(
    question: str, hits: Sequence[ScoredPassage]
) -> tuple[tuple[ScoredPassage, ...], tuple[ScoredPassage, ...]]:
    """Return the hits without rows that another row of their table outdoes, and those rows, each in the order given."""
    found = rows_of(question, hits)
    outdone = {row.place for rows in _grouped(found) for row in rows if _is_outdone(row, rows)}
    outdone |= {row.place for row in found if row.asked is not None and _is_of_another_kind(row, found)}
    outdone |= {row.place for row in found if _is_of_another_list(row, found)}
    places = range(len(hits))
    return tuple(hits[n] for n in places if n not in outdone), tuple(hits[n] for n in places if n in outdone)


def ask_of_rows(asked: Asked, hits: Sequence[ScoredPassage], document: Callable[[str], Document]) -> str:
    """Return why the best hit, a row of a table, doesn't answer a question: `""` when it may, or is no row.

    Args:
        asked: the question.
        hits: best first, those that are meant.
        document: looks up a document by its id.
    """
    question = asked.question
    rows = rows_of(question, hits)
    if not rows or rows[0].place != 0:
        return ""
    best = rows[0]
    if asked.kind == "number" and _is_one_of_several(question, best, rows[1:]):
        return "several rows of a table fit, and rows are not counted or added up"
    hit, (start, end) = hits[best.place], best.span
    named = _missing(question, best)
    column = blank_column(_trial(asked, best, rows, hit, document), named, asked)
    missing = named if named and column in (None, *named) else [column] if column else []
    if not missing:
        return ""
    where = location(document(hit.passage.document_id), start, end)
    return f"{', '.join(missing[:_MOST_NAMED])}: not given in {where}"


def pointed_again(
    asked: Asked, hits: Sequence[ScoredPassage], document: Callable[[str], Document]
) -> tuple[ScoredPassage, ...]:
    """Return the hits, the best of them, if it is a row, with the words of the cell that the question asks for.

    So with the lines of what a file says about itself. None of its words are pointed at where another row fits as
    well, or another column.

    Args:
        asked: the question.
        hits: best first, those that are meant.
        document: looks up a document by its id.
    """
    if not hits or hits[0].reading is None:
        return tuple(hits)
    if (properties := property_trial(hits[0])) is not None:
        return (at_asked_column(properties, asked), *hits[1:])
    rows = rows_of(asked.question, hits)
    if not rows or rows[0].place != 0:
        return tuple(hits)
    best, hit = rows[0], hits[0]
    if any(_rivals(row, best, hits, asked.again) for row in rows[1:]):
        return (without_words(hit), *hits[1:])
    trial = _trial(asked, best, rows, hit, document)
    return (at_asked_column(trial, asked), *hits[1:])


def _is_one_of_several(question: str, best: Row, others: Sequence[Row]) -> bool:
    """Tell whether rows would have to be counted or added up: several of one table fit, and no number in them is named.

    "How many cells per litre at Almada?" names the column; where it has two values, both rows are shown.
    """
    columns = [cell.column for cell in best.cells if any(map(str.isdigit, cell.value))]
    if best.named and any(len(forms_of(column)) > 1 and names(question, column) for column in columns):
        return False  # one word may be what is counted: "order: 10006"
    return any(_fits_as_well(row, best) and row.section == best.section for row in others)


def _fits_as_well(row: Row, best: Row) -> bool:
    """Tell whether another row of the same columns holds the same words of the question."""
    return row.group == best.group and (row.named, row.about) == (best.named, best.about)


def _rivals(row: Row, best: Row, hits: Sequence[ScoredPassage], again: Rereading | None) -> bool:
    """Tell whether a row that fits as well is nearly as likely: the same line of the tables for summer and winter."""
    one, other = hits[best.place].reading, hits[row.place].reading
    if again is None or one is None or other is None or not row.named or not _fits_as_well(row, best):
        return False
    return other.answers > one.answers - again.profile.clearly


def _trial(
    asked: Asked, row: Row, rows: Sequence[Row], hit: ScoredPassage, document: Callable[[str], Document]
) -> Trial:
    """Return what is needed to try a row column by column; nothing is empty in a row of which nothing is named."""
    cells = tuple(cell for cell in row.cells if _is_value(cell.value))
    words, held = forms_of(asked.question), {cell.column for cell in cells}
    known = frozenset(cell.column for cell in cells if cell.column and among(words, forms_of(cell.value)))
    there = row.columns if row.asked is None else [cell.column for cell in row.cells]
    empty = [column for column in there if column and column not in held]
    if not empty or hit.reading is None:
        return Trial(hit, row.span[0], row.cells, known, {})
    beside = {cell.column: cell.value for other in rows if other.group == row.group for cell in other.cells}
    values = {
        **_in_other_rows(hit, row, document),
        **{name: value for name, value in beside.items() if _is_value(value)},
    }
    usual = asked.sample or (cells[-1].value if cells else "")
    blank = {column: values.get(column, usual) for column in empty}
    return Trial(hit, row.span[0], row.cells, known, blank, frozenset(empty) - values.keys())


def _in_other_rows(hit: ScoredPassage, row: Row, document: Callable[[str], Document]) -> dict[str, str]:
    """Return of each column a value that another row of the table has."""
    table = table_around(hit, row.span[0])
    if table is None:
        return {}
    text = document(hit.passage.document_id).text[table.start : table.end]
    lines = text.split("\n", _MOST_TRIED)[:_MOST_TRIED]
    cells = (cell for line in lines for cell in cells_of(line, table.columns))
    return {cell.column: cell.value for cell in cells if _is_value(cell.value)}


def _is_value(text: str) -> bool:
    return not is_blank(text) and not is_uncalculated(text)


def _grouped(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """Return the rows whose columns have the same names, those of several files too; without names, of one table."""
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.group[1] or row.group].append(row)
    return groups.values()


def _is_outdone(row: Row, rows: Sequence[Row]) -> bool:
    return any(_held(row, other) < _held(other, row) for other in rows)


def _held(row: Row, other: Row) -> frozenset[str]:
    """Return the question's words that a row holds, beside another one, with what is written above both."""
    held = row.named | row.about
    return held if row.group[0] == other.group[0] else held | row.titled


def _is_of_another_kind(row: Row, rows: Sequence[Row]) -> bool:
    """Tell whether another object of the file holds the same words of the question, and more of what it asks for."""
    return any(
        _words(row) <= _words(other) and _asked(row) < _asked(other) for other in rows if _in_one_file(row, other)
    )


def _is_of_another_list(row: Row, rows: Sequence[Row]) -> bool:
    """Tell whether a row without columns holds no word of the question, and one of another file does, and its title."""
    if row.columns or row.named or row.about or row.titled or row.asked is not None:
        return False
    return any(other.named and other.titled and not other.columns and other.asked is None for other in rows)


def _in_one_file(row: Row, other: Row) -> bool:
    return bool(row.named) and other.asked is not None and row.group[0] == other.group[0]


def _words(row: Row) -> set[str]:
    """Return the question's words among a row's values; whole values count where columns are the same."""
    return {form for form in row.named if " " not in form}


def _asked(row: Row) -> set[str]:
    return set(row.asked or ()) - row.named


def _missing(question: str, row: Row) -> list[str] | None:
    """Return the columns that the question asks for in a row that it names, when the row has nothing there.

    `None` where the words of the question don't tell which column it asks for.
    """
    if not row.named:
        return None
    asked = forms_of(question)
    answered = {cell.column for cell in row.cells if among(asked, forms_of(cell.value))}
    held = {cell.column for cell in row.cells if not is_blank(cell.value)}
    scores = {column: _fit(asked, column) for column in row.columns if column and column not in answered}
    best = max(scores.values(), default=(0, 0.0))
    wanted = [column for column, score in scores.items() if score == best and best[0]]
    if not wanted:
        return None
    return wanted if not held.intersection(wanted) else []


def _fit(asked: Sequence[str], column: str) -> tuple[int, float]:
    """Return how many words of a column's name a question holds, and which share of them."""
    forms = forms_of(column)
    found = sum(any(alike(form, word) for word in asked) for form in forms)
    return found, found / len(forms) if forms else 0.0


def settled(meant: tuple[ScoredPassage, ...], others: tuple[ScoredPassage, ...]) -> tuple[ScoredPassage, ...]:
    """Return the rows that are meant with those that aren't behind them, scored no higher."""
    lowest = meant[-1].score if meant else 0.0
    return (*meant, *(replace(hit, score=min(hit.score, lowest)) for hit in others))
