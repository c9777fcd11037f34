"""Dates and times of spreadsheets as a cell shows them, by its format code."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from index.language.icu import writer

__all__ = ["is_date_code", "show_date"]

_PIECE = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[(?:h+|m+|s+)\]|\[[^\[\]]*\]|AM/PM|A/P|General|y+|m+|d+|h+|s+(?:\.0+)?|e+|g+|.',
    re.IGNORECASE | re.DOTALL,
)
_ELAPSED = re.compile(r"\[([hms])+\]\Z", re.IGNORECASE)
_LOCALE = re.compile(r"\[\$([^\]-]*)-([0-9a-f]+)[^\]]*\]\Z", re.IGNORECASE)
# Languages of Windows' numbers, by their last ten bits.
_LANGUAGES = {
    0x01: "ar", 0x02: "bg", 0x03: "ca", 0x04: "zh", 0x05: "cs", 0x06: "da", 0x07: "de", 0x08: "el", 0x09: "en",
    0x0A: "es", 0x0B: "fi", 0x0C: "fr", 0x0D: "he", 0x0E: "hu", 0x0F: "is", 0x10: "it", 0x11: "ja", 0x12: "ko",
    0x13: "nl", 0x14: "nb", 0x15: "pl", 0x16: "pt", 0x18: "ro", 0x19: "ru", 0x1A: "hr", 0x1B: "sk", 0x1D: "sv",
    0x1E: "th", 0x1F: "tr", 0x20: "ur", 0x21: "id", 0x22: "uk", 0x24: "sl", 0x25: "et", 0x26: "lv", 0x27: "lt",
    0x29: "fa", 0x2A: "vi", 0x2D: "eu", 0x36: "af", 0x39: "hi", 0x45: "bn", 0x49: "ta", 0x56: "gl",
}  # fmt: skip
_LAST_DAY = 2_958_466
_DAY = 86_400_000  # milliseconds


@lru_cache(maxsize=512)
def is_date_code(code: str) -> bool:
    """Tell whether a format code shows a number as a date or a time."""
    found = [match[0] for match in _PIECE.finditer(code)]
    if any(_ELAPSED.match(piece) for piece in found):
        return True
    if any(piece in ("0", "#", "?") for piece in found) and not any(piece[0] in "yYdDhH" for piece in found):
        return False
    return any(piece[0] in "yYmMdDhHsS" for piece in found)


def show_date(serial: float, code: str, *, from_1904: bool) -> str:
    """Return a day and time as the code shows it; `""` for what is no day.

    Args:
        serial: days since the beginning that the file counts from.
        code: one section of a format code.
        from_1904: whether that is 1904.
    """
    pieces = _pieces(code)
    if not (0 <= serial < _LAST_DAY or any(_ELAPSED.match(piece) for piece in pieces)):
        return ""
    exact = round(serial * _DAY)
    if not any(piece[0] in "sS" and "." in piece for piece in pieces):
        exact = (exact + 500) // 1000 * 1000
    moment = _moment(exact, from_1904=from_1904)
    language = next((name for name in map(_language, pieces) if name), "en")
    half = any(piece.upper() in ("AM/PM", "A/P") for piece in pieces)
    return "".join(_part(piece, place, pieces, moment, exact, language, half) for place, piece in enumerate(pieces))


@lru_cache(maxsize=512)
def _pieces(code: str) -> tuple[str, ...]:
    return tuple(match[0] for match in _PIECE.finditer(code))


def _moment(exact: int, *, from_1904: bool) -> dt.datetime:
    if from_1904:
        start = dt.datetime(1904, 1, 1)
    else:  # the year 1900 has a 29 February there
        start = dt.datetime(1899, 12, 31) if 0 <= exact < 60 * _DAY else dt.datetime(1899, 12, 30)
    return start + dt.timedelta(milliseconds=max(exact, 0))


def _language(piece: str) -> str:
    found = _LOCALE.match(piece)
    return _LANGUAGES.get(int(found[2][-4:], 16) & 0x3FF, "") if found else ""


def _part(
    piece: str, place: int, pieces: Sequence[str], moment: dt.datetime, exact: int, language: str, half: bool
) -> str:
    kind, length = piece[0].lower(), len(piece)
    if _ELAPSED.match(piece):
        unit = {"h": 3_600_000, "m": 60_000, "s": 1000}[piece[1].lower()]
        return ("-" if exact < 0 else "") + f"{abs(exact) // unit:0{length - 2}}"
    if piece.upper() in ("AM/PM", "A/P"):
        return ("AM" if moment.hour < 12 else "PM")[: 2 if length > 3 else 1]
    if kind == "m" and _is_minute(place, pieces):
        return f"{moment.minute:0{min(length, 2)}}"
    if kind in "ymdhseg" and piece.lower() != "general":
        return _field(kind, piece, moment, language, half)
    return _literal(piece)


def _literal(piece: str) -> str:
    found = _LOCALE.match(piece)
    if piece[0] == "[":
        return found[1] if found else ""
    if piece[0] in '"\\':
        return piece.strip('"') if piece[0] == '"' else piece[1:]
    return {"_": " ", "*": ""}.get(piece[0], piece)


def _field(kind: str, piece: str, moment: dt.datetime, language: str, half: bool) -> str:
    length = len(piece)
    if kind in "yeg":
        return "" if kind == "g" else (f"{moment.year % 100:02}" if kind == "y" and length < 3 else f"{moment.year:04}")
    if kind == "m":
        return f"{moment.month:0{length}}" if length < 3 else _named(moment, language, "MMM" if length == 3 else "MMMM")
    if kind == "d":
        return f"{moment.day:0{length}}" if length < 3 else _named(moment, language, "EEE" if length == 3 else "EEEE")
    if kind == "h":
        return f"{(moment.hour - 1) % 12 + 1 if half else moment.hour:0{min(length, 2)}}"
    digits = piece.partition(".")[2]
    seconds = f"{moment.second:0{min(len(piece.partition('.')[0]), 2)}}"
    return f"{seconds}.{moment.microsecond:06}"[: len(seconds) + 1 + len(digits)] if digits else seconds


def _is_minute(place: int, pieces: Sequence[str]) -> bool:
    """Tell whether an `m` is of minutes: it stands behind hours or before seconds."""
    before = next(_units(reversed(pieces[:place])), "")
    after = next(_units(iter(pieces[place + 1 :])), "")
    return before == "h" or after == "s"


def _units(pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        kind = piece[1].lower() if _ELAPSED.match(piece) else piece[0].lower()
        if kind in "ymdhs" and piece.upper() not in ("AM/PM", "A/P"):
            yield kind


@lru_cache(maxsize=2048)
def _names(language: str, pattern: str) -> tuple[str, ...]:
    """Return the twelve months, or the seven days from Monday on, as a language writes them."""
    write = writer(f"date,{pattern}", language)
    days = [dt.datetime(2024, 1, 1 + n, 12, tzinfo=dt.UTC) for n in range(7)]
    months = [dt.datetime(2024, 1 + n, 15, 12, tzinfo=dt.UTC) for n in range(12)]
    return tuple(write(day) for day in (months if pattern[0] == "M" else days))


def _named(moment: dt.datetime, language: str, pattern: str) -> str:
    return _names(language, pattern)[moment.month - 1 if pattern[0] == "M" else moment.weekday()]
