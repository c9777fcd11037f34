"""One question's way to its answer, over one generation of the index.

Retrieve, ask the confidence, let the backend write, check every citation. A backend that fails is replaced by the
extractive one, and its text is withdrawn; whatever happens, the passages are shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

import numpy as np

from index.stores.base import Filter
from index.types import Document, FloatArray
from rag.answering.nearest import missing_words, topics_of
from rag.answering.refocusing import refocused
from rag.answering.writing import Reply, other_language, quote_instead, speak
from rag.checking.citations import Cited, cite
from rag.checking.entailment import load_judge
from rag.config import AnswerConfig
from rag.llms.base import LLM, wants_messages
from rag.llms.extractive import Extractive
from rag.output.strings import refusal
from rag.overview.answers import answer_about_files, answer_about_library, answer_about_part
from rag.question.asked_rows import ask_of_rows, meant_first, settled
from rag.question.expectations import can_answer, expected
from rag.question.small_talk import invitation, is_small_talk
from rag.reading import load_claim_reader
from rag.reading.quotes import READ, pick_sentences
from rag.reading.short_answer import short_answer
from rag.reading.stage import probability, read_found, threshold_of
from rag.retrieval.reranking import load_reranker
from rag.retrieval.retrieve import Readable, Retrieved, retrieve
from rag.types import Answer, Prompt, Turn

__all__ = ["Request", "answer_events"]

# Passages that are shown with a refusal even when fewer were asked for.
_SHOWN_AT_LEAST = 3
# Titles that tell what can be asked about.
_TITLES = 2
# Quotes in which the kind of thing that is asked for is looked for.
_LOOKED_AT = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        question: as the user asked it.
        asked: the same, cleaned.
        standalone: with its references to earlier turns resolved, `None` when it has none.
        focus: the new question alone, where `standalone` holds the one before it as well; what is quoted answers it.
        history: earlier turns, oldest first.
        k: how many passages may be used.
        where: which passages may be used; `None` means all.
    """

    question: str
    asked: str
    standalone: str | None
    history: tuple[Turn, ...]
    k: int
    where: Filter | None = None
    focus: str | None = None


def answer_events(index: Readable, request: Request, llm: LLM, config: AnswerConfig) -> Iterator[str | Answer]:
    """Yield the backend's pieces as they come, and the finished answer last."""
    started = time.perf_counter()
    if is_small_talk(request.asked) and request.standalone is None:
        yield _welcome(index, request)
        return
    request, found = _find(index, _understood(request, llm, config), config)
    if (told := _of_the_library(index, request, found)) is not None:
        yield _timed(told, found, {"total": time.perf_counter() - started})
        return
    question = request.focus or request.standalone or request.asked
    # "And when is it open?" doesn't say what is open: such a question is told from what was asked before by similarity.
    meant, others = meant_first(question, found.passages)
    found = read_found(replace(found, passages=meant), question, config.reader if request.focus is None else "none")
    why = ask_of_rows(question, found.passages, index.store.document)
    found = replace(found, passages=settled(found.passages, others), warnings=(*found.warnings, *filter(None, [why])))
    blank = _blank(index, request, llm, found)
    threshold = threshold_of(found) if config.min_confidence is None else config.min_confidence
    if why or not found.passages or (blank.confidence or 0.0) < threshold:
        blank = replace(blank, filtered=_answers_unfiltered(index, request, question, config, threshold))
        yield _timed(blank, found, {"total": time.perf_counter() - started})
        return
    reading = Prompt((), question, found.language, found.passages[: request.k])
    reply = Reply(llm.spec, reading, reading)
    asked_at = time.perf_counter()
    yield from speak(reply, request.history, llm, config)
    cited_at = time.perf_counter()
    cited = _cite(index, reply, config)
    if not _says_something(cited, reply) and _quotes_instead(blank, reply, config):
        yield from quote_instead(reply, f"{reply.llm} named no source for its answer", config)
        cited = _cite(index, reply, config)
    answer = _finish(index, blank, cited, reply, request, config)
    now = time.perf_counter()
    yield _timed(answer, found, {"llm": cited_at - asked_at, "cite": now - cited_at, "total": now - started})


def _answers_unfiltered(
    index: Readable, request: Request, question: str, config: AnswerConfig, threshold: float
) -> bool:
    """Tell whether a question that is refused within a filter would be answered without it."""
    if request.where is None:
        return False
    wider, found = _find(index, replace(request, where=None), config)
    found = read_found(found, question, config.reader if request.focus is None else "none")
    return bool(found.passages) and _confidence(found, wider) >= threshold


def _welcome(index: Readable, request: Request) -> Answer:
    """Return one line that says what can be asked; nothing is looked for."""
    names = islice(index.store.document_ids(), _TITLES) if request.where is None else ()
    titles = [index.store.document(name).title for name in names]
    text, language = invitation(request.asked, request.history, titles)
    return Answer(request.question, text, (), (), False, language, "", index.generation)


def _of_the_library(index: Readable, request: Request, found: Retrieved) -> Answer | None:
    """Return the answer to a question about the library itself; `None` where the documents are asked."""
    if request.standalone is not None:
        return None
    told = answer_about_files(request.asked, found.language, index.store, request.where)
    if told is None:
        near = list(dict.fromkeys(hit.passage.document_id for hit in found.passages))
        told = answer_about_part(request.asked, found.language, index.store, near, request.where)
    if told is None and found.library:
        told = answer_about_library(found.library, request.asked, found.language, index.store, request.where)
    if told is None:
        return None
    return Answer(request.question, told.text, told.citations, (), False, found.language, "", index.generation)


