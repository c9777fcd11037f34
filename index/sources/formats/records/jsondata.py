"""JSON and JSON lines: a list of objects gives a text per object, anything else one text with a record per object."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from index.records import RECORDS
from index.sources.tables.json import Number, marked_objects, split_record
from index.sources.tables.named_rows import Row, extract_rows
from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decoded
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_LINES = (".jsonl", ".ndjson", ".jsonlines")
_EXTENSIONS = (".json", *_LINES)
_START = re.compile(r"\A\ufeff?\s*[\[{]")
_LISTS = ("data", "items", "results", "records", "rows", "documents", "docs", "articles", "entries", "posts")


def _sniff(head: Head) -> float:
    if not head.text or not _START.match(head.text):
        return 0.0
    if head.suffix in _EXTENSIONS:
        return 0.7
    return 0.5 if head.whole and _parses(head.text) else 0.0


def _parses(text: str) -> bool:
    try:
        json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    text = decoded(data, context)
    value = _load(text, context)
    records = _records(value)
    if records is not None:
        found = extract_rows([_row(record, number) for number, record in records], context, name=RECORDS)
        around = (
            _text({key: item for key, item in value.items() if key not in _LISTS})
            if isinstance(value, Mapping)
            else None
        )
        return [*found, replace(around, number=len(found) + 1)] if around and around.text else found
    return [_text(value)]


def _text(value: object) -> Extract:
    """Return a value as one text."""
    builder = TextBuilder()
    builder.block("\n".join(marked_objects(value)))
    extract = builder.extract()
    if isinstance(value, Mapping):
        extract.title = next((value[name] for name in ("title", "name") if isinstance(value.get(name), str)), "")
    return extract


def _row(record: Mapping[str, Any], number: int) -> Row:
    own, nested = split_record(record, number)
    return Row(own, number, nested)


def _load(text: str, context: ReadContext) -> object:
    try:
        return json.loads(text, parse_float=Number)
    except RecursionError as error:
        raise RefusedError("nested too deeply to be read as JSON", skipped=True) from error
    except ValueError as error:
        rows = _lines(text, context)
        if not rows:
            raise RefusedError(f"no valid JSON ({error})") from error
        return _Lines(rows)


class _Lines(list[tuple[int, Any]]):
    """The values of a file of JSON lines, with the numbers of their lines."""


def _lines(text: str, context: ReadContext) -> list[tuple[int, Any]]:
    rows: list[tuple[int, Any]] = []
    broken: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append((number, json.loads(line, parse_float=Number)))
        except (ValueError, RecursionError):
            broken.append(number)
            if len(broken) > 10 and len(broken) > len(rows):
                return []
    if rows and broken:
        shown = ", ".join(map(str, broken[:10]))
        context.warn(f"{len(broken)} lines are no valid JSON and were left out (line {shown})")
    return rows if len(rows) > 1 or not broken else []


def _records(value: object) -> list[tuple[int, Mapping[str, Any]]] | None:
    if isinstance(value, Mapping):
        lists = [value[name] for name in _LISTS if isinstance(value.get(name), list)]
        return _records(lists[0]) if len(lists) == 1 else None
    if isinstance(value, _Lines):
        return list(value) if value and all(isinstance(item, Mapping) for _, item in value) else None
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        return list(enumerate(value, 1))
    return None


READER = Reader("JSON", _EXTENSIONS, _sniff, _read)
