"""Dates as files spell them, in ISO 8601 and only as precise as known."""

from __future__ import annotations

import datetime as dt
import re

from index.language.hygiene import clean_line

__all__ = ["iso_date", "pdf_date"]

_ISO = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?![\d/])")
_PDF = re.compile(r"^(?:D:)?(\d{4})(\d{2})?(\d{2})?")


def iso_date(value: object) -> str:
    """Return `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, or `""` for what is no date. Times of day are dropped."""
    if isinstance(value, dt.date):  # a datetime is one too
        return value.strftime("%Y-%m-%d")
    found = _ISO.match(clean_line(str(value)))
    return _checked(*found.groups()) if found else ""


def pdf_date(value: str) -> str:
    """Return the ISO date of a PDF's `D:20240131120000+02'00'`, or `""`."""
    found = _PDF.match(value.strip())
    return _checked(*found.groups()) if found else ""


def _checked(year: str, month: str | None, day: str | None) -> str:
    try:
        dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join(part for part in (year, month, day) if part)
