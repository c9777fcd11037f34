"""Whether a question asks for an empty field of a form: `Date of birth: –` is no answer, nor is its neighbour.

Fields stand on lines of their own, or as rows of a table whose columns have no names: `Date of birth | –`. For a
question in other words ("When was she born?") the reader reads the form once more, with the words that it chose at
first filled into the empty fields too. Where it now chooses an empty field, that one is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from index.records import BETWEEN, is_blank, location
from index.types import Document
from rag.question.alike import forms_of, is_among
from rag.question.rows.rereading import Rereading
from rag.types import ScoredPassage

__all__ = ["empty_field"]

_LONGEST_LABEL, _LONGEST_VALUE = 80, 200
_FEWEST_WORDS = 2  # "Name" alone may be that of anything
_MOST_EMPTY = 40
_DATE = "3.5.1990"  # dates are what forms lack most, and often the form has no other that could stand in its place
_COLON = re.compile("[:：]")
_TO_BE_FILLED = re.compile(r"[\s_.…‥·\-–—]{2,}")


@dataclass(frozen=True, slots=True)
class _Field:
    """A line with a label: where it begins, where its value stands or would stand, and both."""

    start: int
    label: str
    value: str
    begin: int
    end: int

    @property
    def is_empty(self) -> bool:
        return is_blank(self.value) or bool(_TO_BE_FILLED.fullmatch(self.value))


def empty_field(
    question: str,
    hits: Sequence[ScoredPassage],
    document: Callable[[str], Document],
    again: Rereading | None = None,
) -> str:
    """Return that the field which a question asks for is empty in the best hit; `""` where it is none, or filled in.

    Args:
        question: standing alone.
        hits: best first.
        document: looks up a document by its id.
        again: reads with the same question; `None`: only words that are alike name a field.
    """
    if not hits:
        return ""
    fields = list(_fields(hits[0].passage.text))
    named = _named(question, fields)
    asked = named[0] if named else _in_other_words(question, hits, fields, again)
    if asked is None or any(not field.is_empty for field in named):
        return ""
    at = hits[0].passage.start + asked.start
    where = location(document(hits[0].passage.document_id), at, at + len(asked.label)) or hits[0].title
    return f"{asked.label}: not given in {where}"


def _named(question: str, fields: Sequence[_Field], fewest: int = _FEWEST_WORDS) -> list[_Field]:
    """Return the fields all of whose labels' words a question holds."""
    asked = forms_of(question)
    return [
        field
        for field in fields
        if len(words := forms_of(field.label)) >= fewest and all(is_among([word], asked) for word in words)
    ]


def _in_other_words(
    question: str, hits: Sequence[ScoredPassage], fields: Sequence[_Field], again: Rereading | None
) -> _Field | None:
    """Return the empty field that a question asks for in other words than its label's."""
    hit, empty = hits[0], [field for field in fields if field.is_empty]
    reading = hit.reading
    if reading is None or again is None or not 0 < len(empty) <= _MOST_EMPTY:
        return None
    if any(other.reading and other.reading.probability >= reading.probability for other in hits[1:]):
        return None  # another passage says it
    chosen = _at(fields, reading.start - hit.passage.start)
    if chosen is not None and chosen.is_empty and reading.probability >= again.profile.field:
        return chosen
    if chosen is not None and not chosen.is_empty and _named(question, [chosen], 1):
        return None  # by its own name
    own = [chosen.value] if chosen is not None and 0 < len(chosen.value) <= _LONGEST_VALUE else []
    return _read_as_filled(hit, empty, [*own, _DATE], again)


def _read_as_filled(
    hit: ScoredPassage, empty: Sequence[_Field], values: Sequence[str], again: Rereading
) -> _Field | None:
    """Return the empty field that a reader chooses where one of some values stands in all of them."""
    filled = [_filled(hit.passage.text, empty, value) for value in values]
    for reading, (_, places) in zip(again.read([_with(hit, text) for text, _ in filled]), filled, strict=False):
        at = reading.start - hit.passage.start
        found = next((field for field, (start, end) in zip(empty, places, strict=True) if start <= at < end), None)
        if found is not None and reading.probability >= again.profile.field:
            return found
    return None


def _with(hit: ScoredPassage, text: str) -> ScoredPassage:
    passage = replace(hit.passage, text=text, end=hit.passage.start + len(text))
    return replace(hit, passage=passage, sentences=(), reading=None)


def _at(fields: Sequence[_Field], place: int) -> _Field | None:
    return next((field for field in fields if field.start <= place < max(field.end, field.begin + 1)), None)


def _filled(text: str, empty: Sequence[_Field], value: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a form with a value in each empty field, and from where to where these fields stand in it."""
    parts: list[str] = []
    places = []
    at = length = 0
    for field in empty:
        parts += [text[at : field.begin].rstrip(" \n"), " ", value]
        length = sum(map(len, parts))
        places.append((length - len(value) - 1 - (field.begin - field.start), length))
        at = field.end
    return "".join([*parts, text[at:]]), places


def _fields(text: str) -> Iterator[_Field]:
    """Yield each line with a label and a value, and those without a value that stand in a row with such lines.

    A line that ends with a colon among others of its kind only (a sentence before code, code itself) is no field.
    """
    found: list[_Field | None] = []
    at = 0
    for line in text.split("\n"):
        if line.strip():
            found.append(_field(line, at))
        at += len(line) + 1
    for _, row in groupby(found, lambda field: field is not None):
        fields = [field for field in row if field is not None]
        filled = any(field.value for field in fields)
        for field in fields:
            last = field is fields[-1] and field is not found[-1]
            if field.value or (filled and not last):  # else what follows may be the value
                yield field


def _field(line: str, at: int) -> _Field | None:
    """Return the field of a line that begins at a place of its text."""
    bar = line.find(BETWEEN)
    colon = _COLON.search(line)
    low, high = (bar, bar + len(BETWEEN)) if bar >= 0 else colon.span() if colon else (-1, -1)
    label, value = line[: max(0, low)].strip(), line[high:].strip()
    if low < 0 or BETWEEN in line[high:] or not 0 < len(label) <= _LONGEST_LABEL:
        return None
    begin = at + high + len(line[high:]) - len(line[high:].lstrip())
    return _Field(at + len(line) - len(line.lstrip()), label, value, begin, begin + len(value))
