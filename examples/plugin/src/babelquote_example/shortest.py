"""A reranker: short passages first."""

from __future__ import annotations

from collections.abc import Sequence

from rag import ScoredPassage

__all__ = ["create"]


class ShortestFirst:
    """Orders the passages by their length."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, question: str, passages: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:  # noqa: ARG002 - length decides
        """Return the passages, those it looked at first."""
        seen = sorted(passages[: self.most], key=lambda hit: len(hit.passage.text))
        return (*seen, *passages[self.most :])


def create(argument: str) -> ShortestFirst:
    """Make the reranker; `shortest:5` looks at five passages."""
    return ShortestFirst(int(argument) if argument.isdigit() else 20)
