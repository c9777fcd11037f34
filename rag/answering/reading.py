"""Third stage: the best passages read together with the question, and whether they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.stores.base import Filter
from rag.answering.retrieving import Found, find
from rag.answering.understanding import Understood
from rag.answering.whole_tables import TOO_MANY, Together, all_rows, chosen_rows
from rag.config import AnswerConfig
from rag.question.kinds.expectations import can_answer
from rag.question.rows.asked_columns import Asked, Near
from rag.question.rows.asked_rows import ask_of_rows, meant_first, pointed_again, settled
from rag.question.rows.empty_fields import empty_field
from rag.question.rows.named_rows import Row, rows_of
from rag.question.rows.unnamed_rows import unnamed_row
from rag.reading.best import with_readings
from rag.reading.quotes.choosing import pick_sentences
from rag.reading.stage import probability, read_found, reading_again, threshold_of
from rag.retrieval.retrieve import Readable, Retrieved, retrieve
from rag.types import ScoredPassage

__all__ = ["Read", "answers_unfiltered", "read"]

# Rows that leave room for little else, and passages among which others are looked for then.
_CROWD, _WIDER = 3, 20
# Quotes in which the kind of thing that is asked for is looked for.
_LOOKED_AT = 3


@dataclass(frozen=True, slots=True)
class Read:
    """What the passages say to a question.

    Attributes:
        understood: the question.
        retrieved: the passages, the best few of them read, best first.
        confidence: probability (0 to 1) that they answer.
        threshold: below it, the answer is a refusal.
        not_given: what a row of a table doesn't hold, for people, or `""`.
        rows: of a table, which are quoted together: of each the number of its passage, from 1, and its place.
    """

    understood: Understood
    retrieved: Retrieved
    confidence: float
    threshold: float
    not_given: str = ""
    rows: tuple[tuple[int, int, int], ...] = ()

    @property
    def answers(self) -> bool:
        """Whether an answer is written."""
        return bool(self.retrieved.passages) and not self.not_given and self.confidence >= self.threshold

    @property
    def shown(self) -> int:
        """How many of the passages are shown: as many as were asked for, or all rows that go together."""
        return max(self.understood.request.k, len(self.rows))


def read(index: Readable, found: Found, config: AnswerConfig) -> Read:
    """Read the best passages, and decide whether they answer.

    "And when is it open?" doesn't say what is open: such a question is found by its similarity to the one before, and
    nothing is read.
    """
    understood, question = found.understood, found.understood.question
    meant, others = meant_first(question, found.retrieved.passages)
    seen = _seen(replace(found.retrieved, passages=meant), understood, config)
    seen = _beside_rows(index, understood, seen, config) or seen
    again = reading_again(question, "none" if understood.is_joined else config.reader)
    asked = Asked(question, understood.kind, again, _near(index, question), found.retrieved.wanted)
    unnamed = unnamed_row(asked, seen.passages) if understood.kind != "number" else None
    why = "" if unnamed is not None else ask_of_rows(asked, seen.passages, index.store.document)
    together = None if why else _chosen(index, asked, seen, understood.request.where)
    if together is not None and (judged := _judged(understood, seen, config)).answers:
        return _shown_together(judged, together, others)
    if unnamed is not None:
        return _of_rows_together(index, unnamed, _judged(understood, seen, config), others)
    why = why or empty_field(question, seen.passages, index.store.document, again)
    warnings = (*seen.warnings, why) if why else seen.warnings
    if not why:
        seen = replace(seen, passages=pointed_again(asked, seen.passages, index.store.document))
    seen = replace(seen, passages=settled(seen.passages, others), warnings=warnings)
    return _judged(understood, seen, config, why)


def _beside_rows(index: Readable, understood: Understood, seen: Retrieved, config: AnswerConfig) -> Retrieved | None:
    """Return what answers beside a table whose rows were found in place of all else, and of which none answers.

    Rows are near to each other, and with a word of the question in the name of a column all of them are found.
    """
    rows = rows_of(understood.question, seen.passages)
    is_crowded = len(rows) >= _CROWD and rows[0].place == 0 and not any(row.named or row.about for row in rows)
    if not is_crowded or understood.is_joined or _judged(understood, seen, config).answers:
        return None
    names = {row.group[0] for row in rows}
    wider = retrieve(index, understood.searched, _WIDER, understood.request.where).passages
    others = [hit for hit in wider if hit.source.partition("#")[0] not in names][:_LOOKED_AT]
    beside = _seen(replace(seen, passages=tuple(others)), understood, config)
    if not others or not _judged(understood, beside, config).answers:
        return None
    return replace(beside, passages=(*beside.passages, *seen.passages)[: len(seen.passages)])


def _of_rows_together(index: Readable, row: Row, seen: Read, others: tuple[ScoredPassage, ...]) -> Read:
    """Return what was read with all rows of a table first, as the question means no one of them."""
    understood, retrieved = seen.understood, seen.retrieved
    if not seen.answers:
        return replace(seen, retrieved=replace(retrieved, passages=settled(retrieved.passages, others)))
    together = all_rows(index, row, retrieved.passages, understood.question, understood.request.where)
    if together is None:
        passages = settled(retrieved.passages, others)
        warned = replace(retrieved, passages=passages, warnings=(*retrieved.warnings, TOO_MANY))
        return replace(seen, retrieved=warned, not_given=TOO_MANY)
    return _shown_together(seen, together, others)


def _chosen(index: Readable, asked: Asked, seen: Retrieved, where: Filter | None) -> Together | None:
    """Return the rows with what the best hit, a row, holds of a question, if there are several; none are counted."""
    rows = rows_of(asked.question, seen.passages)
    if asked.kind == "number" or asked.again is None or not rows or rows[0].place != 0:
        return None
    return chosen_rows(index, rows[0], seen.passages, asked.question, where)


def _shown_together(seen: Read, together: Together, others: tuple[ScoredPassage, ...]) -> Read:
    """Return what was read with rows of a table first, all of them with the score of the best."""
    retrieved = seen.retrieved
    best = retrieved.passages[0].score
    rows = tuple(replace(hit, score=best) for hit in together.passages[: len(together.rows)])
    passages = settled((*rows, *together.passages[len(rows) :]), others)
    warnings = (*retrieved.warnings, together.remark) if together.remark else retrieved.warnings
    return replace(seen, retrieved=replace(retrieved, passages=passages, warnings=warnings), rows=together.rows)


def _near(index: Readable, question: str) -> Near:
    """Return what tells how near words are to the question; they are embedded once."""
    known: dict[str, float] = {}

    def near(words: Sequence[str]) -> Sequence[float]:
        fresh = [word for word in dict.fromkeys(words) if word not in known]
        if fresh:
            vectors = index.embed_queries([question, *fresh])
            known.update(zip(fresh, (float(vector @ vectors[0]) for vector in vectors[1:]), strict=True))
        return [known[word] for word in words]

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
        threshold = threshold_of(seen)
    return Read(understood, seen, _confidence(understood, seen), threshold, why)


def _confidence(understood: Understood, seen: Retrieved) -> float:
    """Return the probability that the passages answer; a reader sees for itself whether a number is there."""
    if not understood.kind or any(hit.reading for hit in seen.passages):
        return probability(seen)
    embedder = seen.profile.fingerprint
    picks = pick_sentences(seen.passages, _LOOKED_AT, understood.searched, embedder=embedder, shown=False)
    quotes = [pick.text for pick in picks]
    return probability(seen, fits=can_answer(understood.kind, understood.searched, quotes))
