"""Marks that travel inside a text from where a table is read to where the text is put together.

A line that is a record of a table begins with `MARK details MARK`; `index.sources.text.builder` takes the marks out and
notes where the records lie. The mark is a character that Unicode keeps for such use inside programs; a file that holds
it can do no more than have a line taken for a record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.language.hygiene import clean, clean_line
from index.records import tables_of
from index.sources.types import Extract

__all__ = ["LONGEST", "MARK", "Marked", "mark_first", "mark_row", "marked_again", "unmarked"]

MARK = "\ufdd0"
_MARKED = re.compile(f"{MARK}([^{MARK}\n]*){MARK}(.*)")
LONGEST = 2_000
"""Code points; a longer row holds prose: it is cut between sentences like any text."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A record in a text: where it begins and ends, its row's number, and, in the first one of a table, its details."""

    start: int
    end: int
    row: int
    details: dict[str, object] | None


def mark_first(record: str, row: int, name: str, title: str, columns: Sequence[str]) -> str:
    """Return the first record of a table with its mark."""
    details = {"row": row, "name": clean_line(name), "title": clean_line(title), "columns": list(columns)}
    return f"{MARK}{json.dumps(details, ensure_ascii=True)}{MARK}{record}"


def mark_row(record: str, row: int) -> str:
    """Return a further record of the table above it with its mark."""
    return f"{MARK}{row}{MARK}{record}"


def unmarked(text: str) -> tuple[str, list[Marked]]:
    """Return a text without its marks, cleaned, and the records in it."""
    lines: list[str] = []
    found: list[Marked] = []
    length = 0
    for line in text.strip("\n").split("\n"):
        match = _MARKED.match(line.lstrip())
        words = clean_line(match[2].replace(MARK, "")) if match else clean(line.replace(MARK, "")).rstrip()
        if match and not words:
            continue
        if match and len(words) <= LONGEST:
            found.append(_record(match[1], length, length + len(words)))
        lines.append(words)
        length += len(words) + 1
    return "\n".join(lines), found


def marked_again(extract: Extract) -> str:
    """Return the text of an extract with the marks of its records, to be put into another text."""
    text = extract.text
    for table in reversed(tables_of({"tables": extract.tables})):
        lines = text[table.start : table.end].split("\n")
        first = mark_first(lines[0], table.row(0), table.name, table.title, table.columns)
        further = [mark_row(line, table.row(number)) for number, line in enumerate(lines[1:], 1)]
        text = text[: table.start] + "\n".join([first, *further]) + text[table.end :]
    return text


def _record(told: str, start: int, end: int) -> Marked:
    try:
        details = json.loads(told)
    except (ValueError, RecursionError):
        details = 0
    if isinstance(details, dict):
        row = details.get("row")
        return Marked(start, end, row if isinstance(row, int) else 1, details)
    return Marked(start, end, details if isinstance(details, int) else 0, None)
