"""Writing to a terminal: one line an error, no control characters of others, JSON for programs."""

from __future__ import annotations

import sys
import unicodedata
from typing import TextIO

__all__ = ["as_json", "echo", "harmless", "jsonable", "one_line", "put"]


def harmless(text: str) -> str:
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
    put(harmless(text), file or sys.stdout, end)


def put(text: str, out: TextIO, end: str = "\n") -> None:
    """Write a text that is clean already, or holds colours of ours."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    out.write(text.encode(encoding, errors="backslashreplace").decode(encoding) + end)
    out.flush()


def one_line(text: str) -> str:
    """Return the text on one line: a line end in a name or a quote must not begin what looks like a line of ours."""
    return " ".join(harmless(text).split())


def jsonable(value: object) -> object:
    """Return the value in JSON's own types; see `rag.output.json.jsonable`."""
    from rag.output.json import jsonable as plain  # the program starts without what it need not print

    return plain(value)


def as_json(value: object, *, indent: int | None = 2) -> str:
    """Return the value as JSON with readable letters of every script."""
    from rag.output.json import as_json as written

    return written(value, indent=indent)
