"""What may be asked: one place that cleans and checks every question."""

from __future__ import annotations

from rag.errors import QuestionError
from rag.text import clean

__all__ = ["MAX_CHARACTERS", "clean_question"]

# About 1,000 words; a model reads 512 tokens of it anyway.
MAX_CHARACTERS = 4_000


def clean_question(question: object) -> str:
    """Return the question without control characters, lone surrogates and surrounding space.

    Raises:
        QuestionError: it is not text, has no words, or is longer than `MAX_CHARACTERS`.
    """
    if not isinstance(question, str):
        raise QuestionError(f"a question must be text, this is {type(question).__name__}")
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {MAX_CHARACTERS:,} can be asked: shorten it"
        )
    cleaned = " ".join(clean(question).split())
    if not any(letter.isalnum() for letter in cleaned):
        raise QuestionError("the question is empty: write at least one word")
    return cleaned
