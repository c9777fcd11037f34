"""Sentences by which a model is polite at the end of an answer: they say nothing that a source could carry."""

from __future__ import annotations

import re
from functools import lru_cache

from index.language.lexicon import alternatives

__all__ = ["is_courtesy"]

_LONGEST = 140
# What a courtesy does not hold: numbers, addresses, and a second thing said behind a colon or a semicolon.
_SAYS_MORE = re.compile(r"\d|://|@|\w\.\w|[:;：；]")


def is_courtesy(sentence: str) -> bool:
    """Tell whether a sentence offers help or hopes to have given it, and says nothing else."""
    if len(sentence) > _LONGEST or _SAYS_MORE.search(sentence):
        return False
    return bool(_courtesy().match(sentence.replace("’", "'")))


@lru_cache(maxsize=1)
def _courtesy() -> re.Pattern[str]:
    return re.compile(r"[\s\"'“¡¿*_-]*(?:" + alternatives("courtesies") + ")", re.IGNORECASE)
