"""What other parts of the program say in English (why a file was left out, what a model did wrong), in other languages.

The tables are in `ui/locale/sentences/`, one a language, by the English sentence with its `{placeholders}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from ui.view.strings import LANGUAGES, choose, text

__all__ = ["patterns", "said"]

_PLACE = re.compile(r"\\\{(\w)\\\}")
# Texts of the page that a server gives as the reason why a question failed.
_OF_THE_PAGE = ("backend_refused", "busy", "failed_inside", "nothing_indexed", "question_empty", "question_long")
_MOST = 2_000
_DEEPEST = 8


@lru_cache(maxsize=len(LANGUAGES))
def patterns(language: str) -> Mapping[str, str]:
    """Return the sentences of an interface language by their English form; none for English itself."""
    if language == "en" or language not in LANGUAGES:
        return {}
    content = (files("ui") / "locale" / "sentences" / f"{language}.json").read_text("utf-8")
    sentences = {str(key): str(value) for key, value in json.loads(content).items()}
    return sentences | {text("en", key): text(language, key) for key in _OF_THE_PAGE}


def said(language: str, sentence: str, depth: int = 0) -> str:
    """Return an English sentence of the program in an interface language; one that is not known stays as it is.

    Args:
        language: interface language, or what `ui.view.strings.choose` takes.
        sentence: what was said; parts of it may be sentences again.
        depth: how many sentences it is part of.
    """
    if depth > _DEEPEST or len(sentence) > _MOST:
        return sentence
    for pattern, translation in _compiled(choose(language)):
        if found := pattern.fullmatch(sentence):
            parts = found.groupdict()
            spoken = {name: said(language, value, depth + 1) for name, value in parts.items()}
            # Two clauses side by side: of what nobody here knows, the punctuation stays as it is, too.
            if _own_words(pattern.pattern) or spoken != parts:
                return translation.format_map(spoken)
    return sentence


def _own_words(pattern: str) -> bool:
    """Tell whether a pattern has words of its own."""
    return any(letter.isalpha() for letter in re.sub(r"\(\?P<\w>\.\+\?\)|\\\\.", "", pattern))


@lru_cache(maxsize=len(LANGUAGES))
def _compiled(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the patterns, those with the most words of their own first."""
    ordered = sorted(patterns(language).items(), key=lambda each: -len(re.sub(r"\{\w\}", "", each[0])))
    return tuple(
        (re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(english))), translation) for english, translation in ordered
    )
