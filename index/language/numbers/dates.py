"""Dates of one language written in another: "26 نوفمبر" is "November 26" to a reader of English.

The names of months and days come from ICU, for every language that it knows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from index.language.codes import UNKNOWN
from index.language.folding import fold
from index.language.icu import writer
from index.language.lexicon import alternatives, entries, flagged, known_words
from index.language.numbers.quantities import weekdays
from index.language.numbers.signed_dates import ended, signed_date, year_signed
from index.language.numbers.solar_dates import solar_date
from index.language.words import has_case, tokens

__all__ = ["Day", "day_within", "read_date", "write_date"]

_YEAR = re.compile(r"[12]\d{3}")
_MONTHS = range(1, 13)
_LEAST_SHORT = 3
# A year in which days of the week don't matter; the day is set, the year is not shown.
_ANY_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is stated; 0 where it isn't.

    Attributes:
        year: of our era.
        month: 1 to 12.
        day: 1 to 31.
        until: last day of a span within the month.
        weekday: 1 for Monday to 7.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    until: int = 0
    weekday: int = 0


def read_date(words: str, language: str) -> Day | None:
    """Return the date that the words are; `None` when they say anything else or more, and for Thai.

    Args:
        words: a few.
        language: their BCP 47 code.
    """
    folded = fold(words).strip(" .,;،")
    if east := signed_date().fullmatch(ended().sub("", folded)):
        year, month, day = (int(part or 0) for part in east.groups())
        return _sound(Day(year, month, day))
    if solar := solar_date(folded, language):
        return _sound(Day(*solar))
    days = sorted(weekdays(folded, language))
    months = _month_names(language)
    found: dict[str, list[int]] = {"month": [], "day": [], "year": []}
    for form in _forms(folded, months):
        kind, value = _date_part(form, months, has_names=has_case(words))
        if kind:
            found[kind].append(value)
        elif form not in known_words("date_particles") and not (days and weekdays(form, language)):
            return None
    return _together(found, days)


def day_within(text: str, language: str) -> tuple[Day | None, frozenset[str]]:
    """Return the month, the year or the day that a text names once, and its words that tell them.

    Args:
        text: a question, for example.
        language: its BCP 47 code.
    """
    folded = fold(text)
    if (east := signed_date().search(folded)) or (east := year_signed().search(folded)):
        numbers = [int(part or 0) for part in (*east.groups(), None, None)[:3]]
        return _sound(Day(*numbers)), frozenset(token.form for token in tokens(east.group()))
    months = _month_names(language)
    glued = language in flagged("glued_endings")  # it writes "in" as an ending
    inflected = glued or language in flagged("inflected_months")
    parts = {
        form: (_inflected(form, months, glued=glued) if inflected else None)
        or _date_part(form, months, has_names=False)
        for form in _forms(folded, months)
    }
    found = {
        kind: list(dict.fromkeys(v for one, v in parts.values() if one == kind)) for kind in ("month", "year", "day")
    }
    if len(found["month"]) > 1 or len(found["year"]) > 1 or not (found["month"] or found["year"]):
        return None, frozenset()
    days = found["day"] if found["month"] and len(found["day"]) == 1 else []
    kinds = ("month", "year", "day") if days else ("month", "year")
    named = _sound(Day(sum(found["year"]), sum(found["month"]), sum(days)))
    words = [word for form, (kind, _) in parts.items() if kind in kinds for word in form.split()]
    return named, frozenset(words) if named else frozenset()


def _inflected(form: str, months: Mapping[str, int], *, glued: bool) -> tuple[str, int] | None:
    """Return the month that a word names in another case than a date has it: "в марте", "martta"."""
    found = {
        month
        for name, month in months.items()
        if (len(form) >= _LEAST_SHORT <= len(name) and _shared(form, name) >= max(len(form) - 1, len(name) - 1))
        or (glued and len(name) >= _LEAST_SHORT + 1 and form.startswith(name) and len(form) - len(name) <= _LEAST_SHORT)
    }
    return ("month", found.pop()) if len(found) == 1 and form not in months else None


def _shared(one: str, other: str) -> int:
    """Return how many letters two words begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (first, second) in pairs if first != second), min(len(one), len(other)))


