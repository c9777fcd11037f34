"""Second stage: the passages that were found for a question."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rag.answering.followups.refocusing import refocused
from rag.answering.understanding import Understood
from rag.config import AnswerConfig
from rag.retrieval.reranking import load_reranker
from rag.retrieval.retrieve import Readable, Retrieved, retrieve

__all__ = ["Found", "find"]

# Passages that are shown with a refusal even when fewer were asked for.
_SHOWN_AT_LEAST = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        understood: the question; a follow-up may have turned out to stand alone.
        retrieved: the passages, best first.
    """

    understood: Understood
    retrieved: Retrieved


def find(index: Readable, understood: Understood, config: AnswerConfig) -> Found:
    """Retrieve; for a follow-up, score what was found by the new question, or find that it stands alone."""
    request = understood.request
    reranker, count = load_reranker(config.reranker), max(request.k, _SHOWN_AT_LEAST)
    found = retrieve(index, understood.searched, count, request.where, reranker=reranker)
    if request.focus is None or not found.passages:
        return Found(understood, found)
    talk = (request.standalone or "").removesuffix(request.focus).strip(), request.focus
    focused = refocused(index, talk, found, request.history, count, request.where)
    if focused is not None:
        return Found(understood, focused)
    alone = replace(understood, request=replace(request, standalone=None, focus=None))
    return Found(alone, retrieve(index, request.focus, count, request.where, reranker=reranker))
