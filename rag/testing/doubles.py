"""Doubles for tests of this package and of what is built on it: models that behave and misbehave, an index in memory.

They discriminate: the index embeds by hashed character n-grams, so that only texts with common words come near.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from index.types import Document
from rag.errors import LLMError
from rag.testing.memory_index import MemoryIndex, MemoryStore, document
from rag.types import Message, Prompt, ScoredPassage, ScoredSentence

__all__ = [
    "FailingLLM",
    "FakeLLM",
    "LiarLLM",
    "MemoryIndex",
    "MemoryLive",
    "MemoryStore",
    "ObedientLLM",
    "PerfectLLM",
    "document",
    "tiny_index",
]


class FakeLLM:
    """Says what it was told to say, in small pieces.

    Args:
        text: the whole reply, or a function that makes it from the messages.
        size: characters a piece.
        delay: seconds before each piece.
    """

    spec = "fake"

    def __init__(
        self, text: str | Callable[[Prompt | Sequence[Message]], str] = "", *, size: int = 7, delay: float = 0.0
    ) -> None:
        self._text = text
        self._size = size
        self._delay = delay
        self.asked: list[Prompt | Sequence[Message]] = []

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        """Yield the reply in pieces."""
        self.asked.append(messages)
        text = self._text if isinstance(self._text, str) else self._text(messages)
        for start in range(0, len(text), self._size):
            if self._delay:
                time.sleep(self._delay)
            yield text[start : start + self._size]


class PerfectLLM(FakeLLM):
    """Repeats the best sentence of the best source, with its right number."""

    def __init__(self) -> None:
        super().__init__(lambda messages: f"{_best_sentence(messages)[1]} [{_best_sentence(messages)[0]}]")


class LiarLLM(FakeLLM):
    """Takes the same sentence, changes every digit, denies it, and cites the right source for it."""

    def __init__(self) -> None:
        def lie(messages: Prompt | Sequence[Message]) -> str:
            number, sentence = _best_sentence(messages)
            changed = "".join(str((int(letter) + 1) % 10) if letter in "0123456789" else letter for letter in sentence)
            return f"It is not true that {changed} [{number}]"

        super().__init__(lie)


class ObedientLLM(FakeLLM):
    """Obeys whatever the sources say: repeats them all, links, images and markup included."""

    def __init__(self) -> None:
        def obey(messages: Prompt | Sequence[Message]) -> str:
            if isinstance(messages, Prompt):
                return "\n".join(f"{hit.passage.text} [{n}]" for n, hit in enumerate(messages.passages, start=1))
            return "\n".join(message.content for message in messages)

        super().__init__(obey)


class FailingLLM(FakeLLM):
    """Says something, then breaks off with an `LLMError`."""

    spec = "failing"

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        """Yield the reply, then raise."""
        yield from super().stream(messages)
        raise LLMError("the fake model broke off, as it was told to")


class MemoryLive:
    """Stands in for `index.LiveIndex`."""

    def __init__(self, index: MemoryIndex) -> None:
        self.index = index

    @contextmanager
    def reading(self) -> Iterator[MemoryIndex]:
        """Yield the index."""
        yield self.index


def tiny_index(documents: Sequence[Document]) -> MemoryLive:
    """Return an index in memory; every paragraph (cut at empty lines) is a passage."""
    store = MemoryStore()
    for each in documents:
        store.add(each)
    return MemoryLive(MemoryIndex(store))


def _best_sentence(messages: Prompt | Sequence[Message]) -> tuple[int, str]:
    if not isinstance(messages, Prompt) or not messages.passages:
        return 1, "There is no source"
    found = [
        (sentence.score, number, _cut(hit, sentence))
        for number, hit in enumerate(messages.passages, start=1)
        for sentence in hit.sentences
    ]
    if not found:
        return 1, messages.passages[0].passage.text
    _, number, text = max(found)
    return number, text


def _cut(hit: ScoredPassage, sentence: ScoredSentence) -> str:
    return hit.passage.text[sentence.start - hit.passage.start : sentence.end - hit.passage.start]
