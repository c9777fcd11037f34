"""What a number amounts to: `20.4 million`, `2040万` and `20,400,000` are one.

The words that multiply a number come from ICU's compact numbers, for every language that it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from index.caching import kept
from index.language.codes import UNKNOWN
from index.language.folding import fold
from index.language.icu import writer
from index.language.lexicon import entries, known_words, numbered
from index.language.names.sounds import consonants
from index.language.numbers.digits import NUMBER, SPACED_NUMBER, plain_number
from index.language.numbers.quantities import ordinals, spelled
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens

__all__ = ["Amount", "amounts", "magnitudes", "spaced_amounts", "spelled_amounts", "times"]

_POWERS = range(3, 13)
# Some languages have a plural for few and one for many.
_COUNTS = (1, 2, 5)
_AROUND = " \xa0\u202f.॰"
_CLOCK = re.compile(r"(?<![\d.,:])([01]?\d|2[0-3])\s?[.:h]\s?([0-5]\d)(?!\d|[.,:]\d)")
_HOUR = re.compile(r"(?<![\d.,:])([1-9]|1\d|2[0-3])(?:[.:h]([0-5]\d))?(?![\d.,:]*\d)")
_NOON = 12
# So far from an hour stands at most what says that it is one of the second half of the day.
_BESIDE = 16
# Languages that count otherwise write these words by their sound, too.
_BY_SOUND = {"MLN": 1_000_000, "PLN": 1_000_000_000}
# A word of this length and more may have another case ending, of two letters at most.
_INFLECTED, _ENDING = 8, 2
_GLUED = NO_SPACES | {"Hang"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a text.

    Attributes:
        plain: as it is written, in the spelling of `index.language.numbers.digits.numbers`.
        whole: with the word that multiplies it; `None` when there is none.
    """

    plain: str
    whole: str | None


@kept(512, longest=2000)
def amounts(text: str, language: str) -> tuple[Amount, ...]:
    """Return the numbers of a text that are written in digits, in order."""
    plain = fold(text)
    return tuple(_amount(plain_number(m.group()), plain, m.start(), m.end(), language) for m in NUMBER.finditer(plain))


@kept(512, longest=2000)
def times(text: str) -> frozenset[tuple[int, int]]:
    """Return what may be times of day, as hour and minute: `7.55` and `07h55` are one, so are 14:00 and 2 pm."""
    folded = fold(text)
    found = {(int(hour), int(minute)) for hour, minute in _CLOCK.findall(folded)}
    for match in _HOUR.finditer(folded):
        hour, minute = int(match.group(1)), int(match.group(2) or 0)
        start, end = match.span()
        before, behind = folded[max(0, start - _BESIDE) : start], folded[end : end + _BESIDE]
        if hour < _NOON and any(word in part for word in _afternoon() for part in (before, behind)):
            found.add((hour + _NOON, minute))
        elif hour > _NOON:
            found.add((hour, minute))
    return frozenset(found)


@lru_cache(maxsize=1)
def _afternoon() -> tuple[str, ...]:
    """Return what says that an hour is one of the second half of the day."""
    return tuple(known_words("afternoon"))


@kept(512, longest=2000)
def spaced_amounts(text: str) -> Mapping[str, frozenset[str]]:
    """Return the numbers whose thousands stand apart, as `380000`, and the parts that `numbers.numbers` sees."""
    found = (match.group().split(" ") for match in SPACED_NUMBER.finditer(fold(text)))
    return {plain_number("".join(parts)): frozenset(map(plain_number, parts)) for parts in found}


@kept(512, longest=2000)
def spelled_amounts(text: str, language: str) -> frozenset[str]:
    """Return the numbers of a text that are written as words."""
    words, folded = {**ordinals(language), **spelled(language)}, fold(text)
    found: set[str] = set()
    counted = False  # "3 million" and "three million" hold no million of their own
    for token in tokens(folded):
        # Hebrew and Arabic write prepositions together with the word.
        form = token.form[1:] if token.form[1:] in words and token.form[0] in entries("prefixes") else token.form
        if form in words and not counted:
            amount = _amount(str(words[form]), folded, token.start, token.end, language)
            found.add(amount.whole or amount.plain)
        counted = form in words or form[0].isdigit()
    return frozenset(found)


def _amount(plain: str, text: str, start: int, end: int, language: str) -> Amount:
    factor = _factor(text, start, end, language)
    try:
        return Amount(plain, f"{(Decimal(plain) * factor).normalize():f}" if factor else None)
    except InvalidOperation:  # a date or an address: several points
        return Amount(plain, None)


def _factor(text: str, start: int, end: int, language: str) -> int | None:
    """Return what the word behind a number multiplies it by; in a few languages it stands before."""
    before, behind = magnitudes(language)
    after, ahead = text[end : end + 30].lstrip(_AROUND), text[max(0, start - 30) : start].rstrip(_AROUND)
    for word, factor in behind.items():
        rest = after[len(word) : len(word) + 1]
        if after.startswith(word) and (script_of(word) in _GLUED or not rest.isalpha()):
            return factor
        if len(word) >= _INFLECTED and not word.isascii() and after.startswith(word[:-_ENDING]):
            return factor
    following = re.split(r"[\s.,;)]", after, maxsplit=1)[0]
    if (power := numbered("short_magnitudes").get(following)) is not None:  # newspapers use others than ICU
        return int(10**power)
    if not following.isascii() and consonants(following) in _BY_SOUND:
        return _BY_SOUND[consonants(following)]
    return next((factor for word, factor in before.items() if ahead.endswith(word)), None)


@lru_cache(maxsize=128)
def magnitudes(language: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return the words that multiply a number standing behind them, and those that stand behind it; longest first.

    Args:
        language: BCP 47 code; `"und"` has none.
    """
    found: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for value, written in _compact(language) if language != UNKNOWN else ():
        if (match := NUMBER.search(written)) and match.group().isdigit():
            ahead, behind = written[: match.start()].strip(_AROUND), written[match.end() :].strip(_AROUND)
            # A single letter is a unit as often.
            for word, words in zip((ahead, behind), found, strict=True):
                if word and (len(word) > 1 or script_of(word) in _GLUED):
                    words.setdefault(word, value // int(match.group()))
    before, after = (dict(sorted(words.items(), key=_longest_first)) for words in found)
    return before, after


def _longest_first(entry: tuple[str, int]) -> int:
    return -len(entry[0])


def _compact(language: str) -> Iterator[tuple[int, str]]:
    """Yield round numbers and how a language writes them short."""
    for style in ("long", "short"):
        write = writer(f"number,::compact-{style}", language)
        for value in (count * 10**power for power in _POWERS for count in _COUNTS):
            yield value, fold(write(value))
