"""The errors of the read side; the tree is drawn in `index.errors`."""

from __future__ import annotations

from index.errors import RagError

__all__ = ["LLMError", "QuestionError", "RagError", "ReceiptError"]


class QuestionError(RagError):
    """A question that can't be asked: empty, too long, or not text."""


class LLMError(RagError):
    """A language model that can't be reached, refused, broke off or said nothing."""


class ReceiptError(RagError):
    """A receipt that can't be written, can't be read, or is none."""
