"""Full stops that end no sentence: titles, initials, months, units and ordinals, in many languages.

Three sources, from sure to likely: a list of abbreviations by what follows them; the shape of the token (an
initial, letters between stops, a capitalised token without vowels); and the text itself, where a token that is
followed by a stop and a small letter elsewhere is an abbreviation (the idea of Kiss & Strunk 2006, "Unsupervised
Multilingual Sentence Boundary Detection").
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.language.fields import ListField
from index.language.lexicon import entries, flagged
from index.language.scripts import is_small

__all__ = ["learn", "stop_is_inside"]


# The signs of vowels in Indic and South-East Asian scripts are letters of their words; `\w` leaves them out.
_SIGNS = "\u0900-\u0903\u093a-\u094f\u0981-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u103e\u17b4-\u17d3"
_TOKEN = re.compile(rf"(?:[^\W\d_]|[{_SIGNS}]|[.\-’'](?=[^\W\d_])){{1,12}}$|\d{{1,2}}$")
_LEARN = re.compile(r"(?<![^\W_])([^\W\d_]{1,5})\.(?:,|\s{1,3}(?=[^\W\d_A-Z]))")
_CHAIN = re.compile(rf"((?:[^\W\d_]|[{_SIGNS}]){{1,8}})\.")  # the second half of "z. B." or "EE. UU."
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýāēīōūăĕőűąęıаеёиоуыэюяіїєαεηιουωάέήίόύώ")
_OPENING = "\"'«»„“”‘’‚‹›([{¿¡"
_TAIL = 24  # code points before the stop that are looked at


@lru_cache(maxsize=8)
def _written(field: ListField) -> frozenset[str]:
    """Return the entries of all languages as they are written, in small letters and with their accents."""
    return frozenset(entries(field))


def learn(text: str) -> frozenset[str]:
    """Return the tokens, folded, that this text itself shows to be abbreviations.

    That is, with a stop and then a comma or a small letter at least once, and never without the stop.
    """
    found = {match.group(1) for match in _LEARN.finditer(text) if _starts_small(text, match.end())}
    if not found:
        return frozenset()
    found = {word for word in found if word.swapcase() != word}  # where letters have no case nothing is learnt
    bare = {word for word in re.findall(r"[^\W\d_]+(?!\.)\b", text) if word in found}
    return frozenset(word.casefold() for word in found - bare)


def _starts_small(text: str, at: int) -> bool:
    return text[at - 1] == "," or is_small(text[at : at + 1])


def stop_is_inside(text: str, stop: int, following: int, language: str, learnt: frozenset[str]) -> bool:
    """Tell whether the sentence goes on after a full stop.

    Args:
        text: the whole text.
        stop: offset of the full stop.
        following: offset of the next character that is no space.
        language: its BCP 47 code, for ordinals.
        learnt: what `learn` returned for the text.
    """
    match = _TOKEN.search(text, max(0, stop - _TAIL), stop)
    if not match:
        return False
    token, upcoming = match.group(), _next_word(text, following)
    if token.isdigit():
        return language in flagged("ordinals") and _is_ordinal(text, match.start(), upcoming)
    if token.casefold() not in _written("openers") and _is_chain(text, token, stop, following):
        return True
    return _is_listed(text, match.start(), token, upcoming, learnt) or _is_shaped(text, match.start(), token, upcoming)


def _is_chain(text: str, token: str, stop: int, following: int) -> bool:
    """Tell whether two short tokens with stops follow one another, with no space where letters have no case."""
    match = _CHAIN.match(text, following)
    joined = following == stop + 1 or token.swapcase() != token
    return match is not None and joined and max(_letters(token), _letters(match[1])) <= 2


def _letters(word: str) -> int:
    return sum(unicodedata.category(char)[0] != "M" for char in word)


def _is_listed(text: str, start: int, token: str, upcoming: str, learnt: frozenset[str]) -> bool:
    """Tell whether a list or the text itself knows the token, and what comes next allows it."""
    folded = token.casefold()
    if folded in _written("before_numbers") and upcoming[:1].isdigit():
        return True
    if folded in _written("titles"):
        after_number = token.islower() and text[max(0, start - 2) : start][:1].isdigit()  # `in 1990 г.` is a year
        return not after_number and (token[0].isupper() or not _opens(upcoming))
    return (folded in _written("abbreviations") or folded in learnt or "." in token) and not _opens(upcoming)


def _is_shaped(text: str, start: int, token: str, upcoming: str) -> bool:
    """Tell whether the token looks like an initial, or like a title written without its vowels (`Sgt`, `Hr`)."""
    if len(token) == 1:
        if token.swapcase() == token:  # an initial in a script without capitals
            return start == 0 or text[start - 1].isspace() or text[start - 1] in _OPENING
        return token.isupper() and _is_initial(text, start, upcoming)
    return len(token) <= 4 and token.istitle() and not _VOWELS & set(token.casefold()) and not _opens(upcoming)


def _opens(word: str) -> bool:
    return word[:1].isupper() and word.casefold() in _written("openers")


def _next_word(text: str, at: int) -> str:
    return re.split(r"[\s.,;:!?)\]]", text[at : at + 24].lstrip(_OPENING), maxsplit=1)[0]


def _is_ordinal(text: str, start: int, upcoming: str) -> bool:
    """A day or a rank, not the end of a decimal or a larger number: `3. Oktober`, `im 19. Jahrhundert`."""
    whole = start == 0 or not (text[start - 1].isalnum() or text[start - 1] in ".,:")
    return whole and bool(upcoming) and upcoming.casefold() not in _written("openers")


def _is_initial(text: str, start: int, upcoming: str) -> bool:
    """`J. R. R. Tolkien` and `by J. Smith`, yet not `plan B. Then` nor `vitamin C. It`."""
    if not upcoming[:1].isupper() or (len(upcoming) > 1 and upcoming.casefold() in _written("openers")):
        return False
    return start == 0 or not text[start - 1].isalnum()
