"""The nouns of the read side: what a question becomes on its way to a cited answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, overload

from index.types import Document, Passage

__all__ = [
    "STYLES",
    "Answer",
    "Citation",
    "Message",
    "Prompt",
    "Rank",
    "Reading",
    "ScoredPassage",
    "ScoredSentence",
    "Style",
    "Support",
    "Turn",
    "Witness",
]

Support: TypeAlias = Literal["supported", "partly", "not found"]
Style: TypeAlias = Literal["short", "normal", "detailed"]
STYLES: tuple[Style, ...] = ("short", "normal", "detailed")
"""How long a language model writes."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Where one retriever put a passage: `rank` from 1, `score` on that retriever's own scale."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a retrieved passage, by its offsets in the document, with its score for the question."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader saw in one passage, for one question (`rag.reading`).

    Attributes:
        answers: log-odds that the passage answers the question; comparable across passages, documents and languages.
        start: first code point, in `Document.text`, of the words that answer best; always inside the passage.
        end: one past their last; `start < end`, but for a passage without any text.
        span: log-probability of these words among all spans of the passage.
        sentences: log-probability of each sentence that it is the one that answers; they add up to one.
        words: log-probability of each sentence that the answering words begin in it; they add up to one.
        reader: spec of the reader, whose profile says how these figures compare with others; `""` when unknown.
        others: other words that may answer, the likeliest first, each with its log-probability; no two overlap, nor one
            the best.
        within: the same for words within the best ones, two thirds as long at most; they may overlap.
    """

    answers: float
    start: int
    end: int
    span: float
    sentences: tuple[float, ...]
    words: tuple[float, ...]
    reader: str = ""
    others: tuple[tuple[int, int, float], ...] = ()
    within: tuple[tuple[int, int, float], ...] = ()

    @property
    def probability(self) -> float:
        """Probability that the passage answers, as the reader was trained; not calibrated on anything else."""
        return 1.0 / (1.0 + math.exp(-max(-700.0, self.answers)))


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A hit; lists of hits are best first.

    Attributes:
        passage: the cut of the document.
        title: title of its document.
        source: source of its document.
        score: the fused score by which hits are ordered (higher is better; comparable within one question).
        ranks: rank and score per retriever (`"dense"`, `"keyword"` …); a retriever that did not find it is absent.
        sentences: the passage's sentences in reading order, scored for the question.
        metadata: what else its document states (date, outlet, author …).
        reading: what the reader saw in it; `None` for a passage that was not read.
    """

    passage: Passage
    title: str
    source: str
    score: float
    ranks: Mapping[str, Rank] = field(default_factory=dict)
    sentences: tuple[ScoredSentence, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A claim's proof: `document.text[start:end] == quote`, always, or the citation does not exist.

    Attributes:
        number: the `[n]` in the answer's text, from 1, in order of first appearance.
        document_id: the document that is quoted.
        title: its title.
        source: its source.
        start: first code point of the quote in `Document.text`.
        end: one past its last code point.
        quote: the exact words.
        support: whether the quote carries the claim that cites it, as rules and a small model judge; a hint, no proof.
        language: BCP 47 code of the quote.
        location: where in the source, for people (`"p. 12"`), or `""`.
        passage_id: the retrieved passage in which the quote stands.
    """

    number: int
    document_id: str
    title: str
    source: str
    start: int
    end: int
    quote: str
    support: Support = "supported"
    language: str = "und"
    location: str = ""
    passage_id: str = ""

    def to_annotation(self, document: Document) -> Mapping[str, Any]:
        """Return the quoted words as a W3C Web Annotation: by themselves with what is around them, and by offsets.

        Args:
            document: the quoted document.
        """
        from rag.output.annotations import annotation

        return annotation(document, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Witness:
    """What another document says to the same question.

    Attributes:
        citation: the words that answer there.
        agrees: they say the same as the short answer; else they differ from it.
        rendered: as `Answer.rendered`.
    """

    citation: Citation
    agrees: bool
    rendered: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user gets. Every `[n]` in `text` has its citation, and no citation is unused.

    Attributes:
        question: as the user asked it.
        text: the answer with its `[n]` markers; for a refusal, a sentence that says so.
        citations: in the order of their numbers.
        passages: what was retrieved, best first, cited or not.
        refused: the sources don't answer the question.
        language: BCP 47 code of the question.
        llm: spec of the backend that spoke.
        generation: number of the index generation that was asked.
        timings: seconds per stage.
        warnings: sentences for people about what went wrong on the way.
        confidence: calibrated probability (0 to 1) that the passages answer the question; `None` when unknown.
        standalone_question: the question with its references to earlier turns resolved, when it differs.
        raw_text: what the backend wrote, before the citations were checked.
        short: the words of the best passage that answer, as a citation; its number is that of the citation in which
            they stand, 0 where the text cites another place. `None` for a refusal, without a reader, and where the
            reader isn't sure which words answer.
        rendered: the words of `short` as the question's language writes them (a date, an amount, a place) or in letters
            that its reader knows (a name). Made by rules, never a quote; `""` where there is no need.
        witnesses: what other documents say, where the reader is sure of that; those that agree come first.
        differs: the text, which a language model wrote, says another date, number or name than `short`.
        missing: for a refusal, words of the question that stand in none of the passages of its language.
        topics: for a refusal, headings or titles that say what the passages speak of.
        filtered: for a refusal within a filter, whether the documents outside it do answer.
    """

    question: str
    text: str
    citations: tuple[Citation, ...]
    passages: tuple[ScoredPassage, ...]
    refused: bool
    language: str
    llm: str
    generation: int
    timings: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    confidence: float | None = None
    standalone_question: str | None = None
    raw_text: str = ""
    short: Citation | None = None
    rendered: str = ""
    witnesses: tuple[Witness, ...] = ()
    differs: bool = False
    missing: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    filtered: bool = False

    def __str__(self) -> str:
        """Return what the page shows, for a terminal or a log: the short answer, the text, the numbered sources."""
        from rag.output.text import answer_text  # it says what is declared here

        return answer_text(self)

    def _repr_html_(self) -> str:
        """Return the same for a notebook: escaped text only, nothing is loaded."""
        from rag.output.text import answer_html

        return answer_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the answer in JSON's own types, as `rag ask --json` prints it: a passage is one flat object."""
        from rag.output.json import answer_fields

        return answer_fields(self)

    def to_json(self, indent: int | None = 2) -> str:
        """Return `to_dict` as JSON with readable letters of every script."""
        from rag.output.json import as_json

        return as_json(self.to_dict(), indent=indent)


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a chat model; `role` is `"system"`, `"user"` or `"assistant"`."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt(Sequence[Message]):
    """The messages for a backend, a plain sequence, with the parts that they were made from beside them.

    Remote and local models read the messages; the extractive backend reads the scored passages directly.

    Attributes:
        messages: the conversation to send, system message first.
        question: the standalone question.
        language: BCP 47 code in which to answer.
        passages: the numbered passages (`[1]` is the first) that the messages hold.
        style: how long to write.
        embedder: fingerprint of the embedder by which the passages were found; `""` when unknown.
        rows: `(passage, start, end)`: rows of a table that are quoted together, whichever of them is meant; the
            passage counts from 1, the places count code points of `Document.text`. Empty: quotes are chosen.
    """

    messages: tuple[Message, ...]
    question: str = ""
    language: str = "und"
    passages: tuple[ScoredPassage, ...] = ()
    style: Style = "normal"
    embedder: str = ""
    rows: tuple[tuple[int, int, int], ...] = ()

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Message, ...]: ...
    def __getitem__(self, index: int | slice) -> Message | tuple[Message, ...]:
        """Return the message (or messages) at the index."""
        return self.messages[index]

    def __len__(self) -> int:
        """Return how many messages there are."""
        return len(self.messages)

    def __iter__(self) -> Iterator[Message]:
        """Go through the messages in order."""
        return iter(self.messages)
