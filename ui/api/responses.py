"""What the API returns, as models for its description: answers have the fields of our own classes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Literal, TypeAlias, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model

from rag import types
from rag.drafts import types as drafts
from rag.drafts.types import CheckedDraft as WholeDraft
from rag.types import Answer as WholeAnswer
from rag.types import Citation, Rank

__all__ = [
    "Answer",
    "AnswerEvent",
    "ChatChunk",
    "ChatCompletion",
    "ChatEvent",
    "CheckedDraft",
    "Error",
    "Health",
    "Model",
    "Models",
    "Overview",
    "SearchResult",
]


class _Described(BaseModel):
    """What is always sent whole."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class Passage(_Described):
    """A passage that was found, flat."""

    document_id: str
    title: str
    source: str
    language: str
    start: int
    end: int
    text: str
    score: float
    id: str
    heading: str
    ranks: dict[str, Rank]


class MadeBy(_Described):
    """Who made an answer: a program always, and `generated` where a language model wrote it."""

    program: str
    version: str
    llm: str
    kind: Literal["quotes", "generated"]
    digital_source_type: str | None


_ASKED_FOR = "Where the request asked for them."
_HINTS = get_type_hints(WholeAnswer, vars(types))
_FIELDS: dict[str, Any] = {one.name: (_HINTS[one.name], ...) for one in fields(WholeAnswer)}
Answer: Any = create_model(
    "Answer",
    __doc__=(WholeAnswer.__doc__ or "").partition("\n\n")[0],
    **{**_FIELDS, "passages": (list[Passage], ...), "made_by": (MadeBy, ...)},
    annotations=(list[dict[str, Any]], Field(default=[], description=_ASKED_FOR)),
)


_DRAFT_HINTS = get_type_hints(WholeDraft, vars(drafts))
_DRAFT_FIELDS: dict[str, Any] = {one.name: (_DRAFT_HINTS[one.name], ...) for one in fields(WholeDraft)}
CheckedDraft: Any = create_model(
    "CheckedDraft",
    __doc__=(WholeDraft.__doc__ or "").partition("\n\n")[0],
    **_DRAFT_FIELDS,
    annotations=(list[dict[str, Any]], Field(default=[], description=_ASKED_FOR)),
)


class ErrorDetails(_Described):
    """What went wrong, as OpenAI's clients know it; `code` is the HTTP status."""

    message: str
    type: str
    param: None
    code: int


class Error(_Described):
    """A refusal."""

    error: ErrorDetails


class PieceEvent(_Described):
    """Text as it comes."""

    piece: str


class WithdrawnEvent(_Described):
    """What came so far no longer counts."""

    withdrawn: Literal[True]


class AnswerDone(_Described):
    """The finished answer."""

    answer: Answer


class AnswerEvent(RootModel[PieceEvent | WithdrawnEvent | AnswerDone | Error]):
    """One event of a stream."""


class SearchResult(_Described):
    """Passages, best first."""

    passages: list[Passage]


class Sentence(_Described):
    """A sentence of a document."""

    start: int
    end: int
    text: str


class Overview(_Described):
    """What a document is about, in its own sentences and, where a language model wrote, in that one's."""

    document_id: str
    sentences: list[Sentence]
    headings: list[str]
    names: list[str]
    language: str
    characters: int
    written: Answer | None
    warnings: list[str]


class Health(_Described):
    """The server answers."""

    status: Literal["ok"]


class Model(_Described):
    """A backend under its name."""

    id: str
    object: Literal["model"]
    owned_by: str
    created: int


class Models(_Described):
    """The backends."""

    object: Literal["list"]
    data: list[Model]


class Usage(_Described):
    """Tokens of what was read and of what came back."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatMessage(_Described):
    """What the assistant says."""

    role: Literal["assistant"]
    content: str


class ChatChoice(_Described):
    """The one answer."""

    index: int
    message: ChatMessage
    finish_reason: str
    logprobs: None


class ChatCompletion(_Described):
    """An answer in OpenAI's form, with its citations as objects."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: Usage
    citations: list[Citation]
    refused: bool
    made_by: MadeBy


class ChatDelta(BaseModel):
    """What is new."""

    role: Literal["assistant"] = "assistant"
    content: str = ""


class ChatPart(_Described):
    """The one answer as it grows."""

    index: int
    delta: ChatDelta
    finish_reason: str | None


class ChatChunk(BaseModel):
    """One event of a stream in OpenAI's form; the last one with text has the citations and says who made it."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChatPart]
    usage: Usage | None = None
    citations: list[Citation] = []
    refused: bool = False
    made_by: MadeBy | None = None


ChatEvent: TypeAlias = ChatChunk | Error
