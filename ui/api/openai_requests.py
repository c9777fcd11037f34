"""What a conversation in OpenAI's form asks for: the question and its history."""

from __future__ import annotations

from collections.abc import Sequence

from rag.question.cleaning import recent
from rag.types import Turn
from ui.http.admission import ApiError

__all__ = ["conversation", "said"]

# Turns that hold no words of people: results of tools, and calls of them.
_WITHOUT_WORDS = frozenset({"tool", "function", "system", "developer"})


def conversation(messages: Sequence[object]) -> tuple[str, list[Turn]]:
    """Return the last user message as the question, and the exchanges before it; turns of tools are passed over.

    Raises:
        ApiError: 422, there is no question, or the list ends with words of the assistant's.
    """
    turns = [said(message) for message in messages]
    while turns and (turns[-1][0] in _WITHOUT_WORDS or (turns[-1][0] == "assistant" and not turns[-1][1])):
        turns.pop()
    if not turns or turns[-1][0] != "user":
        raise ApiError(422, "messages: a list that ends with a user message is needed.")
    return turns[-1][1], list(recent(_exchanges(turns[:-1])))


def _exchanges(turns: Sequence[tuple[str, str]]) -> list[Turn]:
    found: list[Turn] = []
    asked = ""
    for role, text in turns:
        if role == "user":
            asked = text
        elif role == "assistant" and asked and text:
            found.append(Turn(asked, text))
            asked = ""
    return found


def said(message: object) -> tuple[str, str]:
    """Return the role and the text of a message; a call of a tool has no text, parts that are no text say nothing.

    Raises:
        ApiError: 422, it is no message.
    """
    if isinstance(message, dict):
        role, content = message.get("role"), message.get("content")
        if isinstance(content, list):
            content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
        if isinstance(role, str) and (content is None or isinstance(content, str)):
            return role, content or ""
    raise ApiError(422, "messages: each needs a role and a text as its content.")
