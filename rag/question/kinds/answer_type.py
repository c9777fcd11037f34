"""What kind of answer a question asks for, found by its vector: an amount, a date, a year, or anything else.

`rag.question.kinds.vector_classes` tells them apart by the question's aligned vector. The language is out of that
vector, so what was learnt from questions in some languages holds in others. The weights come with the package for the
default model, made by `tools/answer_type.py`; for any other model nothing is expected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from index.embedders.answer_profiles import KindsProfile
from index.embedders.profile import profile_of
from index.language.numbers.quantities import AMOUNT, DATE, YEAR, held, written_numbers
from index.types import FloatArray
from rag.question.kinds.vector_classes import class_shares

__all__ = ["Expectation", "expectation"]

_FILE = Path(__file__).with_name("answer_types.npz")


def _generic() -> KindsProfile:
    return profile_of("").kinds


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an answer should hold.

    Attributes:
        amount: probability that a number is asked for that is no date: how many, how old, what share.
        date: that a time is asked for: when.
        year: that a year is asked for.
        asked: the question's own numbers, which are no answer to it.
        profile: from when on a probability counts; of the embedder of the vector.
    """

    amount: float
    date: float
    year: float
    asked: frozenset[str] = frozenset()
    profile: KindsProfile = field(default_factory=_generic)

    def mismatch(self, text: str, language: str) -> float:
        """Return the probability (0 to 1) that the question asks for a number or a date that the text doesn't hold.

        Args:
            text: a sentence or a passage.
            language: its BCP 47 code.
        """
        if self.amount + self.date + self.year < self.profile.least:
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
    share = class_shares(_FILE, fingerprint, vector)
    if share is None:
        return None
    own = written_numbers(question)
    return Expectation(share[AMOUNT], share[DATE], share[YEAR], own, profile_of(fingerprint).kinds)
