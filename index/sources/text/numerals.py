"""Numbers of lists as they are shown: figures, letters, Roman numerals."""

from __future__ import annotations

__all__ = ["numeral"]

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_KINDS = {
    "lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I", "a": "a", "A": "A", "i": "i",
    "I": "I", "alphaLc": "a", "alphaUc": "A", "romanLc": "i", "romanUc": "I", "lower-alpha": "a", "lower-latin": "a",
    "upper-alpha": "A", "upper-latin": "A", "lower-roman": "i", "upper-roman": "I", "decimalZero": "01",
    "decimal-leading-zero": "01", "none": "",
}  # fmt: skip
_DIGITS = {"hindiNumbers": "०", "thaiNumbers": "๐", "arabic-indic": "٠", "persian": "۰", "devanagari": "०"}


def numeral(number: int, kind: str) -> str:
    """Return a number in the way that an Office program or HTML names; figures for a way that isn't known."""
    if kind in _DIGITS:
        return "".join(chr(ord(_DIGITS[kind]) + int(digit)) for digit in str(max(number, 0)))
    known = _KINDS.get(kind, "1")
    if known == "":
        return ""
    if known == "01":
        return f"{number:02}"
    if known in ("a", "A") and number > 0:
        letter = chr(ord(known) + (number - 1) % 26)
        return letter * ((number - 1) // 26 + 1)
    if known in ("i", "I") and 0 < number < 4000:
        return _roman(number) if known == "i" else _roman(number).upper()
    return str(number)


def _roman(number: int) -> str:
    shown = ""
    for value, letters in _ROMAN:
        shown += letters * (number // value)
        number %= value
    return shown
