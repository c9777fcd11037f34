"""A filter as conditions of an SQL query."""

from __future__ import annotations

from index.stores.base import Filter
from index.types import JsonValue

__all__ = ["conditions"]


def conditions(where: Filter) -> tuple[list[str], list[JsonValue]]:
    """Return the conditions on passages `p` and documents `d`, and the values of their placeholders."""
    conditions, values = ["1"], list[JsonValue]()
    for column, allowed in (("p.language", where.languages), ("d.id", where.documents)):
        if allowed:
            conditions.append(f"{column} IN ({', '.join('?' * len(allowed))})")
            values += allowed
    if where.date_from is not None:  # a date that is less precise than the bound matches when the two overlap
        conditions.append("d.date IS NOT NULL AND substr(?, 1, length(d.date)) <= d.date")
        values.append(where.date_from)
    if where.date_to is not None:
        conditions.append("d.date IS NOT NULL AND substr(d.date, 1, length(?)) <= ?")
        values += [where.date_to, where.date_to]
    if where.folder is not None:
        folder = where.folder.rstrip("/") + "/"
        conditions.append("substr(d.source, 1, length(?)) = ?")
        values += [folder, folder]
    return conditions, values
