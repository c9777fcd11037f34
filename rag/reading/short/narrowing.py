"""Words that answer and run too far, cut down: to one sentence, and to the number or date that is asked for.

The likeliest words of a passage may be a clause of which the question asks one part: "The roof is renewed for 48,500
euros" for what it costs. A reader's shares of longer and shorter words around the same number lie near each other, so
the clause isn't better for being a little likelier. Where much shorter words within it are nearly as likely and hold
all its numbers, nothing that was asked for is lost.

Words over the end of a sentence are two answers that the reader couldn't part. It also says which sentence answers.
"""

from __future__ import annotations

from dataclasses import replace

from index.language.numbers.dates import day_within
from index.language.numbers.quantities import held, written_numbers
from index.language.question_words import asks_yes_or_no
from rag.question.kinds.answer_type import Expectation
from rag.reading.profile import profile_of
from rag.reading.short.kinds import kind_asked_for
from rag.types import ScoredPassage

__all__ = ["narrowed"]

_ENDS = " .!?。！？؟।۔"


def narrowed(hit: ScoredPassage, question: str, language: str, wanted: Expectation | None) -> ScoredPassage:
    """Return a passage that was read, pointed at fewer words where these answer alone.

    Args:
        hit: was read.
        question: standing alone.
        language: its BCP 47 code.
        wanted: what it asks for, as its vector says.
    """
    hit = _of_one_sentence(hit)
    reading = hit.reading
    assert reading is not None, "only what was read has words"
    if wanted is None or not reading.within or not kind_asked_for(wanted) or asks_yes_or_no(question, language):
        return hit
    least = reading.span - profile_of(reading.reader).words.within
    clause = _text(hit, reading.start, reading.end)
    found = [
        (start, end)
        for start, end, share in reading.within
        if share >= least and _says_as_much(_text(hit, start, end), clause, hit.passage.language, wanted)
    ]
    start, end = min(found, key=lambda one: one[1] - one[0], default=(reading.start, reading.end))
    return replace(hit, reading=replace(reading, start=start, end=end, within=())) if found else hit


def _of_one_sentence(hit: ScoredPassage) -> ScoredPassage:
    """Return a passage whose words lie in one sentence, the likeliest that they reach into; lines may be a list."""
    reading = hit.reading
    assert reading is not None, "only what was read has words"
    reached = [
        (share, place)
        for share, place in zip(reading.sentences, hit.sentences, strict=False)
        if place.start < reading.end and reading.start < place.end
    ]
    if len(reached) < 2 or "\n" in _text(hit, reading.start, reading.end):
        return hit
    _, place = max(reached, key=lambda one: one[0])
    start, end = max(reading.start, place.start), min(reading.end, place.end)
    end = start + len(_text(hit, start, end).rstrip(_ENDS))
    within = tuple(one for one in reading.within if start <= one[0] and one[1] <= end)
    return replace(hit, reading=replace(reading, start=start, end=end, within=within)) if start < end else hit


def _says_as_much(words: str, clause: str, language: str, wanted: Expectation) -> bool:
    """Tell whether words hold all numbers and the date of a clause: not "1967" of "27 May 1967"."""
    return (
        held(words, language, wanted.asked) == held(clause, language, wanted.asked) != frozenset()
        and written_numbers(words) >= written_numbers(clause) - wanted.asked
        and day_within(words, language)[0] == day_within(clause, language)[0]
    )


def _text(hit: ScoredPassage, start: int, end: int) -> str:
    return hit.passage.text[start - hit.passage.start : end - hit.passage.start]
