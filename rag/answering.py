"""One question's way to its answer, over one generation of the index.

Retrieve, ask the confidence, let the backend write, check every citation. A backend that fails is replaced by the
extractive one, and its text is withdrawn; whatever happens, the passages are shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from index.languages import UNKNOWN, detect
from index.stores.base import Filter
from index.types import Document, FloatArray
from rag.citations import Cited, cite
from rag.confidence import THRESHOLD, confidence
from rag.config import AnswerConfig
from rag.entailment import load_judge
from rag.errors import LLMError
from rag.expectations import can_answer, expected
from rag.llms.base import LLM, Handover, wants_messages
from rag.llms.extractive import Extractive
from rag.quotes import pick_sentences
from rag.reranking import load_reranker
from rag.retrieval import Readable, Retrieved, retrieve
from rag.strings import refusal
from rag.text import clean
from rag.types import Answer, Prompt, Turn

__all__ = ["Request", "answer_events"]

# Passages that are shown with a refusal even when fewer were asked for.
_SHOWN_AT_LEAST = 3
# What a backend that does not tell its context is trusted with.
_CONTEXT_TOKENS = 8_192
# Quotes in which the kind of thing that is asked for is looked for.
_LOOKED_AT = 3
# Shorter texts don't tell their language reliably.
_LONG_ENOUGH = 60
_QUOTED = re.compile(r"“[^”\n]*”|«[^»\n]*»|„[^“”\n]*[“”]|「[^」\n]*」|\"[^\"\n]*\"|\[\d+\]")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        question: as the user asked it.
        asked: the same, cleaned.
        standalone: with its references to earlier turns resolved, `None` when it has none.
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


@dataclass(slots=True)
class _Reply:
    """What the backends have said so far, and what went wrong."""

    llm: str
    prompt: Prompt
    pieces: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self, piece: str) -> None:
        """Add a piece; a handover withdraws what was said before it."""
        if isinstance(piece, Handover):
            self.pieces.clear()
            self.llm = piece.spec
            self.warnings += [piece.reason] if piece.reason else []
        else:
            self.pieces.append(clean(piece) if type(piece) is str else piece)


def answer_events(index: Readable, request: Request, llm: LLM, config: AnswerConfig) -> Iterator[str | Answer]:
    """Yield the backend's pieces as they come, and the finished answer last."""
    started = time.perf_counter()
    request = _understood(request, llm, config)
    question = request.standalone or request.asked
    found = retrieve(
        index, question, max(request.k, _SHOWN_AT_LEAST), request.where, reranker=load_reranker(config.reranker)
    )
    blank = _blank(index, request, llm, found)
    threshold = THRESHOLD if config.min_confidence is None else config.min_confidence
    if not found.passages or (blank.confidence or 0.0) < threshold:
        yield _timed(blank, found, {"total": time.perf_counter() - started})
        return
    reply = _Reply(llm.spec, _prompt_for_reading(question, found, request.k))
    asked_at = time.perf_counter()
    yield from _speak(reply, request, llm, config)
    cited_at = time.perf_counter()
    answer = _finish(index, blank, reply, request, config)
    now = time.perf_counter()
    yield _timed(answer, found, {"llm": cited_at - asked_at, "cite": now - cited_at, "total": now - started})


def _understood(request: Request, llm: LLM, config: AnswerConfig) -> Request:
    """Let the model make a follow-up stand alone, where there is one; what the rule has made stays otherwise."""
    if not (config.rewrite and request.history and wants_messages(llm)):
        return request
    from rag.rewriting import ask_model  # tokens are counted only where a model reads them

    return replace(request, standalone=ask_model(llm, request.asked, request.history) or request.standalone)


def _blank(index: Readable, request: Request, llm: LLM, found: Retrieved) -> Answer:
    """Return the refusal that stands as long as nothing better is known."""
    return Answer(
        question=request.question,
        text=refusal(found.language),
        citations=(),
        passages=found.passages,
        refused=True,
        language=found.language,
        llm=llm.spec,
        generation=index.generation,
        confidence=_confidence(found, request),
        standalone_question=request.standalone,
    )


def _confidence(found: Retrieved, request: Request) -> float:
    question = request.standalone or request.asked
    kind = expected(request.asked)  # the question before it asked for something else
    quotes = [pick.text for pick in pick_sentences(found.passages, _LOOKED_AT, question)] if kind else []
    return confidence(found.evidence, fits=can_answer(kind, question, quotes))


