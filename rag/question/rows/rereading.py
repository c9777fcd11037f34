"""What reads rows and forms once more with a question, and the part of its profile by which readings are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.types import Reading, ScoredPassage

__all__ = ["Rereading", "RowsProfile"]


@dataclass(frozen=True, slots=True)
class RowsProfile:
    """When a cell, a row or a field is asked for, fitted to one reader: a part of its profile.

    Attributes:
        surer: log-odds by which an empty cell must be surer than all others.
        surer_than_words: the same where the question's words name another column.
        least: log-odds under which no cell is asked for.
        nearness: log-odds that a unit of the cosine between a column's name and the question counts.
        leads: log-odds by which a column must lead that the reader didn't point at.
        clearly: log-odds by which a row must lead before another one that holds the same words.
        field: probability from which on an empty field of a form is asked for.
    """

    surer: float
    surer_than_words: float
    least: float
    nearness: float
    leads: float
    clearly: float
    field: float


@dataclass(frozen=True, slots=True)
class Rereading:
    """Reads passages with one question once more.

    Attributes:
        read: returns a reading of each passage, in their order; none where nothing can read.
        profile: of its reader.
    """

    read: Callable[[Sequence[ScoredPassage]], Sequence[Reading]]
    profile: RowsProfile
