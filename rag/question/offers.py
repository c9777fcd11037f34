"""What an assistant offered: the thing that is asked about in "Do you want to know the ticket prices?".

The frame asks the reader and not the documents: looked for as it stands, nothing would answer it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from index.language.lexicon import alternatives

__all__ = ["topic"]

_ASKS = "?？؟;！!。. \"'”»」*_"


def topic(offer: str) -> str:
    """Return what an offer is about, as a question; `""` when it is no offer but a question of its own.

    Args:
        offer: the last sentence of an answer, with its question mark.
    """
    inside = offer.strip("¿ \"'“«「*_").rstrip(_ASKS)
    head = _head().match(inside)
    rest = inside[head.end() :] if head else inside
    tail = _tail().search(rest)
    rest = (rest[: tail.start()] if tail else rest).strip(" ,:–—-")
    if not rest or rest == inside:
        return ""
    return f"{rest[:1].upper()}{rest[1:]}{_mark(offer)}"


@lru_cache(maxsize=1)
def _head() -> re.Pattern[str]:
    """Return what stands before the thing that is offered: who wants what, or shall do what."""
    return re.compile(rf"\s*(?:{alternatives('offer_heads')})(?=[\s,:]|(?<=[\u3000-\u9fff]))[\s,:]*", re.IGNORECASE)


@lru_cache(maxsize=1)
def _tail() -> re.Pattern[str]:
    """Return what stands behind it, where verbs and particles come last."""
    return re.compile(rf"[\s,]*(?:{alternatives('offer_tails')})\s*\Z", re.IGNORECASE)


def _mark(offer: str) -> str:
    return next((sign for sign in "？؟" if sign in offer), "?")
