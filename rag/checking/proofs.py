"""Where the sources that a claim cites say it: the best sentence of each, checked to the letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from index.errors import StoreError
from index.types import Document
from rag.checking.repeating import repeated
from rag.checking.spans import Meaning, Span, best_span, quote_of, sentence_texts
from rag.checking.written.claims import Claim, Mark
from rag.types import ScoredPassage

__all__ = ["Lookup", "Proofs"]

Lookup: TypeAlias = Callable[[str], Document]


class Proofs:
    """Finds the words that prove the claims of one answer, each once.

    Args:
        passages: the numbered sources; `[1]` is the first.
        document: looks up a document by its id, to check quotes against.
        meaning: compares sentences by their vectors.
    """

    def __init__(self, passages: Sequence[ScoredPassage], document: Lookup, meaning: Meaning) -> None:
        self._passages = passages
        self._document = document
        self._meaning = meaning
        self._found: dict[tuple[str, Mark], list[Span]] = {}
        self._best: dict[tuple[int, int], Span] = {}

    def of(self, claim: Claim, mark: Mark) -> list[Span]:
        """Return the words that prove a claim in the sources of a marker, those alone that stand in the documents."""
        key = claim.text, mark
        if key not in self._found:
            self._found[key] = self._find_spans(claim, mark)
        return self._found[key]

    def texts(self, claim: Claim, marks: Sequence[Mark]) -> list[str]:
        """Return what is compared to prove a claim: itself and the sentences of the sources that are named."""
        numbers = dict.fromkeys(number for mark in marks if mark.span is None for number in mark.numbers)
        known = [number for number in numbers if 1 <= number <= len(self._passages)]
        texts = [text for number in known for text in sentence_texts(self._passages[number - 1])]
        return [claim.text, *texts] if texts else []

    def quoted(self, claim: Claim, following: Sequence[Mark]) -> bool:
        """Tell whether a claim stands in the words that are quoted behind it: no other source is looked for then."""
        spans = [span for mark in following if mark.span for span in self.of(claim, mark)]
        if not spans or not all(mark.span for mark in following):
            return False
        return repeated(claim.text, quote_of(spans), self._passages[spans[0].number - 1].passage.language)

    def _find_spans(self, claim: Claim, mark: Mark) -> list[Span]:
        found = []
        for number in mark.numbers:
            if not 1 <= number <= len(self._passages):
                continue
            hit = self._passages[number - 1]
            if mark.span is None:
                span = self._best_span(claim, number)
            else:
                offset = hit.passage.start
                words = hit.passage.text[max(0, mark.span[0] - offset) : max(0, mark.span[1] - offset)]
                span = Span(number, *mark.span, words)
            if self._holds(span):
                found.append(span)
        return found

    def _best_span(self, claim: Claim, number: int) -> Span:
        key = (claim.start, number)
        if key not in self._best:
            self._best[key] = best_span(claim.text, number, self._passages[number - 1], self._meaning)
        return self._best[key]

    def _holds(self, span: Span) -> bool:
        """Tell whether the stored document has exactly these words there."""
        try:
            text = self._document(self._passages[span.number - 1].passage.document_id).text
        except StoreError as error:
            if type(error) is not StoreError:  # no answer from the server is no answer about the words
                raise
            return False  # an unknown id
        return 0 <= span.start < span.end <= len(text) and text[span.start : span.end] == span.text
