"""Which of several passages gives the short answer: the best one, unless another shows that it was misread.

A reader may take one name of a sentence for another: who received whom. Where a passage that answers at least as well
holds the same name and takes another one for the answer, it is that passage which was read better.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.reading.short.agreement import agreement
from rag.types import ScoredPassage

__all__ = ["speaking_first"]


def speaking_first(read: Sequence[ScoredPassage]) -> list[ScoredPassage]:
    """Return passages that were read, the one that gives the short answer first; one that was misread is left out.

    Args:
        read: best first, each with a reading; at least one.
    """
    best, *others = read
    for place, other in enumerate(others):
        if _answers_as_well(other, best) and _takes_another(other, best):
            return [other, *others[:place], *others[place + 1 :]]
    return [best, *others]


def _answers_as_well(other: ScoredPassage, best: ScoredPassage) -> bool:
    assert other.reading is not None and best.reading is not None, "only what was read has a reading"
    return other.reading.answers >= best.reading.answers


def _takes_another(other: ScoredPassage, best: ScoredPassage) -> bool:
    """Tell whether a passage holds the best one's words and takes others for the answer, which that one holds, too."""
    mine, theirs = _words(best), _words(other)
    return (
        agreement(mine[0], theirs[0]) is not True
        and any(agreement(mine[0], one) is True for one in theirs[1:])
        and any(agreement(theirs[0], one) is True for one in mine[1:])
    )


def _words(hit: ScoredPassage) -> list[tuple[str, str]]:
    """Return the words that a passage was read to answer with, and the others that might, each with the language."""
    reading, low = hit.reading, hit.passage.start
    assert reading is not None, "only what was read has words"
    spans = [(reading.start, reading.end), *((start, end) for start, end, _ in reading.others)]
    return [(hit.passage.text[start - low : end - low], hit.passage.language) for start, end in spans]
