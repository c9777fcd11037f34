"""Writing to a terminal: one line an error, no control characters of others, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
import unicodedata
from collections.abc import Mapping
from typing import TextIO

__all__ = ["as_json", "clean", "echo", "jsonable", "one_line", "put"]


def clean(text: str) -> str:
    """Return the text without what could steer a terminal: controls (except newline and tab) and bidi overrides.

    Zero-width joiners stay: Persian and emoji need them.
    """
    return "".join(c for c in text if c in "\n\t" or not _steers(c))


def _steers(char: str) -> bool:
    code = ord(char)
    if 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069 or 0xE0000 <= code <= 0xE007F:
        return True
    return unicodedata.category(char) in ("Cc", "Cs")


def echo(text: str = "", *, file: TextIO | None = None, end: str = "\n") -> None:
    """Write cleaned text; what the terminal's encoding lacks is shown as an escape instead of failing."""
    put(clean(text), file or sys.stdout, end)


def put(text: str, out: TextIO, end: str = "\n") -> None:
    """Write a text that is clean already, or holds colours of ours."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    out.write(text.encode(encoding, errors="backslashreplace").decode(encoding) + end)
    out.flush()


def one_line(text: str) -> str:
    """Return the text on one line: a line end in a name or a quote must not begin what looks like a line of ours."""
    return " ".join(clean(text).split())


def jsonable(value: object) -> object:
    """Return the value in JSON's own types: dataclasses as objects, tuples as lists, paths as strings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: jsonable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value).encode("utf-8", errors="replace").decode("utf-8")  # a lone surrogate has no UTF-8


def as_json(value: object, *, indent: int | None = 2) -> str:
    """Return the value as JSON with readable letters of every script."""
    return json.dumps(jsonable(value), ensure_ascii=False, indent=indent)
