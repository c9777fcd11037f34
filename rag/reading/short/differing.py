"""Whether a language model says another thing than the words that the reader found: a date, a number or a name.

An answer in other words, in another form or in another language is no other answer. So a difference is named only where
both can be compared and nothing in the answer may be the same; about the rest nothing is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from index.language.codes import canonical
from index.language.folding import fold
from index.language.lexicon import known_words
from index.language.names.sounds import consonants, heard
from index.language.numbers.amounts import amounts
from index.language.numbers.dates import Day, read_date
from index.language.numbers.digits import numbers
from index.language.numbers.quantities import spelled
from index.language.numbers.signed_dates import signed_day
from index.language.question_words import asks_for_a_name, common
from index.language.words import Token, tokens
from rag.reading.short.agreement import is_name
from rag.reading.short.rendering import same_sound

__all__ = ["leaves_out", "says_otherwise"]

_MARKER = re.compile(r"\[\d{1,9}\]")
_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?!\d)")
_COUNTED_BY_SIGN = re.compile("[〇一二两兩三四五六七八九十百千万萬億亿]")
_DATE_WORDS = 4  # of a date, at most, beside one another
_BESIDE_A_NUMBER = 3  # words: more are a sentence
_YEARS = range(1000, 2200)
# Between years of other calendars: Hebrew, Buddhist, Solar Hijri, Minguo.
_CALENDARS = (3760, 3761, 543, 544, 621, 622, 1911)
# Between measures of one thing: miles, feet, inches, pounds, acres, gallons; hours, minutes, days, weeks, months.
_MEASURES = (1.609, 3.281, 2.54, 2.205, 2.471, 2.59, 3.785, 4.546, 0.914, 60, 24, 7, 12, 30, 365, 52, 3600, 1440)
_FOUR_DIGITS = re.compile(r"(?<![\d.,])\d{4}(?![.,]?\d)")
_NEAR = 0.03  # a rounded number
_NEAR_MEASURE = 0.015
_BESIDE = 40  # code points between two names of one person: "Samuel Clemens, known as Mark Twain"
_SHORTEST_SOUND = 4
_INITIALS = 2
_TEN = 9.5
_ROUND = 100
_LEAST_SPELLED = 4  # "the two presidents": a smaller number in words is said by the way


def says_otherwise(
    text: str, language: str, words: tuple[str, str], question: str, rendered: str = "", passage: str = ""
) -> bool:
    """Tell whether a text says another thing than a few words of a source.

    Args:
        text: a language model's answer, with its `[n]` markers.
        language: its BCP 47 code.
        words: those that answer in the source, and the BCP 47 code of their language.
        question: what both answer; what it names itself is no answer.
        rendered: the same words as the asker writes them.
        passage: where they stand.
    """
    said, (quote, spoken) = _MARKER.sub(" ", text), words
    if any(form and fold(form) in fold(said) for form in (quote, rendered)):
        return False
    day = read_date(quote, spoken)
    if day is not None:
        return _other_day(day, said, language)
    number = _number(quote, spoken)
    if number is not None:
        return _other_number(number, (said, language), words, question)
    name = _bare(quote)
    if is_name(name) and canonical(language) == canonical(spoken) and asks_for_a_name(question):
        return _other_name(name, said, question, passage)
    return False


def leaves_out(text: str, language: str, words: tuple[str, str], question: str) -> bool:
    """Tell whether no word of a few that answer in a source, and are no number, stands in a text of the same language.

    Such a text may say the same in other words. So this counts only where its claims are not found in the source.

    Args:
        text: a language model's answer, with its `[n]` markers.
        language: its BCP 47 code.
        words: those that answer in the source, and the BCP 47 code of their language.
        question: what both answer; what it names itself is no answer.
    """
    number = _number(*words) is not None or read_date(*words) is not None  # has many forms
    if number or canonical(language) != canonical(words[1]):
        return False
    own = {token.form for token in tokens(words[0])} - common() - {token.form for token in tokens(question)}
    return bool(own) and own.isdisjoint(token.form for token in tokens(_MARKER.sub(" ", text)))


def _bare(name: str) -> str:
    """Return a name without the short titles before it: "Lt. Gen. Abdel Moneim el-Terras"."""
    parts = name.split()
    while len(parts) > _INITIALS and parts[0].endswith("."):
        parts.pop(0)
    return " ".join(parts)


def _other_day(day: Day, said: str, language: str) -> bool:
    found = [_compared(day, other) for other in _days(said, language)]
    return bool(found) and not any(found)


def _compared(one: Day, other: Day) -> bool:
    """Tell whether two dates may be the same; what only one of them states makes no difference."""
    return all(
        not first or not second or first == second for first, second in zip(_parts(one), _parts(other), strict=True)
    ) and (one.weekday == other.weekday or not (one.weekday and other.weekday))


def _parts(day: Day) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _days(said: str, language: str) -> Iterator[Day]:
    """Yield the dates of a text that name a month; each also with the other order of its numbers where it may be so."""
    for match in _NUMERIC_DATE.finditer(fold(said)):
        first, second, third = map(int, match.groups())
        year, one, other = (first, second, third) if first in _YEARS else (third, second, first)
        yield from (Day(year % 100 and year if year in _YEARS else 0, *pair) for pair in {(one, other), (other, one)})
    eastern = [match.group() for match in signed_day().finditer(fold(said))]
    yield from (day for day in (read_date(one, language) for one in eastern) if day)
    words = [] if eastern else tokens(said)
    at = 0
    while at < len(words):
        reach = range(min(_DATE_WORDS, len(words) - at), 0, -1)
        pieces = ((size, said[words[at].start : words[at + size - 1].end]) for size in reach)
        read = next(((size, day) for size, piece in pieces if (day := read_date(piece, language))), None)
        if read and read[1].month:
            yield from _both(read[1])
        at += read[0] if read else 1


def _both(day: Day) -> Iterator[Day]:
    """Yield a date, and of a span of days both ends."""
    yield day
    if day.until:
        yield replace(day, day=day.until, until=0)


def _number(quote: str, language: str) -> Decimal | None:
    """Return the only number of a few words; `None` where they hold several, or say more."""
    words = tokens(quote)
    found = [one.whole or one.plain for one in amounts(quote, language)]
    found += [str(value) for _, value in _spelled(words, spelled(canonical(language)))]
    if len(found) != 1 or len(words) > 1 + _BESIDE_A_NUMBER or _COUNTED_BY_SIGN.search(quote):
        return None
    return _decimal(found[0])


def _spelled(words: Sequence[Token], counted: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the places of numbers written as words, with the numbers; "3 million" has none of its own."""
    behind = [False, *(token.form[0].isdigit() for token in words)]
    return [(n, counted[token.form]) for n, token in enumerate(words) if token.form in counted and not behind[n]]


