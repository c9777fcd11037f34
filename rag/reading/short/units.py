"""Words for currencies that say which currency is meant; "dollars" and "جنيه" are those of several countries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from index.language.folding import fold
from index.language.lexicon import entries, known_words, phrases_of
from index.language.numbers.digits import NUMBER
from index.language.numbers.measures import NOT_KNOWN, measured
from index.language.scripts import NO_SPACES, script_of

__all__ = ["currency_of", "is_percent", "units_apart", "with_unit"]

_SIGNS = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₽": "RUB",
    "₹": "INR",
    "₺": "TRY",
    "₪": "ILS",
    "₴": "UAH",
    "₩": "KRW",
}
_PERCENT = frozenset({"%", "٪"})
_NEXT = re.compile(r"[ \xa0\u202f]?([^\W\d_]+|[%٪$€£¥₽₹₺₪₴₩])")


def currency_of(word: str, language: str) -> str:
    """Return the ISO 4217 code of the currency that a folded word names in a language; `""` for none or several."""
    return _SIGNS.get(word) or _words(language).get(word.rstrip("."), "")


def is_percent(word: str) -> bool:
    """Tell whether a folded word or sign says percent."""
    return word in _PERCENT or word in known_words("percent")


def units_apart(word: str, language: str) -> list[str]:
    """Return a word with a currency at its end apart, where a script has no spaces: `万元` is `万` and `元`."""
    for unit in sorted(_words(language), key=len, reverse=True):
        if script_of(unit) in NO_SPACES | {"Hang"} and word.endswith(unit) and word != unit:
            return [word[: -len(unit)], unit]
    return [word]


def with_unit(text: str, start: int, end: int, language: str) -> int:
    """Return where a bare number ends with the currency, the percent sign or the unit of measure behind it.

    Args:
        text: a passage.
        start: of the words that answer.
        end: one past their last character; it is returned where they are no bare number, or none of these follows.
        language: the text's BCP 47 code.
    """
    number = fold(text[start:end])
    behind = _NEXT.match(text, end)
    if behind is None or NUMBER.fullmatch(number) is None:
        return end
    unit = fold(behind[1])
    known = currency_of(unit, language) or is_percent(unit)
    units = () if script_of(unit) in NO_SPACES else measured(f"{number} {unit}", language).values()
    return behind.end() if known or any(NOT_KNOWN not in some for some in units) else end


@lru_cache(maxsize=64)
def _words(language: str) -> Mapping[str, str]:
    named = [entry.split(" ", 1) for entry in (*entries("currencies"), *phrases_of("own_currency").get(language, ()))]
    return {fold(word): code for code, word in named}
