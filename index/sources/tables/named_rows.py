"""Rows with named fields (CSV, JSON lines) to texts: which field is what is chosen by option, or guessed and said.

Every field stays in the text: the row is a record (`index.records`), and a field of prose stands below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.language.codes import UNKNOWN
from index.language.hygiene import clean_line
from index.language.identification import detect
from index.language.lexicon import entries
from index.language.words import tokens
from index.records import BETWEEN, BLANK
from index.sources.text.builder import TextBuilder
from index.sources.text.marks import LONGEST, mark_first
from index.sources.types import Extract, ReadContext, RefusedError

__all__ = ["IDS", "MOST_ROWS", "Row", "extract_rows", "record_of"]

MOST_ROWS = 500_000
IDS = ("id", "_id", "doc_id", "docid", "document_id", "uuid", "guid", "key", "slug")
"""Names of fields that hold an identifier."""
_LANGUAGES = ("language", "lang", "locale", "language_code")
_OTHERS = {
    "date": ("date", "published", "published_at", "pubdate", "created", "created_at", "timestamp"),
    "author": ("author", "authors", "creator", "by"),
    "outlet": ("outlet", "publisher", "site", "source"),
}
_PROSE_LENGTH = 80
_PROSE = 300  # code points from which on a field of text stands below its record
_WIDE = 16  # columns from which on empty fields are left out
_SAMPLE = 200
_TELLING = 60  # code points from which on a value shows its language


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its fields by name, its number as a reader of the file counts, and records of what is nested in it."""

    fields: Mapping[str, str]
    number: int
    nested: Sequence[str] = ()


@dataclass(frozen=True)
class _Fields:
    title: str
    text: str
    id: str
    language: str

    @property
    def roles(self) -> tuple[str, ...]:
        return (self.title, self.text, self.id, self.language)


def extract_rows(rows: Sequence[Row], context: ReadContext, *, name: str = "", heading: str = "") -> list[Extract]:
    """Return one text per row: a record of all its fields, below it the field that holds prose.

    Args:
        rows: of the file.
        context: of the file.
        name: what a row is called where it is no row of a table.
        heading: a line above the table.

    Raises:
        RefusedError: a field that was asked for is not there, or there are too many rows.
    """
    if len(rows) > MOST_ROWS:
        raise RefusedError(f"more than {MOST_ROWS:,} rows", "split it", skipped=True)
    fields = _choose([row.fields for row in rows], context)
    language = "" if fields.language else _language([row.fields for row in rows])
    further = any(value.strip() for row in rows for key, value in row.fields.items() if key not in fields.roles)
    extracts = [_extract(row, number, fields, name, heading, further) for number, row in enumerate(rows, 1)]
    for row, extract in zip(rows, extracts, strict=True):
        if language and not any(len(value) > _TELLING for value in row.fields.values()):
            extract.language = language
    return extracts


def _language(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the language of all rows together, `""` when they tell none.

    A row of names and numbers alone is taken for a different language than its neighbour, and rows of one table that
    are said to be in several languages can't be compared by their words.
    """
    said = (text for row in rows[:_SAMPLE] for pair in row.items() for text in pair)
    words = dict.fromkeys(token.form for text in dict.fromkeys(said) for token in tokens(text[:_TELLING]))
    found = detect(" ".join(word for word in words if word.isalpha()))
    return "" if found == UNKNOWN else found


def _choose(rows: Sequence[Mapping[str, str]], context: ReadContext) -> _Fields:
    names = list(dict.fromkeys(name for row in rows[:_SAMPLE] for name in row))
    options = context.options
    text = _named(options.text_field, entries("text_columns"), names) or _prose(rows, names)
    fields = _Fields(
        title=_named(options.title_field, entries("title_columns"), [name for name in names if name != text]),
        text=text,
        id=_named(options.id_field, IDS, names),
        language=_named(options.language_field, _LANGUAGES, names),
    )
    chosen = {"text": options.text_field, "title": options.title_field}
    guessed = [
        f"{role} from {getattr(fields, role)!r}" for role in chosen if not chosen[role] and getattr(fields, role)
    ]
    if guessed:
        context.warn(f"fields were guessed: {', '.join(guessed)}; options choose others")
    return fields


def _named(chosen: str, usual: Sequence[str], names: Sequence[str]) -> str:
    if chosen:
        if chosen not in names:
            shown = ", ".join(names[:20])
            raise RefusedError(f"has no field {chosen!r}", f"its fields are {shown}")
        return chosen
    by_lower = {name.strip().lower(): name for name in reversed(names)}
    return next((by_lower[name] for name in usual if name in by_lower), "")


def _prose(rows: Sequence[Mapping[str, str]], names: Sequence[str]) -> str:
    """Return the field that holds most of the text, when it reads like prose."""
    sample = rows[:_SAMPLE]
    sizes = {name: sum(len(row.get(name, "")) for row in sample) for name in names}
    longest = max(sizes, key=lambda name: sizes[name], default="")
    is_prose = sizes.get(longest, 0) >= _PROSE_LENGTH * len(sample) and sizes[longest] * 2 > sum(sizes.values())
    return longest if is_prose and len(names) > 1 else ""


def _extract(row: Row, number: int, fields: _Fields, name: str, heading: str, further: bool) -> Extract:
    values = row.fields
    builder = TextBuilder()
    _write(builder, row, fields, name, heading, further)
    extract = builder.extract()
    extract.number = number
    extract.title = values.get(fields.title, "") if fields.title else ""
    extract.id = values.get(fields.id, "") if fields.id else ""
    extract.language = values.get(fields.language, "") if fields.language else ""
    lower = {key.strip().lower(): value.strip() for key, value in values.items() if key != fields.text}
    for role, usual in _OTHERS.items():
        value = next((lower[key] for key in usual if lower.get(key)), "")
        if value and len(value) <= 200:
            extract.fields[role] = value
    return extract


def _write(builder: TextBuilder, row: Row, fields: _Fields, name: str, heading: str, further: bool) -> None:
    """Write a row; `further` says whether rows of its table have more than a text, its title, language and name."""
    values = row.fields
    prose = values.get(fields.text, "") if fields.text else ""
    if prose and not further and not row.nested:
        builder.block(prose)
        return
    below = prose if len(prose) > _PROSE or "\n" in prose.strip() else ""
    above = {key: value for key, value in values.items() if not (below and key == fields.text)}
    record = record_of(above)
    if len(record) > LONGEST:
        builder.block("\n".join(f"{key}: {value}" if key else value for key, value in above.items() if value.strip()))
    elif record:
        builder.block(mark_first(record, row.number, name, heading, list(map(clean_line, above))))
    for line in row.nested:
        builder.line(line)
    builder.block(below)


def record_of(values: Mapping[str, str]) -> str:
    """Return fields as a record; an empty one says so, where they are not too many."""
    cells = [(clean_line(key), clean_line(value)) for key, value in values.items()]
    if not any(value for _, value in cells):
        return ""
    shown = [(key, value or BLANK) for key, value in cells if value or len(cells) <= _WIDE]
    return BETWEEN.join(f"{key}: {value}" if key else value for key, value in shown)
