"""What a reader sees in a passage, and what it says of a claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from rag.types import Reading, ScoredPassage

__all__ = ["ClaimReader", "Reader", "Reading", "Verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a passage says of a claim: three probabilities that add up to one.

    Attributes:
        supported: the claim follows from the passage.
        contradicted: the passage says otherwise.
        silent: it says neither.
    """

    supported: float
    contradicted: float
    silent: float


@runtime_checkable
class Reader(Protocol):
    """Reads a question and passages together. Several threads may ask at once."""

    @property
    def spec(self) -> str:
        """What `load_reader` takes to give this reader."""
        ...

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        """Return one reading for each passage, in their order.

        The sentences of a reading are those of `ScoredPassage.sentences`, or, where a passage has none, those into
        which `index.language.sentences.splitting` cuts its text.

        Args:
            question: any text; a follow-up must stand alone.
            passages: any number, also none.

        Raises:
            RagError: the model can't be loaded or run.
        """
        ...


@runtime_checkable
class ClaimReader(Protocol):
    """Reads claims and passages together. Several threads may ask at once."""

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        """Return one verdict for each (claim, passage), in their order.

        Raises:
            RagError: the model can't be loaded or run.
        """
        ...
