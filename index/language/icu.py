"""What ICU knows: boundaries of sentences, words, characters and lines, and how languages write dates and numbers.

The only module that imports it. Boundaries are as Unicode defines them (UAX 14 and 29), in code points.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from icu4py.breakers import BaseBreaker

__all__ = ["Writer", "character_ends", "line_ends", "sentence_ends", "word_ends", "writer"]

Writer: TypeAlias = Callable[[int | Decimal | dt.datetime], str]

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def sentence_ends(text: str, language: str) -> list[int]:
    """Return the offsets where sentences end by the rules of UAX 29, trailing space included, the text's end last."""
    from icu4py.breakers import SentenceBreaker

    return _ends(SentenceBreaker, text, language)


def word_ends(text: str, language: str) -> list[int]:
    """Return the offsets where words end; scripts without spaces are cut by ICU's dictionaries (Thai, Khmer, CJK …)."""
    from icu4py.breakers import WordBreaker

    return _ends(WordBreaker, text, language)


def character_ends(text: str) -> list[int]:
    """Return the offsets where what readers take for one character (a grapheme cluster) ends."""
    from icu4py.breakers import CharacterBreaker

    return _ends(CharacterBreaker, text, "und")


def line_ends(text: str) -> list[int]:
    """Return the offsets where a line may end (UAX 14)."""
    from icu4py.breakers import LineBreaker

    return _ends(LineBreaker, text, "en")


def writer(pattern: str, language: str) -> Writer:
    """Return what writes a number or a date as a language does; for one thread, as ICU's formats are.

    Args:
        pattern: what stands behind the argument in a message of ICU
            (https://unicode-org.github.io/icu/userguide/format_parse/messages/): `"spellout"`, `"date,d MMMM"`,
            `"number,::compact-long"`.
        language: BCP 47 code, with extensions such as `-u-ca-gregory`.
    """
    from icu4py.messageformat import MessageFormat

    message = MessageFormat(f"{{0,{pattern}}}", language)

    def write(value: int | Decimal | dt.datetime) -> str:
        return str(message.format({"0": value}))

    return write


def _ends(breaker: Callable[[str, str], BaseBreaker], text: str, language: str) -> list[int]:
    if not text:
        return []
    clean = _SURROGATE.sub("\ufffd", text)  # a lone surrogate has no UTF-8 form to hand over
    ends = (end for _, end in breaker(clean, language).segments())
    return list(_to_code_points(ends, clean) if _ASTRAL.search(clean) else ends)


def _to_code_points(ends: Iterable[int], text: str) -> Iterator[int]:
    """Turn offsets in UTF-16 units, which ICU counts in, into code points; both rise, so one walk is enough."""
    units = accumulate(2 if char > "\uffff" else 1 for char in text)
    point = reached = 0
    for end in ends:
        while reached < end:
            reached = next(units)
            point += 1
        yield point
