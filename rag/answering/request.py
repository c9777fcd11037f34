"""What is asked of one generation of an index."""

from __future__ import annotations

from dataclasses import dataclass

from index.stores.base import Filter
from rag.types import Turn

__all__ = ["Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        question: as the user asked it.
        asked: the same, cleaned.
        standalone: with its references to earlier turns resolved, `None` when it has none.
        focus: the new question alone, where `standalone` holds the one before it as well; what is quoted answers it.
        history: earlier turns, oldest first.
        k: how many passages may be used.
        where: which passages may be used; `None` means all.
    """

    question: str
    asked: str
    standalone: str | None
    history: tuple[Turn, ...]
    k: int
    where: Filter | None = None
    focus: str | None = None
