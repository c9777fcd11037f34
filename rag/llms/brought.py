"""Holds a backend of another package to what it promises: pieces of a reply, and no error but `LLMError`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, cast, get_args

from index.errors import ConfigError
from index.plugins import blaming
from rag.errors import LLMError
from rag.llms.events import Piece
from rag.types import Message, Prompt

if TYPE_CHECKING:
    from rag.llms.base import LLM

__all__ = ["CheckedLLM"]

_PIECES = get_args(Piece)


class CheckedLLM:
    """Passes on what a backend says, and fails by its name where that is no piece of a reply.

    Args:
        llm: of another package. What it says of itself beside the spec (`rag.llms.base.LLM`) is passed on as it stands.
        who: names it in messages.
    """

    def __init__(self, llm: LLM, who: str) -> None:
        self._llm = llm
        self._who = who
        with blaming(who):
            self.spec = llm.spec
        if not isinstance(self.spec, str) or not self.spec:
            raise ConfigError(f"{who} gives no text as its spec", "report it to those who made it")

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[Piece]:
        """See `LLM.stream`."""
        with blaming(self._who, LLMError):
            pieces = self._llm.stream(messages)
            try:
                yield from map(self._piece, pieces)
            finally:
                getattr(pieces, "close", lambda: None)()

    def __getattr__(self, name: str) -> object:
        """Return what the backend says of itself beyond what it must; one with other limits is checked as well."""
        if name.startswith("_"):
            raise AttributeError(name)
        found: object = getattr(self._llm, name)
        if name != "within":
            return found
        within = cast("Callable[[float], LLM]", found)
        return lambda seconds: CheckedLLM(within(seconds), self._who)

    def _piece(self, piece: object) -> Piece:
        if not isinstance(piece, _PIECES):
            raise LLMError(
                f"{self._who} gave {type(piece).__name__} as a piece of its reply", "report it to those who made it"
            )
        return cast("Piece", piece)
