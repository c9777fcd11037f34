"""Marks that travel inside a text from where a table is read to where the text is put together.

A line that is a record of a table begins with `MARK details MARK`, a line of code with `MARK c MARK`;
`index.sources.text.builder` takes the marks out and notes where records and code lie. The mark is a character that
Unicode keeps for such use inside programs; a file that holds it can do no more than have a line taken for one of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.codeblocks import code_spans
from index.language.hygiene import clean, clean_line
from index.records import Table, tables_of
from index.sources.types import Extract

__all__ = ["LONGEST", "MARK", "Marked", "mark_code", "mark_first", "mark_row", "marked_again", "unmarked"]

MARK = "\ufdd0"
_MARKED = re.compile(f"{MARK}([^{MARK}\n]*){MARK}(.*)")
_CODE = "c"
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


def mark_code(text: str) -> str:
    """Return code with a mark on each of its lines."""
    lines = clean(text.replace(MARK, "")).strip("\n").split("\n")
    return "\n".join(f"{MARK}{_CODE}{MARK}{line}" for line in lines) if text.strip() else ""


def unmarked(text: str) -> tuple[str, list[Marked], list[tuple[int, int]]]:
    """Return a text without its marks, cleaned, the records in it, and from where to where it is code."""
    lines: list[str] = []
    found: list[Marked] = []
    code: list[tuple[int, int]] = []
    length = 0
    for line in text.strip("\n").split("\n"):
        match = _MARKED.match(line.lstrip())
        is_code = match is not None and match[1] == _CODE
        if match is None or is_code:
            words = clean((match[2] if match else line).replace(MARK, "")).rstrip()
        else:
            words = clean_line(match[2].replace(MARK, ""))
        if not words and not is_code and (match or lines[-2:] == ["", ""] or not lines):
            continue
        if is_code:
            goes_on = bool(code) and code[-1][1] == length - 1
            start = code.pop()[0] if goes_on else length
            code.append((start, length + len(words)))
        elif match and len(words) <= LONGEST:
            found.append(_record(match[1], length, length + len(words)))
        lines.append(words)
        length += len(words) + 1
    return "\n".join(lines), found, code


def marked_again(extract: Extract) -> str:
    """Return the text of an extract with the marks of its records and its code, to be put into another text."""
    text = extract.text
    marked = {table.start: (table.end, _table_again(text, table)) for table in tables_of({"tables": extract.tables})}
    marked |= {start: (end, mark_code(text[start:end])) for start, end in code_spans({"code": extract.code})}
    for start, (end, again) in sorted(marked.items(), reverse=True):
        text = text[:start] + again + text[end:]
    return text


def _table_again(text: str, table: Table) -> str:
    lines = text[table.start : table.end].split("\n")
    first = mark_first(lines[0], table.row(0), table.name, table.title, table.columns)
    return "\n".join([first, *(mark_row(line, table.row(number)) for number, line in enumerate(lines[1:], 1))])


def _record(content: str, start: int, end: int) -> Marked:
    try:
        details = json.loads(content)
    except (ValueError, RecursionError):
        details = 0
    if isinstance(details, dict):
        row = details.get("row")
        return Marked(start, end, row if isinstance(row, int) else 1, details)
    return Marked(start, end, details if isinstance(details, int) else 0, None)
