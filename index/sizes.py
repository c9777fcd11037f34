"""Sizes as people write them, and the limit of a file's size."""

from __future__ import annotations

import os
import re

from index.errors import ConfigError

__all__ = ["MAX_FILE_SIZE", "file_limit", "limit_text", "parse_size"]

MAX_FILE_SIZE = "RAG_MAX_FILE_SIZE"
"""The environment variable that holds the size of the largest file that is read."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:([kmgt])(i?)b?|b|bytes)?", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
# An array of bytes can't be longer.
_MOST = 1 << 62


def parse_size(text: str, named: str) -> int:
    """Return how many bytes a size is: `50MB` has a million bytes each, `50MiB` 1,048,576, a bare number is bytes.

    Args:
        text: the size.
        named: where it was given, for the error.

    Raises:
        ConfigError: it is no size, or not even one byte.
    """
    found = _SIZE.fullmatch(text.strip())
    if found:
        number, unit, binary = found.groups()
        size = float(number) * (1024 if binary else 1000) ** _POWERS[(unit or "").lower()]
        if 1 <= size <= _MOST:
            return int(size)
    raise ConfigError(f"{named} {text!r}: not a size", "write 50MB, 1.5GB or a number of bytes")


def file_limit() -> int | None:
    """Return the limit that the environment sets for a file's size; `None`: none.

    Raises:
        ConfigError: it is no size.
    """
    setting = os.environ.get(MAX_FILE_SIZE, "").strip()
    return parse_size(setting, MAX_FILE_SIZE) if setting else None


def limit_text(limit: int) -> str:
    """Return the words that name a limit and how to raise it."""
    return f"the limit is {limit:,} bytes, raise it with `rag index --max-file-size` or {MAX_FILE_SIZE}"
