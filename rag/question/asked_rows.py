"""Which row of a table a question asks for, and whether its cell holds anything.

A row says everything about one thing in few words, and its neighbours say the same of others in the same words. What
parts them are the values that the question names: of two rows of a table, the one that holds all that the other
holds of the question, and more, is meant. A cell that is empty there is no answer, and its neighbour isn't one either;
and where several rows fit, none of them says how many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.language.question_words import common
from index.language.words import tokens
from index.records import RECORDS, Cell, Table, cells_of, is_blank, location, table_at, tables_of
from index.types import Document
from rag.question.blank_cells import ReadAgain, Trial, blank_column
from rag.question.expectations import Expected
from rag.types import ScoredPassage

__all__ = ["ask_of_rows", "forms_of", "is_among", "meant_first", "row_around", "settled"]

# So long a common beginning makes two words one, as "manages" and "manager".
_STEM, _OF_WORD = 4, 0.6
_PHRASE = 2  # words of a value that is looked for as it is
_MOST_TRIED = 50  # rows in which a value is looked for that might stand in an empty cell
_MOST_NAMED = 3  # columns that a remark names

Group = tuple[str, tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that was found: where it stands among the hits, its cells, and the question's words among its values."""

    place: int
    group: Group
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    named: frozenset[str]
    span: tuple[int, int]
    asked: frozenset[str] | None = None
    """Of an object of a file, which has fields of its own: the question's words among their names."""


def row_around(hit: ScoredPassage, offset: int) -> tuple[int, int] | None:
    """Return where the row of a table begins and ends that holds an offset of the document, `None` outside tables."""
    if _table_at(hit, offset) is None:
        return None
    passage = hit.passage
    at = offset - passage.start
    start, end = passage.text.rfind("\n", 0, at) + 1, passage.text.find("\n", at)
    return passage.start + start, passage.start + (end if end >= 0 else len(passage.text))


def meant_first(
    question: str, hits: Sequence[ScoredPassage]
) -> tuple[tuple[ScoredPassage, ...], tuple[ScoredPassage, ...]]:
    """Return the hits without rows that another row of their table outdoes, and those rows, each in the order given."""
    found = _rows(question, hits)
    outdone = {row.place for rows in _grouped(found) for row in rows if _is_outdone(row, rows)}
    outdone |= {row.place for row in found if row.asked is not None and _is_of_another_kind(row, found)}
    places = range(len(hits))
    return tuple(hits[n] for n in places if n not in outdone), tuple(hits[n] for n in places if n in outdone)


def ask_of_rows(
    question: str,
    kind: Expected,
    hits: Sequence[ScoredPassage],
    document: Callable[[str], Document],
    again: ReadAgain | None = None,
) -> str:
    """Return why the best hit, a row of a table, doesn't answer a question: `""` when it may, or is no row.

    Args:
        question: standing alone.
        kind: what kind of answer it asks for.
        hits: best first, those that are meant.
        document: looks up a document by its id.
        again: reads with the same question; `None`: only words that are alike name a column.
    """
    rows = _rows(question, hits)
    if not rows or rows[0].place != 0:
        return ""
    best = rows[0]
    alike = [row for row in rows if row.group == best.group and row.named == best.named]
    if len(alike) > 1 and kind == "number":
        return "several rows of a table fit, and rows are not counted or added up"
    hit, (start, end) = hits[best.place], best.span
    named = _missing(question, best)
    column = blank_column(_trial(question, best, rows, hit, document), named, again)
    missing = named if named and column in (None, *named) else [column] if column else []
    if not missing:
        return ""
    where = location(document(hit.passage.document_id), start, end)
    return f"{', '.join(missing[:_MOST_NAMED])}: not given in {where}"


def _trial(
    question: str, row: _Row, rows: Sequence[_Row], hit: ScoredPassage, document: Callable[[str], Document]
) -> Trial:
    """Return what is needed to try a row column by column; nothing is empty in a row of which nothing is named."""
    cells = tuple(cell for cell in row.cells if not is_blank(cell.value))
    asked, held = forms_of(question), {cell.column for cell in cells}
    known = frozenset(cell.column for cell in cells if cell.column and _among(asked, forms_of(cell.value)))
    there = row.columns if row.asked is None else [cell.column for cell in row.cells]
    empty = [column for column in there if column and column not in held]
    if not empty or hit.reading is None:
        return Trial(hit, cells, known, {})
    beside = {cell.column: cell.value for other in rows if other.group == row.group for cell in other.cells}
    values = {
        **_in_other_rows(hit, row, document),
        **{name: value for name, value in beside.items() if not is_blank(value)},
    }
    usual = cells[-1].value if cells else ""
    return Trial(hit, cells, known, {column: values.get(column, usual) for column in empty})


def _in_other_rows(hit: ScoredPassage, row: _Row, document: Callable[[str], Document]) -> dict[str, str]:
    """Return of each column a value that another row of the table has."""
    table = _table_at(hit, row.span[0])
    if table is None:
        return {}
    text = document(hit.passage.document_id).text[table.start : table.end]
    lines = text.split("\n", _MOST_TRIED)[:_MOST_TRIED]
    cells = (cell for line in lines for cell in cells_of(line, table.columns))
    return {cell.column: cell.value for cell in cells if not is_blank(cell.value)}


def _rows(question: str, hits: Sequence[ScoredPassage]) -> list[_Row]:
    found = list(_rows_among(hits))
    phrases = _phrases(question, (cell.value for row in found for cell in row.cells))
    forms = forms_of(question)
    return [
        replace(
            row,
            named=_named(question, row.cells, phrases),
            asked=None if row.asked is None else frozenset(_names_in(forms, row.cells)),
        )
        for row in found
    ]


