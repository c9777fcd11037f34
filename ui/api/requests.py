"""What requests may hold: what is checked here is what the description of the API says.

Fields that are not named are passed over. What a field needs is said in one sentence (`Needs`); lists are checked up to
their first fault, for a body of a megabyte would hold half a million of them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    WithJsonSchema,
    model_validator,
)

from index.errors import ConfigError
from index.stores.base import Filter
from rag.drafts.types import MOST_CHARACTERS
from rag.types import STYLES, Style
from ui.api.fields import (
    Annotations,
    Backend,
    Count,
    Flag,
    MaybeText,
    Metadata,
    NeededText,
    Needs,
    OneOrMore,
    Pair,
    Question,
    Stream,
    Text,
    last_turns,
)
from ui.service.asking.filters import filter_of

__all__ = [
    "AnswerRequest",
    "ChatRequest",
    "CheckRequest",
    "DrawnCheckRequest",
    "Filters",
    "OverviewRequest",
    "SearchRequest",
    "WrittenOverviewRequest",
]

_DAY = {"pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
_LONGEST_CODE = 35  # of a language
# What others call the same: passed over in silence it would find what was not asked for.
_MEANT = {
    "languages": "language",
    "lang": "language",
    "documents": "document",
    "document_id": "document",
    "document_ids": "document",
    "date_from": "since",
    "from": "since",
    "date_to": "until",
    "to": "until",
    "folders": "folder",
    "collections": "collection",
    "source": "folder",
    "filter": "language, document, since, until, folder, collection or where",
    "filters": "language, document, since, until, folder, collection or where",
}


class Filters(BaseModel):
    """Which passages may be found; what nothing in the index can match is refused."""

    language: Annotated[OneOrMore, Field(description="Only passages in these languages, by their codes.")] = None
    document: Annotated[OneOrMore, Field(description="Only these documents, by their ids.")] = None
    since: Annotated[
        MaybeText,
        Field(description="Only documents from this year, month or day on.", json_schema_extra=_DAY),
    ] = None
    until: Annotated[
        MaybeText, Field(description="Only documents up to this year, month or day.", json_schema_extra=_DAY)
    ] = None
    folder: Annotated[MaybeText, Field(description="Only documents whose source lies below this folder.")] = None
    collection: Annotated[OneOrMore, Field(description="Only documents of these collections, by their names.")] = None
    where: Annotated[
        Metadata,
        Field(
            description="Only documents whose metadata holds these words.",
            examples=[{"author": "Mei", "status": "paused"}],
        ),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _known_names(cls, values: object) -> object:
        """Refuse a filter by another name.

        Raises:
            ConfigError: it names the right one.
        """
        for name in values if isinstance(values, dict) else ():
            if name in _MEANT:
                raise ConfigError(f"{name}: there is no such field", f"write {_MEANT[name]}")
        return values

    def filter(self) -> Filter | None:
        """Return the filter, `None` when every passage may be found.

        Raises:
            ConfigError: a key in `where` can't be one of metadata.
        """
        several = _listed(self.language), _listed(self.document)
        return filter_of(*several, self.since, self.until, self.folder, self.where, _listed(self.collection))


class SearchRequest(Filters):
    """A question to find passages for."""

    question: Question
    k: Count = 5


class AnswerRequest(SearchRequest):
    """A question to answer."""

    history: Annotated[
        Annotated[list[Pair], Field(fail_fast=True)] | None,
        BeforeValidator(last_turns),
        Field(description="Earlier exchanges, oldest first: pairs of question and answer."),
        Needs("a list of pairs of texts, question and answer, is needed."),
    ] = None
    backend: Backend = ""
    style: Annotated[
        Style,
        Field(
            description="How long a language model writes; as the server was started, when left out.",
            json_schema_extra=lambda schema: schema.pop("default", None),
        ),
        Needs(f"one of {', '.join(STYLES)} is needed."),
    ] = "normal"
    stream: Stream = None
    annotations: Annotations = None


class OverviewRequest(BaseModel):
    """A document to tell about."""

    backend: Backend = ""
    document: Annotated[NeededText, Field(description="Its id.")]
    written: Annotated[Flag, Field(description="A language model writes one besides, cited and checked.")] = False
    language: Annotated[
        Text,
        Field(description="Code of the language in which it writes; the document's when left out."),
        Field(max_length=_LONGEST_CODE),
        Needs("a language code is needed."),
    ] = ""


class WrittenOverviewRequest(BaseModel):
    """The same from the page."""

    backend: Backend = ""
    id: NeededText
    language: Annotated[Text, Field(max_length=_LONGEST_CODE), Needs("a language code is needed.")] = ""


class CheckRequest(Filters):
    """A text whose quotations and claims are looked for."""

    text: Annotated[
        NeededText,
        Field(description="Plain or Markdown.", json_schema_extra={"minLength": 1, "maxLength": MOST_CHARACTERS}),
    ]
    claims: Annotated[Flag, Field(description="Check claims as well as quotations.")] = True
    annotations: Annotations = None


class DrawnCheckRequest(CheckRequest):
    """The same from the page, in its language, within what is picked there (`ui.service.asking.scope`)."""

    interface: NeededText = "en"
    scope: Annotated[Text, Needs("a text is needed.")] = ""


def _false(value: bool) -> bool:
    if value:
        raise ValueError("not false")
    return value


class _Format(BaseModel):
    type: Literal["text"] | None = None


class _StreamOptions(BaseModel):
    include_usage: StrictBool | None = None


_MESSAGE = {
    "type": "object",
    "properties": {"role": {"type": "string"}, "content": {"type": ["string", "array", "null"]}},
    "required": ["role"],
}


class ChatRequest(BaseModel):
    """A conversation in OpenAI's form. Other fields of that API (temperature …) are taken and have no effect.

    A field that would change the answer and is not honoured is refused by name: who asked for JSON or for two answers
    would take the one text for it.
    """

    n: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=1)] | None, Needs("one answer is given; leave it out or send 1.")
    ] = None
    stop: Annotated[
        Literal[""] | Annotated[list[Any], Field(max_length=0)] | None,
        Needs("an answer is not cut at words of the caller's; leave it out."),
    ] = None
    response_format: Annotated[
        Literal["text"] | _Format | None,
        Needs("answers are text with citations; leave it out or send text."),
    ] = None
    logprobs: Annotated[
        Annotated[StrictBool, AfterValidator(_false), WithJsonSchema({"const": False})] | None,
        Needs("there are none; leave it out."),
    ] = None
    tool_choice: Annotated[
        Literal["auto", "none"] | None,
        Needs("no tools are called; leave it out, or send auto or none."),
    ] = None
    modalities: Annotated[
        Annotated[list[Literal["text"]], Field(fail_fast=True, min_length=1, max_length=1)] | None,
        Needs("answers are text; leave it out."),
    ] = None
    messages: Annotated[
        list[Annotated[Any, WithJsonSchema(_MESSAGE)]],
        Field(min_length=1),
        Needs("a list that ends with a user message is needed."),
    ]
    model: Annotated[Any, WithJsonSchema({"type": ["string", "null"]}), Field(description="A name of /v1/models.")] = (
        None
    )
    stream: Stream = None
    stream_options: Annotated[_StreamOptions | None, Needs("an object is needed.")] = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream is to end with the number of tokens."""
        return self.stream_options is not None and self.stream_options.include_usage is True


def _listed(value: str | Collection[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
