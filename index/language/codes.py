"""Codes of languages as files, programs and people write them, in the short form that is used here.

CLDR's table of aliases (by Babel) knows old codes and those of three letters; the language files know a few more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from index.caching import kept
from index.language.folding import fold
from index.language.lexicon import languages

__all__ = ["UNKNOWN", "canonical", "is_named", "language_code", "language_name"]

UNKNOWN = "und"

_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*")
_NONE = frozenset({UNKNOWN, "mul", "zxx", "mis"})  # undetermined, several, no language, none of the coded ones
_LEAST_OF_A_NAME, _ENDING = 4, 2  # letters of a language's name that all its forms have, and that may differ
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


@kept(4096, longest=64)
def language_code(name: str) -> str:
    """Return the BCP 47 code of what a file says (`en_US`, `ENG`, `iw`, `zh-TW`), or `"und"` when that is no code.

    Only the script of Chinese is kept beside the language: regions make no difference to an index.
    """
    code = name.strip().replace("_", "-").lower()
    if not _CODE.fullmatch(code):
        return UNKNOWN
    first, *rest = code.split("-")
    language = first if first in languages() else _alias(first)
    if language == "zh" and _TRADITIONAL & set(rest) and "hans" not in rest:
        return "zh-Hant"
    return UNKNOWN if language in _NONE else language


def canonical(code: str) -> str:
    """Return the language alone of a code: `"zh-Hant-TW"` is `"zh"`, `"iw"` is `"he"`; what is no code is `"und"`.

    Two texts are in one language where these are equal.
    """
    return language_code(code).partition("-")[0]


@kept(512, longest=64)
def language_name(code: str, language: str) -> str:
    """Return the name of a language in another one, from CLDR; the code where it has none.

    Args:
        code: BCP 47 code of the language that is named.
        language: BCP 47 code of the language that names it; one that CLDR lacks is English.
    """
    names = _names_in(canonical(language))
    return names.get(code.replace("-", "_")) or names.get(canonical(code)) or code


def is_named(code: str, text: str, language: str) -> bool:
    """Tell whether a text names a language, in any form of its name: "auf Deutsch", "на немецком".

    Args:
        code: BCP 47 code of the language that may be named.
        text: a question, for example.
        language: BCP 47 code of the language in which the text is.
    """
    name = fold(language_name(code, language))
    return name[: max(_LEAST_OF_A_NAME, len(name) - _ENDING)] in fold(text)


@lru_cache(maxsize=16)
def _names_in(language: str) -> Mapping[str, str]:
    """Return the names of languages in one of them, by CLDR's codes; nothing else of it is kept."""
    from babel import Locale, UnknownLocaleError, localedata

    try:
        names = dict(Locale.parse(language).languages)
    except (UnknownLocaleError, ValueError):
        names = dict(Locale.parse("en").languages)
    # Babel keeps all that it has read of a language for ever: a megabyte each, and questions come in any of hundreds.
    getattr(localedata, "_cache", {}).clear()
    return names


def _alias(code: str) -> str:
    """Return the code by which a language goes here."""
    if own := _own_aliases().get(code):
        return own
    from babel.core import get_global

    known = str(get_global("language_aliases").get(code) or code).partition("_")[0]
    return _own_aliases().get(known, known)


@lru_cache(maxsize=1)
def _own_aliases() -> Mapping[str, str]:
    return {alias: code for code, language in languages().items() for alias in language.values.get("aliases", ())}
