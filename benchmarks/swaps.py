"""Names to swap in scripts without capital letters, found without comparing how they sound.

A capitalised English word that comes in a few lines of parallel text, and the letters that stand in the translations of
just these lines and of no others, are taken for each other's counterpart.
"""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from index.language.words import has_case, tokens

_FEWEST, _MOST = 2, 12
_SHORTEST, _LONGEST = 2, 14


def names_of(text: str) -> set[str]:
    """Return the capitalised words inside a sentence, as they are spelled."""
    found = [text[t.start : t.end] for t in tokens(text)[1:] if t.end - t.start > 2 and text[t.start].isupper()]
    return {word for word in found if word.isalpha()}


@lru_cache(maxsize=64)
def aligned(lines: tuple[str, ...], english: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Return for each line the words in it that go with a name of the English line."""
    places: dict[str, set[int]] = defaultdict(set)
    for place, line in enumerate(english):
        for name in names_of(line):
            places[name].add(place)
    found: dict[int, set[str]] = defaultdict(set)
    for name, where in places.items():
        if _FEWEST <= len(where) <= _MOST and sum(name in line for line in english) == len(where):
            word = _common(lines, where)
            for place in where if word else ():
                found[place].add(word)
    return {place: tuple(sorted(words)) for place, words in found.items()}


def _common(lines: Sequence[str], where: set[int]) -> str:
    """Return the longest run of letters that stands in just these lines, `""` when there is none."""
    first = lines[min(where)]
    runs = {
        first[start : start + length]
        for start in range(len(first))
        for length in range(_SHORTEST, _LONGEST + 1)
        if start + length <= len(first) and all(map(_is_letter, first[start : start + length]))
    }
    shared = [run for run in runs if all(run in lines[place] for place in where)]
    shared = [run for run in shared if sum(run in line for line in lines) == len(where)]
    return max(shared, key=lambda run: (len(run), run), default="")


def _is_letter(char: str) -> bool:
    """Tell letters and the signs that belong to them; a run begins where a sign may be cut off, which is harmless."""
    return unicodedata.category(char)[0] in "LM"


def swapped(lines: Sequence[str], english: Sequence[str], place: int, draw: random.Random) -> str | None:
    """Return a line with one name replaced by one of another line, `None` when it has none that is known."""
    line = lines[place]
    if has_case(line):
        return None
    known = aligned(tuple(lines), tuple(english))
    own = known.get(place, ())
    foreign = sorted({word for words in known.values() for word in words if word not in line} - set(own))
    if not own or not foreign:
        return None
    return line.replace(draw.choice(own), draw.choice(foreign))
