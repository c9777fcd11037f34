"""Numbers of spreadsheets as a cell shows them, by its format code (ECMA-376 part 1, 18.8.31): `0.0%` makes 7.5%.

Python's libraries for spreadsheets give the stored number and the code, and leave the showing to the program; the one
that shows (`ssf`) has not been kept since 2020 and brings six packages along. Formats that stand for "as this computer
writes dates" give dates as 2024-03-15, which nobody can misread.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from index.sources.tables.dateformat import is_date_code, show_date

__all__ = ["BUILT_IN", "show_number"]

_ACCOUNT = '_(* #,##0{0}_);_(* (#,##0{0});_(* "-"??_);_(@_)'
_MONEY = '"$"#,##0{0}_);("$"#,##0{0})'
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: _MONEY.format(""), 6: _MONEY.format(""),
    7: _MONEY.format(".00"), 8: _MONEY.format(".00"), 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", **dict.fromkeys([*range(27, 32), 36, *range(50, 59)], "yyyy-mm-dd"),
    32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss", 37: "#,##0_);(#,##0)", 38: "#,##0_);(#,##0)",
    39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);(#,##0.00)", 41: _ACCOUNT.format(""), 42: _ACCOUNT.format(""),
    43: _ACCOUNT.format(".00"), 44: _ACCOUNT.format(".00"), 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Formats that a file names by their number alone."""

