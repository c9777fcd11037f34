"""The description of the HTTP API by OpenAPI 3.1, at `/api/openapi.json`; objects are described by their classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from rag.drafts.types import MOST_CHARACTERS, CheckedClaim, CheckedDraft, CheckedQuotation, Difference
from rag.types import STYLES, Answer, Citation, Rank, Witness
from ui.api.answers import MOST_PASSAGES
from ui.service.asking import QUESTION_CHARACTERS

__all__ = ["description", "openapi_routes"]

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_HISTORY: Schema = {
    "type": "array",
    "items": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2},
    "description": "Earlier exchanges, oldest first: pairs of question and answer.",
}
_NAMING = {"ChatRequest": "There is no such model", "OverviewRequest": "There is no such document"}
_STREAM: Schema = {"type": "boolean", "description": "Send server-sent events while the answer is made."}


def openapi_routes() -> list[BaseRoute]:
    """Return the route of the description."""

    async def described(_: Request) -> Response:
        return JSONResponse(description())

    return [Route("/api/openapi.json", described, methods=["GET"])]


def description() -> Schema:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Babelquote",
            "version": "1",
            "description": "Questions in any language, answered from the indexed documents with the exact words cited.",
        },
        "paths": {
            "/api/answer": {"post": _posted("Answer a question", "AnswerRequest", "Answer", "AnswerEvent")},
            "/api/search": {"post": _posted("Find passages", "SearchRequest", "SearchResult")},
            "/api/overview": {"post": _posted("What a document is about", "OverviewRequest", "Overview")},
            "/api/check": {"post": _posted("Check a text's quotations and claims", "CheckRequest", "CheckedDraft")},
            "/v1/chat/completions": {
                "post": _posted("Answer as OpenAI's API does", "ChatRequest", "ChatCompletion", "ChatChunk")
            },
            "/v1/models": {"get": _got("What may be named as model", "Models")},
            "/health": {"get": {**_got("Whether the server answers", "Health"), "security": []}},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "key": {"type": "http", "scheme": "bearer", "description": "NAME:PASSWORD"},
            },
        },
        # Open where the server listens to its own machine only; elsewhere one of the two is needed.
        "security": [{}, {"basic": []}, {"key": []}],
    }


def _posted(summary: str, request: str, response: str, event: str = "") -> Schema:
    content = {"application/json": {"schema": _ref(response)}}
    if event:
        content["text/event-stream"] = {"schema": {**_ref(event), "description": "Each event; the last is [DONE]."}}
    told = {
        "400": "The body is no JSON object",
        "401": "Not signed in",
        "403": "The request comes from another site",
        "413": "The body is too large",
        "421": "The server is not called by that name",
        "422": "A field makes no sense",
        "429": "Too many wrong passwords; Retry-After tells the seconds",
        "500": "The index can't be read",
        "502": "The model did not answer",
        "503": "Too many questions at once; Retry-After tells the seconds",
    }
    if request in _NAMING:
        told["404"] = _NAMING[request]
    refusals = {status: {"description": what, "content": _json("Error")} for status, what in told.items()}
    for status in ("403", "413", "421"):
        refusals[status]["content"] = {"text/plain": {"schema": _TEXT}}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": _json(request)},
        "responses": {"200": {"description": "Done", "content": content}, **refusals},
    }


def _got(summary: str, response: str) -> Schema:
    return {"summary": summary, "responses": {"200": {"description": "Done", "content": _json(response)}}}


def _json(name: str) -> Schema:
    return {"application/json": {"schema": _ref(name)}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(fields: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object that has these fields and no other."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": dict(fields), "required": required, "additionalProperties": False}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _schemas() -> Schema:
    return {**_requests(), **_results(), **_openai(), "Error": _object({"error": _error()})}


def _requests() -> Schema:
    question = {"type": "string", "minLength": 1, "description": "In any language."}
    backend = {"type": "string", "description": "Who answers, by a name of /v1/models; the default when left out."}
    k = {"type": "integer", "minimum": 1, "maximum": MOST_PASSAGES, "default": 5}
    answer = {"question": {**question, "maxLength": QUESTION_CHARACTERS}, "history": _HISTORY, "stream": _STREAM}
    wanted = {"k": k, **_filters()}
    style = {"enum": list(STYLES), "description": "How long a language model writes."}
    annotated = {
        "type": "boolean",
        "description": "Give the citations as W3C Web Annotations too; not while streaming.",
    }
    fields = {**answer, "backend": backend, "style": style, "annotations": annotated, **wanted}
    told = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS, "description": "Plain or Markdown."}
    claims = {"type": "boolean", "default": True, "description": "Check claims as well as quotations."}
    draft = {"text": told, "claims": claims}
    return {
        "AnswerRequest": _object(fields, optional=tuple(name for name in fields if name != "question")),
        "OverviewRequest": _object(_overview_request(backend), optional=("written", "language", "backend")),
        "SearchRequest": _object({"question": question, **wanted}, optional=tuple(wanted)),
        "CheckRequest": _object({**draft, **_filters()}, optional=("claims", *_filters())),
    }


def _overview_request(backend: Schema) -> dict[str, Schema]:
    written = {**_FLAG, "default": False, "description": "A language model writes one besides, cited and checked."}
    language = {**_TEXT, "description": "Code of the language in which it writes; the document's when left out."}
    return {
        "document": {**_TEXT, "description": "Its id."},
        "written": written,
        "language": language,
        "backend": backend,
    }


def _filters() -> dict[str, Schema]:
    """Describe the filters; what nothing in the index can match is refused."""
    several: Schema = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
    day = {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
    told: dict[str, tuple[Schema, str]] = {
        "language": (several, "Only passages in these languages, by their codes."),
        "document": (several, "Only these documents, by their ids."),
        "since": (day, "Only documents from this year, month or day on."),
        "until": (day, "Only documents up to this year, month or day."),
        "folder": (_TEXT, "Only documents whose source lies below this folder."),
        "collection": (several, "Only documents of these collections, by their names."),
        "where": (
            {"type": "object", "additionalProperties": _TEXT},
            'Only documents whose metadata holds these words: {"author": "Mei", "status": "paused"}.',
        ),
    }
    return {name: {**schema, "description": what} for name, (schema, what) in told.items()}


def _results() -> Schema:
    """Describe the answers by the classes whose fields they have."""
    answer, event = _of_class(Answer), {"type": "string"}
    answer["properties"]["passages"] = _list("Passage")
    answer["properties"]["citations"] = _list("Citation")
    annotations = {"type": "array", "items": {"type": "object"}, "description": "Where the request asked for them."}
    answer["properties"]["annotations"] = annotations
    maybe: Schema = {"type": ["string", "null"]}
    answer["properties"]["made_by"] = _object(
        {"program": _TEXT, "version": _TEXT, "llm": _TEXT, "kind": {"enum": ["quotes", "generated"]}}
        | {"digital_source_type": maybe}
    )
    kinds = ({"piece": event}, {"withdrawn": {"const": True}}, {"answer": _ref("Answer")}, {"error": _error()})
    return {
        "Answer": answer,
        "AnswerEvent": {"oneOf": [_object(kind) for kind in kinds]},
        "Citation": _of_class(Citation),
        "Overview": _overview(),
        "Passage": _passage(),
        "CheckedClaim": _of_class(CheckedClaim),
        "CheckedDraft": _of_class(CheckedDraft),
        "CheckedQuotation": _of_class(CheckedQuotation),
        "Difference": _of_class(Difference),
        "Rank": _of_class(Rank),
        "SearchResult": _object({"passages": _list("Passage")}),
        "Witness": _of_class(Witness),
        "Health": _object({"status": {"const": "ok"}}),
    }


def _overview() -> Schema:
    texts: Schema = {"type": "array", "items": _TEXT}
    sentences = {"type": "array", "items": _object({"start": _COUNT, "end": _COUNT, "text": _TEXT})}
    written: Schema = {"oneOf": [_ref("Answer"), {"type": "null"}]}
    fields = {"document_id": _TEXT, "sentences": sentences, "headings": texts, "names": texts, "language": _TEXT}
    return _object({**fields, "characters": _COUNT, "written": written, "warnings": texts})


def _passage() -> Schema:
    texts = ("document_id", "title", "source", "language", "text", "id", "heading")
    ranks = {"type": "object", "additionalProperties": _ref("Rank")}
    return _object(
        dict.fromkeys(texts, _TEXT) | {"start": _COUNT, "end": _COUNT, "score": {"type": "number"}, "ranks": ranks}
    )


def _of_class(kind: type) -> Schema:
    from pydantic import TypeAdapter

    schema = TypeAdapter(kind).json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    schema["description"] = (kind.__doc__ or "").split("\n\n", maxsplit=1)[0]
    return {**schema, "additionalProperties": False}


def _openai() -> Schema:
    message = _object({"role": _TEXT, "content": _TEXT}, optional=("content",))
    choice = {"index": _COUNT, "finish_reason": {"type": ["string", "null"]}}
    head = {"id": _TEXT, "object": _TEXT, "created": _COUNT, "model": _TEXT}
    extra = {"citations": _list("Citation"), "refused": _FLAG}
    asked = {
        "model": _TEXT,
        "messages": {"type": "array", "items": {"type": "object"}, "minItems": 1},
        "stream": _STREAM,
    }
    usage = _object(dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), _COUNT))
    whole = {"type": "array", "items": _object({**choice, "message": message, "logprobs": {"type": "null"}})}
    delta = _object({"role": _TEXT, "content": _TEXT}, optional=("role", "content"))
    parts = {"type": "array", "items": _object({**choice, "delta": delta})}
    chunk = {**head, "choices": parts, "usage": {"oneOf": [usage, {"type": "null"}]}, **extra}
    return {
        # Other fields of OpenAI's API (temperature …) are taken and have no effect.
        "ChatRequest": {"type": "object", "properties": asked, "required": ["messages"]},
        "ChatCompletion": _object({**head, "choices": whole, "usage": usage, **extra}),
        "ChatChunk": _object(chunk, optional=("usage", "citations", "refused")),
        "Models": _object({"object": _TEXT, "data": {"type": "array", "items": _object(_model())}}),
    }


def _model() -> dict[str, Schema]:
    return {"id": _TEXT, "object": _TEXT, "owned_by": _TEXT, "created": _COUNT}


def _error() -> Schema:
    return _object({"message": _TEXT, "type": _TEXT, "param": {"type": "null"}, "code": {"type": "integer"}})
