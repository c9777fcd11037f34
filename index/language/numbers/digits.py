"""How numbers are written in digits: one grammar for all who look for them, in any script.

Words for numbers are `index.language.numbers.quantities`' and `index.language.numbers.amounts`' matter.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["FREE_NUMBER", "NUMBER", "SPACED_NUMBER", "ascii_digits", "numbers", "plain_number"]

_MARKS = ".,٫٬'’"  # before decimals and between thousands
NUMBER = re.compile(rf"\d+(?:[{_MARKS}\u00a0\u202f]\d+)*")
# Digits that grew onto letters name things: M1A1, F-16. For folded text.
FREE_NUMBER = re.compile(rf"(?<![a-zа-яα-ω\d])(?<![a-zа-яα-ω]-)\d+(?:[{_MARKS}]\d+)*")
# Thousands that stand apart: a quote's narrow spaces become plain ones when its lines are joined.
SPACED_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_GROUPED = re.compile(r"\d{1,3}(?:[.,٬'’\u00a0\u202f]\d{3})+\Z")


def numbers(text: str) -> list[str]:
    """Return the numbers written in digits, in order, as `1234.5`: separators of thousands are dropped."""
    return [plain_number(match) for match in NUMBER.findall(ascii_digits(text))]


def plain_number(number: str) -> str:
    """Return a number of ASCII digits as `1234.5`, without separators of thousands; dates keep their points."""
    if _GROUPED.match(number):
        return "".join(filter(str.isdigit, number)).lstrip("0") or "0"
    parts = re.split(r"\D", number)
    if len(parts) == 1:
        return number.lstrip("0") or "0"
    whole, fraction = "".join(parts[:-1]), parts[-1]
    if len(parts) > 2 and not all(len(part) == 3 for part in parts[1:-1]):
        return ".".join(part.lstrip("0") or "0" for part in parts)  # 31.10.2020, 192.168.0.1
    fraction = fraction.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{fraction}" if fraction else whole


def ascii_digits(text: str) -> str:
    """Write every decimal digit as ASCII; the length stays."""
    if text.isascii():
        return text
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
