"""What a file says about itself as words that can be found and quoted: a block below its text, marked as such.

Author, date, number of pages and the fields of front matter are no text of the document, yet people ask for them. What
is written here counts as the document's text for offsets and quotes; `metadata["properties"]` says from where to where.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from index.language.hygiene import clean_line
from index.sources.reading import document_digest
from index.types import Document, JsonValue

__all__ = ["with_properties"]

_LONGEST = 80  # a longer value is no fact, but a text
_MOST_ROWS = 20
_NAMES = {
    "author": "Author", "modified_by": "Last changed by", "subject": "Subject", "category": "Category",
    "outlet": "Published by", "aliases": "Also called", "alias": "Also called", "attachment_of": "Attachment of",
    "file_name": "File name",
}  # fmt: skip
# Of no use as evidence: offsets and marks of ours, keyword lines, what the text holds already.
_LEFT_OUT = frozenset([
    "date", "headings", "pages", "warnings", "ocr", "properties", "code", "language", "lang", "id", "uuid", "slug",
    "title", "tags", "tag", "topics", "topic", "keywords", "categories", "cssclass", "cssclasses", "publish", "draft",
    "layout", "permalink", "thread", "sender", "recipients", "template", "weight", "toc", "spans", "tables", "rows",
])  # fmt: skip
# What programs write where nobody said anything.
_NOBODY = frozenset([
    "python-docx", "openpyxl", "administrator", "admin", "user", "unknown", "root", "microsoft office user",
    "anonymous",
    "author", "none", "null", "n/a", "un-named",
])  # fmt: skip
_PAGED = {".pdf": "Pages", ".tif": "Pages", ".tiff": "Pages", ".pptx": "Slides", ".odp": "Slides"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def with_properties(document: Document) -> Document:
    """Return a document with a block of what its file says about itself; as it is where that is nothing."""
    rows = list(_rows(document))[:_MOST_ROWS]
    if not rows or "properties" in document.metadata:
        return document
    heading = f"About the file {clean_line(PurePosixPath(document.source).name)}"
    start = len(document.text) + 2
    text = f"{document.text}\n\n{heading}\n\n" + "\n".join(rows)
    headings = document.metadata.get("headings")
    above = list(headings) if isinstance(headings, Sequence) and not isinstance(headings, str) else []
    metadata: dict[str, JsonValue] = {**document.metadata, "properties": [start, len(text)]}
    metadata["headings"] = [*above, [start, 1, heading]]
    changed = replace(document, text=text, metadata=metadata)
    return replace(changed, digest=document_digest(changed))


def _rows(document: Document) -> Iterator[str]:
    metadata = document.metadata
    if "recipients" in metadata or "sender" in metadata:  # a message: its fields stand above its words
        return
    if "#" in document.source and "attachment_of" not in metadata:  # a row of a table: its fields are its text
        return
    author = _value(metadata.get("author"))
    made_up = author.casefold() in _NOBODY
    values = {name: _value(value) for name, value in metadata.items() if name not in _LEFT_OUT}
    for name, value in values.items():
        if value and not (name in ("author", "modified_by") and value.casefold() in _NOBODY):
            yield f"{_NAMES.get(name, name)}: {value}"
    date = _value(metadata.get("date"))
    if date and not made_up:
        yield f"Date: {_date_words(date)}"
    kind, pages = _PAGED.get(PurePosixPath(document.source).suffix.lower(), ""), metadata.get("pages")
    if kind and isinstance(pages, Sequence) and len(pages) > 1:
        yield f"{kind}: {len(pages)}"


def _value(value: JsonValue) -> str:
    """Return a value on one line, `""` for what is no short fact."""
    if isinstance(value, bool) or value is None or isinstance(value, Mapping):
        return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = ", ".join(str(each) for each in value if isinstance(each, str | int | float))
    shown = clean_line(str(value))
    return shown if len(shown) <= _LONGEST else ""


def _date_words(date: str) -> str:
    if not _DAY.match(date):
        return date
    day = dt.date.fromisoformat(date)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} ({date})"
