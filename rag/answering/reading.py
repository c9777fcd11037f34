"""Third stage: the best passages read together with the question, and whether they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.answering.retrieving import Found, find
from rag.answering.understanding import Understood
from rag.config import AnswerConfig
from rag.question.asked_columns import Near
from rag.question.asked_rows import ask_of_rows, meant_first, pointed_again, settled
from rag.question.empty_fields import empty_field
from rag.question.expectations import can_answer
from rag.reading.best import with_readings
from rag.reading.quotes.choosing import READ, pick_sentences
from rag.reading.stage import probability, read_found, reading_again, threshold_of
from rag.retrieval.retrieve import Readable, Retrieved

__all__ = ["Read", "answers_unfiltered", "read"]

# Quotes in which the kind of thing that is asked for is looked for.
_LOOKED_AT = 3
# Fields of a file ("budget: 48000") don't say whose they are, so that a reader takes one for another thing of somebody
# named beside it. Measured on 25 questions in five languages: right ones from 0.73 on, but one; most wrong ones below.
_OF_PROPERTIES = 0.7


@dataclass(frozen=True, slots=True)
class Read:
    """What the passages say to a question.

    Attributes:
        understood: the question.
        retrieved: the passages, the best few of them read, best first.
        confidence: probability (0 to 1) that they answer.
        threshold: below it, the answer is a refusal.
        not_given: what a row of a table doesn't hold, for people, or `""`.
    """

    understood: Understood
    retrieved: Retrieved
    confidence: float
    threshold: float
    not_given: str = ""

    @property
    def answers(self) -> bool:
        """Whether an answer is written."""
        return bool(self.retrieved.passages) and not self.not_given and self.confidence >= self.threshold


def read(index: Readable, found: Found, config: AnswerConfig) -> Read:
    """Read the best passages, and decide whether they answer.

    "And when is it open?" doesn't say what is open: such a question is found by its similarity to the one before, and
    nothing is read.
    """
    understood, question = found.understood, found.understood.question
    meant, others = meant_first(question, found.retrieved.passages)
    seen = _seen(replace(found.retrieved, passages=meant), understood, config)
    again = reading_again(question, "none" if understood.is_joined else config.reader)
    why = ask_of_rows(question, understood.kind, seen.passages, index.store.document, again)
    why = why or empty_field(question, seen.passages, index.store.document, again)
    warnings = (*seen.warnings, why) if why else seen.warnings
    if not why:
        near = _near(index, question)
        pointed = pointed_again(question, seen.passages, index.store.document, again, near, found.retrieved.wanted)
        seen = replace(seen, passages=pointed)
    seen = replace(seen, passages=settled(seen.passages, others), warnings=warnings)
    return _judged(understood, seen, config, why)


def _near(index: Readable, question: str) -> Near:
    """Return what tells how near words are to the question."""

    def near(words: Sequence[str]) -> Sequence[float]:
        vectors = index.embed_queries([question, *words])
        return [float(vector @ vectors[0]) for vector in vectors[1:]]

    return near


def answers_unfiltered(index: Readable, refused: Read, config: AnswerConfig) -> bool:
    """Tell whether a question that is refused within a filter would be answered without it.

    Passages within the filter have been read, and are found again without it.
    """
    request = refused.understood.request
    if request.where is None:
        return False
    wider = find(index, replace(refused.understood, request=replace(request, where=None)), config)
    found = wider.retrieved
    found = replace(found, passages=with_readings(found.passages, refused.retrieved.passages))
    return _judged(wider.understood, _seen(found, refused.understood, config), config).answers


def _seen(found: Retrieved, understood: Understood, config: AnswerConfig) -> Retrieved:
    return read_found(found, understood.question, "none" if understood.is_joined else config.reader)


def _judged(understood: Understood, seen: Retrieved, config: AnswerConfig, why: str = "") -> Read:
    threshold = config.min_confidence
    if threshold is None:
        threshold = max(threshold_of(seen), _OF_PROPERTIES if _is_of_properties(seen) else 0.0)
    return Read(understood, seen, _confidence(understood, seen), threshold, why)


def _is_of_properties(seen: Retrieved) -> bool:
    """Tell whether the best passage is what a file says about itself, as far as a reader read it."""
    best = seen.passages[0] if seen.passages else None
    match best.metadata.get("properties") if best is not None and best.reading is not None else None:
        case [int(start), int()] if best is not None:
            return best.passage.end > start
    return False


def _confidence(understood: Understood, seen: Retrieved) -> float:
    """Return the probability that the passages answer; a reader sees for itself whether a number is there."""
    if not understood.kind or any(hit.reading for hit in seen.passages):
        return probability(seen)
    picks = pick_sentences(seen.passages, _LOOKED_AT, understood.searched, reach=READ)
    quotes = [pick.text for pick in picks]
    return probability(seen, fits=can_answer(understood.kind, understood.searched, quotes))
