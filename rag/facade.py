"""One question, or one text, asked of an index that is opened for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.locations import LocationLike
from index.stores.base import Filter
from rag.assistant import Assistant
from rag.drafts.types import CheckedDraft
from rag.llms.base import LLM
from rag.types import Answer, Turn

__all__ = ["answer", "check_draft"]


def answer(
    question: str,
    index_dir: LocationLike = None,
    llm: str | LLM | None = None,
    history: Sequence[Turn] = (),
    k: int | None = None,
    where: Filter | Mapping[str, str] | None = None,
) -> Answer:
    """Answer one question; for many, keep an `Assistant`, which opens index and backend once.

    Args:
        question: in any language.
        index_dir: folder or `postgresql://` address of the index; `None` takes the default one.
        llm: spec of the backend, or a backend; `None` takes `"extractive"`.
        history: earlier turns of the conversation, oldest first.
        k: how many passages to retrieve; `None` means 5.
        where: which passages may be used; `None` means all, `Filter(collections=("Reports",))` those of a collection.

    Raises:
        ConfigError: no such backend, or no such collection.
        QuestionError: the question is empty, too long or no text.
        StoreError: there is no usable index in that folder.
    """
    return Assistant(index_dir, "extractive" if llm is None else llm, k=k).answer(question, history, where=where)


def check_draft(
    text: str,
    index_dir: LocationLike = None,
    *,
    where: Filter | Mapping[str, str] | None = None,
    claims: bool = True,
) -> CheckedDraft:
    """Check the quotations and claims of one text; for many, keep an `Assistant`, which opens the index once.

    Args:
        text: plain or Markdown, in any language.
        index_dir: folder or `postgresql://` address of the index; `None` takes the default one.
        where: which passages may be found; `None` means all, `Filter(collections=("Reports",))` those of a collection.
        claims: whether claims are checked as well as quotations.

    Raises:
        ConfigError: there is no such collection.
        QuestionError: the text is empty or too long.
        StoreError: there is no usable index in that folder.
    """
    return Assistant(index_dir).check_draft(text, where=where, claims=claims)
