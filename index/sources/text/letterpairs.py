"""Which language a decoded text looks like, by its letters beyond ASCII: the measure of a right decoding."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Likeness", "features", "is_ideographic", "likeness"]

_TABLE = Path(__file__).with_name("letter_pairs.json")


class Likeness(NamedTuple):
    """How much a text looks like a language.

    Attributes:
        score: about 1 for real text of a known language, near 0 for garbage.
        language: the nearest one.
        pairs: how many pairs the score rests on.
    """

    score: float
    language: str
    pairs: int


def features(text: str) -> Iterator[str]:
    """Yield pairs of neighbours with a letter beyond ASCII; single characters for scripts of thousands of them."""
    previous = " "
    for character in text.lower():
        current = character if character.isalpha() or character > "\x7f" else " "
        if _is_han(current):
            yield current
        elif current > "\x7f" or previous > "\x7f":
            yield previous + current
        previous = current


def is_ideographic(counts: Iterable[str]) -> bool:
    """Say whether the features are mostly single characters."""
    kinds = Counter(len(feature) for feature in counts)
    return kinds[1] > kinds[2]


def likeness(text: str) -> Likeness:
    """Compare a text with every language and return the nearest.

    The score is the share of the text's pairs that are among the language's commonest, divided by the same share in
    ordinary text of that language, less the share of pairs that mix scripts.
    """
    counts = Counter(features(text))
    total = counts.total()
    torn = sum(n for feature, n in counts.items() if len(feature) == 2 and _mixes_scripts(feature))
    best, nearest = 0.0, ""
    for language, (pairs, share) in _languages().items():
        score = sum(n for feature, n in counts.items() if feature in pairs) / max(1, total) / share
        if score > best:
            best, nearest = score, language
    return Likeness(best - torn / max(1, total), nearest, total)


def _mixes_scripts(pair: str) -> bool:
    """Say whether a Latin letter stands beside a letter of another script, as in `schцne`."""
    first, second = sorted(pair)
    return first.isalpha() and first < "\u0250" and second.isalpha() and second > "\u036f" and second < "\u1e00"


def _is_han(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"


@cache
def _languages() -> dict[str, tuple[frozenset[str], float]]:
    table = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {name: (frozenset(entry["pairs"]), float(entry["share"])) for name, entry in table.items()}
