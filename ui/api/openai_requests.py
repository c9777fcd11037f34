"""What a request in OpenAI's form asks for: the question, its history, and what can't be had, refused by name.

A field that would change the answer and is not honoured is never passed over in silence: who asked for JSON or for two
answers would take the one text for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.question.cleaning import recent
from rag.types import Turn
from ui.http.admission import ApiError

__all__ = ["check_fields", "conversation", "said"]

# Turns that hold no words of people: results of tools, and calls of them.
_WITHOUT_WORDS = frozenset({"tool", "function", "system", "developer"})


def check_fields(body: Mapping[str, object]) -> None:
    """Refuse what is asked for and not given.

    Raises:
        ApiError: 422, it names the field and what to send instead.
    """
    kind = body.get("response_format")
    kind = kind.get("type") if isinstance(kind, Mapping) else kind
    choice = body.get("tool_choice")
    refused = {
        "n: one answer is given; leave it out or send 1": body.get("n") not in (None, 1),
        "stop: an answer is not cut at words of the caller's; leave it out": body.get("stop") not in (None, [], ""),
        "response_format: answers are text with citations; leave it out or send text": kind not in (None, "text"),
        "logprobs: there are none; leave it out": body.get("logprobs") not in (None, False),
        "tool_choice: no tools are called; leave it out, or send auto or none": choice not in (None, "auto", "none"),
        "modalities: answers are text; leave it out": body.get("modalities") not in (None, ["text"]),
    }
    for message, wrong in refused.items():
        if wrong:
            raise ApiError(422, f"{message}.")


def conversation(messages: object) -> tuple[str, list[Turn]]:
    """Return the last user message as the question, and the exchanges before it; turns of tools are passed over.

    Raises:
        ApiError: 422, there is no question, or the list ends with words of the assistant's.
    """
    turns = [said(message) for message in messages] if isinstance(messages, list) else []
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
