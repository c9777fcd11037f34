"""Last stage: what was written becomes an answer whose every claim has its source, or stays a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from index.types import Document
from rag.answering.nearest import missing_words, texts_first, topics_of
from rag.answering.reading import Read
from rag.answering.writing import Reply, other_language
from rag.checking.citations import Cited, cite
from rag.checking.entailment import load_judge
from rag.config import AnswerConfig
from rag.llms.extractive import Extractive
from rag.output.strings import refusal
from rag.reading import load_claim_reader
from rag.reading.short.differing import leaves_out, says_otherwise
from rag.reading.short.short_answer import Short, short_answer
from rag.retrieval.retrieve import Readable
from rag.types import Answer, ScoredPassage

__all__ = ["check", "checked", "refuse"]


def check(index: Readable, reply: Reply, config: AnswerConfig) -> Cited:
    """Return what was written with the citations that hold."""

    @lru_cache(maxsize=64)
    def document(name: str) -> Document:
        return index.store.document(name)

    return cite(
        reply.pieces,
        reply.prompt.passages,
        document,
        index.embed_queries,
        reply.prompt.language,
        embedder=index.fingerprint,
        attribute=config.attribute,
        judge=load_judge(config.nli),
        reader=load_claim_reader(config.reader),
    )


def checked(index: Readable, read: Read, reply: Reply, config: AnswerConfig) -> Answer | None:
    """Return the checked answer; `None` where quotes are to take the place of a text without citations.

    Quotes that have taken its place get an answer in any case.
    """
    cited = check(index, reply, config)
    if not _says_something(cited, reply) and _quotes_instead(read, reply, config):
        return None
    return _finish(index, read, cited, reply, config)


def refuse(index: Readable, read: Read, llm: str) -> Answer:
    """Return the refusal that stands as long as nothing better is known."""
    request, found = read.understood.request, read.retrieved
    passages = texts_first(found.passages)
    return Answer(
        question=request.question,
        text=refusal(found.language, shown=bool(found.passages)),
        citations=(),
        passages=passages,
        refused=True,
        language=found.language,
        llm=llm,
        generation=index.generation,
        confidence=read.confidence,
        standalone_question=request.standalone,
        warnings=found.warnings,
        missing=missing_words(request.asked, found.language, passages),
        topics=topics_of(passages, found.language),
    )


def _says_something(cited: Cited, reply: Reply) -> bool:
    """Tell whether a text is worth showing; of one that was cut, something must be carried by its sources."""
    return any(not reply.incomplete or citation.support != "not found" for citation in cited.citations)


def _quotes_instead(read: Read, reply: Reply, config: AnswerConfig) -> bool:
    """Tell whether quotes take the place of a text without citations.

    A model that finds no answer says so without a marker, and may be right where the passages are less sure.
    """
    sure = read.confidence >= config.quote_from
    return sure and config.require_citations and config.quote_instead and reply.llm != Extractive().spec


def _finish(index: Readable, read: Read, cited: Cited, reply: Reply, config: AnswerConfig) -> Answer:
    """Return the checked answer; without a valid citation it stays a refusal."""
    blank, raw = refuse(index, read, reply.llm), reply.text
    answer = replace(blank, raw_text=raw, warnings=(*blank.warnings, *reply.warnings))
    if not cited.citations and config.require_citations:
        warning = f"{reply.llm} named no source for its answer, so it is not shown"
        return replace(answer, warnings=(*answer.warnings, warning))
    understood, passages = read.understood, _used(read, cited, reply)
    short = _short(index, read, cited, passages, blank)
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
        differs=_differs(short, cited, passages, understood.question, blank.language, reply),
        missing=(),
        topics=(),
    )


def _short(index: Readable, read: Read, cited: Cited, passages: Sequence[ScoredPassage], answer: Answer) -> Short:
    """Return the short answer; words of one row are none where the question means no one of them."""
    if read.rows:
        return Short()
    understood, wanted = read.understood, read.retrieved.wanted
    question, language, document = understood.question, answer.language, index.store.document
    cites, confidence, kind = cited.citations, answer.confidence, understood.kind
    return short_answer(passages, question, language, document, cites, confidence, kind, wanted)


def _differs(
    short: Short, cited: Cited, passages: Sequence[ScoredPassage], question: str, language: str, reply: Reply
) -> bool:
    """Tell whether a language model says another thing than the words that the reader found."""
    citation = short.citation
    if citation is None or reply.llm == Extractive().spec:
        return False
    there = next((hit.passage.text for hit in passages if hit.passage.id == citation.passage_id), "")
    words = citation.quote, citation.language
    if says_otherwise(cited.text, language, words, question, short.rendered, there):
        return True
    unfounded = bool(cited.citations) and all(one.support == "not found" for one in cited.citations)
    return unfounded and leaves_out(cited.text, language, words, question)


def _used(read: Read, cited: Cited, reply: Reply) -> tuple[ScoredPassage, ...]:
    """Return the passages that are shown: the best ones, and others from which a model's answer quotes."""
    first = read.retrieved.passages[: read.shown]
    shown, quoted = {hit.passage.id for hit in first}, {citation.passage_id for citation in cited.citations}
    return (*first, *(hit for hit in reply.material if hit.passage.id in quoted - shown))


def _remarks(cited: Cited, reply: Reply) -> Iterator[str]:
    if cited.unsupported:
        yield f"sentences of the answer that the sources do not support, marked: {cited.unsupported}"
    if cited.unread:
        yield f"the last {cited.unread} of the answer's sentences were cut off: so many are not checked"
    if cited.dropped:
        yield f"{reply.llm} named {cited.dropped} sources that do not exist; they were dropped"
    language = other_language(reply)
    if language:
        yield f"the answer seems to be in another language ({language}) than the question ({reply.prompt.language})"
