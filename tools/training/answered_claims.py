"""Questions that some data sets keep as claims: "question? answer", with a passage that supports it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tools.training.arrays import held_back
from tools.training.corpus import LABELS, Claim, Corpus, Paragraph, Question

__all__ = ["with_answered_claims"]

_FEWEST, _MOST = 2, 80  # code points of an answer
_ASKED = 15  # code points that a question has at least


def with_answered_claims(corpus: Corpus, claims: Sequence[Claim]) -> Corpus:
    """Return the corpus with a paragraph and a question for each supported claim of that form behind its own.

    Claims that judge give none. Only answers that stand in their passage once count.

    Args:
        corpus: what is extended.
        claims: those of people, in the order in which they were read.
    """
    whole = [claim for claim in claims if claim.text and claim.passage]
    judging = set(held_back(np.arange(len(whole))).tolist())
    paragraphs, questions = list(corpus.paragraphs), list(corpus.questions)
    for number, claim in enumerate(whole):
        found = _question(claim) if number not in judging else None
        if found:
            name = f"{claim.source}-{number}"
            questions.append(replace(found, paragraph=len(paragraphs)))
            paragraphs.append(Paragraph(name, found.language, "", name, claim.passage, name))
    return Corpus(paragraphs, questions)


def _question(claim: Claim) -> Question | None:
    asked, mark, answer = claim.text.rpartition("? ")
    answer = answer.strip().rstrip(".")
    if claim.label != LABELS["support"] or not mark or len(asked) < _ASKED or not _FEWEST <= len(answer) <= _MOST:
        return None
    if claim.passage.count(answer) != 1:
        return None
    return Question(f"{claim.source}-asked", "en", asked + "?", 0, claim.passage.index(answer), answer)
