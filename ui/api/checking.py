"""`/api/check` for programs and `/chat/check` for the page: a text that somebody brings, held against the index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.stores.base import Filter
from rag.drafts.checking import checked_size
from rag.drafts.types import CheckedDraft
from rag.output.json import jsonable
from ui.api.answers import ApiError, endpoint, text_of
from ui.http.admission import Gates
from ui.service.asking import ChatService
from ui.service.filters import check_filter, filter_from
from ui.view import strings
from ui.view.drafts import draft_html

__all__ = ["Checker", "checked", "checking_routes"]

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
    gates = Gates.single(_AT_ONCE, _PATIENCE)

    def check(body: Mapping[str, object]) -> Response:
        return JSONResponse(jsonable(checked(service, body)))

    def draw(body: Mapping[str, object]) -> Response:
        language = strings.choose(text_of({"interface": "en", **body}, "interface"))
        return HTMLResponse(draft_html(checked(service, body), language), headers=_NEVER_KEPT)

    return [
        Route("/api/check", endpoint(check, gates), methods=["POST"]),
        Route("/chat/check", endpoint(draw, gates), methods=["POST"]),
    ]


def checked(service: ChatService, body: Mapping[str, object]) -> CheckedDraft:
    """Check the text of a request within what may be found here.

    Raises:
        ApiError: 422, a field makes no sense; 501, what answers here can't check.
        ConfigError: a filter is none, or nothing in the index can match it.
        QuestionError: there is no text, or far too much of it.
    """
    assistant, text = service.assistant, checked_size(text_of(body, "text"))
    claims = body.get("claims", True)
    if not isinstance(claims, bool):
        raise ApiError(422, "claims: true or false is needed.")
    if not isinstance(assistant, Checker):
        raise ApiError(501, "Texts can't be checked here.")
    where = filter_from(body)
    if where is not None:
        with service.assistant.reading() as opened:
            check_filter(where, opened.store, dashes="")
    return assistant.check_draft(text, where=where, claims=claims)
