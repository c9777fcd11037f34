"""What may be asked: one place that cleans and checks every question."""

from __future__ import annotations

from collections.abc import Sequence

from index.language.words import visible
from rag.errors import QuestionError
from rag.types import Turn

__all__ = ["MAX_CHARACTERS", "MOST_TURNS", "clean_question", "recent"]

# About 1,000 words; a model reads 512 tokens of it anyway.
MAX_CHARACTERS = 4_000

MOST_TURNS = 6
"""Of the conversation before a question so many turns are read; of each text, `MAX_CHARACTERS`."""


def recent(history: Sequence[Turn | tuple[str, str]]) -> tuple[Turn, ...]:
    """Return the turns before a question as far as they are read, oldest first, whoever sent how many of what size."""
    turns = (turn if isinstance(turn, Turn) else Turn(*turn) for turn in history[-MOST_TURNS:])
    return tuple(Turn(turn.question[:MAX_CHARACTERS], turn.answer[:MAX_CHARACTERS]) for turn in turns)


def clean_question(question: object) -> str:
    """Return the question without control characters, lone surrogates and surrounding space.

    Raises:
        QuestionError: it is not text, has no words, or is longer than `MAX_CHARACTERS`.
    """
    if not isinstance(question, str):
        raise QuestionError(f"a question must be text, this is {type(question).__name__}")
    if len(question) > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {MAX_CHARACTERS:,} can be asked", "shorten it"
        )
    cleaned = " ".join(visible(question).split())
    if not any(letter.isalnum() for letter in cleaned):
        raise QuestionError("the question is empty", "write at least one word")
    return cleaned
