"""What a server of the OpenAI protocol sends back: a stream of events or one object, and signs that it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rag.errors import LLMError
from rag.llms.calls.wire import Foreign, Wire
from rag.llms.events import Piece, Remark, Thinking
from rag.types import Message

__all__ = ["cut_sign", "json_text", "texts", "tokens"]

# Tokenizers differ by less than this; a server that read fewer of so many tokens has cut the prompt.
_CUT, _FEW_TOKENS = 0.6, 500


def tokens(messages: Sequence[Message]) -> int:
    """Return about how many tokens a prompt has, counted by another tokenizer than the model's."""
    from rag.prompts.tokenizer import count_tokens

    return sum(count_tokens(message.content) for message in messages)


def texts(spec: str, reply: Foreign, wire: Wire, sent: int = 0) -> Iterator[Piece]:
    """Yield the text of each event; empty for one without text, as while a model thinks.

    Args:
        spec: names the backend.
        reply: the stream.
        wire: knows how the stream ended.
        sent: tokens of the prompt, by another tokenizer; 0: how many of them were read is not looked at.

    Raises:
        LLMError: the model refused, its words were withheld, or the stream ended without a sign that it is whole.
    """
    reason: str | None = None
    for event in reply:
        read = getattr(getattr(event, "usage", None), "prompt_tokens", None)
        if isinstance(read, int) and sent > _FEW_TOKENS and 0 < read < _CUT * sent:
            yield Remark(
                f"{spec} read only {read:,} of about {sent:,} tokens, so that passages are missing: set"
                " OLLAMA_CONTEXT_LENGTH for its server and here"
            )
        if not event.choices:
            yield ""
            continue
        choice = event.choices[0]
        if getattr(choice.delta, "refusal", None):
            raise LLMError(f"{spec} refused to answer", "ask in other words, or choose another model with --llm")
        yield _text_of(choice.delta.content) or (Thinking() if _thinks_apart(choice.delta) else "")
        reason = choice.finish_reason or reason
    if reason is None and not wire.done:
        raise LLMError(f"{spec} broke off in the middle; the answer is incomplete", "ask again")
    yield cut_sign(spec, reason or "stop")


def _thinks_apart(delta: Foreign) -> bool:
    """Tell whether a piece is a thought that the server has told from the answer."""
    return any(getattr(delta, name, None) for name in ("reasoning_content", "reasoning"))


def _text_of(content: Foreign) -> str:
    """Return the text of a piece; some servers send a list of parts, thoughts among them."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(str(part.get("text") or "") for part in parts)
    return content or ""


def cut_sign(spec: str, reason: str) -> str:
    """Return what shows that a reply goes on, where the model used up its tokens.

    Raises:
        LLMError: its words were withheld.
    """
    if reason == "content_filter":
        raise LLMError(f"{spec} withheld its answer (content filter)", "ask in other words, or choose another model")
    return " …" if reason == "length" else ""


def json_text(spec: str, body: bytes) -> tuple[str, str]:
    """Return the text of a reply that came as one JSON object though a stream was asked for, and why it ended.

    Raises:
        LLMError: it is no such reply.
    """
    try:
        content: Foreign = json.loads(body)
        choice = content["choices"][0]
        text, reason = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise LLMError(
            f"{spec} answered with JSON that holds no answer", "check the address and the model's name"
        ) from None
    return text if isinstance(text, str) else "", reason if isinstance(reason, str) else "stop"