_PIECE = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\[\]]*)\]|General|[Ee][+-]|[0#?.,%/@]|.', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\Z")
_HOLDERS = frozenset("0#?")
_MOST_PLACES = 40

Piece = tuple[str, str]  # ("holder" | "text" | "point" …, what is written)


def show_number(raw: str, code: str, *, from_1904: bool = False) -> str:
    """Return a stored number as its cell shows it; what is no number, or can't be shown by the code, comes as it is.

    Args:
        raw: the number as the file stores it.
        code: the cell's format.
        from_1904: days are counted from 1904.
    """
    try:
        value = Decimal(repr(float(raw)))
        if not value.is_finite():
            return raw
        section, bare = _section(code, value)
        if is_date_code(section):
            return show_date(float(raw), section, from_1904=from_1904) or _general(value)
        return _shown(_pieces(section), abs(value) if bare else value).strip()
    except (ValueError, InvalidOperation, OverflowError, ZeroDivisionError):
        return raw


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[str, ...]:
    parts, start = [], 0
    for match in _PIECE.finditer(code):
        if match[0] == ";":
            parts.append(code[start : match.start()])
            start = match.end()
    return (*parts, code[start:])


def _section(code: str, value: Decimal) -> tuple[str, bool]:
    """Return the part of a code that is for this number, and whether the part says itself that it is negative."""
    parts = _sections(code)
    conditions = [_condition(part) for part in parts]
    if any(conditions):
        for part, condition in zip(parts, conditions, strict=True):
            if condition is None or _holds(condition, value):
                return part, False
        return parts[-1], False
    if value < 0 and len(parts) > 1:
        return parts[1], True
    return (parts[2], False) if value == 0 and len(parts) > 2 else (parts[0], False)


def _condition(part: str) -> tuple[str, Decimal] | None:
    for match in _PIECE.finditer(part):
        if match[3] and (found := _CONDITION.match(match[3])):
            return found[1], Decimal(found[2])
    return None


def _holds(condition: tuple[str, Decimal], value: Decimal) -> bool:
    sign, bound = condition
    less, same = value < bound, value == bound
    return {"<": less, "<=": less or same, "=": same, "<>": not same, ">": not less and not same, ">=": not less}[sign]


@lru_cache(maxsize=512)
def _pieces(section: str) -> tuple[Piece, ...]:
    """Return what a part of a code is made of; colours and widths are left out."""
    pieces: list[Piece] = []
    for match in _PIECE.finditer(section):
        whole = match[0]
        if match[1] is not None or match[2]:
            pieces.append(("text", match[1] or match[2] or ""))
        elif match[3] is not None:
            if match[3].startswith("$"):
                pieces.append(("text", match[3][1:].partition("-")[0]))
        elif whole[0] == "_":
            pieces.append(("text", " "))
        elif whole[0] == "*" and len(whole) > 1:
            continue
        else:
            pieces.append((_kind(whole), whole))
    return tuple(pieces)


def _kind(piece: str) -> str:
    if piece in _HOLDERS:
        return "holder"
    if piece.lower() == "general":
        return "general"
    named = {".": "point", ",": "comma", "%": "percent", "/": "slash", "@": "general"}
    return "power" if len(piece) > 1 else named.get(piece, "text")


def _shown(pieces: Sequence[Piece], value: Decimal) -> str:
    kinds = [kind for kind, _ in pieces]
    if "general" in kinds:
        return "".join(_general(value) if kind == "general" else text for kind, text in pieces)
    if "holder" not in kinds:
        sign = "-" if value < 0 else ""
        return sign + "".join(text for _, text in pieces) if kinds else ""
    value *= Decimal(100) ** kinds.count("percent")
    if "slash" in kinds:
        return _fraction(pieces, value)
    power = kinds.index("power") if "power" in kinds else len(pieces)
    if power < len(pieces):
        return _scientific(pieces, power, value)
    return _fixed(pieces, value)


def _general(value: Decimal) -> str:
    """Return a number without a format: whole ones with all digits, others with ten."""
    if value == value.to_integral_value() and abs(value) < Decimal(10) ** 15:
        return f"{value.quantize(Decimal(1)):f}".replace("-0", "0") if value == 0 else f"{value.quantize(Decimal(1)):f}"
    return f"{float(value):.10g}".replace("e+", "E+").replace("e-", "E-")


def _fixed(pieces: Sequence[Piece], value: Decimal) -> str:
    kinds = [kind for kind, _ in pieces]
    last = max(at for at, kind in enumerate(kinds) if kind == "holder")
    first = kinds.index("holder")
    point = kinds.index("point") if "point" in kinds else len(kinds)
    whole_end = min(point, last + 1)
    whole_last = max((n for n in range(first, whole_end) if kinds[n] == "holder"), default=first)
    scale = sum(_trailing_commas(kinds, place) for place in {whole_last, last})
    grouped = "comma" in kinds[first:whole_last]
    decimals = [text for kind, text in pieces[point:] if kind == "holder"][:_MOST_PLACES]
    value = (value / Decimal(1000) ** scale).quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    whole, _, fraction = f"{abs(value):f}".partition(".")
    sign = "-" if value < 0 and value != 0 else ""
    front = _whole(pieces[:point], whole, grouped=grouped)
    return sign + front + _after_point(pieces[point:], fraction)


def _trailing_commas(kinds: Sequence[str], last: int) -> int:
    count = 0
    while last + 1 + count < len(kinds) and kinds[last + 1 + count] == "comma":
        count += 1
    return count


def _whole(pieces: Sequence[Piece], digits: str, *, grouped: bool) -> str:
    """Return what stands before the point: digits put into their places from the right."""
    holders = [text for kind, text in pieces if kind == "holder"]
    digits = digits.lstrip("0")
    least = sum(text == "0" for text in holders[next((n for n, text in enumerate(holders) if text == "0"), 0) :])
    digits = digits.rjust(least if "0" in holders else 0, "0")
    if grouped:
        digits = re.sub(r"(?<=\d)(?=(?:\d{3})+\Z)", ",", digits)
    written: list[str] = []
    left = len(holders)
    for kind, text in reversed(pieces):
        if kind == "holder":
            left -= 1
            taken = digits if left == 0 or grouped else digits[-1:]
            digits = "" if left == 0 or grouped else digits[:-1]
            written.append(taken)
        elif kind != "comma":
            written.append(text)
    return "".join(reversed(written))


def _after_point(pieces: Sequence[Piece], digits: str) -> str:
    holders = [text for kind, text in pieces if kind == "holder"]
    while holders and holders[-1] != "0" and digits.endswith("0"):
        holders.pop()
        digits = digits[:-1]
    written, at = [], 0
    for kind, text in pieces:
        if kind == "holder":
            written.append(digits[at : at + 1])
            at += 1
        elif kind == "point":
            written.append("." if digits else "")
        elif kind != "comma":
            written.append(text)
    return "".join(written)


def _scientific(pieces: Sequence[Piece], power: int, value: Decimal) -> str:
    places = sum(text in _HOLDERS for _, text in pieces[:power]) - 1
    point = next((n for n, (kind, _) in enumerate(pieces[:power]) if kind == "point"), power)
    lead = sum(kind == "holder" for kind, _ in pieces[:point])
    exponent = value.adjusted() if value else 0
    exponent -= (exponent % lead) if lead > 1 else 0
    decimals = max(0, places + 1 - lead)
    number = value.scaleb(-exponent).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    width = sum(text == "0" for _, text in pieces[power + 1 :])
    sign = "-" if exponent < 0 else ("+" if pieces[power][1].endswith("+") else "")
    return f"{number:f}E{sign}{abs(exponent):0{max(1, width)}}"


def _fraction(pieces: Sequence[Piece], value: Decimal) -> str:
    slash = next(n for n, (kind, _) in enumerate(pieces) if kind == "slash")
    below = "".join(text for _, text in pieces[slash + 1 :]).strip()
    fixed = re.match(r"\d+", below.replace("0", "")) if below[:1].isdigit() and below[:1] != "0" else None
    whole = int(abs(value)) if sum(kind == "holder" for kind, _ in pieces[:slash]) > 1 else 0
    rest = Fraction(abs(value)) - whole
    if fixed:
        bottom = int(below)
        top = int((rest * bottom + Fraction(1, 2)).__floor__())
    else:
        near = rest.limit_denominator(10 ** max(1, len(below)) - 1)
        top, bottom = near.numerator, near.denominator
    whole, top = (whole + 1, 0) if top == bottom and top else (whole, top)
    parts = [str(whole)] if whole or not top else []
    parts += [f"{top}/{bottom}"] if top else []
    return ("-" if value < 0 else "") + " ".join(parts)
