"""Choosing the backend, and how long a model writes: frames that the page's script fills, and the route for it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from rag.llms.kinds import KINDS
from rag.types import STYLES
from ui.service.asking.asking import ChatService
from ui.service.asking.backend_health import Health
from ui.service.asking.backends import Backend
from ui.view import strings
from ui.view.markup.html import badge, element, label

__all__ = ["picker_html", "picker_routes"]

_NEVER_KEPT = {"cache-control": "no-store"}


def picker_html(language: str) -> str:
    """Return the button that says who writes the answer, and the closed list behind it."""
    now = (
        '<span id="bq-backend-name"></span><span class="bq-dot" aria-hidden="true">·</span>'
        '<span id="bq-backend-place"></span>'
    )
    button = element(
        "button",
        badge("place") + now + badge("unfold"),
        type="button",
        id="bq-backend",
        data_do="backends",
        aria_haspopup="dialog",
        aria_expanded="false",
        aria_controls="bq-backends",
        hidden="",
    )
    choices = '<div id="bq-choices" role="radiogroup" aria-labelledby="bq-backends-title"></div>'
    title = label(language, "backend", tag="h2").replace("<h2", '<h2 id="bq-backends-title"')
    panel = element(
        "section",
        title + choices + '<ul id="bq-unready"></ul>',
        id="bq-backends",
        role="dialog",
        hidden="",
        data_i18n_name="backend",
        aria_label=strings.text(language, "backend"),
    )
    return element("div", button + _style_html(language) + panel, class_="bq-engine")


def _style_html(language: str) -> str:
    """Return the choice of how long a language model writes; the script shows it where one does."""
    options = "".join(
        element("option", strings.text(language, f"style_{one}"), value=one, data_i18n=f"style_{one}") for one in STYLES
    )
    pick = element("select", options, id="bq-style", data_i18n_name="style", aria_label=strings.text(language, "style"))
    return element("label", badge("style") + pick + badge("unfold"), class_="bq-style", hidden="")


def picker_routes(service: ChatService, health: Health | None = None) -> list[BaseRoute]:
    """Return the route that lists the backends; visitors name one of them, never an address.

    Args:
        service: knows what is offered.
        health: looks at the backends, only while somebody has the list open.
    """
    looks = health or Health()

    def backends(request: Request) -> Response:
        open_now = request.query_params.get("health") == "1"
        states = [looks.state(one.spec) if open_now else "checking" for one in service.backends]
        listed = [_shown(service, one, state) for one, state in zip(service.backends, states, strict=True)]
        content = {
            "default": service.backends[0].name,
            "style": service.style,
            "offered": listed,
            "others": _others(service),
        }
        return JSONResponse(content, headers=_NEVER_KEPT)

    return [Route("/chat/backends", backends, methods=["GET"])]


def _shown(service: ChatService, one: Backend, state: str) -> dict[str, Any]:
    needs = one.needs() if service.tell_all else []
    return {
        "name": one.name,
        "kind": one.kind,
        "model": one.model,
        "places": one.places,
        "state": state,
        "needs": needs,
    }


def _others(service: ChatService) -> list[dict[str, Any]]:
    """Return the kinds that could be offered, and to the machine's own user also what that takes."""
    there = {part.partition(":")[0] for one in service.backends for part in one.name.split(",")}
    return [
        {"kind": name, "needs": [*kind.needs(), f"rag chat --offer {kind.shortest}"] if service.tell_all else []}
        for name, kind in KINDS.items()
        if name not in there
    ]
