"""What the numbers of a text measure: metres, hours, tonnes, by the words that ICU writes beside a number.

ICU takes them from Unicode's CLDR (https://cldr.unicode.org), for every language that it knows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from index.caching import kept
from index.language.codes import UNKNOWN, canonical
from index.language.folding import fold
from index.language.icu import writer
from index.language.lexicon import spaced_words
from index.language.numbers.digits import NUMBER, plain_number
from index.language.scripts import NO_SPACES, script_of

__all__ = ["NOT_KNOWN", "measured"]

NOT_KNOWN = ""
"""Stands for what is beside a number and is no unit that is known."""

# By the names that CLDR gives them. Areas, volumes of a length and speeds are left out: in many languages they begin
# like the length, and words around the number tell them apart.
_UNITS = (
    "millimeter", "centimeter", "meter", "kilometer", "inch", "foot", "yard", "mile",
    "milligram", "gram", "kilogram", "tonne", "ton", "ounce", "pound",
    "second", "minute", "hour", "day", "week", "month", "year", "decade", "century",
    "hectare", "acre", "milliliter", "liter", "gallon", "watt", "kilowatt", "megawatt", "volt", "kilobyte", "megabyte",
    "gigabyte", "terabyte",
)  # fmt: skip
# "Tons" are written for both.
_SAME = {"ton": "tonne"}
_WIDTHS = ("full-name", "short")
_VALUES = (1, 2, 3, 5, 11, 100)
# Languages that write units in two ways, by country.
_ALSO = {"en": "en-GB", "pt": "pt-PT", "zh": "zh-Hant"}
# A word of so many letters may have a case ending of so many more.
_LONG, _ENDING = 4, 3
_NEAR = 40


@kept(1024, longest=2000)
def measured(text: str, language: str) -> Mapping[str, frozenset[str]]:
    """Return the units, by their names in CLDR, that stand beside each number of a text; `NOT_KNOWN` for none.

    Args:
        text: a sentence or a passage.
        language: its BCP 47 code.
    """
    folded = fold(text)
    found: dict[str, set[str]] = defaultdict(set)
    for match in NUMBER.finditer(folded):
        behind = folded[match.end() : match.end() + _NEAR].lstrip(" -")
        before = folded[max(0, match.start() - _NEAR) : match.start()].rstrip(" -")
        found[plain_number(match.group())].add(_behind(behind, language) or _before(before, language))
    return {number: frozenset(units) for number, units in found.items()}


def _behind(text: str, language: str) -> str:
    """Return the unit whose word a text begins with, the longest one."""
    return next((unit for form, unit in _forms(language)[0].items() if _begins(text, form)), NOT_KNOWN)


def _before(text: str, language: str) -> str:
    forms = _forms(language)[1]
    return next((unit for form, unit in forms.items() if text == form or text.endswith(f" {form}")), NOT_KNOWN)


def _begins(text: str, form: str) -> bool:
    """Tell whether a text begins with a word, which may have another ending if it is a long one."""
    if not text.startswith(form):
        return False
    if script_of(form) in NO_SPACES:
        return True
    rest = text[len(form) :]
    letters = next((place for place, letter in enumerate(rest) if not letter.isalpha()), len(rest))
    return letters <= (_ENDING if len(form) >= _LONG else 0)


@lru_cache(maxsize=64)
def _forms(language: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the words of units that stand behind a number, and those that stand before it, the longest first."""
    sides: tuple[dict[str, set[str]], dict[str, set[str]]] = (defaultdict(set), defaultdict(set))
    for unit in _UNITS if language != UNKNOWN else ():
        for before, behind in _written(unit, language):
            form = before or behind
            if bool(before) != bool(behind) and form not in spaced_words("common"):  # "in" is seldom an inch
                sides[not behind][form].add(_SAME.get(unit, unit))
    return _unambiguous(sides[0]), _unambiguous(sides[1])


def _written(unit: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield what a language writes before and behind the number of a unit."""
    for locale in filter(None, (language, _ALSO.get(canonical(language)))):
        for width in _WIDTHS:
            write = writer(f"number,::unit/{unit} unit-width-{width} group-off", locale)
            for value in _VALUES:
                before, digits, behind = fold(write(value)).partition(str(value))
                if digits:
                    yield before.strip(), behind.strip()


def _unambiguous(forms: Mapping[str, set[str]]) -> Mapping[str, str]:
    """Return the words that mean one unit only, the longest first."""
    return {form: min(forms[form]) for form in sorted(forms, key=lambda form: -len(form)) if len(forms[form]) == 1}
