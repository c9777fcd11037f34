"""Questions to cited answers: retrieval, prompting, language models, citations. Imports nothing from `ui`.

Example:
    >>> from rag import answer
    >>> print(answer("Who heads the AOI?"))  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.locations import LocationLike
from index.stores.base import Filter
from index.stores.sets import DocumentSet
from index.types import Document, Passage
from rag.assistant import Assistant, Live
from rag.config import AnswerConfig
from rag.drafts.types import CheckedClaim, CheckedDraft, CheckedQuotation, Difference
from rag.errors import LLMError, QuestionError, RagError
from rag.llms.base import LLM, load_llm
from rag.llms.events import Piece, Quoted, Remark, StreamEvent, Thinking, Verbatim, Withdrawn
from rag.output.frames import as_frame
from rag.overview.contents.document import Overview
from rag.overview.contents.library import LibraryOverview, Topic
from rag.retrieval.retrieve import Aligned, Readable
from rag.types import Answer, Citation, Message, Prompt, Rank, Reading, ScoredPassage, ScoredSentence, Turn, Witness

__all__ = [
    "LLM",
    "Aligned",
    "Answer",
    "AnswerConfig",
    "Assistant",
    "CheckedClaim",
    "CheckedDraft",
    "CheckedQuotation",
    "Citation",
    "Difference",
    "Document",
    "DocumentSet",
    "Filter",
    "LLMError",
    "LibraryOverview",
    "Live",
    "Message",
    "Overview",
    "Passage",
    "Piece",
    "Prompt",
    "QuestionError",
    "Quoted",
    "RagError",
    "Rank",
    "Readable",
    "Reading",
    "Remark",
    "ScoredPassage",
    "ScoredSentence",
    "StreamEvent",
    "Thinking",
    "Topic",
    "Turn",
    "Verbatim",
    "Withdrawn",
    "Witness",
    "answer",
    "as_frame",
    "check_draft",
    "load_llm",
]


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
