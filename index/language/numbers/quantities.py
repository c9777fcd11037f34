"""Which kinds of numbers a text holds: amounts, dates, years; in any script, as digits or spelled out.

Number words and the names of months and days come from ICU, for every language it knows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from index.caching import kept
from index.language.codes import UNKNOWN
from index.language.fields import PatternField
from index.language.folding import fold
from index.language.icu import writer
from index.language.lexicon import alternatives, entries
from index.language.numbers.digits import FREE_NUMBER
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens

__all__ = ["AMOUNT", "DATE", "YEAR", "calendar", "held", "ordinals", "spelled", "weekdays", "written_numbers"]

AMOUNT, DATE, YEAR = "amount", "date", "year"

_YEAR = re.compile(r"[12]\d{3}s?")
_CLOCK = re.compile(r"\d{1,2}:\d\d|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_SPELLED = (*range(2, 21), *range(30, 100, 10), 100, 1_000, 1_000_000, 1_000_000_000)
_GENDERS = ("masculine", "feminine", "neuter")
_CASES = ("", "-genitive", "-dative", "-accusative", "-instrumental", "-locative")
_RULES = ("", ",%spellout-numbering", *(f",%spellout-cardinal-{g}{c}" for g in _GENDERS for c in _CASES))
_ORDINALS = ("", *(f"-{g}{c}" for g in _GENDERS for c in ("", "-genitive", "-accusative")))
_NAMES = ("d MMMM", "LLLL", "d MMM", "EEEE")
_SHORTEST = 3
# Names of days longer than this may change their last vowel; shorter ones are other words then. Any may have an ending.
_INFLECTED, _LONGEST_ENDING = 5, 6
_VOWELS = "aeiouyаеиоуяіαειουηω"


@kept(4096, longest=1000)  # the sentences of a corpus come again and again
def held(text: str, language: str, asked: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return which of `AMOUNT`, `DATE` and `YEAR` a text holds.

    A year or the day of a month is no amount; a year is a date too.

    Args:
        text: a sentence or a passage.
        language: its BCP 47 code.
        asked: numbers that don't count, as `numbers` gives them: a question's own are no answer to it.
    """
    found = _by_words(text, language, asked)
    if _found("counted").search(text):
        found.add(AMOUNT)
    if _found("dated").search(fold(text)) or any(match not in asked for match in _CLOCK.findall(fold(text))):
        found.add(DATE)
    return frozenset(found | {DATE} if YEAR in found else found)


@lru_cache(maxsize=2)
def _found(field: PatternField) -> re.Pattern[str]:
    return re.compile(alternatives(field))


