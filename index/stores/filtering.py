"""A filter as conditions of an SQL query."""

from __future__ import annotations

from index.stores.base import COLUMNS, Filter
from index.types import JsonValue

__all__ = ["conditions", "folded"]


def conditions(where: Filter) -> tuple[list[str], list[JsonValue]]:
    """Return the conditions on passages `p` and documents `d`, and the values of their placeholders.

    The function `folded` of this module must be known to the connection by its name.
    """
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
    for key, wanted in where.metadata:
        if key in COLUMNS:
            conditions.append(f"instr(folded(d.{key}), ?) > 0")
            values.append(folded(wanted))
        else:
            leaves = "SELECT 1 FROM json_tree(d.metadata, ?) WHERE atom IS NOT NULL AND instr(folded(atom), ?) > 0"
            conditions.append(f"EXISTS ({leaves})")
            values += [f'$."{key}"', folded(wanted)]
    return conditions, values


def folded(value: object) -> str:
    """Return a value as it is compared: small letters, one space for any white space."""
    return " ".join(str(value).casefold().split())
