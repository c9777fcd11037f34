"""Questions as people type them into a search box: small letters, no question mark, the small words left out."""

from __future__ import annotations

import random
from dataclasses import replace

from tools.training.corpus import Corpus, Question

__all__ = ["as_typed", "typed_questions"]

_MARKS = "?？؟¿!！.。"
_SMALL = 3  # letters of a word that may be left out, in scripts with spaces
_LEFT_OUT = 0.3  # share of questions that lose their small words


def as_typed(text: str, dice: random.Random) -> str:
    """Return a question in small letters without its mark; some without their words of up to three letters."""
    words = text.strip().strip(_MARKS).strip().lower().split()
    if len(words) > _SMALL and dice.random() < _LEFT_OUT:
        words = [words[0], *(word for word in words[1:] if len(word) > _SMALL or not word.isascii())]
    return " ".join(words)


def typed_questions(corpus: Corpus, share: float, seed: int = 1) -> list[Question]:
    """Return that share of all questions again as people would type them, where that changes them."""
    dice = random.Random(seed)
    found = []
    for question in corpus.questions:
        if dice.random() < share:
            text = as_typed(question.text, dice)
            if text and text != question.text:
                found.append(replace(question, text=text))
    return found
