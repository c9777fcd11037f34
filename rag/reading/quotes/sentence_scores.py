"""How well sentences answer that no reader has read: by likeness, by the question's words, by where they stand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.embedders.answer_profiles import QuotesProfile
from index.language.words import grams, tokens
from rag.output.code import words_of
from rag.types import ScoredPassage, ScoredSentence

__all__ = ["SHORT", "Pick", "covered", "scored"]

# Shorter sentences are headings, bylines and remnants more often than answers.
SHORT = 4
_SHORT_PENALTY = 0.25  # of what all words of the question are worth


@dataclass(frozen=True, slots=True)
class Pick:
    """A quote that was chosen: a sentence, or two neighbours.

    Attributes:
        number: the passage that it stands in, from 1.
        start: first code point in `Document.text`.
        end: one past the last.
        text: the words, without line breaks and control characters.
        score: how well it answers; comparable within one question.
    """

    number: int
    start: int
    end: int
    text: str
    score: float


def scored(passages: Sequence[ScoredPassage], profile: QuotesProfile) -> list[list[Pick]]:
    """Return the sentences of each passage with their scores; one that two passages share counts once.

    A score is the sentence's cosine with the question and its passage's score. What a file says about itself loses
    something: it answers questions about the file, which have their own way (`rag.overview`).

    Args:
        passages: what was retrieved.
        profile: of the embedder by which it was found.
    """
    seen: set[tuple[str, int, int]] = set()
    rows: list[list[Pick]] = []
    for number, hit in enumerate(passages, start=1):
        whole = ScoredSentence(hit.passage.start, hit.passage.end, hit.score)
        row = []
        for sentence in hit.sentences or (whole,):
            where = (hit.passage.document_id, sentence.start, sentence.end)
            text = words_of(hit, sentence.start, sentence.end)
            if where not in seen and text:
                seen.add(where)
                score = sentence.score + profile.passage * hit.score
                score -= profile.of_the_file * _is_beside_the_text(hit, sentence)
                row.append(Pick(number, sentence.start, sentence.end, text, score))
        rows.append(row)
    return rows


def covered(rows: Sequence[Sequence[Pick]], question: str, weight: float) -> list[list[Pick]]:
    """Return sentences with what the question's words in them add to their scores; all of them add `weight`."""
    shares = _coverage([pick.text for row in rows for pick in row], question)
    return [[replace(pick, score=pick.score + weight * next(shares)) for pick in row] for row in rows]


def _is_beside_the_text(hit: ScoredPassage, sentence: ScoredSentence) -> bool:
    """Tell whether a sentence is a row that a file says about itself."""
    match hit.metadata.get("properties"):
        case [int(start), int(end)]:
            return start <= sentence.start < end
    return False


def _coverage(texts: Sequence[str], question: str) -> Iterator[float]:
    """Yield the share of the question's words in each text, the rare ones counting more, less for fragments."""
    asked = grams(question)
    held = [grams(text) & asked for text in texts]
    counts = Counter(gram for found in held for gram in found)
    weights = {gram: math.log(1 + (len(texts) - counts[gram] + 0.5) / (counts[gram] + 0.5)) for gram in asked}
    whole = sum(weights.values()) or 1.0
    for text, found in zip(texts, held, strict=True):
        gain = sum(weights[gram] for gram in found) / whole
        yield gain - _SHORT_PENALTY if len(tokens(text)) < SHORT else gain
