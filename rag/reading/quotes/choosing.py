"""Which sentences of the retrieved passages answer best: the quotes of an answer without a model.

Where a reader has read passages, what it saw decides, and only they are quoted. Without one,
how near a sentence is to the question and how many of its words it holds.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from index.embedders.answer_profiles import QuotesProfile
from index.embedders.profile import profile_of as embedded_by
from index.language.codes import UNKNOWN
from index.language.question_words import asks_for_a_reason
from index.language.sentences.splitting import sentences
from rag.output.code import words_of
from rag.output.whole_thoughts import is_heading
from rag.reading.profile import Quotes, ReadingProfile, bears_witness, knows_the_words, profile_of
from rag.reading.quotes.labels import is_label
from rag.reading.quotes.sentence_scores import Pick, covered, scored
from rag.reading.quotes.widening import repeats, whole_thought
from rag.types import ScoredPassage, ScoredSentence

__all__ = ["Pick", "pick_sentences"]


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far below the best sentence others may score.

    Attributes:
        neighbour: the sentence beside a quote, to be quoted along: answers often lie across a full stop.
        further: another quote; beyond it they are padding.
        again: what each further quote from a passage in another language than the question's loses: no shared word
            confirms that it is the right one, and the next passage gets its chance.
    """

    neighbour: float
    further: float
    again: float = 0.0


def pick_sentences(
    passages: Sequence[ScoredPassage],
    count: int,
    question: str = "",
    language: str = UNKNOWN,
    *,
    embedder: str = "",
    shown: bool = True,
) -> list[Pick]:
    """Choose at most `count` quotes that answer, the best one first, the others in reading order.

    Reading order is the rank of the document, then the place in it.

    Args:
        passages: what was retrieved, best first.
        count: how many quotes at most.
        question: its words are looked for in the sentences; `""` looks at none.
        language: BCP 47 code of the question.
        embedder: fingerprint of the one by which they were found; its numbers count where nothing was read.
        shown: whether people see the quotes. What a model reads, or only the kind of answer is looked for in, may be
            more.
    """
    profile = next((profile_of(hit.reading.reader) for hit in passages if hit.reading is not None), None)
    unread = embedded_by(embedder).quotes
    if profile is None:
        rows = _scored(passages, question, unread)
        foreign = {number for number, hit in enumerate(passages, 1) if hit.passage.language != language}
        reach = _reach(unread, unread.again_across, shown=shown)
    else:
        rows, foreign = _read(passages, profile, question), set()
        reach = _reach(profile.quotes, 0.0, shown=shown)
    rows = _without_labels(rows, passages, question)
    chosen = _chosen(rows, passages, count, reach, foreign, reasons=asks_for_a_reason(question))
    chosen = _with_the_words_of_others(chosen, rows, passages)
    first = _holding_the_words(chosen, passages)
    return [*first, *_in_reading_order([pick for pick in chosen if pick not in first], passages)]


def _without_labels(
    rows: Sequence[Sequence[Pick]], passages: Sequence[ScoredPassage], question: str
) -> list[list[Pick]]:
    """Return the sentences of each passage that may be quoted."""
    return [
        [pick for pick in row if not is_label(hit, pick.start, pick.end, question)]
        for hit, row in zip(passages, rows, strict=True)
    ]


def _chosen(
    rows: Sequence[Sequence[Pick]],
    passages: Sequence[ScoredPassage],
    count: int,
    reach: _Reach,
    foreign: Container[int],
    *,
    reasons: bool,
) -> list[Pick]:
    """Return the best, best first, each as a whole thought; further ones from a `foreign` passage count less."""
    waiting = [pick for row in rows for pick in row]
    chosen: list[Pick] = []
    while waiting and len(chosen) < count:
        best = min(waiting, key=lambda pick: (-pick.score, pick.number, pick.start))
        if chosen and best.score < chosen[0].score - reach.further:
            break
        waiting.remove(best)
        if not any(repeats(best, other, passages) for other in chosen):
            row = rows[best.number - 1]
            chosen.append(whole_thought(best, row, passages, chosen, reach.neighbour, reasons=reasons))
            if best.number in foreign:
                waiting = [_lowered(pick, reach.again * (pick.number == best.number)) for pick in waiting]
    return chosen


def _with_the_words_of_others(
    chosen: Sequence[Pick], rows: Sequence[Sequence[Pick]], passages: Sequence[ScoredPassage]
) -> list[Pick]:
    """Return quotes of which those of further documents hold the words for which they are said to agree or differ.

    A reader's best sentence may stand beside the words that it is sure of, or in another passage.
    """
    own = {passages[pick.number - 1].passage.document_id for pick in chosen[:1]}
    found = list(chosen)
    for hit, row in zip(passages, rows, strict=True):
        name, reading = hit.passage.document_id, hit.reading
        if name in own or reading is None or not bears_witness(reading):
            continue
        own.add(name)
        held = next((one for one in row if one.start <= reading.start < one.end), None)
        quoted = [at for at, one in enumerate(found) if passages[one.number - 1].passage.document_id == name]
        if held is not None and quoted and not any(found[at].start <= reading.start < found[at].end for at in quoted):
            found[quoted[-1]] = held
    return found


