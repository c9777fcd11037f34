"""What a stream is made of: text is a plain `str`, and whatever says more than its letters has a type of its own.

A backend yields `Piece`s, and needs no more than `str`; who asks the assistant gets `StreamEvent`s, in which text is
always `str`. Nothing here is a `str` in disguise: gluing pieces together takes `glued`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from rag.types import Answer

__all__ = [
    "Piece",
    "Quoted",
    "Remark",
    "Spoken",
    "StreamEvent",
    "Thinking",
    "Verbatim",
    "Withdrawn",
    "glued",
    "text_of",
]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Everything streamed before it is withdrawn: another backend starts anew, or the same one does.

    Who shows pieces as they come clears what it has shown.

    Attributes:
        llm: spec of the backend that speaks from here on.
        reason: one sentence for people about what went wrong before, or `""` when nothing did.
    """

    llm: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A marker whose exact words are known already: its text is `[number]`, the span is not guessed.

    A backend that yields these is taken at its word in the rest of its text: brackets there are no markers.

    Attributes:
        number: which of `Prompt.passages` is quoted, from 1.
        start: first code point of the quoted words in `Document.text`.
        end: one past the last.
    """

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Words of a source as they stand there: a quotation, so that their language is nobody's choice."""

    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Says something to people about the reply, which stands as it is.

    Attributes:
        sentence: without a full stop.
    """

    sentence: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """The server sends the model's thoughts apart, so that none stands in the text."""


Spoken: TypeAlias = str | Verbatim | Quoted
"""What a reply's text is made of."""
Piece: TypeAlias = Spoken | Withdrawn | Remark | Thinking
"""What a backend may yield."""
StreamEvent: TypeAlias = str | Withdrawn | Answer
"""What `Assistant.stream` yields: text as it comes, `Withdrawn` where that is void, the finished `Answer` last."""


def text_of(piece: Piece) -> str:
    """Return the letters that a piece adds to the text, `""` where it adds none."""
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Verbatim):
        return piece.text
    return f"[{piece.number}]" if isinstance(piece, Quoted) else ""


def glued(pieces: Iterable[Piece]) -> str:
    """Return the text that the pieces make together; what one of them withdraws is not in it."""
    parts: list[str] = []
    for piece in pieces:
        if isinstance(piece, Withdrawn):
            parts.clear()
        parts.append(text_of(piece))
    return "".join(parts)
