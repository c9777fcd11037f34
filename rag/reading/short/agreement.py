"""Whether two short answers say the same: numbers and dates by what they are, names by how they sound.

Words that differ may well mean the same. So a difference is named only between numbers, between dates and between names
that share no word; about the rest nothing is said.
"""

from __future__ import annotations

import re

from index.language.codes import canonical
from index.language.folding import fold
from index.language.names.sounds import consonants
from index.language.numbers.amounts import amounts
from index.language.numbers.dates import Day, read_date
from index.language.numbers.quantities import spelled
from index.language.question_words import common
from index.language.scripts import script_of
from index.language.words import has_case, tokens
from rag.reading.short.rendering import same_sound

__all__ = ["agreement", "is_name", "same_day"]

# A name is no longer.
_MOST_WORDS = 4
_LEAST_SOUNDS = 3
# "el-Terras", "d'Alembert": the name is behind it.
_JOINED = re.compile(r"[-'’]")


def agreement(one: tuple[str, str], other: tuple[str, str]) -> bool | None:
    """Tell whether two answers agree; `None` where that can't be known.

    Args:
        one: words and the BCP 47 code of their language.
        other: the same.
    """
    days = read_date(*one), read_date(*other)
    if days[0] is not None and days[1] is not None:
        return same_day(days[0], days[1])
    counts = _numbers(*one), _numbers(*other)
    if counts[0] and counts[1]:
        return True if counts[0] & counts[1] else False if all(len(found) == 1 for found in counts) else None
    if counts[0] or counts[1]:
        return True if fold(one[0]) == fold(other[0]) else None
    return _same_words(one[0], other[0])


def same_day(one: Day, other: Day) -> bool | None:
    """Compare what both tell; a day of the week and a day of a month can't be compared."""
    pairs = [
        (getattr(one, part), getattr(other, part))
        for part in ("year", "month", "day", "weekday")
        if getattr(one, part) and getattr(other, part)
    ]
    return all(first == second for first, second in pairs) if pairs else None


def _numbers(words: str, language: str) -> frozenset[str]:
    found = {amount.whole or amount.plain for amount in amounts(words, language)}
    counted = spelled(canonical(language))
    return frozenset(found | {str(counted[token.form]) for token in tokens(words) if token.form in counted})


def _same_words(one: str, other: str) -> bool | None:
    first, second = (_content(words) for words in (one, other))
    if not first or not second:
        return None
    if first <= second or second <= first:
        return True
    if script_of(one) != script_of(other):
        sounds = consonants(one), consonants(other)
        return True if min(map(len, sounds)) >= _LEAST_SOUNDS and same_sound(*sounds) else None
    if same_sound(consonants(one), consonants(other)) and len(consonants(one)) > _LEAST_SOUNDS:
        return True
    return False if is_name(one) and is_name(other) and not first & second else None


def _content(words: str) -> frozenset[str]:
    """Return the words that tell something: not articles and the like, no initials."""
    return frozenset(token.form for token in tokens(words) if token.form not in common() and len(token.form) > 1)


def is_name(words: str) -> bool:
    """Tell whether words are a name as far as capital letters show it."""
    parts = words.split()
    return (
        has_case(words)
        and 1 < len(parts) <= _MOST_WORDS
        and all(any(piece[:1].isupper() for piece in _JOINED.split(part)) for part in parts)
    )
