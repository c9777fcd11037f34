"""Puts fitted numbers into the text of a profile and leaves all else in it, comments too, as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["with_numbers"]


def with_numbers(text: str, table: str, numbers: Mapping[str, float], digits: int = 2) -> str:
    """Return the text of a TOML file with other numbers in a table.

    Args:
        text: of the file.
        table: its name; its lines read `key = number`.
        numbers: by their keys.
        digits: behind the point.

    Raises:
        KeyError: the table has no such key, or there is no such table.
    """
    head, found, rest = text.partition(f"[{table}]\n")
    if not found:
        raise KeyError(table)
    following = re.search(r"(?m)^\[", rest)
    inside = rest[: following.start()] if following else rest
    behind = rest[len(inside) :]
    for key, number in numbers.items():
        inside, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {round(number, digits)}", inside)
        if count != 1:
            raise KeyError(f"{table}.{key}")
    return head + found + inside + behind
