"""Fields of requests: what each may hold, and what it needs, said in one sentence to who wrote something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, InstanceOf, PlainValidator, StrictBool, WithJsonSchema

from rag.question.cleaning import MAX_CHARACTERS, MOST_TURNS

__all__ = [
    "MOST_PASSAGES",
    "Annotations",
    "Backend",
    "Count",
    "Flag",
    "MaybeText",
    "Metadata",
    "NeededText",
    "Needs",
    "OneOrMore",
    "Pair",
    "Question",
    "Stream",
    "Text",
    "complaint",
    "last_turns",
]

MOST_PASSAGES = 100


@dataclass(frozen=True, slots=True)
class Needs:
    """What a field needs, said to who wrote something else into it."""

    what: str


def complaint(kind: type[BaseModel], errors: Sequence[Mapping[str, Any]]) -> str:
    """Return what is wrong with a request in one sentence.

    Args:
        kind: the model that it doesn't fit.
        errors: pydantic's, at least one, each with the place of the fault below the request.
    """
    name = str(errors[0]["loc"][0])
    needed = next(
        (one.what for one in kind.model_fields[name].metadata if isinstance(one, Needs)), "another value is needed."
    )
    return f"{name}: {needed}"


def _metadata(value: object) -> dict[str, str] | None:
    """Return words to look for in the metadata of documents, by its keys."""
    if value is None:
        return None
    if not isinstance(value, dict) or not all(isinstance(one, str) and one.strip() for one in value.values()):
        raise ValueError("not an object of texts")
    return {str(key): one for key, one in value.items()}


def last_turns(history: object) -> object:
    """Return what is read of a conversation; looking at all that a body may hold takes long."""
    return history[-MOST_TURNS:] if isinstance(history, list) else history


# Half characters (lone surrogates) are texts here: what can't be asked for gets a message of its own.
Text = InstanceOf[str]
_Texts = Annotated[list[Text], Field(fail_fast=True)]
Pair = Annotated[list[Text], Field(fail_fast=True, min_length=2, max_length=2)]
OneOrMore = Annotated[Text | _Texts | None, Needs("a text or a list of texts is needed")]
Flag = Annotated[StrictBool, Needs("true or false is needed.")]
NeededText = Annotated[Text, Needs("a text is needed.")]
MaybeText = Annotated[Text | None, Needs("a text is needed")]
Metadata = Annotated[
    dict[str, str] | None,
    PlainValidator(_metadata, json_schema_input_type=dict[str, Annotated[str, Field(pattern=r"\S")]] | None),
    Needs('an object of texts is needed, such as {"author": "Mei"}'),
]
Stream = Annotated[
    StrictBool | None,
    Needs("true or false is needed."),
    Field(description="Send server-sent events while the answer is made."),
]
Annotations = Annotated[
    StrictBool | None,
    Needs("true or false is needed."),
    Field(description="Give the citations as W3C Web Annotations too, a stream with its answer."),
]
# Which names there are is known where they are looked up.
Backend = Annotated[
    Any,
    WithJsonSchema({"type": "string"}),
    Field(description="Who answers, by a name of /v1/models; the default when left out."),
]
Question = Annotated[
    NeededText,
    Field(description="In any language.", json_schema_extra={"minLength": 1, "maxLength": MAX_CHARACTERS}),
]
Count = Annotated[
    int,
    Field(strict=True, ge=1, le=MOST_PASSAGES, description="How many passages."),
    Needs(f"a whole number from 1 to {MOST_PASSAGES} is needed."),
]
