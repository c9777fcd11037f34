"""Which way a text runs, told from its letters."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias

__all__ = ["Direction", "direction"]

Direction: TypeAlias = Literal["ltr", "rtl"]

_RIGHT_TO_LEFT = frozenset({"R", "AL"})
# The first lines tell; a whole book need not be counted.
_ENOUGH_CHARACTERS = 2_000


def direction(text: str, default: Direction = "ltr") -> Direction:
    """Return the direction in which most letters of the text run.

    Counting beats the first strong letter alone (rule P2 of Unicode's bidirectional algorithm): an Arabic sentence
    that opens with a Latin name is still an Arabic sentence. On a tie the first strong letter decides.

    Args:
        text: any text; only its first characters are counted.
        default: for a text without any letter that has a direction.
    """
    first: Direction | None = None
    balance = 0
    for character in text[:_ENOUGH_CHARACTERS]:
        kind = unicodedata.bidirectional(character)
        if kind in _RIGHT_TO_LEFT:
            balance += 1
            first = first or "rtl"
        elif kind == "L":
            balance -= 1
            first = first or "ltr"
    if balance == 0:
        return first or default
    return "rtl" if balance > 0 else "ltr"
