"""Rows with named fields (CSV, JSON lines) to texts: which field is what is chosen by option, or guessed and said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.sources.builder import TextBuilder
from index.sources.types import Extract, ReadContext, RefusedError

__all__ = ["MOST_ROWS", "extract_rows"]

MOST_ROWS = 500_000
_TITLES = (
    "title", "headline", "heading", "name", "subject", "question", "titel", "titre", "título", "عنوان",
    "标题", "題名",
)  # fmt: skip
_TEXTS = (
    "text", "content", "body", "article", "article_body", "passage", "paragraph", "description", "abstract", "summary",
    "message", "transcript", "texte", "texto", "inhalt", "النص", "正文", "本文",
)  # fmt: skip
_IDS = ("id", "_id", "doc_id", "docid", "document_id", "uuid", "guid", "key", "slug")
_LANGUAGES = ("language", "lang", "locale", "language_code")
_OTHERS = {
    "date": ("date", "published", "published_at", "pubdate", "created", "created_at", "timestamp"),
    "author": ("author", "authors", "creator", "by"),
    "outlet": ("outlet", "publisher", "site", "source"),
}
_PROSE_LENGTH = 80
_SAMPLE = 200


@dataclass(frozen=True)
class _Fields:
    title: str
    text: str
    id: str
    language: str


def extract_rows(rows: Sequence[Mapping[str, str]], context: ReadContext) -> list[Extract]:
    """Return one text per row: the text field, or all fields as `name: value` lines when none holds prose.

    Raises:
        RefusedError: a field that was asked for is not there, or there are too many rows.
    """
    if len(rows) > MOST_ROWS:
        raise RefusedError(f"more than {MOST_ROWS:,} rows; split it", skipped=True)
    fields = _choose(rows, context)
    return [_extract(row, number, fields) for number, row in enumerate(rows, 1)]


def _choose(rows: Sequence[Mapping[str, str]], context: ReadContext) -> _Fields:
    names = list(dict.fromkeys(name for row in rows[:_SAMPLE] for name in row))
    options = context.options
    text = _named(options.text_field, _TEXTS, names) or _prose(rows, names)
    fields = _Fields(
        title=_named(options.title_field, _TITLES, [name for name in names if name != text]),
        text=text,
        id=_named(options.id_field, _IDS, names),
        language=_named(options.language_field, _LANGUAGES, names),
    )
    told = {"text": options.text_field, "title": options.title_field}
    guessed = [f"{role} from {getattr(fields, role)!r}" for role in told if not told[role] and getattr(fields, role)]
    if not fields.text:
        guessed.append("text from all fields")
    if guessed:
        context.warn(f"fields were guessed: {', '.join(guessed)}; options choose others")
    return fields


def _named(chosen: str, usual: Sequence[str], names: Sequence[str]) -> str:
    if chosen:
        if chosen not in names:
            shown = ", ".join(names[:20])
            raise RefusedError(f"has no field {chosen!r}; its fields are {shown}")
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


def _extract(row: Mapping[str, str], number: int, fields: _Fields) -> Extract:
    builder = TextBuilder()
    if fields.text:
        builder.block(row.get(fields.text, ""))
    else:
        builder.block("\n".join(f"{name}: {value}" for name, value in row.items() if value.strip()))
    extract = builder.extract()
    extract.number = number
    extract.title = row.get(fields.title, "") if fields.title else ""
    extract.id = row.get(fields.id, "") if fields.id else ""
    extract.language = row.get(fields.language, "") if fields.language else ""
    lower = {name.strip().lower(): value.strip() for name, value in row.items() if name != fields.text}
    for role, usual in _OTHERS.items():
        value = next((lower[name] for name in usual if lower.get(name)), "")
        if value and len(value) <= 200:
            extract.fields[role] = value
    return extract
