"""Near misses in any language: texts that lose what answers one of their questions, and keep their subject.

Of the paragraphs of an article some go altogether, and others lose the sentences that hold the answer to one question.
Their articles stay, so something about the subject is always found.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.data import Asked, Text
from index.language.sentences.splitting import sentences

__all__ = ["cut_texts"]

_GONE = 0.2  # share of the texts that are left out
_CUT = 0.4  # share of the texts that lose what answers one of their questions
_LEFT = 2  # sentences that a text must keep


def cut_texts(texts: Sequence[Text], asked: Sequence[Asked], seed: int) -> tuple[list[Text], dict[str, bool]]:
    """Return the texts that stay, some of them shortened, and for each question whether it can still be answered.

    Args:
        texts: in one language.
        asked: the questions about them in that language, with the wording of their answers.
        seed: of the choice.
    """
    dice = random.Random(seed)
    about: dict[str, list[Asked]] = defaultdict(list)
    for question in asked:
        about[next(iter(question.relevant))].append(question)
    kept: list[Text] = []
    answered: dict[str, bool] = {}
    for text in texts:
        fate, own = dice.random(), about[text.id]
        left = _without(text, dice.choice(own)) if _GONE <= fate < _GONE + _CUT and own else text
        if fate >= _GONE:
            kept.append(left)
        answered.update((question.id, fate >= _GONE and _holds(left.text, question)) for question in own)
    return kept, answered


def _without(text: Text, question: Asked) -> Text:
    """Return the text without the sentences that answer the question; all of it where too little would be left."""
    parts = [text.text[part.start : part.end] for part in sentences(text.text, text.language)]
    left = [part for part in parts if not _holds(part, question)]
    return replace(text, text=" ".join(left)) if _LEFT <= len(left) < len(parts) else text


def _holds(text: str, question: Asked) -> bool:
    return any(answer in text for answer in question.answers)
