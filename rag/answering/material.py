"""What a language model is given to read: more than what is shown, chosen and joined within a budget of tokens.

The extractive backend quotes what the reader found in the best passages. A model can put an answer together from many,
so it gets up to `AnswerConfig.most_sources` passages. The best ones come with the text around them, and passages that
touch each other become one. Where not all fit, those stay that the reader finds likelier to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from index.errors import RagError
from index.language.sentences.splitting import sentences
from index.types import Document
from rag.answering.reading import Read
from rag.answering.writing import Reply
from rag.config import AnswerConfig
from rag.errors import LLMError
from rag.llms.base import LLM, wants_messages
from rag.reading import load_reader
from rag.reading.best import readings_of, with_readings
from rag.retrieval.retrieve import Readable, retrieve
from rag.types import Prompt, ScoredPassage

__all__ = ["begin", "gather", "joined"]

# The best passages are read with what stands around them: an answer may go on where a passage was cut.
_WIDENED = 2
# Code points on either side, up to the end of a sentence: about half a passage.
_AROUND = 400
# Passages of one document with at most so much between them are one: a line end, a heading's mark.
_GAP = 4


def begin(index: Readable, read: Read, llm: LLM, config: AnswerConfig) -> Reply:
    """Return the reply before its first word: the passages by which it is numbered, and what a language model reads.

    Args:
        index: what is searched.
        read: what was found and read.
        llm: the backend; one with a smaller `source_tokens` of its own gets as much as it reads in good time.
        config: how much a model reads at most.
    """
    passages = read.retrieved.passages[: read.shown]
    question, language = read.understood.question, read.retrieved.language
    reading = Prompt((), question, language, passages, embedder=index.fingerprint, rows=read.rows)
    reply = Reply(llm.spec, reading, reading)
    if not wants_messages(llm):
        return reply
    from rag.prompts.tokenizer import count_tokens  # tokens are counted only where a model reads them

    most = min(config.source_tokens, int(getattr(llm, "source_tokens", config.source_tokens)))
    count = getattr(llm, "count_tokens", None) or count_tokens
    try:
        reply.material, warnings = gather(index, read, replace(config, source_tokens=most), count)
    except LLMError as error:  # a server that can't count its tokens: it gets what is shown
        warnings = (str(error),)
    reply.warnings += warnings
    return reply


def gather(
    index: Readable, read: Read, config: AnswerConfig, count: Callable[[str], int]
) -> tuple[tuple[ScoredPassage, ...], tuple[str, ...]]:
    """Return the passages for a model, best first, and warnings.

    Args:
        index: what is searched.
        read: what was found and read.
        config: how many passages, and how many tokens of them.
        count: how many tokens a text has.
    """
    request = read.understood.request
    first = read.retrieved.passages[: read.shown]
    if config.most_sources <= len(first):
        return first, ()
    more = retrieve(index, read.understood.searched, config.most_sources, request.where).passages
    shown = {hit.passage.id for hit in first}
    rest = [hit for hit in more if hit.passage.id not in shown][: config.most_sources - len(first)]
    passages = joined([*first, *rest], index.store.document)
    best = [hit for hit in passages if hit.passage.id in shown]
    others = [hit for hit in passages if hit.passage.id not in shown]
    room = config.source_tokens - sum(count(hit.passage.text) for hit in best)
    if sum(count(hit.passage.text) for hit in others) <= room:
        return tuple(passages), ()
    known = with_readings(others, read.retrieved.passages)
    others, warnings = _by_reading(read.understood.question, known, config.reader)
    return (*best, *_within(others, room, count)), warnings


def joined(hits: Sequence[ScoredPassage], document: Callable[[str], Document]) -> list[ScoredPassage]:
    """Return passages with the best ones widened, and those of one document that touch made one, in the better's place.

    Args:
        hits: best first.
        document: looks up a document by its id.
    """
    kept: list[ScoredPassage] = []
    for place, hit in enumerate(hits):
        stored = document(hit.passage.document_id)
        start, end = hit.passage.start, hit.passage.end
        if place < _WIDENED:
            start, end = _widened(stored, start, end)
        touching = [number for number, other in enumerate(kept) if _touches(other, stored.id, start, end)]
        for number in touching:
            start, end = min(start, kept[number].passage.start), max(end, kept[number].passage.end)
        better = kept[touching[0]] if touching else hit
        whole = replace(better, passage=replace(better.passage, start=start, end=end, text=stored.text[start:end]))
        if touching:
            kept[touching[0]] = whole
            kept = [other for number, other in enumerate(kept) if number not in touching[1:]]
        else:
            kept.append(whole)
    return kept


def _touches(other: ScoredPassage, document_id: str, start: int, end: int) -> bool:
    passage = other.passage
    return passage.document_id == document_id and start <= passage.end + _GAP and passage.start <= end + _GAP


def _widened(stored: Document, start: int, end: int) -> tuple[int, int]:
    """Return where the whole sentences begin and end that stand around a span, as far as they are near."""
    before, after = max(0, start - _AROUND), min(len(stored.text), end + _AROUND)
    spans = sentences(stored.text[before:after], stored.language)
    # The first and the last may be cut by the window.
    starts = [before + one.start for one in spans[1 if before else 0 :]]
    ends = [before + one.end for one in spans[: -1 if after < len(stored.text) else None]]
    return min([start, *starts]), max([end, *ends])


def _by_reading(question: str, hits: Sequence[ScoredPassage], spec: str) -> tuple[list[ScoredPassage], tuple[str, ...]]:
    """Order passages by what the reader says of them; as they were where there is none."""
    try:
        reader = load_reader(spec)
        if reader is None or not hits:
            return list(hits), ()
        said = [reading.answers for reading in readings_of(reader, question, hits)]
    except RagError as error:
        return list(hits), (f"nothing was read: {error}",)
    return [hits[place] for place in sorted(range(len(hits)), key=lambda place: (-said[place], place))], ()


def _within(hits: Sequence[ScoredPassage], room: int, count: Callable[[str], int]) -> list[ScoredPassage]:
    kept: list[ScoredPassage] = []
    for hit in hits:
        cost = count(hit.passage.text)
        if cost <= room:
            kept.append(hit)
            room -= cost
    return kept
