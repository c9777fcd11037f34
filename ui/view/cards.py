"""What the page shows of one question: plain data that is rendered, kept by the browser and exported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from index.codeblocks import code_parts, code_spans
from rag.output.strings import refusal
from rag.types import Answer, Citation, ScoredPassage

__all__ = ["PassageCard", "SourceCard", "State", "TurnCard", "WordsCard", "turn_of"]

State: TypeAlias = Literal["thinking", "streaming", "answered", "refused", "stopped", "failed"]

_CONTEXT_CHARACTERS = 220
_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_UNKNOWN_VALUES = frozenset({"", "unknown", "none", "n/a", "null"})


@dataclass(frozen=True, slots=True)
class SourceCard:
    """A citation with what stands around its words.

    Attributes:
        number: the `[n]` in the answer.
        document_id: the quoted document.
        title: its title.
        source: its source as the user knows it.
        start: first code point of the quote in the document's text.
        end: one past its last.
        quote: the exact words.
        before: the words of the passage before the quote, cut at a word.
        after: the words after it.
        language: BCP 47 code of the quote.
        location: where in the source, for people.
        support: whether the quote carries the claim.
        outlet: who published it, or `""`.
        date: ISO 8601, as precise as known, or `""`.
        code: from where to where, in the quote, it is code, which keeps its lines.
    """

    number: int
    document_id: str
    title: str
    source: str
    start: int
    end: int
    quote: str
    before: str = ""
    after: str = ""
    language: str = "und"
    location: str = ""
    support: Literal["supported", "partly", "not found"] = "supported"
    outlet: str = ""
    date: str = ""
    code: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PassageCard:
    """A passage that was retrieved; `ranks` holds per retriever the rank (from 1) and the score."""

    document_id: str
    title: str
    source: str
    start: int
    end: int
    text: str
    score: float
    language: str = "und"
    outlet: str = ""
    date: str = ""
    cited: bool = False
    code: tuple[tuple[int, int], ...] = ()
    ranks: dict[str, tuple[int, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WordsCard:
    """The words of one document that answer.

    Attributes:
        quote: the exact words.
        document_id: the document.
        title: its title.
        start: first code point of the words in its text.
        end: one past the last.
        number: of the card that they stand in, 0 for none.
        language: BCP 47 code of the words.
        rendered: the same for whoever asked, made by rules; `""` where there is no need.
        agrees: with the first of these; the first agrees with itself.
        code: they are code, which keeps its lines.
    """

    quote: str
    document_id: str
    title: str
    start: int
    end: int
    number: int = 0
    language: str = "und"
    rendered: str = ""
    agrees: bool = True
    code: bool = False


@dataclass(frozen=True, slots=True)
class TurnCard:
    """One question and what became of it.

    Attributes:
        id: random, made by the browser; letters, digits, `-`, `_`.
        question: as asked.
        state: where it stands.
        text: the answer so far, with its `[n]` markers; for `failed`, the sentence that says why.
        sources: the citations in the order of their numbers.
        passages: what was retrieved, best first.
        language: BCP 47 code of the question.
        llm: spec of the backend.
        seconds: from question to answer.
        warnings: sentences about what went wrong on the way.
        standalone: the question as it was understood, when it differs.
        receipt: what `rag verify` can check later, or `None` for a turn without an answer.
        answer_words: the words that answer: the short answer first, then those of other documents.
        differs: the text says another thing than the first of `answer_words`.
        missing: for a refusal, words of the question that stand in none of the passages.
        topics: for a refusal, what the passages speak of.
    """

    id: str
    question: str
    state: State
    text: str = ""
    sources: tuple[SourceCard, ...] = ()
    passages: tuple[PassageCard, ...] = ()
    language: str = "und"
    llm: str = ""
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    standalone: str = ""
    receipt: Mapping[str, Any] | None = None
    answer_words: tuple[WordsCard, ...] = ()
    differs: bool = False
    missing: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


def _text(answer: Answer) -> str:
    """Return the text; a refusal's without what it says of passages, which stand elsewhere, or nowhere when saved."""
    is_refusal = answer.refused and answer.text == refusal(answer.language)
    return refusal(answer.language, shown=False) if is_refusal else answer.text


