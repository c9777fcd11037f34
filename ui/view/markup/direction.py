"""Which way a text runs, found from its letters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Literal, TypeAlias

__all__ = ["Direction", "direction"]

Direction: TypeAlias = Literal["ltr", "rtl"]

_WAYS: dict[str, Direction] = {"L": "ltr", "R": "rtl", "AL": "rtl"}
_FIRST_LEFTWARD = "\u0590"  # no letter before it runs from right to left
# The first lines tell; a whole book need not be counted.
_ENOUGH_CHARACTERS = 2_000
# A web address, or a word with a capital letter in the scripts that have them: most often a name.
_NAME = re.compile(r"https?://\S+|(?<![A-Za-zÀ-ɏͰ-ӿ])[A-ZÀ-ÞΑ-ΩЀ-Я][A-Za-zÀ-ɏͰ-ӿ0-9'’-]*")


def direction(text: str, default: Direction = "ltr") -> Direction:
    """Return the direction in which most letters of the text run.

    Counting beats the first strong letter alone (rule P2 of Unicode's bidirectional algorithm): an Arabic sentence
    that opens with a Latin name is still an Arabic sentence. A sentence that opens in Arabic or Hebrew letters stays
    one however many Latin names and addresses it holds: those are not counted. On a tie the first strong letter
    decides.

    Args:
        text: any text; only its first characters are counted.
        default: for a text without any letter that has a direction.
    """
    read = text[:_ENOUGH_CHARACTERS]
    first = next((_WAYS[kind] for kind in map(unicodedata.bidirectional, read) if kind in _WAYS), None)
    if first is None:
        return default
    if first == "ltr" and max(read) < _FIRST_LEFTWARD:
        return "ltr"
    kinds = Counter(map(unicodedata.bidirectional, _NAME.sub("", read) if first == "rtl" else read))
    balance = kinds["R"] + kinds["AL"] - kinds["L"]
    if balance == 0:
        return first
    return "rtl" if balance > 0 else "ltr"
