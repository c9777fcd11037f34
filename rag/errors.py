"""The errors of the read side; the tree is drawn in `index.errors`."""

from __future__ import annotations

from index.errors import RagError

__all__ = ["LLMError", "QuestionError", "RagError"]


class QuestionError(RagError):
    """A question that can't be asked: empty, too long, or not text."""


class LLMError(RagError):
    """A language model that can't be reached, refused, broke off or said nothing."""
