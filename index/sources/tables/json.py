"""Objects of JSON as records: one for each object, named by its path, with the names of its fields.

The record of an object with plain values also holds the plain objects within it, as `customer.city: Oslo`. Every other
object within it, and every object of a list, gives a record of its own. That record begins with what identifies the
objects around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count, repeat
from typing import Any

from index.language.hygiene import clean_line
from index.language.lexicon import entries
from index.records import BETWEEN, RECORDS
from index.sources.tables.named_rows import IDS, record_of
from index.sources.text.marks import mark_first
from index.sources.types import RefusedError

__all__ = ["Number", "marked_objects", "split_record"]

_MOST_DEPTH = 60
_MOST_KNOWN = 120  # code points by which an object is known
_MOST_TAKEN = 1_200  # code points of a record that still takes objects in it along


class Number(str):
    """A number as the file writes it: 61.50 has two places."""

    __slots__ = ()


def split_record(record: Mapping[str, Any], number: int) -> tuple[dict[str, str], list[str]]:
    """Return the fields of a record, and the records of what is nested in it, marked."""
    fields, rest = _split(record)
    known = _known_by(fields)
    nested = [line for name, value in rest for line in _objects(value, name, known, repeat(number))]
    return fields, nested


def marked_objects(value: object) -> Iterator[str]:
    """Yield a record, marked, for each object of a value."""
    return _objects(value, "", "", count(1))


def _objects(value: object, path: str, known: str, numbers: Iterator[int], depth: int = 0) -> Iterator[str]:
    if depth > _MOST_DEPTH:
        raise RefusedError("nested too deeply to be read as JSON", skipped=True)
    if isinstance(value, Mapping):
        fields, rest = _split(value)
        yield from _marked(fields, path, known, numbers)
        known = _known_by(fields, path, known)
        for name, item in rest:
            yield from _objects(item, f"{path}.{name}" if path else name, known, numbers, depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _objects(item, f"{path} {number}" if path else "", known, numbers, depth + 1)
    elif value is not None:
        yield from _marked({"": _leaf(value)}, path, known, numbers)


def _marked(fields: Mapping[str, str], path: str, known: str, numbers: Iterator[int]) -> Iterator[str]:
    record = record_of(fields)
    if record:
        names = [clean_line(name) for name in fields]
        yield mark_first(
            BETWEEN.join(filter(None, [known, clean_line(path), record])), next(numbers), RECORDS, "", names
        )


def _split(value: Mapping[str, Any]) -> tuple[dict[str, str], list[tuple[str, Any]]]:
    """Return the fields of an object that hold plain values, and the rest."""
    fields = {str(name): _leaf(item) for name, item in value.items() if _is_plain(item)}
    rest: list[tuple[str, Any]] = []
    room = _MOST_TAKEN - sum(map(len, fields.values()))
    takes = bool(fields)
    own: dict[str, str] = {}
    for name, item in value.items():
        if _is_plain(item):
            own[str(name)] = fields[str(name)]
        elif takes and isinstance(item, Mapping) and all(map(_is_plain, item.values())):
            taken = {f"{name}.{key}": _leaf(part) for key, part in item.items()}
            room -= sum(len(key) + len(part) for key, part in taken.items())
            if room >= 0:
                own |= taken
            else:
                rest.append((str(name), item))
        else:
            rest.append((str(name), item))
    return own, rest


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return not any(isinstance(item, Mapping | list) for item in value)
    return not isinstance(value, Mapping)


def _known_by(fields: Mapping[str, str], path: str = "", above: str = "") -> str:
    """Return what tells an object from others: its name or its first field, behind what tells those around it."""
    known = {name: value for name, value in fields.items() if value.strip() and len(value) <= _MOST_KNOWN}
    names = {*entries("title_columns"), *IDS}
    own = next((name for name in known if name.strip().lower() in names), None)
    own = own if own is not None else next((name for name in known if known[name] not in ("true", "false")), None)
    if own is None:
        return above
    shown = f"{clean_line(f'{path}.{own}' if path else own)}: {clean_line(known[own])}"
    return BETWEEN.join(filter(None, [above if len(above) <= 2 * _MOST_KNOWN else "", shown]))


def _leaf(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_leaf(item) for item in value)
    return str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
