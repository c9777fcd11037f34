"""What a filter lets through: as conditions of an SQL query, and asked of one passage."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.language.codes import canonical
from index.stores.base import COLUMNS, DocumentHeader, Filter
from index.stores.sets import DocumentSet
from index.types import Document, JsonValue, Passage

__all__ = ["allows", "conditions", "folded", "passes"]


_EACH = "(SELECT value FROM json_each(?))"
_BELOW = """EXISTS (
    SELECT 1 FROM json_each(?) WHERE d.source = value OR substr(d.source, 1, length(value) + 1) = value || '/'
)"""


def conditions(where: Filter) -> tuple[list[str], list[JsonValue]]:
    """Return the conditions on passages `p` and documents `d`, and the values of their placeholders.

    The function `folded` of this module must be known to the connection by its name.
    """
    clauses, values = ["1"], list[JsonValue]()
    for column, allowed in (("p.language", where.known().languages), ("d.id", where.documents)):
        if allowed:
            clauses.append(f"{column} IN {_EACH}")
            values.append(json.dumps(allowed))
    for one in where.among:
        held, held_values = _within(one)
        clauses.append(held)
        values += held_values
    if where.date_from is not None:  # a date that is less precise than the bound matches when the two overlap
        clauses.append("d.date IS NOT NULL AND substr(?, 1, length(d.date)) <= d.date")
        values.append(where.date_from)
    if where.date_to is not None:
        clauses.append("d.date IS NOT NULL AND substr(d.date, 1, length(?)) <= ?")
        values += [where.date_to, where.date_to]
    if where.folder is not None:
        folder = where.folder.rstrip("/") + "/"
        clauses.append("substr(d.source, 1, length(?)) = ?")
        values += [folder, folder]
    for key, wanted in where.metadata:
        if key in COLUMNS:
            clauses.append(f"instr(folded(d.{key}), ?) > 0")
            values.append(folded(wanted))
        else:
            leaves = "SELECT 1 FROM json_tree(d.metadata, ?) WHERE atom IS NOT NULL AND instr(folded(atom), ?) > 0"
            clauses.append(f"EXISTS ({leaves})")
            values += [f'$."{key}"', folded(wanted)]
    return clauses, values


def _within(some: DocumentSet) -> tuple[str, list[JsonValue]]:
    """Return the condition that a set holds document `d`, and its values: few, however many documents it names."""
    clauses, values = ["0"], list[JsonValue]()
    if some.documents:
        clauses.append(f"d.id IN {_EACH}")
        values.append(json.dumps(sorted(some.documents)))
    if some.places:
        clauses.append(_BELOW)
        values.append(json.dumps(sorted(some.places)))
    if some.outside is not None:
        held, more = _within(some.outside)
        clauses.append(f"NOT {held}")
        values += more
    return f"({' OR '.join(clauses)})", values


def passes(where: Filter | None, passage: Passage, document: Document | DocumentHeader) -> bool:
    """Tell whether a filter lets a passage of a document through; the same as `conditions`."""
    if where is not None and where.languages and passage.language not in where.languages:
        return False
    return allows(None if where is None else replace(where, languages=()), document)


def allows(where: Filter | None, document: Document | DocumentHeader) -> bool:
    """Tell whether a filter lets a document through, whose language counts as that of its passages."""
    if where is None:
        return True
    if where.known().languages and canonical(document.language) not in where.languages:
        return False
    if not _is_named(where, document):
        return False
    if not all(_says(document, key, folded(wanted)) for key, wanted in where.metadata):
        return False
    return _in_time(where, document.metadata.get("date"))


def _is_named(where: Filter, document: Document | DocumentHeader) -> bool:
    """Tell whether a document is among those that a filter names, by id, set or folder."""
    if where.documents and document.id not in where.documents:
        return False
    if where.folder is not None and not document.source.startswith(where.folder.rstrip("/") + "/"):
        return False
    return all(one.holds(document.id, document.source) for one in where.among)


def _says(document: Document | DocumentHeader, key: str, wanted: str) -> bool:
    """Tell whether a field of a document, or one of its values, holds what is wanted."""
    return _holds(getattr(document, key) if key in COLUMNS else document.metadata.get(key), wanted)


def _holds(value: JsonValue, wanted: str) -> bool:
    if value is None:
        return False
    if isinstance(value, Mapping):
        return any(_holds(each, wanted) for each in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_holds(each, wanted) for each in value)
    return wanted in folded(value)


def _in_time(where: Filter, date: JsonValue) -> bool:
    if where.date_from is None and where.date_to is None:
        return True
    if not isinstance(date, str):
        return False
    if where.date_from is not None and where.date_from[: len(date)] > date:
        return False
    return where.date_to is None or date[: len(where.date_to)] <= where.date_to


def folded(value: object) -> str:
    """Return a value as it is compared: small letters, one space for any white space."""
    return " ".join(str(value).casefold().split())
