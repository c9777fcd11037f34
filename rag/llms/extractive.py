"""The backend without a model: the sentences of the sources that answer best, in their own words.

Nothing can be invented, nothing leaves the machine, and an answer takes no longer than the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.errors import ConfigError
from rag.errors import LLMError
from rag.llms.events import Piece, Quoted, Verbatim
from rag.output.code import FENCE, words_of
from rag.reading.quotes.choosing import Pick, pick_sentences
from rag.types import Message, Prompt

__all__ = ["Extractive", "create"]


class Extractive:
    """Quotes the best sentences, at most `max_quotes`, no two alike: the best first, the others in reading order.

    Rows of a table that go together are all quoted.
    """

    wants_messages = False

    def __init__(self, max_quotes: int = 3) -> None:
        self._max_quotes = max_quotes

    @property
    def spec(self) -> str:
        """The spec `extractive`."""
        return "extractive"

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[Piece]:
        """Yield each chosen quote followed by its marker.

        Raises:
            LLMError: plain messages were given, which hold no scored passages.
        """
        if not isinstance(messages, Prompt):
            raise LLMError("the extractive backend quotes retrieved passages; it can't read plain messages")
        picks = _rows(messages) or pick_sentences(
            messages.passages, self._max_quotes, messages.question, messages.language, embedder=messages.embedder
        )
        for place, pick in enumerate(picks):
            if place:
                same = messages.passages[picks[place - 1].number - 1].passage.document_id
                here = messages.passages[pick.number - 1].passage.document_id
                code = FENCE in picks[place - 1].text + pick.text
                yield " " if same == here and not code and not messages.rows else "\n\n"
            yield Verbatim(pick.text + ("\n" if pick.text.endswith(FENCE) else " "))
            yield Quoted(pick.number, pick.start, pick.end)


def _rows(prompt: Prompt) -> list[Pick]:
    """Return the rows of a table that are quoted together; a part of them would say that one of it is meant."""
    hits = prompt.passages
    return [Pick(number, start, end, words_of(hits[number - 1], start, end), 0.0) for number, start, end in prompt.rows]


def create(argument: str) -> Extractive:
    """Make the backend from its spec; `extractive:2` quotes at most two sentences.

    Raises:
        ConfigError: the argument is no number from 1 to 20.
    """
    if not argument:
        return Extractive()
    if not (argument.isascii() and argument.isdigit() and 1 <= int(argument[:3]) <= 20):
        raise ConfigError(
            f"extractive:{argument[:50]} names no number of quotes",
            "write the most quotes to show, from 1 to 20, or nothing",
        )
    return Extractive(int(argument))
