"""Questions to cited answers: retrieval, prompting, language models, citations. Imports nothing from `ui`.

Example:
    >>> from rag import answer
    >>> print(answer("Who heads the AOI?"))  # doctest: +SKIP

Names are imported when they are first used: a command that asks nothing doesn't wait for what asking needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.stores.base import Filter
    from index.stores.sets import DocumentSet
    from index.types import Document, Passage
    from rag.assistant import Assistant, Live
    from rag.config import AnswerConfig
    from rag.drafts.types import CheckedClaim, CheckedDraft, CheckedQuotation, Difference
    from rag.errors import LLMError, QuestionError, RagError
    from rag.facade import answer, check_draft
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

_HOMES = {
    "LLM": "rag.llms.base",
    "Aligned": "rag.retrieval.retrieve",
    "Answer": "rag.types",
    "AnswerConfig": "rag.config",
    "Assistant": "rag.assistant",
    "CheckedClaim": "rag.drafts.types",
    "CheckedDraft": "rag.drafts.types",
    "CheckedQuotation": "rag.drafts.types",
    "Citation": "rag.types",
    "Difference": "rag.drafts.types",
    "Document": "index.types",
    "DocumentSet": "index.stores.sets",
    "Filter": "index.stores.base",
    "LLMError": "rag.errors",
    "LibraryOverview": "rag.overview.contents.library",
    "Live": "rag.assistant",
    "Message": "rag.types",
    "Overview": "rag.overview.contents.document",
    "Passage": "index.types",
    "Piece": "rag.llms.events",
    "Prompt": "rag.types",
    "QuestionError": "rag.errors",
    "Quoted": "rag.llms.events",
    "RagError": "rag.errors",
    "Rank": "rag.types",
    "Readable": "rag.retrieval.retrieve",
    "Reading": "rag.types",
    "Remark": "rag.llms.events",
    "ScoredPassage": "rag.types",
    "ScoredSentence": "rag.types",
    "StreamEvent": "rag.llms.events",
    "Thinking": "rag.llms.events",
    "Topic": "rag.overview.contents.library",
    "Turn": "rag.types",
    "Verbatim": "rag.llms.events",
    "Withdrawn": "rag.llms.events",
    "Witness": "rag.types",
    "answer": "rag.facade",
    "as_frame": "rag.output.frames",
    "check_draft": "rag.facade",
    "load_llm": "rag.llms.base",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found