def _holding_the_words(chosen: Sequence[Pick], passages: Sequence[ScoredPassage]) -> Sequence[Pick]:
    """Return the quote that comes first: the one with the words that the reader is sure of, else the best one."""
    hit = passages[0] if passages else None
    if hit is not None and hit.reading is not None and knows_the_words(hit.reading):
        name, start = hit.passage.document_id, hit.reading.start
        for pick in chosen:
            if passages[pick.number - 1].passage.document_id == name and pick.start <= start < pick.end:
                return [pick]
    return chosen[:1]


def _in_reading_order(picks: Sequence[Pick], passages: Sequence[ScoredPassage]) -> list[Pick]:
    rank: dict[str, int] = {}
    for hit in sorted(passages, key=lambda hit: -hit.score):
        rank.setdefault(hit.passage.document_id, len(rank))
    return sorted(picks, key=lambda pick: (rank[passages[pick.number - 1].passage.document_id], pick.start))


def _reach(weights: Quotes | QuotesProfile, again: float, *, shown: bool) -> _Reach:
    if shown:
        return _Reach(weights.neighbour, weights.further, again)
    return _Reach(weights.read_neighbour, weights.read_further, again)


def _read(passages: Sequence[ScoredPassage], profile: ReadingProfile, question: str) -> list[list[Pick]]:
    """Return the sentences of the passages that were read, scored by what was seen in them, in reading order.

    A reader may overlook that the very words of the question stand in a sentence; they count beside what it says.
    """
    weights = profile.quotes
    rows: list[list[Pick]] = []
    seen: set[tuple[str, int, int]] = set()
    for number, hit in enumerate(passages, start=1):
        row: list[Pick] = []
        reading = hit.reading
        for place, sentence in enumerate(_sentences(hit) if reading else ()):
            assert reading is not None
            where = (hit.passage.document_id, sentence.start, sentence.end)
            text = words_of(hit, sentence.start, sentence.end)
            if where in seen or not text:
                continue
            seen.add(where)
            score = weights.sentence * reading.sentences[place] + weights.words * reading.words[place]
            score += weights.passage * hit.ranks["reader"].score
            row.append(Pick(number, sentence.start, sentence.end, text, score))
        rows.append(_with_the_words(_sayings(row, hit, weights), hit, weights))
    return covered(rows, question, weights.covers) if weights.covers else rows


def _scored(passages: Sequence[ScoredPassage], question: str, weights: QuotesProfile) -> list[list[Pick]]:
    """Return the scored sentences of passages that nobody has read, in reading order."""
    rows = [_sayings(row, hit) for row, hit in zip(scored(passages, weights), passages, strict=True)]
    return covered(rows, question, weights.covers)


def _sayings(row: list[Pick], hit: ScoredPassage, weights: Quotes | None = None) -> list[Pick]:
    """Leave out what only names what follows, unless there is nothing else.

    A heading that answers, as its reader is sure, is quoted with the rest; nothing says so where nothing was read.
    """
    headings = [pick for pick in row if is_heading(hit, pick.start, pick.end)]
    kept = [pick for pick in row if pick not in headings]
    best = max((pick.score for pick in kept), default=-math.inf)
    for heading in [one for one in headings if weights is not None and one.score >= best + weights.heading]:
        behind = next((place for place, pick in enumerate(kept) if pick.start >= heading.end), None)
        if behind is not None and weights is not None and _answers(heading, hit, weights):
            end, score = kept[behind].end, max(heading.score, kept[behind].score)
            text = words_of(hit, heading.start, end)
            kept[behind] = replace(kept[behind], start=heading.start, text=text, score=score)
    return kept or row


def _answers(pick: Pick, hit: ScoredPassage, weights: Quotes) -> bool:
    """Tell whether the words that answer begin in a sentence, as far as the reader is sure."""
    reading = hit.reading
    if reading is None or not pick.start <= reading.start < pick.end:
        return False
    begins = {one.start: said for one, said in zip(_sentences(hit), reading.words, strict=False)}
    return begins.get(pick.start, -math.inf) >= math.log(weights.begins)


def _with_the_words(row: list[Pick], hit: ScoredPassage, weights: Quotes) -> list[Pick]:
    """Let no sentence that holds the answering words fall so far behind the best one that it isn't quoted with it."""
    reading = hit.reading
    if reading is None or not row:
        return row
    held = [pick for pick in row if pick.start < reading.end and reading.start < pick.end]
    if not held or not _answers(held[0], hit, weights):
        return row
    least = max(pick.score for pick in row) - weights.neighbour
    return [replace(pick, score=max(pick.score, least)) if pick in held else pick for pick in row]


def _sentences(hit: ScoredPassage) -> Sequence[ScoredSentence]:
    """Return the sentences that a reader scored: those of the hit, or of its text where it has none."""
    if hit.sentences:
        return hit.sentences
    start = hit.passage.start
    found = sentences(hit.passage.text, hit.passage.language)
    return [ScoredSentence(start + one.start, start + one.end, 0.0) for one in found]


def _lowered(pick: Pick, by: float) -> Pick:
    return replace(pick, score=pick.score - by)
