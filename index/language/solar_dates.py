"""Dates of the Solar Hijri calendar, in which Persian texts tell theirs, as days of the Gregorian one."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from index.language.folding import fold
from index.language.icu import writer

__all__ = ["solar_date"]

_MONTHS = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
_YEARS = range(1200, 1500)
_APART = 621  # years between the two calendars, from March on
_DAYS = 30.44  # of a month, on average
_NEAR = range(-4, 5)
_BESIDE = frozenset(map(fold, ("سال", "ماه", "روز", "در")))


def solar_date(words: str) -> tuple[int, int, int] | None:
    """Return the Gregorian year, month and day of a date with all three; `None` for any other words.

    Args:
        words: folded, as `index.language.folding.fold` does.
    """
    parts = [part for part in words.split() if part not in _BESIDE]
    months = [_months()[part] for part in parts if part in _months()]
    numbers = [int(part) for part in parts if part.isdecimal() and len(part) <= 4]
    if len(parts) != 3 or len(months) != 1 or len(numbers) != 2:
        return None
    day, year = sorted(numbers)
    if year not in _YEARS:
        return None
    # ICU tells the Solar Hijri date of a day: that day is looked for around where it must be.
    about = dt.datetime(year + _APART, 3, 20, 12) + dt.timedelta(days=round((months[0] - 1) * _DAYS) + day)
    write = writer("date,yyyy-MM-dd", "en-u-ca-persian")
    near = [about + dt.timedelta(days=one) for one in _NEAR]
    found = next((one for one in near if write(one) == f"{year}-{months[0]:02}-{day:02}"), None)
    return None if found is None else (found.year, found.month, found.day)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    return {fold(name): place for place, name in enumerate(_MONTHS.split(), start=1)}
