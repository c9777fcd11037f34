"""`/api/check` for programs and `/chat/check` for the page: a text that somebody brings, held against the index."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol, runtime_checkable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute

from index.stores.base import Filter
from index.stores.narrowing import narrowed
from rag.drafts.annotating import draft_annotations
from rag.drafts.checking import checked_size
from rag.drafts.types import CheckedDraft
from rag.output.json import jsonable
from ui.api.answers import checked_filter
from ui.api.endpoints import ApiRoute, worked
from ui.api.openapi import returns
from ui.api.requests import CheckRequest, DrawnCheckRequest
from ui.api.responses import CheckedDraft as CheckedFields
from ui.http.admission import ApiError, Gates
from ui.service.asking.asking import ChatService
from ui.service.asking.scope import picked_from
from ui.view import strings
from ui.view.documents.drafts import draft_html

__all__ = ["Checker", "checked", "checked_object", "checking_routes"]

_NEVER_KEPT = {"cache-control": "no-store"}


@runtime_checkable
class Checker(Protocol):
    """What can check a text."""

    def check_draft(self, text: str, *, where: Filter | None = None, claims: bool = True) -> CheckedDraft:
        """Check a text's quotations and claims."""
        ...


_AT_ONCE, _PATIENCE = 1, 120.0  # a text costs as much as a hundred questions, and must not keep these waiting


def checking_routes(service: ChatService) -> list[BaseRoute]:
    """Return the routes; texts have a gate of their own."""
    gate = Gates.single(_AT_ONCE, _PATIENCE).of()
    router = APIRouter(route_class=ApiRoute)

    @router.post(
        "/api/check",
        summary="Check a text's quotations and claims",
        response_model=CheckedFields,
        responses=returns(_501="Nothing here can check texts"),
    )
    async def check(request: Request, body: CheckRequest) -> Response:
        return await worked(request, gate, lambda: JSONResponse(checked_object(service, body)[1]))

    @router.post("/chat/check", include_in_schema=False)
    async def draw(request: Request, body: DrawnCheckRequest) -> Response:
        return await worked(request, gate, partial(_drawn, service, body))

    return list(router.routes)


def checked(service: ChatService, asked: CheckRequest, picked: Filter | None = None) -> CheckedDraft:
    """Check the text of a request within what may be found here.

    Args:
        service: has the assistant.
        asked: the request.
        picked: what is asked on the page, besides the request's own filters.

    Raises:
        ApiError: 501, what answers here can't check.
        ConfigError: a filter is none, or nothing in the index can match it.
        QuestionError: there is no text, or far too much of it.
    """
    assistant, text = service.assistant, checked_size(asked.text)
    if not isinstance(assistant, Checker):
        raise ApiError(501, "Texts can't be checked here.")
    where = narrowed(picked, checked_filter(asked, service.assistant).get("where"))
    return assistant.check_draft(text, claims=asked.claims, where=where)


def checked_object(service: ChatService, asked: CheckRequest) -> tuple[CheckedDraft, dict[str, Any]]:
    """Check the text of a request, and return what was found with its JSON data; errors are those of `checked`.

    The words that decide come as Web Annotations too where the request wants them.
    """
    draft = checked(service, asked)
    fields = jsonable(draft)
    assert isinstance(fields, dict), "a dataclass becomes an object"
    if asked.annotations:
        fields["annotations"] = draft_annotations(draft, service.assistant.document)
    return draft, fields


def _drawn(service: ChatService, asked: DrawnCheckRequest) -> Response:
    language = strings.choose(asked.interface)
    picked = picked_from(asked.scope).where(service.assistant)
    return HTMLResponse(draft_html(checked(service, asked, picked), language), headers=_NEVER_KEPT)
