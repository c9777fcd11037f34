"""First stage: what the question means, and what kind of answer it asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.answering.request import Request
from rag.config import AnswerConfig
from rag.llms.base import LLM, wants_messages
from rag.question.kinds.expectations import Expected, expected
from rag.question.small_talk import is_small_talk

__all__ = ["Understood", "understand"]


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is meant.

    Attributes:
        request: what was asked, a follow-up completed.
        kind: what kind of answer it asks for; decided here, once, from the new question: the one before it asked for
            something else.
        small_talk: it is said to a person, and nothing is looked for.
    """

    request: Request
    kind: Expected
    small_talk: bool = False

    @property
    def searched(self) -> str:
        """What is looked for; for a follow-up, the question before it is in it."""
        return self.request.standalone or self.request.asked

    @property
    def question(self) -> str:
        """What is answered."""
        return self.request.focus or self.searched

    @property
    def is_joined(self) -> bool:
        """Whether the question doesn't stand alone: what it is about stands in the one before."""
        return self.request.focus is not None


def understand(request: Request, llm: LLM, config: AnswerConfig) -> Understood:
    """Return a question as it is meant; a language model completes a follow-up, else a rule has done so."""
    kind = expected(request.asked)
    if is_small_talk(request.asked):
        return Understood(request, kind, small_talk=request.standalone is None)
    if not (config.rewrite and request.history and wants_messages(llm)):
        return Understood(request, kind)
    from rag.answering.followups.rewriting import ask_model  # tokens are counted only where a model reads them

    completed = ask_model(llm, request.asked, request.history)
    meant = replace(request, standalone=completed, focus=None) if completed else request
    return Understood(meant, kind)
