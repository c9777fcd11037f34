"""Raised and lowered type as plain text: 10⁶ stays 10⁶, H₂O stays H₂O, and a note's mark is no digit of the number.

Unicode has raised forms of the digits, signs and most Latin letters; where one is missing, `^` or `_` stands before.
"""

from __future__ import annotations

import re
from functools import lru_cache

from index.language.lexicon import alternatives

__all__ = ["lowered", "note_mark", "raised"]

_RAISED = dict(zip("0123456789+-−=()–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾⁻", strict=True)) | dict(
    zip("abcdefghijklmnoprstuvwxyzTV", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀⱽ", strict=True)
)
_LOWERED = dict(zip("0123456789+-−=()–", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎₋", strict=True)) | dict(
    zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_SIGNS = {"TM": "™", "SM": "℠", "tm": "™"}
_MOST = 12  # letters; more is a text that stands high, no exponent
_NUMBER = re.compile(r"[\d+\-−=()–]+\Z")


@lru_cache(maxsize=1)
def _ordinal() -> re.Pattern[str]:
    """Return what finds an ending: "1st" is read as it stands, and searched for so."""
    return re.compile(rf"(?:{alternatives('raised_endings')})\.?\Z")


def raised(text: str, before: str) -> str:
    """Return raised type as plain text.

    Args:
        text: what is raised.
        before: the character before it.
    """
    words = text.strip()
    if not words or (not words.isascii() and not _NUMBER.match(words)):
        return text
    if words in _SIGNS:
        return text.replace(words, _SIGNS[words])
    if before.isdigit() and _ordinal().match(words):
        return text
    return _moved(text, words, before, _RAISED, "^")


def lowered(text: str, before: str) -> str:
    """Return lowered type as plain text; arguments as those of `raised`."""
    return _moved(text, text.strip(), before, _LOWERED, "_")


def note_mark(text: str, before: str) -> str:
    """Return the mark of a note, apart from a number before it."""
    words = text.strip()
    if not words.isascii() or not words.isdigit():
        return f" {text}" if before.isdigit() and words[:1].isdigit() else text
    shown = "".join(_RAISED[letter] for letter in words)
    return f" {shown}" if before.isdigit() else shown


def _moved(text: str, words: str, before: str, forms: dict[str, str], sign: str) -> str:
    if not words or len(words) > _MOST or " " in words:
        return f" {text}" if before.isdigit() and words[:1].isdigit() else text
    if all(letter in forms for letter in words) and (before.strip() or not words[0].isalpha()):
        return text.replace(words, "".join(forms[letter] for letter in words))
    if before.isalnum() and words[0].isalnum():
        return text.replace(words, f"{sign}{words}" if len(words) == 1 else f"{sign}({words})")
    return text