def turn_of(answer: Answer, turn_id: str, seconds: float, receipt: Mapping[str, Any] | None = None) -> TurnCard:
    """Return what the page shows of a finished answer."""
    hits = {hit.passage.id: hit for hit in answer.passages}
    by_document = {hit.passage.document_id: hit for hit in reversed(answer.passages)}
    cited = {citation.passage_id for citation in answer.citations}
    return TurnCard(
        id=turn_id,
        question=answer.question,
        state="refused" if answer.refused else "answered",
        text=_text(answer),
        sources=tuple(
            _source_card(citation, hits.get(citation.passage_id), by_document.get(citation.document_id))
            for citation in answer.citations
        ),
        passages=tuple(_passage_card(hit, cited=hit.passage.id in cited) for hit in answer.passages),
        language=answer.language,
        llm=answer.llm,
        seconds=seconds,
        warnings=answer.warnings,
        standalone=answer.standalone_question or "",
        receipt=receipt,
        answer_words=tuple(_answer_words(answer)),
        differs=answer.differs,
        missing=answer.missing if answer.refused else (),
        topics=answer.topics if answer.refused else (),
    )


def _answer_words(answer: Answer) -> Iterator[WordsCard]:
    """Yield the short answer and what stands beside it."""
    if answer.short is not None:
        hits = {hit.passage.document_id: hit for hit in reversed(answer.passages)}
        yield _words(answer.short, answer.rendered, hits, agrees=True)
        for one in answer.witnesses:
            yield _words(one.citation, one.rendered, hits, agrees=one.agrees)


def _words(said: Citation, rendered: str, hits: Mapping[str, ScoredPassage], *, agrees: bool) -> WordsCard:
    place = said.start, said.end, said.number, said.language
    known = hits.get(said.document_id)
    code = bool(known and _code(said.quote, said.start, known.metadata))
    return WordsCard(said.quote, said.document_id, said.title, *place, rendered, agrees, code)


def _code(quote: str, start: int, metadata: Mapping[str, object]) -> tuple[tuple[int, int], ...]:
    parts = code_parts(code_spans(metadata), start, start + len(quote))
    return tuple((low - start, high - start) for low, high, code in parts if code)


def _source_card(citation: Citation, hit: ScoredPassage | None, sibling: ScoredPassage | None) -> SourceCard:
    before, after = _around(citation, hit)
    known = hit or sibling
    metadata: Mapping[str, object] = known.metadata if known else {}
    return SourceCard(
        number=citation.number,
        document_id=citation.document_id,
        title=citation.title,
        source=citation.source,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        before=before,
        after=after,
        language=citation.language,
        location=citation.location,
        support=citation.support,
        outlet=_known_value(metadata, "outlet"),
        date=_date(metadata),
        code=_code(citation.quote, citation.start, metadata),
    )


def _passage_card(hit: ScoredPassage, *, cited: bool) -> PassageCard:
    passage = hit.passage
    return PassageCard(
        document_id=passage.document_id,
        title=hit.title,
        source=hit.source,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        score=round(float(hit.score), 4),
        language=passage.language,
        outlet=_known_value(hit.metadata, "outlet"),
        date=_date(hit.metadata),
        cited=cited,
        code=_code(passage.text, passage.start, hit.metadata),
        ranks={name: (rank.rank, round(float(rank.score), 4)) for name, rank in hit.ranks.items()},
    )


def _around(citation: Citation, hit: ScoredPassage | None) -> tuple[str, str]:
    if hit is None:
        return "", ""
    passage = hit.passage
    start, end = citation.start - passage.start, citation.end - passage.start
    if start < 0 or end > len(passage.text) or passage.text[start:end] != citation.quote:
        return "", ""
    return _before(passage.text[:start]), _after(passage.text[end:])


def _before(text: str) -> str:
    """Return the end of the text: of its last paragraph, cut at a word."""
    paragraph = text.rsplit("\n\n", 1)[-1]
    if len(paragraph) <= _CONTEXT_CHARACTERS:
        return paragraph
    cut = paragraph[-_CONTEXT_CHARACTERS:]
    return "… " + (cut.split(maxsplit=1)[-1] if " " in cut.strip() else cut)


def _after(text: str) -> str:
    """Return the beginning of the text: of its first paragraph, cut at a word."""
    paragraph = text.split("\n\n", 1)[0]
    if len(paragraph) <= _CONTEXT_CHARACTERS:
        return paragraph
    cut = paragraph[:_CONTEXT_CHARACTERS]
    return (cut.rsplit(maxsplit=1)[0] if " " in cut.strip() else cut) + " …"


def _known_value(metadata: Mapping[str, object], key: str) -> str:
    value = metadata.get(key)
    return value if isinstance(value, str) and value.strip().lower() not in _UNKNOWN_VALUES else ""


def _date(metadata: Mapping[str, object]) -> str:
    value = str(metadata.get("date") or "")
    return value if _ISO_DATE.fullmatch(value) else ""