def _names_in(asked: Sequence[str], cells: Sequence[Cell]) -> set[str]:
    return _among(asked, (form for cell in cells for form in forms_of(cell.column or cell.value)))


def _rows_among(hits: Sequence[ScoredPassage]) -> Iterator[_Row]:
    for place, hit in enumerate(hits):
        span = _row_in(hit)
        table = _table_at(hit, span[0]) if span else None
        if span is None or table is None:
            continue
        start = hit.passage.start
        cells = cells_of(hit.passage.text[span[0] - start : span[1] - start], table.columns)
        # Rows of a file that is read row by row are documents of their own.
        document, _, number = hit.source.partition("#")
        group = (document, () if number else table.columns, 0 if number or table.columns else table.start)
        asked = frozenset[str]() if table.name == RECORDS else None
        yield _Row(place, group, table.columns, tuple(cells), frozenset(), span, asked)


def _phrases(question: str, values: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the values of two words and more that stand in a question, none that is part of another: "Heron 5"."""
    asked = [token.form for token in tokens(question)]
    found = {forms for value in values if len(forms := _forms(value)) >= _PHRASE and _stands(forms, asked)}
    return [one for one in found if not any(one != other and _stands(one, other) for other in found)]


def _named(question: str, cells: Sequence[Cell], phrases: Sequence[tuple[str, ...]]) -> frozenset[str]:
    """Return the words of a question that a row has among its values, and the values that stand in it as they are.

    A word within such a value counts only where the others stand beside it: the 5 of "Heron 5" is no crew of 5.
    """
    values = [_forms(cell.value) for cell in cells]
    whole = {
        " ".join(phrase)
        for phrase in phrases
        for forms in values
        if len(forms) == len(phrase) and _stands(phrase, forms)
    }
    within = [phrase for phrase in phrases if any(_stands(phrase, forms) for forms in values)]
    claimed = {form for phrase in phrases for form in phrase}
    freed = {form for phrase in within for form in phrase}
    asked = [form for form in forms_of(question) if not _among([form], claimed) or _among([form], freed)]
    return frozenset(_among(asked, (form for forms in values for form in forms)) | whole)


def _forms(text: str) -> tuple[str, ...]:
    return tuple(token.form for token in tokens(text))


def _stands(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether words stand side by side among others, endings aside."""
    size = len(part)
    places = range(len(whole) - size + 1)
    return any(all(map(_alike, part, whole[place : place + size])) for place in places)


def _row_in(hit: ScoredPassage) -> tuple[int, int] | None:
    """Return the row that a passage ends with."""
    return row_around(hit, hit.passage.end - 1) if hit.passage.text else None


def _table_at(hit: ScoredPassage, offset: int) -> Table | None:
    return table_at(tables_of(hit.metadata), offset, offset + 1)


def _grouped(rows: Iterable[_Row]) -> Iterable[list[_Row]]:
    groups: dict[Group, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    return groups.values()


def _is_outdone(row: _Row, rows: Sequence[_Row]) -> bool:
    return any(row.named < other.named for other in rows)


def _is_of_another_kind(row: _Row, rows: Sequence[_Row]) -> bool:
    """Tell whether another object of the file holds the same words of the question, and more of what it asks for."""
    return any(
        _words(row) <= _words(other) and _asked(row) < _asked(other) for other in rows if _in_one_file(row, other)
    )


def _in_one_file(row: _Row, other: _Row) -> bool:
    return bool(row.named) and other.asked is not None and row.group[0] == other.group[0]


def _words(row: _Row) -> set[str]:
    """Return the question's words among a row's values; whole values count where columns are the same."""
    return {form for form in row.named if " " not in form}


def _asked(row: _Row) -> set[str]:
    return set(row.asked or ()) - row.named


def _missing(question: str, row: _Row) -> list[str] | None:
    """Return the columns that the question asks for in a row that it names, when the row has nothing there.

    `None` where the words of the question don't tell which column it asks for.
    """
    if not row.named:
        return None
    asked = forms_of(question)
    answered = {cell.column for cell in row.cells if _among(asked, forms_of(cell.value))}
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
    found = sum(any(_alike(form, word) for word in asked) for form in forms)
    return found, found / len(forms) if forms else 0.0


def forms_of(text: str) -> list[str]:
    """Return the words of a text that tell something; a capital makes a name of a common word, as in "in May"."""
    found = []
    for token in tokens(text):
        named = bool(token.start) and text[token.start].isupper()
        if token.form not in common() or named:
            found.append(token.form)
    return found


def is_among(words: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether one of some words is among others, endings aside."""
    return bool(_among(words, others))


def _among(asked: Iterable[str], forms: Iterable[str]) -> set[str]:
    """Return the words of a question that are among others."""
    there = set(forms)
    return {word for word in asked if any(_alike(word, form) for form in there)}


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    length = max(_STEM, int(_OF_WORD * len(long)))
    return one[0].isalpha() and len(short) >= length and short[:length] == long[:length]


def settled(meant: tuple[ScoredPassage, ...], others: tuple[ScoredPassage, ...]) -> tuple[ScoredPassage, ...]:
    """Return the rows that are meant with those that aren't behind them, scored no higher."""
    lowest = meant[-1].score if meant else 0.0
    return (*meant, *(replace(hit, score=min(hit.score, lowest)) for hit in others))
