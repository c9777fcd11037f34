"""A document's overview by a language model: what it writes is checked and cited as any answer, or isn't shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.answering.checking import check
from rag.answering.writing import Reply, speak
from rag.config import AnswerConfig
from rag.errors import LLMError
from rag.llms.base import LLM, wants_messages
from rag.llms.events import glued
from rag.overview.contents.covering import covering, sentences_of
from rag.overview.contents.document import Overview, overview_of, texts_of
from rag.retrieval.retrieve import Readable
from rag.types import Answer, Prompt, ScoredPassage, ScoredSentence

__all__ = ["write_overview"]

# What the model is asked; it answers in the language that its instructions name.
_ASKED = (
    "What are these sources about? They are parts of one document, {title}. Write an overview of three"
    " to six sentences: its subject, what it says of it, the people, places, dates and numbers that matter."
)
_COVERING = 40  # sentences whose passages are read of a document that is too long
_MOST_PASSAGES = 400


def write_overview(index: Readable, document_id: str, llm: LLM, config: AnswerConfig, language: str = "") -> Overview:
    """Return a document's overview with what a language model writes of it.

    Args:
        index: where the document is.
        document_id: which one.
        llm: who writes; one that only quotes writes nothing.
        config: how much the model reads, and how long it may take.
        language: BCP 47 code in which it writes; `""` takes the document's.

    Raises:
        StoreError: there is no such document.
    """
    own = overview_of(index.store, document_id, texts_of(index))
    if not wants_messages(llm):
        return replace(own, warnings=("no language model is set, so that nothing is written",))
    try:
        passages = _material(index, document_id, llm, config)
    except LLMError as error:
        return replace(own, warnings=(str(error),))
    if not passages:
        return own
    return _written(index, own, passages, llm, config, language or own.language)


def _written(
    index: Readable, own: Overview, passages: tuple[ScoredPassage, ...], llm: LLM, config: AnswerConfig, language: str
) -> Overview:
    title = " ".join(passages[0].title.split())
    reading = Prompt((), _ASKED.format(title=title), language, passages, embedder=index.fingerprint)
    reply = Reply(llm.spec, reading, reading)
    for _ in speak(reply, (), llm, replace(config, style="normal")):
        pass
    if reply.prompt is reading:  # the model failed; in place of quotes stand the document's own sentences
        return replace(own, warnings=tuple(reply.warnings))
    cited = check(index, reply, config)
    if not any(one.support != "not found" for one in cited.citations):
        warning = f"{reply.llm} named no place of the document for what it wrote, so it is not shown"
        return replace(own, warnings=(*reply.warnings, warning))
    quoted = {citation.passage_id for citation in cited.citations}
    answer = Answer(
        question=title,
        text=cited.text,
        citations=cited.citations,
        passages=tuple(hit for hit in passages if hit.passage.id in quoted),
        refused=False,
        language=language,
        llm=reply.llm,
        generation=index.generation,
        warnings=tuple(reply.warnings),
        raw_text=glued(reply.pieces),
    )
    return replace(own, written=answer, warnings=answer.warnings)


def _material(index: Readable, document_id: str, llm: LLM, config: AnswerConfig) -> tuple[ScoredPassage, ...]:
    """Return the passages of a document in reading order: all that fit, or those that its covering sentences are in."""
    from rag.prompts.tokenizer import count_tokens  # tokens are counted only where a model reads them

    count: Callable[[str], int] = getattr(llm, "count_tokens", None) or count_tokens
    room = min(config.source_tokens, int(getattr(llm, "source_tokens", config.source_tokens)))
    hits = _hits(index, document_id)
    sentences, vectors = sentences_of(index.store, document_id)
    telling = [sentences[place] for place in covering(sentences, vectors, _COVERING, profile=texts_of(index))]
    held = [sum(_holds(hit, one.start) for one in telling) for hit in hits]
    kept: set[int] = set()
    for place in sorted(range(len(hits)), key=lambda place: (-held[place], place)):
        cost = count(hits[place].passage.text)
        if cost <= room:
            kept.add(place)
            room -= cost
    return tuple(hit for place, hit in enumerate(hits) if place in kept)


def _hits(index: Readable, document_id: str) -> Sequence[ScoredPassage]:
    store = index.store
    header, keys = store.headers([document_id])[document_id], store.keys(document_id)[:_MOST_PASSAGES]
    found: list[ScoredPassage] = []
    for passage, (sentences, _) in zip(store.passages(keys), store.sentences(keys), strict=True):
        scored = tuple(ScoredSentence(one.start, one.end, 0.0) for one in sentences)
        about = passage, header.title, header.source, 0.0
        found.append(ScoredPassage(*about, sentences=scored, metadata=header.metadata))
    return found


def _holds(hit: ScoredPassage, place: int) -> bool:
    return hit.passage.start <= place < hit.passage.end
