"""A quote widened to a whole thought: its list, what its colon announces, its neighbours, who is meant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from index.language.question_words import begins_with_a_pointer, goes_on
from index.language.words import tokens
from rag.output.code import words_of
from rag.output.whole_thoughts import introduces, list_around
from rag.question.rows.named_rows import row_around
from rag.reading.profile import knows_the_words
from rag.reading.quotes.sentence_scores import SHORT, Pick
from rag.types import ScoredPassage

__all__ = ["repeats", "whole_thought"]

# A list of so many code points is quoted whole.
_SHORT_LIST = 300
# Two quotes that share this part of their words say the same.
_SAME = 0.75
# A quote of so many code points is long enough without the sentence before it.
_LONGEST_THOUGHT = 400
# A question for reasons takes in neighbours that score lower by this factor, on both sides.
_FOR_REASONS = 1.5


def whole_thought(
    pick: Pick,
    row: Sequence[Pick],
    passages: Sequence[ScoredPassage],
    chosen: Sequence[Pick],
    neighbour: float,
    *,
    reasons: bool,
) -> Pick:
    """Return a quote with what belongs to it, as far as no quote that was chosen before holds it.

    Args:
        pick: the sentence that is quoted.
        row: all sentences of its passage that may be quoted, in reading order.
        passages: what was retrieved, best first.
        chosen: the quotes before it.
        neighbour: how far below it the sentence beside it may score, to be quoted along.
        reasons: whether the question asks for reasons.
    """
    pick = _with_all_words(pick, row, passages, chosen)
    whole = _whole(pick, row, passages, chosen, neighbour, reasons=reasons)
    return _with_who_is_meant(whole, row, passages, chosen)


def _whole(
    pick: Pick,
    row: Sequence[Pick],
    passages: Sequence[ScoredPassage],
    chosen: Sequence[Pick],
    neighbour: float,
    *,
    reasons: bool,
) -> Pick:
    """Return a quote as a whole thought: with its list, with what its colon announces, with its neighbours."""
    hit = passages[pick.number - 1]
    around = list_around(hit, pick.start, pick.end)
    if around is not None:
        start, end, items = around
        held = [max((p.score for p in row if low <= p.start < high), default=-math.inf) for low, high in items]
        several = end - start <= _SHORT_LIST or sum(score >= pick.score - neighbour for score in held) > 1
        if (introduces(pick.text) or several) and not _taken(pick.number, start, end, passages, chosen):
            return replace(pick, start=start, end=end, text=words_of(hit, start, end))
    if not reasons:
        return _with_neighbour(pick, row, passages, chosen, math.inf if introduces(pick.text) else neighbour)
    widened = _with_neighbour(pick, row, passages, chosen, _FOR_REASONS * neighbour)
    widened = _with_neighbour(widened, row, passages, chosen, _FOR_REASONS * neighbour)
    end = widened.end
    for other in (other for other in row if other.start >= end):
        if not goes_on(other.text) or _taken(pick.number, other.start, other.end, passages, chosen):
            break
        end = other.end
    return replace(widened, end=end, text=words_of(hit, widened.start, end))


def _with_all_words(pick: Pick, row: Sequence[Pick], passages: Sequence[ScoredPassage], chosen: Sequence[Pick]) -> Pick:
    """Take in the sentences over which the words that answer go on, as far as the reader is sure of them.

    Where a sentence ends is a guess: Thai has no full stop, and one may belong to an abbreviation.
    """
    hit = passages[pick.number - 1]
    reading, offset = hit.reading, hit.passage.start
    if reading is None or not knows_the_words(reading) or not pick.start < reading.end or not reading.start < pick.end:
        return pick
    touched = [other for other in row if other.start < reading.end and reading.start < other.end]
    start, end = min(one.start for one in [pick, *touched]), max(one.end for one in [pick, *touched])
    if "\n" in hit.passage.text[start - offset : end - offset].strip() or end - start > _LONGEST_THOUGHT:
        return pick
    if row_around(hit, pick.start) or _taken(pick.number, start, end, passages, chosen):
        return pick
    return replace(pick, start=start, end=end, text=words_of(hit, start, end))


def _with_who_is_meant(
    pick: Pick, row: Sequence[Pick], passages: Sequence[ScoredPassage], chosen: Sequence[Pick]
) -> Pick:
    """Take in the sentence before a quote that begins with "it", "he" or "this": who is meant stands there."""
    hit = passages[pick.number - 1]
    before = next((other for other in reversed(row) if other.end <= pick.start), None)
    if before is None or not begins_with_a_pointer(pick.text, hit.passage.language):
        return pick
    between = hit.passage.text[before.end - hit.passage.start : pick.start - hit.passage.start]
    if pick.end - before.start > _LONGEST_THOUGHT or between.strip() or "\n" in between:
        return pick
    if _taken(pick.number, before.start, before.end, passages, chosen):
        return pick
    return replace(pick, start=before.start, text=words_of(hit, before.start, pick.end))


def _taken(number: int, start: int, end: int, passages: Sequence[ScoredPassage], chosen: Sequence[Pick]) -> bool:
    """Tell whether another quote stands within a place."""
    name = passages[number - 1].passage.document_id
    return any(
        passages[one.number - 1].passage.document_id == name and one.start < end and start < one.end for one in chosen
    )


def _with_neighbour(
    pick: Pick, row: Sequence[Pick], passages: Sequence[ScoredPassage], chosen: Sequence[Pick], neighbour: float
) -> Pick:
    """Join the better neighbouring sentence to a quote when it scores nearly as well; a row of a table stands alone."""
    if whole := row_around(passages[pick.number - 1], pick.start):
        return replace(pick, start=whole[0], end=whole[1], text=words_of(passages[pick.number - 1], *whole))
    inside = [n for n, other in enumerate(row) if pick.start <= other.start < pick.end]
    sides = (inside[-1] + 1,) if introduces(pick.text) else (inside[0] - 1, inside[-1] + 1)
    score = max(row[n].score for n in inside)
    near = [row[n] for n in sides if 0 <= n < len(row) and row[n].score >= score - neighbour]
    near = [other for other in near if len(tokens(other.text)) >= SHORT]
    near = [other for other in near if not row_around(passages[other.number - 1], other.start)]
    near = [other for other in near if introduces(pick.text) or not _ends_a_list(other, pick, passages)]
    near = [other for other in near if not any(repeats(other, one, passages) for one in chosen)]
    if not near:
        return pick
    other = max(near, key=lambda found: found.score)
    start, end = min(pick.start, other.start), max(pick.end, other.end)
    return replace(pick, start=start, end=end, text=words_of(passages[pick.number - 1], start, end))


def _ends_a_list(other: Pick, pick: Pick, passages: Sequence[ScoredPassage]) -> bool:
    """Tell whether a neighbour is an item of a list that a quote is no part of: half a list says nothing beside it."""
    hit = passages[pick.number - 1]
    return list_around(hit, other.start, other.end) is not None and list_around(hit, pick.start, pick.end) is None


def repeats(one: Pick, other: Pick, passages: Sequence[ScoredPassage]) -> bool:
    """Tell whether two quotes overlap, or one repeats (or is contained in) the other."""
    names = [passages[pick.number - 1].passage.document_id for pick in (one, other)]
    if names[0] == names[1] and one.start < other.end and other.start < one.end:
        return True
    if one.text == other.text:  # also without a word in it
        return True
    first, second = ({token.form for token in tokens(pick.text)} for pick in (one, other))
    smaller = min(len(first), len(second))
    return bool(smaller) and len(first & second) >= _SAME * smaller
