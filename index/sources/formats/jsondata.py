"""JSON and JSON lines: a list of objects gives a text per object, anything else one text of `name: value` lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index.sources.builder import TextBuilder
from index.sources.encoding import decode
from index.sources.rows import extract_rows
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_LINES = (".jsonl", ".ndjson", ".jsonlines")
_EXTENSIONS = (".json", *_LINES)
_START = re.compile(r"\A\ufeff?\s*[\[{]")
_LISTS = ("data", "items", "results", "records", "rows", "documents", "docs", "articles", "entries", "posts")
_MOST_DEPTH = 60


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
    text, warnings = decode(data)
    for warning in warnings:
        context.warn(warning)
    value = _load(text, context)
    records = _records(value)
    if records is not None:
        return extract_rows([dict(_flat(record)) for record in records], context)
    builder = TextBuilder()
    builder.block("\n".join(f"{name}: {entry}" if name else entry for name, entry in _flat(value)))
    extract = builder.extract()
    if isinstance(value, Mapping):
        extract.title = next((value[name] for name in ("title", "name") if isinstance(value.get(name), str)), "")
    return [extract]


def _load(text: str, context: ReadContext) -> object:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise RefusedError("nested too deeply to be read as JSON", skipped=True) from error
    except ValueError as error:
        rows = _lines(text, context)
        if not rows:
            raise RefusedError(f"no valid JSON ({error})") from error
        return rows


def _lines(text: str, context: ReadContext) -> list[Any]:
    rows: list[Any] = []
    broken: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError):
            broken.append(number)
            if len(broken) > 10 and len(broken) > len(rows):
                return []
    if rows and broken:
        shown = ", ".join(map(str, broken[:10]))
        context.warn(f"{len(broken)} lines are no valid JSON and were left out (line {shown})")
    return rows if len(rows) > 1 or not broken else []


def _records(value: object) -> list[Mapping[str, Any]] | None:
    if isinstance(value, Mapping):
        lists = [value[name] for name in _LISTS if isinstance(value.get(name), list)]
        return _records(lists[0]) if len(lists) == 1 else None
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        return value
    return None


def _flat(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the leaves as (dotted name, text); a list of plain values is one leaf."""
    if depth > _MOST_DEPTH:
        raise RefusedError("nested too deeply to be read as JSON", skipped=True)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else str(key), depth + 1)
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for item in value:
            yield from _flat(item, name, depth + 1)
    elif isinstance(value, list):
        yield name, ", ".join(_leaf(item) for item in value)
    elif value is not None:
        yield name, _leaf(value)


def _leaf(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


READER = Reader("JSON", _EXTENSIONS, _sniff, _read)
