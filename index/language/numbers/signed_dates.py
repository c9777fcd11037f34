"""Dates with signs behind their numbers: `2024年3月5日`, `2024년 3월 5일`; each language has its own signs."""

from __future__ import annotations

import re
from functools import lru_cache

from index.language.fields import ListField
from index.language.lexicon import entries

__all__ = ["date_signs", "ended", "month_signed", "signed_date", "signed_day", "year_signed"]


@lru_cache(maxsize=4)
def _any(field: ListField) -> str:
    return f"(?:{'|'.join(map(re.escape, entries(field)))})"


@lru_cache(maxsize=1)
def signed_date() -> re.Pattern[str]:
    """Return what finds a month, with the year before it and the day behind it where they are stated."""
    return re.compile(rf"(?:(\d{{4}})\s?{_any('year_signs')}\s?)?(\d{{1,2}})\s?{_any('month_signs')}\s?{_day()}?")


@lru_cache(maxsize=1)
def signed_day() -> re.Pattern[str]:
    """Return what finds a day of a month, with the year before it where it is stated."""
    year = rf"(?:\d{{4}}\s?{_any('year_signs')}\s?)?"
    return re.compile(rf"{year}\d{{1,2}}\s?{_any('month_signs')}\s?{_day()}")


def _day() -> str:
    return rf"(?:(\d{{1,2}})\s?{_any('day_signs')})"


@lru_cache(maxsize=1)
def year_signed() -> re.Pattern[str]:
    """Return what finds a year."""
    return re.compile(rf"([12]\d{{3}})\s?{_any('year_signs')}")


@lru_cache(maxsize=1)
def month_signed() -> re.Pattern[str]:
    """Return what finds a month."""
    return re.compile(rf"(\d{{1,2}})\s*{_any('month_signs')}")


@lru_cache(maxsize=1)
def ended() -> re.Pattern[str]:
    """Return what finds the particles at the end of such a date: `3月から`, `3월부터`."""
    signs = "".join(map(re.escape, date_signs()))
    return re.compile(rf"(?<=[{signs}])(?:{'|'.join(map(re.escape, entries('date_endings')))})$")


def date_signs() -> tuple[str, ...]:
    """Return all the signs."""
    return (*entries("year_signs"), *entries("month_signs"), *entries("day_signs"))
