"""Whether a question is about the library itself, and which one: found by its vector, so in any language.

Multinomial logistic regression on the question's aligned vector, as for the kind of answer
(`rag.question.answer_type`). The weights come with the package for the default model, made by
`tools/library_questions.py`; with any other model no question is taken for one about the library.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from index.types import FloatArray

__all__ = [
    "COMPARE", "DATES", "DOCUMENTS", "LANGUAGES", "NEWEST", "PLAIN", "SUMMARY", "SURE", "TOPICS", "asked_of_library",
    "library_question",
]  # fmt: skip

DOCUMENTS, NEWEST, LANGUAGES, TOPICS = "documents", "newest", "languages", "topics"
SUMMARY, COMPARE, DATES = "summary", "compare", "dates"
_OTHER = "other"
# Below it a question is looked for in the documents like any other: a wrong list is worse than a refusal.
SURE = 0.3
# From it on nothing else can be meant. Of the 60 questions of the benchmark that a passage about a building with books
# seems to answer (reader's probability up to 0.78), all lie above; "how many books has the library" lies below.
PLAIN = 0.95
_FILE = Path(__file__).with_name("library_questions.npz")


def asked_of_library(fingerprint: str, vector: FloatArray) -> str:
    """Return which question about the library it is, `""` for a question about the world.

    Args:
        fingerprint: of the embedder.
        vector: of the question, aligned, shape (dimension,).
    """
    return library_question(fingerprint, vector)[0]


def library_question(fingerprint: str, vector: FloatArray) -> tuple[str, float]:
    """Return which question about the library it is, `""` for none, and the probability (0 to 1) that it is any.

    Args:
        fingerprint: of the embedder.
        vector: of the question, aligned, shape (dimension,).
    """
    known = _weights(fingerprint)
    if known is None or known[1].shape[1] != len(vector):
        return "", 0.0
    classes, weights, bias = known
    scores = np.exp((logits := weights @ vector + bias) - logits.max())
    shares = dict(zip(classes, (scores / scores.sum()).tolist(), strict=True))
    any_of_them = 1 - float(shares.pop(_OTHER))
    return (max(shares, key=lambda kind: shares[kind]) if any_of_them >= SURE else ""), any_of_them


@lru_cache(maxsize=2)
def _weights(fingerprint: str) -> tuple[tuple[str, ...], FloatArray, FloatArray] | None:
    """Return the classes, weights (classes, dimension) and bias (classes,) for a model."""
    with np.load(_FILE, allow_pickle=False) as stored:
        if json.loads(str(stored["provenance"]))["fingerprint"] != fingerprint:
            return None
        return tuple(str(name) for name in stored["classes"]), stored["weights"], stored["bias"]
