"""What a filter lets through, as conditions on passages `p` and documents `d`; the same as `filtering.conditions`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from index.stores.base import COLUMNS, Filter
from index.stores.filtering import folded
from index.stores.sets import DocumentSet
from index.types import Document, JsonValue

__all__ = ["conditions", "facts_of", "matching", "named"]


_NAMED = "sha256(d.id) = ANY(SELECT sha256(each) FROM unnest(%s::bytea[]) each)"
_BELOW = "d.source = each OR substr(d.source, 1, length(each) + 1) = each || '/'::bytea"


def conditions(where: Filter) -> tuple[list[str], list[object]]:
    """Return the conditions and the values of their placeholders; names of tables are left as `{facts}`."""
    clauses, values = ["true"], list[object]()
    if where.known().languages:
        clauses.append("p.language = ANY(%s)")
        values.append(_all_bytes(where.languages))
    if where.documents:
        clauses.append(_NAMED)
        values.append(_all_bytes(where.documents))
    for one in where.among:
        held, more = _within(one)
        clauses.append(held)
        values += more
    if where.date_from is not None:  # a date that is less precise than the bound matches when the two overlap
        clauses.append("d.date IS NOT NULL AND substr(%s::bytea, 1, length(d.date)) <= d.date")
        values.append(_bytes(where.date_from))
    if where.date_to is not None:
        clauses.append("d.date IS NOT NULL AND substr(d.date, 1, length(%s::bytea)) <= %s")
        values += [_bytes(where.date_to)] * 2
    if where.folder is not None:
        clauses.append("substr(d.source, 1, length(%s::bytea)) = %s")
        values += [_bytes(where.folder.rstrip("/") + "/")] * 2
    for key, wanted in where.metadata:
        held = "f.document = d.key AND f.name = %s AND position(%s::bytea IN f.value) > 0"
        clauses.append(f"EXISTS (SELECT FROM {{facts}} f WHERE {held})")
        values += [_bytes(key), _bytes(folded(wanted))]
    return clauses, values


def _within(some: DocumentSet) -> tuple[str, list[object]]:
    """Return the condition that a set holds document `d`, and its values: few, however many documents it names."""
    clauses, values = ["false"], list[object]()
    if some.documents:
        clauses.append(_NAMED)
        values.append(_all_bytes(sorted(some.documents)))
    if some.places:
        clauses.append(f"EXISTS (SELECT FROM unnest(%s::bytea[]) each WHERE {_BELOW})")
        values.append(_all_bytes(sorted(some.places)))
    if some.outside is not None:
        held, more = _within(some.outside)
        clauses.append(f"NOT {held}")
        values += more
    return f"({' OR '.join(clauses)})", values


def matching(where: Filter) -> tuple[str, list[object]]:
    """Return a query for the keys of the passages that a filter lets through, and its values."""
    clauses, values = conditions(where)
    query = "SELECT p.key FROM {passages} p JOIN {documents} d ON d.key = p.document WHERE "
    return query + " AND ".join(clauses), values


def named(where: Filter, values: dict[str, object]) -> str:
    """Return the same query with named values, which are added to the others of a statement."""
    query, given = matching(where)
    for number, value in enumerate(given):
        query = query.replace("%s", f"%(filter{number})s", 1)
        values[f"filter{number}"] = value
    return query


def facts_of(document: Document) -> Iterator[tuple[bytes, bytes]]:
    """Go through what filters by metadata look at: (key, its folded values, a line each)."""
    for name in COLUMNS:
        yield _bytes(name), _bytes(folded(getattr(document, name)))
    for name, value in document.metadata.items():
        lines = list(_leaves(value))
        if lines and name not in COLUMNS:
            yield _bytes(name), _bytes("\n".join(lines))


def _leaves(value: JsonValue) -> Iterator[str]:
    """Go through the values within a value; white space in one is a space each, so that lines can part them."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield folded(value)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _all_bytes(texts: Sequence[str]) -> list[bytes]:
    return [_bytes(text) for text in texts]
