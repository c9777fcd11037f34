"""The exact words of a source that agree most with a claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from index.embedders.profile import profile_of
from index.language.folding import fold
from index.language.sentences.answer_sentences import sentence_spans
from index.language.words import tokens, visible
from index.types import FloatArray
from rag.checking.support import agreement
from rag.output.whole_thoughts import is_heading
from rag.types import ScoredPassage

__all__ = ["Embed", "Meaning", "Span", "best_span", "closeness", "naming", "quote_of", "sentence_texts"]

Embed: TypeAlias = Callable[[Sequence[str]], FloatArray]

# Bytes of text that are embedded for one answer: more than an honest one needs. Beyond, words alone decide.
# Bytes go with tokens, and so with time, about alike in all scripts.
_MOST_BYTES = 12_000
# A neighbouring sentence joins the quote when it holds this share of the claim's words beyond the best sentence.
_WORTH_JOINING = 0.25


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a source.

    Attributes:
        number: the source, from 1.
        start: first code point in `Document.text`.
        end: one past the last.
        text: the words.
    """

    number: int
    start: int
    end: int
    text: str


class Meaning:
    """Cosines of texts, each text embedded once, so much of them at most.

    Args:
        embed: texts to unit vectors, shape (n, dimension); `None` when no embedder is at hand.
        embedder: its fingerprint; `""`: the generic profile counts.
    """

    def __init__(self, embed: Embed | None, embedder: str = "") -> None:
        self._embed = embed
        self.profile = profile_of(embedder).support
        self._vectors: dict[str, FloatArray] = {}
        self._words: dict[str, tuple[str, ...]] = {}
        self._left = _MOST_BYTES

    @property
    def known(self) -> bool:
        """Whether an embedder is at hand."""
        return self._embed is not None

    def words(self, text: str) -> tuple[str, ...]:
        """Return the words of a text, looked for once: every claim is held against the same sentences."""
        if text not in self._words:
            self._words[text] = tuple(token.form for token in tokens(text))
        return self._words[text]

    def prepare(self, texts: Sequence[str]) -> None:
        """Embed in one call what is not known yet."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors and text.strip()]
        new = [text for text in new if self._affords(text)]
        if self._embed is not None and new:
            self._vectors.update(zip(new, self._embed(new), strict=True))

    def _affords(self, text: str) -> bool:
        self._left -= len(text.encode("utf-8", "surrogatepass"))
        return self._left >= 0

    def similarity(self, one: str, other: str) -> float | None:
        """Return the cosine of two texts, `None` when it can't be known."""
        if self._embed is None or not one.strip() or not other.strip():
            return None
        self.prepare([one, other])
        if one not in self._vectors or other not in self._vectors:
            return None
        return float(self._vectors[one] @ self._vectors[other])


def closeness(claim: str, text: str, meaning: Meaning) -> float:
    """Return how much a text agrees with a claim: the share of its words, plus the cosine when it is known."""
    share = agreement(meaning.words(claim), meaning.words(text))
    return share + (meaning.similarity(claim, text) or 0.0)


def best_span(claim: str, number: int, hit: ScoredPassage, meaning: Meaning) -> Span:
    """Return the sentence (or two neighbours) of a passage that agrees most with a claim, by words and by meaning.

    A heading, which only names what is said below, must agree much better.
    """
    spans = _sentences(hit)
    texts = [_cut(hit, *span) for span in spans]
    words = meaning.words(claim)
    meaning.prepare([claim, *texts])
    shares = [agreement(words, meaning.words(text)) for text in texts]
    scores = [
        share + (meaning.similarity(claim, text) or 0.0) - meaning.profile.heading * is_heading(hit, *span)
        for share, text, span in zip(shares, texts, spans, strict=True)
    ]
    best = max(range(len(spans)), key=lambda place: (scores[place], -len(texts[place]), -place))
    start, end = _joined(claim, hit, spans, best, shares[best], meaning)
    return Span(number, start, end, _cut(hit, start, end))


def quote_of(spans: Sequence[Span]) -> str:
    """Return the words of several places as one text, those that stand twice once; nothing unseen."""
    return " ".join(dict.fromkeys(visible(" ".join(span.text.split())) for span in spans))


def sentence_texts(hit: ScoredPassage) -> list[str]:
    """Return the sentences of a passage that a claim is held against."""
    return [_cut(hit, *span) for span in _sentences(hit)]


def _joined(
    claim: str, hit: ScoredPassage, spans: Sequence[tuple[int, int]], best: int, share: float, meaning: Meaning
) -> tuple[int, int]:
    """Take a neighbour along when the claim joins both."""
    start, end = spans[best]
    for other in (best - 1, best + 1):
        if 0 <= other < len(spans) and not is_heading(hit, *spans[other]):
            both = min(start, spans[other][0]), max(end, spans[other][1])
            together = agreement(meaning.words(claim), meaning.words(_cut(hit, *both)))
            if together >= share + _WORTH_JOINING:
                return both
    return start, end


def _sentences(hit: ScoredPassage) -> list[tuple[int, int]]:
    """Return the passage's sentences by their offsets in the document, cut to the passage; never empty."""
    passage = hit.passage
    stored = [(max(s.start, passage.start), min(s.end, passage.end)) for s in hit.sentences]
    found = [(start, end) for start, end in stored if start < end]
    if not found:
        found = [(passage.start + start, passage.start + end) for start, end in sentence_spans(passage.text)]
    return found or [(passage.start, passage.end)]


def _cut(hit: ScoredPassage, start: int, end: int) -> str:
    return hit.passage.text[start - hit.passage.start : end - hit.passage.start]


def naming(name: str, spans: list[Span]) -> list[Span]:
    """Drop what does not hold a file's name, when the claim is nothing else: a heading near it proves nothing."""
    return [span for span in spans if name in "".join(fold(span.text).split())] if name else spans
