"""Answers and passages in JSON's own types: what the command line prints and the APIs send."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.types import Answer, ScoredPassage

from rag.output.notices import made_by

__all__ = ["answer_fields", "as_json", "jsonable", "passage_fields"]


def jsonable(value: object) -> object:
    """Return the value in JSON's own types: dataclasses as objects, tuples as lists, paths as strings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: jsonable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value).encode("utf-8", errors="replace").decode("utf-8")  # a lone surrogate has no UTF-8


def as_json(value: object, *, indent: int | None = 2) -> str:
    """Return the value as JSON with readable letters of every script."""
    return json.dumps(jsonable(value), ensure_ascii=False, indent=indent)


def answer_fields(answer: Answer) -> dict[str, Any]:
    """Return the fields of an answer, its passages flat, and who made it."""
    fields = jsonable(answer)
    assert isinstance(fields, dict), "a dataclass becomes an object"
    passages = [passage_fields(passage) for passage in answer.passages]
    return {**fields, "passages": passages, "made_by": made_by(answer.llm)}


def passage_fields(scored: ScoredPassage) -> dict[str, Any]:
    """Return a hit as one flat object: the passage's fields, its document's title and source, score and ranks."""
    passage = scored.passage
    return {
        "document_id": passage.document_id,
        "title": scored.title,
        "source": scored.source,
        "language": passage.language,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "score": scored.score,
        "id": passage.id,
        "heading": passage.heading,
        "ranks": jsonable(scored.ranks),
    }
