"""Whether a question is about the library itself, and which one: found by its vector, so in any language.

Told apart as the kinds of answers are (`rag.question.kinds.vector_classes`). The weights come with the package for the
default model, made by `tools/library_questions.py`; with any other model no question is taken for one about the
library.
"""

from __future__ import annotations

from pathlib import Path

from index.embedders.profile import profile_of
from index.types import FloatArray
from rag.question.kinds.vector_classes import class_shares

__all__ = [
    "COMPARE", "DATES", "DOCUMENTS", "LANGUAGES", "NEWEST", "SUMMARY", "TOPICS", "asked_of_library", "library_question",
]  # fmt: skip

DOCUMENTS, NEWEST, LANGUAGES, TOPICS = "documents", "newest", "languages", "topics"
SUMMARY, COMPARE, DATES = "summary", "compare", "dates"
_OTHER = "other"
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
    sure = any_of_them >= profile_of(fingerprint).kinds.library
    return (max(shares, key=lambda kind: shares[kind]) if sure else ""), any_of_them
