"""A backend: the first sentence of the first passage, with its marker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag import Message, Prompt
from rag.errors import LLMError

__all__ = ["create"]


class FirstSentence:
    """Writes what the first source begins with."""

    spec = "first"
    wants_messages = False

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        """Yield the sentence, then its marker.

        Raises:
            LLMError: there is nothing to quote.
        """
        if not isinstance(messages, Prompt) or not messages.passages:
            raise LLMError("the backend `first` needs passages")
        yield messages.passages[0].passage.text.partition(". ")[0].rstrip(".")
        yield " [1]."


def create(argument: str) -> FirstSentence:  # noqa: ARG001 - it takes none
    """Make the backend."""
    return FirstSentence()
