"""What a vector index that does not look at every vector has to find, and the line that says what it finds."""

from __future__ import annotations

__all__ = ["ENOUGH", "low_recall", "recall_line"]

ENOUGH = 0.98
"""Share of the true nearest passages that a search has to find."""


def recall_line(way: str, recall: float, measured: int) -> str:
    """Return for people how vectors are searched and what that finds."""
    return f"{way}: finds {recall:.1%} of the nearest, measured at {measured} passages"


def low_recall(recall: float, fix: str) -> tuple[str, str] | None:
    """Return what is wrong with an index that finds too little, and what to do about it."""
    if recall >= ENOUGH:
        return None
    return f"the vector index finds only {recall:.1%} of the nearest passages", fix