def _find(index: Readable, request: Request, config: AnswerConfig) -> tuple[Request, Retrieved]:
    """Retrieve; for a follow-up, score what was found by the new question, or find that it stands alone."""
    reranker, count = load_reranker(config.reranker), max(request.k, _SHOWN_AT_LEAST)
    found = retrieve(index, request.standalone or request.asked, count, request.where, reranker=reranker)
    if request.focus is None or not found.passages:
        return request, found
    talk = (request.standalone or "").removesuffix(request.focus).strip(), request.focus
    focused = refocused(index, talk, found, request.history, count, request.where)
    if focused is not None:
        return request, focused
    alone = retrieve(index, request.focus, count, request.where, reranker=reranker)
    return replace(request, standalone=None, focus=None), alone


def _understood(request: Request, llm: LLM, config: AnswerConfig) -> Request:
    """Let the model make a follow-up stand alone, where there is one; what the rule has made stays otherwise."""
    if not (config.rewrite and request.history and wants_messages(llm)) or is_small_talk(request.asked):
        return request
    from rag.answering.rewriting import ask_model  # tokens are counted only where a model reads them

    completed = ask_model(llm, request.asked, request.history)
    return replace(request, standalone=completed, focus=None) if completed else request


def _blank(index: Readable, request: Request, llm: LLM, found: Retrieved) -> Answer:
    """Return the refusal that stands as long as nothing better is known."""
    return Answer(
        question=request.question,
        text=refusal(found.language, shown=bool(found.passages)),
        citations=(),
        passages=found.passages,
        refused=True,
        language=found.language,
        llm=llm.spec,
        generation=index.generation,
        confidence=_confidence(found, request),
        standalone_question=request.standalone,
        warnings=found.warnings,
        missing=missing_words(request.asked, found.language, found.passages),
        topics=topics_of(found.passages),
    )


def _confidence(found: Retrieved, request: Request) -> float:
    question = request.standalone or request.asked
    read = any(hit.reading for hit in found.passages)  # a reader sees for itself whether a number is there
    kind = "" if read else expected(request.asked)  # the question before it asked for something else
    picks = pick_sentences(found.passages, _LOOKED_AT, question, reach=READ) if kind else []
    quotes = [pick.text for pick in picks]
    return probability(found, fits=can_answer(kind, question, quotes))


def _timed(answer: Answer, found: Retrieved, timings: dict[str, float]) -> Answer:
    return replace(answer, timings={**found.timings, **timings})


def _says_something(cited: Cited, reply: Reply) -> bool:
    """Tell whether a text is worth showing; of one that was cut, something must be carried by its sources."""
    return any(not reply.incomplete or citation.support != "not found" for citation in cited.citations)


def _quotes_instead(blank: Answer, reply: Reply, config: AnswerConfig) -> bool:
    """Tell whether quotes take the place of a text without citations.

    A model that finds no answer says so without a marker, and may be right where the passages are less sure.
    """
    sure = (blank.confidence or 0.0) >= config.quote_from
    return sure and config.require_citations and config.quote_instead and reply.llm != Extractive().spec


def _finish(
    index: Readable, blank: Answer, cited: Cited, reply: Reply, request: Request, config: AnswerConfig
) -> Answer:
    """Return the checked answer; without a valid citation it stays a refusal."""
    raw = "".join(reply.pieces)
    answer = replace(blank, llm=reply.llm, raw_text=raw, warnings=(*blank.warnings, *reply.warnings))
    if not cited.citations and config.require_citations:
        warning = f"{reply.llm} named no source for its answer, so it is not shown"
        return replace(answer, warnings=(*answer.warnings, warning))
    passages, asked = blank.passages[: request.k], reply.prompt.question
    short = short_answer(passages, asked, blank.language, index.store.document, cited.citations, blank.confidence)
    return replace(
        answer,
        text=cited.text,
        citations=cited.citations,
        passages=passages,
        refused=False,
        warnings=(*answer.warnings, *_remarks(cited, reply)),
        short=short.citation,
        rendered=short.rendered,
        witnesses=short.witnesses,
        missing=(),
        topics=(),
    )


def _cite(index: Readable, reply: Reply, config: AnswerConfig) -> Cited:
    @lru_cache(maxsize=64)
    def document(name: str) -> Document:
        return index.store.document(name)

    def embed(texts: Sequence[str]) -> FloatArray:
        return np.stack([index.embed_query(text)[0] for text in texts])

    return cite(
        reply.pieces,
        reply.prompt.passages,
        document,
        embed,
        reply.prompt.language,
        attribute=config.attribute,
        judge=load_judge(config.nli),
        reader=load_claim_reader(config.reader),
    )


def _remarks(cited: Cited, reply: Reply) -> Iterator[str]:
    if cited.unsupported:
        yield f"{cited.unsupported} of the answer's sentences are not carried by the sources and are marked"
    if cited.unread:
        yield f"the last {cited.unread} of the answer's sentences were cut off: so many are not checked"
    if cited.dropped:
        yield f"{reply.llm} named {cited.dropped} sources that do not exist; they were dropped"
    language = other_language(reply)
    if language:
        yield f"the answer seems to be in another language ({language}) than the question ({reply.prompt.language})"
