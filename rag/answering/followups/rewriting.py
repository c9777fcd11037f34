"""A follow-up question made to stand alone by the language model; what it writes is checked before it is used.

The model sees the last turns as fenced data. Its line is taken only when it reads like the same question with words
of the conversation filled in: anything else, and every failure, falls back to the rule of `rag.question.followups`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from index.language.codes import UNKNOWN
from index.language.folding import fold
from index.language.identification import detect
from index.language.question_words import silent
from index.language.scripts import script_of
from index.language.words import tokens, visible
from rag.checking.support import agreement
from rag.errors import LLMError
from rag.llms.base import LLM
from rag.llms.calls.guard import Limits, Sink, guarded
from rag.llms.events import Withdrawn, glued, text_of
from rag.llms.thoughts import without_thoughts
from rag.prompts.messages import defuse
from rag.prompts.templates import DEFAULT_REWRITING, RewriteTemplate
from rag.prompts.tokenizer import cut_tokens
from rag.question.followups import is_elliptical
from rag.types import Message, Turn

__all__ = ["LIMITS", "ask_model", "is_rewrite", "rewrite_messages"]

# Nobody waits long for a question to be understood; the rule is there at once.
LIMITS = Limits(total=15.0, first=15.0, idle=15.0, tries=1, max_characters=4_000)
_LONGEST = 300
_TURNS = 3
_QUESTION_TOKENS, _ANSWER_TOKENS = 200, 150
# Of the words that the model wrote, this share must come from the conversation; of the question's own, this must stay.
_FROM_CONVERSATION = 0.7
_KEPT, _KEPT_WHOLE = 0.5, 0.8
# Shorter questions don't tell their language.
_TELLS_LANGUAGE = 25
_NO_QUESTION = re.compile(r"[<>{}\[\]`|]|://|\bwww\.|@\w", re.IGNORECASE)


def ask_model(
    llm: LLM,
    question: str,
    history: Sequence[Turn],
    *,
    template: RewriteTemplate = DEFAULT_REWRITING,
    limits: Limits = LIMITS,
) -> str | None:
    """Return the question as the model completed it; `None` when it failed, changed nothing or wrote something else.

    Args:
        llm: a backend that reads messages.
        question: a cleaned question.
        history: earlier turns, oldest first; the last three go into the prompt.
        template: the wording.
        limits: what the model may take.
    """
    messages = rewrite_messages(question, history, template)

    def produce(sink: Sink) -> None:
        _collect(llm, messages, sink)

    try:
        text = glued(guarded(llm.spec, produce, limits)).strip()
    except LLMError:
        return None
    return text if is_rewrite(text, question, history) else None


def rewrite_messages(
    question: str, history: Sequence[Turn], template: RewriteTemplate = DEFAULT_REWRITING
) -> tuple[Message, ...]:
    """Return the request to complete a question, the conversation fenced as data."""
    fence = f"talk-{secrets.token_hex(6)}"
    lines = []
    for turn in history[-_TURNS:]:
        asked, said = defuse(turn.question), defuse(turn.answer)
        lines.append(f"Q: {' '.join(cut_tokens(asked, _QUESTION_TOKENS).split())}")
        lines.append(f"A: {' '.join(cut_tokens(said, _ANSWER_TOKENS).split())}")
    user = template.user.format(history="\n".join(lines), question=defuse(question), fence=fence)
    return Message("system", template.system.format(fence=fence)), Message("user", user)


def _collect(llm: LLM, messages: Sequence[Message], sink: Sink) -> None:
    """Write the whole reply at once: what is withdrawn was said by another backend before it failed."""
    parts: list[str] = []
    for piece in without_thoughts(llm.stream(messages), llm.spec):
        if isinstance(piece, Withdrawn):
            parts.clear()
        parts.append(text_of(piece))
        if not sink.put("") or sum(map(len, parts)) > 2 * _LONGEST:
            break
    sink.put("".join(parts))


def is_rewrite(text: str, question: str, history: Sequence[Turn]) -> bool:
    """Tell whether a model's line is the question with words of the conversation filled in, and nothing else.

    One line of at most 300 characters without markup or addresses, in the question's script and language, made of
    the conversation's words, with the question's own words kept; and not the question as it was.
    """
    if not 0 < len(text) <= _LONGEST or "\n" in text or visible(text) != text or _NO_QUESTION.search(text):
        return False
    if fold(text) == fold(question) or not _same_language(text, question, history):
        return False
    conversation = " ".join([question, *(part for turn in history[-_TURNS:] for part in (turn.question, turn.answer))])
    written, own = _telling(text), _telling(question)
    kept = _KEPT if is_elliptical(question) else _KEPT_WHOLE
    return (
        bool(written)
        and agreement(written, _forms(conversation)) >= _FROM_CONVERSATION
        and (not own or agreement(own, _forms(text)) >= kept)
    )


def _same_language(text: str, question: str, history: Sequence[Turn]) -> bool:
    if script_of(text) != script_of(question):
        return False
    allowed = {detect(question)}
    if len(question) < _TELLS_LANGUAGE:
        allowed |= {detect(turn.question) for turn in history[-_TURNS:]}
    found = detect(text)
    return found == UNKNOWN or UNKNOWN in allowed or found in allowed or len(text) < _TELLS_LANGUAGE


def _forms(text: str) -> list[str]:
    return [token.form for token in tokens(text)]


def _telling(text: str) -> list[str]:
    return [form for form in _forms(text) if form not in silent()]
