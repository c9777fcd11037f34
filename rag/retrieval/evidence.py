"""What speaks for an answer in the best passages: the features that the confidence weighs.

A question that is similar to everything is similar to the best passage too. How similar it is to sentences that have
nothing to do with it is therefore taken along (as in query performance prediction, Shtok et al. 2012,
https://doi.org/10.1145/2180868.2180873, with a fixed background instead of the collection). These sentences are means
over translations, so they favour no language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from index.caching import kept
from index.embedders.profile import ConfidenceProfile
from index.language.codes import UNKNOWN
from index.language.folding import fold
from index.language.scripts import script_of
from index.language.words import grams
from index.types import FloatArray, Passage
from rag.retrieval.confidence import Evidence, confidence
from rag.types import ScoredSentence

__all__ = ["LOOKED_AT", "Found", "background", "gather"]

LOOKED_AT = 3  # passages: behind these the right one stands too seldom
_NEAREST = 10  # background sentences
_TELLING = 2  # sentences of a passage that are looked at for what is asked about its subject
# So many letter groups, of which a usual share is found, are added to those of a question. Without them, a question
# that names little beside the title would seem unanswered as soon as one of its few words is missing.
_UNSEEN = 4
_NUMBER = re.compile(r"\d{2,}")  # a single digit stands in most passages
_FILE = Path(__file__).with_name("neutral_sentences.npz")


class Found(Protocol):
    """What is needed of a passage that was found."""

    @property
    def passage(self) -> Passage:
        """The passage."""
        ...

    @property
    def similarity(self) -> float:
        """Half its cosine with the question, half that of its best sentence."""
        ...

    @property
    def attenuation(self) -> float:
        """Factor that makes similarities comparable between language pairs."""
        ...

    @property
    def sentences(self) -> Sequence[ScoredSentence]:
        """Its sentences and how near each is to the question."""
        ...

    @property
    def contrast(self) -> float | None:
        """By how much its best sentence is nearer to the question than its others; `None` without others."""
        ...

    @property
    def mismatch(self) -> float:
        """How far it lacks the kind of answer that is asked for, 0 to 1."""
        ...


def gather(
    question: str,
    language: str,
    found: Sequence[Found],
    titles: Sequence[str],
    against: float | None,
    weights: ConfidenceProfile,
) -> Evidence | None:
    """Return the evidence of the passage that speaks most clearly for an answer; `None` of nothing.

    Args:
        question: its text.
        language: its BCP 47 code.
        found: the best `LOOKED_AT` passages.
        titles: of their documents; what a question shares with title or heading says what it is about, not that the
            passage answers it.
        against: what `background` gives for the question.
        weights: what was fitted to the embedder.
    """
    asked, numbers = grams(question), _numbers(question)
    every = []
    for one, title in zip(found, titles, strict=True):
        named = (title, one.passage.heading)
        held = frozenset[str]().union(*map(_numbers, (one.passage.text, *named)))
        beside = asked.difference(*map(grams, named))
        every.append(
            Evidence(
                similarity=one.similarity,
                same_language=_one_language(question, language, one.passage),
                coverage=_share(beside, [one.passage.text], weights.typical_coverage),
                best_coverage=_share(beside, _telling(one), weights.typical_best_coverage),
                mismatch=one.mismatch,
                shared_numbers=len(numbers & held),
                missing_numbers=len(numbers - held),
                background=against,
                attenuation=one.attenuation,
                contrast=one.contrast,
            )
        )
    return max(every, key=lambda one: confidence(one, weights), default=None)


def _one_language(question: str, language: str, passage: Passage) -> bool:
    """Tell whether both are in one language. Where one isn't known (a list of names, a table), scripts tell."""
    if UNKNOWN not in (language, passage.language):
        return language == passage.language
    scripts = {script_of(question), script_of(passage.text)}
    return len(scripts - {"Zyyy"}) <= 1


def _telling(one: Found) -> list[str]:
    """Return the sentences of a passage that are nearest to the question; all of it where none are known."""
    offset, text = one.passage.start, one.passage.text
    best = sorted(one.sentences, key=lambda sentence: -sentence.score)[:_TELLING]
    return [text[sentence.start - offset : sentence.end - offset] for sentence in best] or [text]


def _share(wanted: frozenset[str], texts: Sequence[str], usual: float) -> float:
    """Return the share of letter groups that stand in one of the texts, drawn to the usual one where they are few."""
    found = wanted & frozenset[str]().union(*map(grams, texts))
    return (len(found) + _UNSEEN * usual) / (len(wanted) + _UNSEEN)


def background(fingerprint: str, vector: FloatArray) -> float | None:
    """Return the mean cosine of a question with the ten nearest of the neutral sentences.

    Args:
        fingerprint: of the embedder; one that no sentences are shipped for gives `None`.
        vector: of the question, aligned, shape (dimension,).
    """
    known = _sentences(fingerprint)
    if known is None or known.shape[1] != len(vector):
        return None
    return float(np.partition(known @ vector, -_NEAREST)[-_NEAREST:].mean())


@lru_cache(maxsize=2)
def _sentences(fingerprint: str) -> FloatArray | None:
    """Return the unit vectors of the neutral sentences for a model, shape (n, dimension)."""
    with np.load(_FILE, allow_pickle=False) as stored:
        if json.loads(str(stored["provenance"]))["fingerprint"] != fingerprint:
            return None
        rows = stored["vectors"].astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@kept(512, longest=1000)
def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(fold(text)))
