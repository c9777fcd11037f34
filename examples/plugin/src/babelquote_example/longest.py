"""A reader: whichever passage has the longest word answers, by that word."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from rag import Reading, ScoredPassage

__all__ = ["create"]


class LongestWord:
    """Says that the longest word of a passage answers, the surer the longer it is."""

    spec = "longest"

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:  # noqa: ARG002 - it reads nothing
        """Return one reading a passage; spans count in code points of the document."""
        return [self._read(hit) for hit in passages]

    def _read(self, hit: ScoredPassage) -> Reading:
        words = list(re.finditer(r"\w+", hit.passage.text))
        best = max(words, key=lambda match: len(match.group()), default=None)
        start, end = (0, 0) if best is None else best.span()
        score = (end - start) / 10 - 1
        shares = (-math.log(max(1, len(hit.sentences))),) * len(hit.sentences)
        return Reading(
            answers=score,
            start=hit.passage.start + start,
            end=hit.passage.start + end,
            span=0.0,
            sentences=shares,
            words=shares,
        )


def create(argument: str) -> LongestWord:  # noqa: ARG001 - it takes none
    """Make the reader."""
    return LongestWord()
