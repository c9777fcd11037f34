"""Questions as people type them into a search box: small letters, no question mark, the small words left out."""

from __future__ import annotations

import random
from dataclasses import replace

from tools.training.corpus import Corpus, Question

__all__ = ["as_typed", "typed_questions"]

_MARKS = "?？؟¿!！.。፧՞"
_FEWEST = 3  # words that a question keeps whole
_LEFT_OUT = 0.3  # share of questions that lose their small words
_SMALL_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "a an the of in on at to for by is are was were did do does",
        "de": "der die das den dem des ein eine einen einem einer in im am an auf von zu für ist war",
        "es": "el la los las un una de del en a al por para es fue se",
        "fr": "le la les un une des de du en à au aux par pour est a été",
        "pt": "o a os as um uma de do da dos das em no na por para é foi",
    }.items()
}


def as_typed(text: str, language: str, dice: random.Random) -> str:
    """Return a question in small letters without its mark; some without their articles and prepositions.

    Words that ask, deny or count are never left out: the question stays the same one.
    """
    words = text.strip().strip(_MARKS).strip().lower().split()
    small = _SMALL_WORDS.get(language, frozenset())
    if len(words) > _FEWEST and dice.random() < _LEFT_OUT:
        words = [word for word in words if word not in small] or words
    return " ".join(words)


def typed_questions(corpus: Corpus, share: float, seed: int = 1) -> list[Question]:
    """Return that share of all questions again as people would type them, where that changes them."""
    dice = random.Random(seed)
    found = []
    for question in corpus.questions:
        if dice.random() < share:
            text = as_typed(question.text, question.language, dice)
            if text and text != question.text:
                found.append(replace(question, text=text))
    return found
