"""Which of the passages that were found answers, after reading the best few of them.

The first is read alone; where it surely answers and leads clearly, the others need not be read. Where the first few
would be refused, or nearly, those close behind are read as well. What retrieval says of a passage counts beside what
the reader says. A passage that brings a reading by the same reader is not read again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from index.language.codes import UNKNOWN, canonical
from index.types import Passage
from rag.reading.profile import ReadingProfile
from rag.reading.types import Reader
from rag.types import Rank, Reading, ScoredPassage

__all__ = [
    "best_read",
    "confidence_of",
    "is_of_properties",
    "order_score",
    "read_best",
    "read_some",
    "readings_of",
    "said",
    "with_readings",
]

_MOST_ODDS = 60.0


def read_best(
    reader: Reader,
    question: str,
    passages: Sequence[ScoredPassage],
    profile: ReadingProfile,
    evidence: float | None = None,
    language: str = UNKNOWN,
) -> tuple[ScoredPassage, ...]:
    """Return the passages, the first few of them read and put in the order of the reader's scores.

    Their fused scores are given out anew in that order, so that scores still fall from first to last;
    `ranks["reader"]` holds the reader's own.

    Args:
        reader: reads.
        question: standing alone.
        passages: best first; a reading that one brings is of the same question.
        profile: of the reader.
        evidence: the retrieval's log-odds that they answer; `None`: not known, and no further ones are read.
        language: BCP 47 code of the question.

    Raises:
        RagError: the reader can't read.
    """
    read = read_some(reader, question, passages, profile, evidence, language)
    return (*_ordered(read, profile), *passages[len(read) :])


def read_some(
    reader: Reader,
    question: str,
    passages: Sequence[ScoredPassage],
    profile: ReadingProfile,
    evidence: float | None,
    language: str,
) -> list[ScoredPassage]:
    """Return those passages that are read, with what was seen in them, in the order given; see `read_best`."""
    read = _read(reader, question, passages[:1])
    lead = passages[0].score - passages[1].score if len(passages) > 1 else math.inf
    surely = bool(read) and _answers(read[0]) >= profile.sure and lead >= profile.ahead
    if not read or (surely and not is_of_properties(read[0])):
        return read
    read += _read(reader, question, passages[1 : profile.most])
    best = max(read, key=lambda hit: order_score(hit, profile))
    if evidence is not None and confidence_of(best, evidence, language, profile) < profile.unsure:
        read += _read(reader, question, _further(passages, profile))
    return read


def _read(reader: Reader, question: str, passages: Sequence[ScoredPassage]) -> list[ScoredPassage]:
    readings = readings_of(reader, question, passages)
    return [replace(hit, reading=seen) for hit, seen in zip(passages, readings, strict=True)]


def readings_of(reader: Reader, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
    """Return what a reader sees in each passage; those that bring a reading by it are not read again.

    Args:
        reader: reads.
        question: standing alone; a reading that a passage brings is of the same question.
        passages: in any order.

    Raises:
        RagError: the reader can't read.
    """
    new = [hit for hit in passages if _reading_by(reader, hit) is None]
    came = iter(reader.read(question, new) if new else ())
    return [_reading_by(reader, hit) or replace(next(came), reader=reader.spec) for hit in passages]


def _reading_by(reader: Reader, hit: ScoredPassage) -> Reading | None:
    return hit.reading if hit.reading is not None and hit.reading.reader == reader.spec else None


def with_readings(passages: Sequence[ScoredPassage], read: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:
    """Return passages with what was read in the same ones before, for the same question.

    Args:
        passages: as another search found them.
        read: what was found before, some of it read.
    """
    seen = {_cut(hit): hit.reading for hit in read if hit.reading is not None}
    return tuple(replace(hit, reading=seen.get(_cut(hit), hit.reading)) for hit in passages)


def _cut(hit: ScoredPassage) -> tuple[Passage, tuple[tuple[int, int], ...]]:
    """Return what a reading is of: the passage, and its sentences, each of which has a score."""
    return hit.passage, tuple((one.start, one.end) for one in hit.sentences)


def is_of_properties(hit: ScoredPassage) -> bool:
    """Tell whether a passage is what a file says about itself: it names the file, and seldom says what is asked."""
    match hit.metadata.get("properties"):
        case [int(start), int()]:
            return hit.passage.end > start
    return False


def _further(passages: Sequence[ScoredPassage], profile: ReadingProfile) -> Sequence[ScoredPassage]:
    """Return what is read where the first passages don't answer: those behind them that score nearly as well."""
    least = passages[0].score - profile.behind
    return [*takewhile(lambda hit: hit.score >= least, passages[profile.most : profile.at_last])]


def _ordered(read: Sequence[ScoredPassage], profile: ReadingProfile) -> list[ScoredPassage]:
    """Return passages that were read, best first, with the scores that they had in the order found.

    The names of a file are those of all its passages: where what it says about itself was found by them, what stands
    in it counts as found by them too, and the reader decides which of both answers.
    """
    named = {hit.passage.document_id: hit.score for hit in reversed(read) if is_of_properties(hit)}
    found = [max(hit.score, named.get(hit.passage.document_id, hit.score)) for hit in read]
    scores = [order_score(replace(hit, score=score), profile) for hit, score in zip(read, found, strict=True)]
    order = sorted(range(len(read)), key=lambda place: (-scores[place], place))
    fused = sorted((hit.score for hit in read), reverse=True)
    return [
        replace(read[place], score=score, ranks={**read[place].ranks, "reader": Rank(rank, scores[place])})
        for rank, (place, score) in enumerate(zip(order, fused, strict=True), start=1)
    ]


def order_score(hit: ScoredPassage, profile: ReadingProfile) -> float:
    """Return what orders a passage that was read: the reader's log-odds and the retrieval's score in the same unit."""
    return _answers(hit) + profile.worth * hit.score


def _answers(hit: ScoredPassage) -> float:
    assert hit.reading is not None, "only a passage that was read has a reading"
    return hit.reading.answers


def best_read(passages: Sequence[ScoredPassage]) -> ScoredPassage | None:
    """Return the first passage if it was read."""
    return passages[0] if passages and passages[0].reading is not None else None


def confidence_of(hit: ScoredPassage, evidence: float, language: str, profile: ReadingProfile) -> float:
    """Return the probability (0 to 1) that the passages answer.

    Args:
        hit: the best passage, which was read.
        evidence: the retrieval's log-odds.
        language: BCP 47 code of the question.
        profile: of the reader.
    """
    weights = profile.confidence
    odds = weights.bias + weights.answers * said(hit, language, profile)
    odds += weights.evidence * min(evidence, weights.enough) + weights.apart * _is_across(hit, language)
    return 1.0 / (1.0 + math.exp(-max(-_MOST_ODDS, min(_MOST_ODDS, odds))))


def said(hit: ScoredPassage, language: str, profile: ReadingProfile) -> float:
    """Return the reader's log-odds for a passage that was read, as far as they count between the two languages."""
    return _answers(hit) * (profile.confidence.across if _is_across(hit, language) else 1.0)


def _is_across(hit: ScoredPassage, language: str) -> bool:
    """Tell whether question and passage are known to be in two languages."""
    return len({canonical(hit.passage.language), canonical(language)} - {UNKNOWN}) > 1
