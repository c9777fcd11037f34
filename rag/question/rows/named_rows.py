"""The rows of tables among the passages that were found, and which words of the question stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.language.words import tokens
from index.records import RECORDS, Cell, Table, cells_of, table_at, tables_of
from rag.question.alike import alike, among, forms_of
from rag.types import ScoredPassage

__all__ = ["Row", "row_around", "rows_of", "table_around"]

_PHRASE = 2  # words of a value that is looked for as it is

Group = tuple[str, tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was found.

    Attributes:
        place: where it stands among the hits.
        group: its file, the names of its columns, and where its table begins if these have none.
        section: what its part of the file is called: the heading and title of its table, and where the table begins.
        columns: their names.
        cells: what it holds.
        span: from where to where it stands in the document.
        named: the question's words among its values.
        about: those in the heading above it, and in the title and name of its table.
        titled: those in the title of its document.
        asked: of an object of a file, which has fields of its own: the question's words among their names.
    """

    place: int
    group: Group
    section: tuple[str, str, int]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    span: tuple[int, int]
    named: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    titled: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None


def row_around(hit: ScoredPassage, offset: int) -> tuple[int, int] | None:
    """Return where the row of a table begins and ends that holds an offset of the document, `None` outside tables."""
    if table_around(hit, offset) is None:
        return None
    passage = hit.passage
    at = offset - passage.start
    start, end = passage.text.rfind("\n", 0, at) + 1, passage.text.find("\n", at)
    return passage.start + start, passage.start + (end if end >= 0 else len(passage.text))


def rows_of(question: str, hits: Sequence[ScoredPassage]) -> list[Row]:
    """Return the rows that hits end with, in their order, with the words of the question that stand in them."""
    found = list(_rows_among(hits))
    phrases = _phrases(question, (cell.value for row in found for cell in row.cells))
    forms = forms_of(question)
    return [
        replace(
            row,
            named=_named(question, row.cells, phrases),
            about=frozenset(among(forms, _forms(" ".join(row.section[:2])))),
            titled=frozenset(among(forms, _forms(hits[row.place].title))),
            asked=None if row.asked is None else frozenset(_names_in(forms, row.cells)),
        )
        for row in found
    ]


def _names_in(asked: Sequence[str], cells: Sequence[Cell]) -> set[str]:
    return among(asked, (form for cell in cells for form in forms_of(cell.column or cell.value)))


def _rows_among(hits: Sequence[ScoredPassage]) -> Iterator[Row]:
    for place, hit in enumerate(hits):
        span = _row_in(hit)
        table = table_around(hit, span[0]) if span else None
        if span is None or table is None:
            continue
        start = hit.passage.start
        cells = cells_of(hit.passage.text[span[0] - start : span[1] - start], table.columns)
        # Rows of a file that is read row by row are documents of their own.
        document, _, number = hit.source.partition("#")
        group = (document, () if number else table.columns, 0 if number or table.columns else table.start)
        asked = frozenset[str]() if table.name == RECORDS else None
        section = hit.passage.heading, f"{table.title} {table.name}", table.start
        yield Row(place, group, section, table.columns, tuple(cells), span, asked=asked)


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
    asked = [form for form in forms_of(question) if not among([form], claimed) or among([form], freed)]
    return frozenset(among(asked, (form for forms in values for form in forms)) | whole)


def _forms(text: str) -> tuple[str, ...]:
    return tuple(token.form for token in tokens(text))


def _stands(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether words stand side by side among others, endings aside."""
    size = len(part)
    places = range(len(whole) - size + 1)
    return any(all(map(alike, part, whole[place : place + size])) for place in places)


def _row_in(hit: ScoredPassage) -> tuple[int, int] | None:
    """Return the row that a passage ends with."""
    return row_around(hit, hit.passage.end - 1) if hit.passage.text else None


def table_around(hit: ScoredPassage, offset: int) -> Table | None:
    """Return the table of a hit's document that holds an offset, `None` outside tables."""
    return table_at(tables_of(hit.metadata), offset, offset + 1)