def _date_part(form: str, months: Mapping[str, int], *, has_names: bool) -> tuple[str, int]:
    """Return which part of a date a word says, and the number; `""` for nothing."""
    for bare in (form, form[1:] if form[0] in entries("prefixes") else form):
        if bare in months:
            return "month", months[bare]
    if day := _day().fullmatch(form):
        return "day", int(day.group(1))
    if _YEAR.fullmatch(form):
        return "year", int(form)
    begun = {month for name, month in months.items() if name.startswith(form)}
    return ("month", begun.pop()) if has_names and len(form) >= _LEAST_SHORT and len(begun) == 1 else ("", 0)


@lru_cache(maxsize=1)
def _day() -> re.Pattern[str]:
    return re.compile(rf"(\d{{1,2}})(?:{alternatives('day_endings')})?")


def _together(found: Mapping[str, list[int]], weekday: list[int]) -> Day | None:
    days, years = found["day"], found["year"]
    months = list(dict.fromkeys(found["month"]))  # "تشرين الثاني/نوفمبر" says one twice
    if len(months) > 1 or len(days) > 2 or len(years) > 1 or len(weekday) > 1:
        return None
    if (days and not months) or not (months or weekday) or (days != sorted(days)):
        return None
    first, last = (days[0], days[-1]) if days else (0, 0)
    until = last if last != first else 0
    return _sound(Day(sum(years), sum(months), first, until, sum(weekday)))


def _sound(day: Day) -> Day | None:
    """Return the date if there may be such a day."""
    try:
        dt.date(day.year or _ANY_YEAR, day.month or 1, day.until or day.day or 1)
    except ValueError:
        return None
    return day


def write_date(day: Day, language: str) -> str:
    """Return a date as a language writes it; without a year where none is stated."""
    skeleton = ("y" if day.year else "") + ("MMMM" if day.month else "") + ("d" if day.day else "")
    if skeleton == "MMMM":
        skeleton = "LLLL"  # as the name stands alone
    locale = f"{language}-u-ca-gregory"
    names = [writer(f"date,::{skeleton}", locale)(_moment(day))] if skeleton else []
    if day.until:
        plain = writer("number,::group-off", language)
        first, last = (plain(number) for number in (day.day, day.until))
        names = [name.replace(first, f"{first}–{last}", 1) for name in names]
    if day.weekday:
        names.insert(0, writer("date,cccc", locale)(dt.datetime(2024, 1, day.weekday, 12)))
    return ", ".join(names)


def _moment(day: Day) -> dt.datetime:
    return dt.datetime(day.year or _ANY_YEAR, day.month or 1, day.day or 1, 12)


@lru_cache(maxsize=64)
def _month_names(language: str) -> Mapping[str, int]:
    """Return the months by the folded words that name them, within dates and alone."""
    found: dict[str, set[int]] = {}
    particles = known_words("date_particles")
    locales = [f"{language}-u-ca-gregory"] + (["ar-SY", "ar-MA"] if language == "ar" else [])
    for locale in locales if language != UNKNOWN else ():
        for pattern in ("d MMMM", "LLLL", "d MMM", "LLL"):
            write = writer(f"date,{pattern}", locale)
            for month in _MONTHS:
                forms = [token.form for token in tokens(write(dt.datetime(_ANY_YEAR, month, 1, 12)))]
                words = [form for form in forms if not form[0].isdigit() and len(form) > 1 and form not in particles]
                for word in words:
                    found.setdefault(word, set()).add(month)
                found.setdefault(" ".join(words), set()).add(month)
    # "تشرين" begins two months, and "الثاني" ends two: only both words together name one.
    return {word: months.pop() for word, months in found.items() if word and len(months) == 1}


def _forms(folded: str, months: Mapping[str, int]) -> Iterator[str]:
    """Yield the words of a text, the two of a month's name as one."""
    words = [token.form for token in tokens(folded)]
    while words:
        both = " ".join(words[:2])
        known = both in months and len(words) > 1
        yield both if known else words[0]
        del words[: 2 if known else 1]
