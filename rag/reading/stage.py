"""Reading as a step of a question's way: what was found goes in, what was found and read comes out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from index.errors import RagError
from rag.question.rows.rereading import Rereading
from rag.reading.best import best_read, confidence_of, is_of_properties, read_best
from rag.reading.loading import load_reader
from rag.reading.profile import profile_of
from rag.retrieval.confidence import confidence, logit
from rag.retrieval.retrieve import Retrieved
from rag.types import Reading, ScoredPassage

__all__ = ["Doubt", "answers_rather", "is_far", "probability", "read_found", "reading_again", "threshold_of"]


def read_found(found: Retrieved, question: str, spec: str) -> Retrieved:
    """Return what was found with the best passages read; as it was, with a warning, where the reader fails.

    Args:
        found: what retrieval found.
        question: standing alone.
        spec: of the reader; `"none"`: nothing is read.
    """
    started = time.perf_counter()
    try:
        reader = load_reader(spec)
        if reader is None or not found.passages:
            return found
        evidence = None if found.evidence is None else logit(found.evidence, found.profile.confidence)
        passages = read_best(reader, question, found.passages, profile_of(reader.spec), evidence, found.language)
    except RagError as error:
        return replace(found, warnings=(*found.warnings, f"nothing was read: {error}"))
    return replace(found, passages=passages, timings={**found.timings, "read": time.perf_counter() - started})


def reading_again(question: str, spec: str) -> Rereading:
    """Return what reads passages with a question once more, each text once.

    Args:
        question: standing alone.
        spec: of the reader; `"none"`: nothing is read.
    """
    known: dict[tuple[str, str, str], Reading] = {}

    def key(hit: ScoredPassage) -> tuple[str, str, str]:
        return hit.title, hit.passage.heading, hit.passage.text

    def read(hits: Sequence[ScoredPassage]) -> Sequence[Reading]:
        fresh = [hit for hit in hits if key(hit) not in known]
        try:
            reader = load_reader(spec)
            readings = reader.read(question, fresh) if reader is not None else ()
        except RagError:  # then nothing is said of it
            return ()
        known.update(zip(map(key, fresh), readings, strict=False))
        return [known[key(hit)] for hit in hits if key(hit) in known]

    return Rereading(read, profile_of(spec).rows)


def probability(found: Retrieved, *, fits: bool = True) -> float:
    """Return the probability (0 to 1) that the passages answer, by what was read or, without that, by the search alone.

    Args:
        found: what was found.
        fits: the best quotes hold the kind of thing that is asked for; a reader sees that for itself.
    """
    best = best_read(found.passages)
    if best is None or found.evidence is None:
        return confidence(found.evidence, found.profile.confidence, fits=fits)
    return confidence_of(
        best, logit(found.evidence, found.profile.confidence), found.language, profile_of(_reader(best))
    )


def threshold_of(found: Retrieved) -> float:
    """Return the probability below which the answer is a refusal."""
    best = best_read(found.passages)
    if best is None:
        return found.profile.confidence.threshold
    numbers = profile_of(_reader(best)).confidence
    return max(numbers.threshold, numbers.of_properties) if is_of_properties(best) else numbers.threshold


class Doubt(StrEnum):
    """Why a question that may be about the index may as well be one to a passage.

    Attributes:
        LOOSE: its words alone say that it is about whole texts, or about all dates, and it names no text.
        KIND: its vector says that it is about the index.
        NAMED: it holds a word for a text ("report"), or the whole titles of texts.
    """

    LOOSE = "loose"
    KIND = "kind"
    NAMED = "named"


def answers_rather(found: Retrieved, probability: float, doubt: Doubt) -> bool:
    """Tell whether passages answer a question that may be about the index; never where nothing was read.

    Args:
        found: with what was read.
        probability: that the passages answer.
        doubt: why the question may not be about the index.
    """
    best = next((hit for hit in found.passages if hit.reading is not None), None)
    if best is None:
        return False
    numbers = profile_of(_reader(best)).confidence
    least = {Doubt.LOOSE: numbers.likely, Doubt.KIND: numbers.surely, Doubt.NAMED: numbers.certainly}[doubt]
    return probability >= least


def is_far(found: Retrieved, probability: float) -> bool:
    """Tell whether all that was found is far from the question, as a probability says that it answers."""
    best = best_read(found.passages)
    numbers = found.profile.confidence if best is None else profile_of(_reader(best)).confidence
    return probability < numbers.far


def _reader(hit: ScoredPassage) -> str:
    assert hit.reading is not None, "only a passage that was read has a reader"
    return hit.reading.reader