def written_numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text that are written in digits, as ASCII digits."""
    folded = fold(text)
    return frozenset([*FREE_NUMBER.findall(folded), *_CLOCK.findall(folded)])


def _by_words(text: str, language: str, asked: frozenset[str]) -> set[str]:
    names, counts = calendar(language), spelled(language)
    words = list(_words(text))
    found: set[str] = set()
    for place, word in enumerate(words):
        if word in names:
            found.add(DATE)
        elif word in counts:
            found.add(AMOUNT)
        elif word[0].isdecimal() and word not in asked:
            if _YEAR.fullmatch(word):
                found.add(YEAR)
            elif not any(other in names for other in words[max(0, place - 2) : place + 3]):
                found.add(AMOUNT)
    return found


def _words(text: str) -> Iterator[str]:
    """Yield folded words, numbers whole and apart from the letters around them."""
    folded = fold(text)
    end = 0
    for match in FREE_NUMBER.finditer(folded):
        yield from _letters(folded[end : match.start()])
        tail = "s" if folded[match.end() : match.end() + 1] == "s" else ""
        yield match.group() + tail
        end = match.end()
    yield from _letters(folded[end:])


def _letters(text: str) -> Iterator[str]:
    """Yield the words but for digits left over from names."""
    return (token.form for token in tokens(text) if not token.form[0].isdecimal())


@lru_cache(maxsize=128)
def spelled(language: str) -> Mapping[str, int]:
    """Return the number words from two on that are single words; "one" is an article in many languages."""
    if language == UNKNOWN:
        return {}
    found: dict[str, int] = {}
    for rule in _RULES:
        spell = writer(f"spellout{rule}", language)
        for value in _SPELLED:
            words = fold(spell(value).replace("\xad", "")).split()
            for word in words[-1:] if value >= 100 or len(words) == 1 else ():
                found.setdefault(word, value)
    found |= {word[:-1]: value for word, value in found.items() if word.endswith("ه")}  # Arabic: the other gender
    return {word: value for word, value in found.items() if len(word) >= _SHORTEST and not word[0].isdecimal()}


@lru_cache(maxsize=128)
def ordinals(language: str) -> Mapping[str, int]:
    """Return the words for "second" to "twentieth" that are single words."""
    found: dict[str, int] = {}
    for rule in _ORDINALS if language != UNKNOWN else ():
        spell = writer(f"spellout,%spellout-ordinal{rule}", language)
        for value in range(2, 21):
            words = fold(spell(value).replace("\xad", "")).split()
            if len(words) == 1 and len(words[0]) >= _SHORTEST and not words[0][0].isdecimal():
                found.setdefault(words[0], value)
    return found


@lru_cache(maxsize=128)
def calendar(language: str) -> frozenset[str]:
    """Return the names of months and days, in the forms that stand in dates and alone."""
    if language == UNKNOWN:
        return frozenset()
    found: set[str] = set()
    days = [dt.datetime(2024, *day, 12) for day in (*((1, n) for n in range(1, 8)), *((n, n) for n in range(2, 13)))]
    locales = {language, f"{language}-u-ca-gregory"} | ({"ar-SY", "ar-MA"} if language == "ar" else set())
    for locale in locales:
        for pattern in _NAMES:
            write = writer(f"date,{pattern}", locale)
            for day in days:
                found.update(token.form for token in tokens(write(day)))
    return frozenset(word for word in found if len(word) >= _SHORTEST and not word[0].isdecimal())


def weekdays(text: str, language: str) -> frozenset[int]:
    """Return the days of the week that a text names in full, 1 for Monday to 7; endings may differ."""
    names = _weekday_names(language)
    forms = [token.form for token in tokens(text)]
    if names and script_of(text) in NO_SPACES:
        return frozenset(day for name, day in names.items() if name in fold(text))
    found: set[int] = set()
    while forms:
        both = _weekday("".join(forms[:2]), names)  # Hebrew and Persian days may be two words
        day = both or _weekday(forms[0], names)
        found |= {day} if day else set()
        del forms[: 2 if both else 1]
    return frozenset(found)


def _weekday(word: str, names: Mapping[str, int]) -> int:
    """Return the number of the day that a word means, 0 for none; a letter before it may be a preposition."""
    for name, day in names.items():
        for form in (word, word[1:]) if word[0] in entries("prefixes") else (word,):
            cut = len(name) > _INFLECTED and name[-1] in _VOWELS and len(name) <= len(form) <= len(name) + 1
            if form.startswith(name[:-1] if cut else name) and len(form) <= len(name) + _LONGEST_ENDING:
                return day
    return 0


@lru_cache(maxsize=128)
def _weekday_names(language: str) -> Mapping[str, int]:
    """Return the folded names of the days without spaces, the longest first."""
    names: dict[str, int] = {}
    for pattern in ("EEEE", "cccc", "E") if language != UNKNOWN else ():
        write = writer(f"date,{pattern}", language)
        for day in range(1, 8):  # the first of January 2024 was a Monday
            name = fold(write(dt.datetime(2024, 1, day, 12)))
            if len(name) > 1 and (pattern != "E" or script_of(name) == "Hani"):  # short forms are words elsewhere
                names.setdefault("".join(name.replace("-", " ").split()), day)
    return dict(sorted(names.items(), key=_longest_first))


def _longest_first(entry: tuple[str, int]) -> int:
    return -len(entry[0])
