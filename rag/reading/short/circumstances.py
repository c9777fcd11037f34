"""Whether a sentence speaks of the day that a question asks about: one of another day answers another question.

"Who accompanied the minister on 29 November?" is not answered by whom he met on the 26th, however alike the two read.
"""

from __future__ import annotations

from index.language.numbers.dates import day_within
from rag.question.kinds.answer_type import Expectation
from rag.reading.short.agreement import same_day
from rag.types import ScoredPassage

__all__ = ["tells_another_day"]


def tells_another_day(hit: ScoredPassage, question: str, language: str, wanted: Expectation | None) -> bool:
    """Tell whether the sentence of the words that answer names another day, month or year than the question does.

    The name of a month alone counts for nothing: it may be another word ("May I …").

    Args:
        hit: was read.
        question: standing alone.
        language: its BCP 47 code.
        wanted: what it asks for, as its vector says.
    """
    asked, _ = day_within(question, language)
    when = wanted is not None and wanted.date + wanted.year >= wanted.profile.date
    if asked is None or not (asked.day or asked.year) or when:
        return False
    stated, _ = day_within(_sentence(hit), hit.passage.language)
    return stated is not None and same_day(asked, stated) is False


def _sentence(hit: ScoredPassage) -> str:
    """Return the sentence in which the words that answer begin; all of the passage where it has none."""
    reading, offset = hit.reading, hit.passage.start
    assert reading is not None, "only what was read has words"
    place = next((one for one in hit.sentences if one.start <= reading.start < one.end), None)
    return hit.passage.text[place.start - offset : place.end - offset] if place else hit.passage.text
