"""Whether a question is about the library itself, and which one: found by its vector, so in any language.

Told apart as the kinds of answers are (`rag.question.vector_classes`). The weights come with the package for the
default model, made by `tools/library_questions.py`; with any other model no question is taken for one about the
library.
"""

from __future__ import annotations

from pathlib import Path

from index.types import FloatArray
from rag.question.vector_classes import class_shares

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
    shares = class_shares(_FILE, fingerprint, vector)
    if shares is None:
        return "", 0.0
    any_of_them = 1 - float(shares.pop(_OTHER))
    return (max(shares, key=lambda kind: shares[kind]) if any_of_them >= SURE else ""), any_of_them
