"""One question's way to its answer, over one generation of the index: understood, found, read, written, checked.

Each stage hands on one record. A backend that fails is replaced by the extractive one, and its text is withdrawn;
whatever happens, the passages are shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from index.stores.base import Filter
from rag.answering.catalogue import ask_back, ask_catalogue
from rag.answering.checking import checked, refuse
from rag.answering.material import begin
from rag.answering.nearest import lacks_own, own_first
from rag.answering.reading import Read, answers_unfiltered, read
from rag.answering.request import Request
from rag.answering.retrieving import find
from rag.answering.understanding import understand
from rag.answering.writing import quote_instead, speak
from rag.config import AnswerConfig
from rag.llms.base import LLM
from rag.llms.events import Piece, StreamEvent, Withdrawn, text_of
from rag.question.small_talk import invitation
from rag.reading.stage import is_far
from rag.retrieval.retrieve import Readable, Retrieved, retrieve
from rag.types import Answer, ScoredPassage

__all__ = ["answer_events"]

# Titles that tell what can be asked about.
_TITLES = 2


def answer_events(index: Readable, request: Request, llm: LLM, config: AnswerConfig) -> Iterator[StreamEvent]:
    """Yield the text as it comes, where it is withdrawn, and the finished answer last."""
    started = time.perf_counter()
    understood = understand(request, llm, config)
    understood_in = time.perf_counter() - started
    if understood.small_talk:
        yield _welcome(index, request)
        return
    found = find(index, understood, config)
    catalogue = ask_catalogue(index, found, config)
    if catalogue.answer is not None:
        yield _timed(catalogue.answer, found.retrieved, understood_in, {"total": time.perf_counter() - started})
        return
    seen = catalogue.read or read(index, found, config)
    if not seen.answers:
        if (unclear := ask_back(index, found)) is not None:
            yield _timed(unclear, found.retrieved, understood_in, {"total": time.perf_counter() - started})
            return
        seen = _in_own_language(index, seen)
        refused = replace(refuse(index, seen, llm.spec), filtered=answers_unfiltered(index, seen, config))
        yield _timed(refused, seen.retrieved, understood_in, {"total": time.perf_counter() - started})
        return
    reply = begin(index, seen, llm, config)
    asked_at = time.perf_counter()
    yield from _shown(speak(reply, request.history, llm, config))
    cited_at = time.perf_counter()
    while (answer := checked(index, seen, reply, config)) is None:  # once: quotes have their sources
        yield from _shown(quote_instead(reply, f"{reply.llm} named no source for its answer", config))
    now = time.perf_counter()
    timings = {"llm": cited_at - asked_at, "cite": now - cited_at, "total": now - started}
    yield _timed(answer, seen.retrieved, understood_in, timings)


def _shown(pieces: Iterator[Piece]) -> Iterator[StreamEvent]:
    """Yield what people see of a reply while it comes."""
    for piece in pieces:
        if isinstance(piece, Withdrawn):
            yield piece
        elif text := text_of(piece):
            yield text


def _welcome(index: Readable, request: Request) -> Answer:
    """Return one line that says what can be asked; nothing is looked for."""
    names = islice(index.store.document_ids(), _TITLES) if request.where is None else ()
    titles = [index.store.document(name).title for name in names]
    text, language = invitation(request.asked, request.history, titles)
    return Answer(request.question, text, (), (), False, language, "", index.generation)


def _in_own_language(index: Readable, seen: Read) -> Read:
    """Return what was read, and where all of it is far from the question, what is in the asker's language first."""
    if seen.not_given or not is_far(seen.retrieved, seen.confidence):
        return seen
    found, where = seen.retrieved, seen.understood.request.where or Filter()
    further: tuple[ScoredPassage, ...] = ()
    if lacks_own(found.passages, found.language) and not where.languages:
        own = replace(where, languages=(found.language,))
        further = retrieve(index, seen.understood.searched, len(found.passages), own).passages
    return replace(
        seen,
        retrieved=replace(
            found, passages=own_first(found.passages, found.language, found.profile.ranking.lift, further)
        ),
    )


def _timed(answer: Answer, found: Retrieved, understood_in: float, timings: dict[str, float]) -> Answer:
    return replace(answer, timings={"understand": understood_in, **found.timings, **timings})