def _timed(answer: Answer, found: Retrieved, timings: dict[str, float]) -> Answer:
    return replace(answer, timings={**found.timings, **timings})


def _prompt_for_reading(question: str, found: Retrieved, k: int) -> Prompt:
    """Return the passages without messages: what a backend that reads no messages gets."""
    return Prompt((), question, found.language, found.passages[:k])


def _speak(reply: _Reply, request: Request, llm: LLM, config: AnswerConfig) -> Iterator[str]:
    """Let the backend write; when it fails or says nothing, the extractive one takes its place."""
    passages = reply.prompt
    try:
        if wants_messages(llm):
            _build(reply, request, llm, config)
        yield from _pieces(reply, llm, config)
        if "".join(reply.pieces).strip():
            return
        failure = f"{reply.llm} said nothing"
    except LLMError as error:
        failure = str(error)
    last_resort = Extractive(config.max_quotes)
    handover = Handover(last_resort.spec, f"{failure}; the sources' own words are shown instead")
    reply.prompt = passages
    reply.take(handover)
    yield handover
    yield from _pieces(reply, last_resort, config)


def _build(reply: _Reply, request: Request, llm: LLM, config: AnswerConfig) -> None:
    from rag.prompting import build_prompt  # tokens are counted only where a model reads them

    built = build_prompt(
        reply.prompt.question,
        reply.prompt.passages,
        language=reply.prompt.language,
        context_tokens=int(getattr(llm, "context_tokens", None) or _CONTEXT_TOKENS),
        reply_tokens=config.reply_tokens,
        history=request.history,
    )
    reply.prompt = built.prompt
    reply.warnings += built.warnings


def _pieces(reply: _Reply, llm: LLM, config: AnswerConfig) -> Iterator[str]:
    """Pass a backend's pieces on and keep them; a backend that never stops is stopped."""
    stream = llm.stream(reply.prompt)
    repeats = _leak_check(reply.prompt)
    length = 0
    try:
        for piece in stream:
            if repeats(piece):
                raise LLMError(f"{reply.llm} repeated its instructions instead of answering")
            reply.take(piece)
            length = 0 if isinstance(piece, Handover) else length + len(piece)
            yield piece
            if length > config.max_reply_characters:
                most = f"{config.max_reply_characters:,}"
                reply.warnings.append(f"{reply.llm} wrote more than {most} characters; the rest was cut off")
                break
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()


def _leak_check(prompt: Prompt) -> Callable[[str], bool]:
    if not prompt.messages:
        return lambda _: False
    from rag.prompting import Instructions

    return Instructions(prompt.messages).repeated_by


def _finish(index: Readable, blank: Answer, reply: _Reply, request: Request, config: AnswerConfig) -> Answer:
    """Check the citations; without a valid one the answer stays a refusal."""
    cited = _cite(index, reply, config)
    raw = "".join(reply.pieces)
    answer = replace(blank, llm=reply.llm, raw_text=raw, warnings=tuple(reply.warnings))
    if not cited.citations and config.require_citations:
        warning = f"{reply.llm} named no source for its answer, so it is not shown"
        return replace(answer, warnings=(*answer.warnings, warning))
    return replace(
        answer,
        text=cited.text,
        citations=cited.citations,
        passages=blank.passages[: request.k],
        refused=False,
        warnings=(*answer.warnings, *_remarks(cited, reply)),
    )


def _cite(index: Readable, reply: _Reply, config: AnswerConfig) -> Cited:
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
    )


def _remarks(cited: Cited, reply: _Reply) -> Iterator[str]:
    if cited.unsupported:
        yield f"{cited.unsupported} of the answer's sentences are not carried by the sources and are marked"
    if cited.dropped:
        yield f"{reply.llm} named {cited.dropped} sources that do not exist; they were dropped"
    own = _QUOTED.sub(" ", cited.text)  # a quotation stays in its language
    if reply.llm.partition(":")[0] == "extractive" or len(own) < _LONG_ENOUGH:
        return
    language, wanted = detect(own), reply.prompt.language
    if UNKNOWN not in (language, wanted) and language != wanted:
        yield f"the answer seems to be in another language ({language}) than the question ({wanted})"