def _other_number(number: Decimal, said: tuple[str, str], quote: tuple[str, str], question: str) -> bool:
    others = _numbers(said[0], {said[1], quote[1]})
    if others is None:
        return False
    years = {Decimal(one) for one in _FOUR_DIGITS.findall(fold(said[0])) if int(one) in _YEARS}
    is_year = bool(_FOUR_DIGITS.search(fold(quote[0]))) and number in _YEARS
    asked = set(numbers(question))
    comparable = [other for other in others if str(other) not in asked and (other in years) == is_year]
    between = any(low < number < high for low, high in pairwise(comparable))
    return bool(comparable) and not between and not any(_same(number, other, is_year=is_year) for other in others)


def _numbers(said: str, languages: set[str]) -> list[Decimal] | None:
    """Return the numbers of a text; `None` where some of them are written in several words, or in signs."""
    words = tokens(said)
    counted = {word: value for language in languages for word, value in spelled(canonical(language)).items()}
    found_spelled = _spelled(words, counted)
    places = {place for place, _ in found_spelled}
    large = any(token.form in known_words("large_numbers") and token.form not in counted for token in words)
    joined = any(place + 1 in places or value >= _ROUND for place, value in found_spelled)
    if _COUNTED_BY_SIGN.search(said) or joined or (large and not amounts(said, "und")):
        return None
    found = [
        one for language in languages for amount in amounts(said, language) for one in (amount.plain, amount.whole)
    ]
    found += [str(value) for _, value in found_spelled if value >= _LEAST_SPELLED]
    return [value for text in found if text and (value := _decimal(text)) is not None]


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _same(one: Decimal, other: Decimal, *, is_year: bool) -> bool:
    """Tell whether two numbers may be one: rounded, in other units, in another calendar, without its century."""
    if one == other:
        return True
    small, large = sorted((abs(one), abs(other)))
    if not small:
        return False
    if is_year and other in _YEARS:
        gap = int(large - small)
        hijri = abs(float(small) * 0.9702 + 621.6 - float(large))
        return gap in _CALENDARS or hijri <= 1.5
    if is_year and small < _ROUND:
        return int(large) % 100 == small
    ratio = float(large / small)
    rounded = _digits(one) != _digits(other) and ratio < 1 + _NEAR
    scaled = abs(ratio / 10 ** round(math.log10(ratio)) - 1) < _NEAR / 2 and ratio > _TEN
    return rounded or scaled or any(abs(ratio / measure - 1) < _NEAR_MEASURE for measure in _MEASURES)


def _digits(number: Decimal) -> int:
    """Return how many digits of a number count: few of a round one."""
    return len(number.normalize().as_tuple().digits)


def _other_name(quote: str, said: str, question: str, passage: str) -> bool:
    parts = [token for token in tokens(quote) if len(token.form) > 1]
    forms, there = {token.form for token in parts}, {token.form for token in tokens(said)}
    initials = "".join(token.form[0] for token in parts)
    if forms & there or (len(initials) >= _INITIALS and initials in there):
        return False
    if any(heard(token.form, said) for token in parts if len(consonants(token.form)) >= _SHORTEST_SOUND):
        return False
    asked = {token.form for token in tokens(question)}
    others = [name for name in _names(said) if not {token.form for token in tokens(name)} & asked]
    sounds = consonants(quote)
    return bool(others) and not any(
        same_sound(sounds, consonants(name)) or _one_person(quote, name, passage) for name in others
    )


def _one_person(one: str, other: str, passage: str) -> bool:
    """Tell whether two names stand so close in a passage that they may be two names of one."""
    folded = fold(passage)
    for first, second in ((fold(one), fold(other)), (fold(other), fold(one))):
        for match in re.finditer(re.escape(first), folded):
            between = folded[match.end() : match.end() + _BESIDE + len(second)].partition(second)
            if between[1] and len(between[0]) <= _BESIDE and not re.search(r"[.!?;]\s", between[0]):
                return True
    return False


def _names(said: str) -> Iterator[str]:
    """Yield runs of two words and more that begin with capitals."""
    run: list[Token] = []
    for token in [*tokens(said), Token("", len(said), len(said))]:
        if run and said[run[-1].end : token.start] == " " and said[token.start].isupper():
            run.append(token)
            continue
        if len(run) > 1:
            yield said[run[0].start : run[-1].end]
        run = [token] if said[token.start : token.start + 1].isupper() else []
