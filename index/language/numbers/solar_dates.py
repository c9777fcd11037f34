"""Dates of the calendar of another era in which a language's texts tell theirs, as days of the Gregorian one.

Which calendar that is, a language's file says (`calendar`); the names of its months come from ICU.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from index.language.folding import fold
from index.language.icu import writer
from index.language.lexicon import languages, words_of

__all__ = ["solar_date"]

_YEARS = range(1200, 1500)
_APART = 621  # years between the two calendars, from March on
_DAYS = 30.44  # of a month, on average
_NEAR = range(-4, 5)


def solar_date(words: str, language: str) -> tuple[int, int, int] | None:
    """Return the Gregorian year, month and day of a date with all three; `None` for any other words.

    Args:
        words: folded, as `index.language.folding.fold` does.
        language: their BCP 47 code; without a solar calendar of its own it has no such dates.
    """
    calendar = _calendar(language)
    if not calendar:
        return None
    beside = words_of("date_particles", language) | words_of("placing", language)
    parts = [part for part in words.split() if part not in beside]
    names = _months(language, calendar)
    months = [names[part] for part in parts if part in names]
    numbers = [int(part) for part in parts if part.isdecimal() and len(part) <= 4]
    if len(parts) != 3 or len(months) != 1 or len(numbers) != 2:
        return None
    day, year = sorted(numbers)
    if year not in _YEARS:
        return None
    # ICU gives the date of a day: that day is looked for around where it must be.
    about = dt.datetime(year + _APART, 3, 20, 12) + dt.timedelta(days=round((months[0] - 1) * _DAYS) + day)
    write = writer("date,yyyy-MM-dd", f"en-u-ca-{calendar}")
    near = [about + dt.timedelta(days=one) for one in _NEAR]
    found = next((one for one in near if write(one) == f"{year}-{months[0]:02}-{day:02}"), None)
    return None if found is None else (found.year, found.month, found.day)


def _calendar(language: str) -> str:
    known = languages().get(language)
    return str(known.values.get("calendar", "")) if known else ""


@lru_cache(maxsize=4)
def _months(language: str, calendar: str) -> Mapping[str, int]:
    """Return the numbers of the months by their folded names."""
    name = writer("date,LLLL", f"{language}-u-ca-{calendar}")
    number = writer("date,M", f"en-u-ca-{calendar}")
    days = (dt.datetime(2023, 4, 1, 12) + dt.timedelta(days=30 * month) for month in range(12))
    return {fold(name(day)): int(number(day)) for day in days}
