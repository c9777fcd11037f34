"""What kind of answer a question asks for, found by its vector: an amount, a date, a year, or anything else.

Multinomial logistic regression on the question's aligned vector. The language is out of that vector, so what was learnt
from questions in some languages holds in others. The weights come with the package for the default model, made by
`tools/answer_type.py`; for any other model nothing is expected.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.language.numbers.quantities import AMOUNT, DATE, YEAR, held, numbers
from index.types import FloatArray

__all__ = ["Expectation", "expectation"]

_LEAST = 0.1  # less is not worth reading the text for
_FILE = Path(__file__).with_name("answer_types.npz")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an answer should hold.

    Attributes:
        amount: probability that a number is asked for that is no date: how many, how old, what share.
        date: that a time is asked for: when.
        year: that a year is asked for.
        asked: the question's own numbers, which are no answer to it.
    """

    amount: float
    date: float
    year: float
    asked: frozenset[str] = frozenset()

    def mismatch(self, text: str, language: str) -> float:
        """Return the probability (0 to 1) that the question asks for a number or a date that the text doesn't hold.

        Args:
            text: a sentence or a passage.
            language: its BCP 47 code.
        """
        if self.amount + self.date + self.year < _LEAST:
            return 0.0
        found = held(text, language, self.asked)
        return (
            self.amount * (AMOUNT not in found)
            + self.date * (found.isdisjoint({DATE, AMOUNT}))  # "at 17", "66 million years ago"
            + self.year * (YEAR not in found)
        )


def expectation(fingerprint: str, vector: FloatArray, question: str) -> Expectation | None:
    """Return what a question asks for, `None` when no weights are known for the model.

    Args:
        fingerprint: of the embedder.
        vector: of the question, aligned, shape (dimension,).
        question: its text.
    """
    known = _weights(fingerprint)
    if known is None or known[1].shape[1] != len(vector):
        return None
    classes, weights, bias = known
    scores = np.exp((logits := weights @ vector + bias) - logits.max())
    share = dict(zip(classes, (scores / scores.sum()).tolist(), strict=True))
    return Expectation(share[AMOUNT], share[DATE], share[YEAR], numbers(question))


@lru_cache(maxsize=2)
def _weights(fingerprint: str) -> tuple[tuple[str, ...], FloatArray, FloatArray] | None:
    """Return the classes, weights (classes, dimension) and bias (classes,) for a model."""
    with np.load(_FILE, allow_pickle=False) as stored:
        if json.loads(str(stored["provenance"]))["fingerprint"] != fingerprint:
            return None
        return tuple(str(name) for name in stored["classes"]), stored["weights"], stored["bias"]
