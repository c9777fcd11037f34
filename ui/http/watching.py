"""Reports every request that reaches the server, those that are refused included: method, route, status, time.

A route is the first part of a path, from a list: an address may name a document, and no figure or log is to hold that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ui.http.bodies import App, Receive, Scope, Send

__all__ = ["Handled", "Watched", "Watcher"]

_ROUTES = (
    "/api/answer", "/api/search", "/api/check", "/api/overview", "/v1/chat/completions", "/v1/models", "/mcp",
    "/health", "/metrics", "/login", "/logout", "/chat", "/library", "/gradio_api", "/assets", "/static", "/theme.css",
    "/config",
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Handled:
    """A request that was answered.

    Attributes:
        method: of HTTP, `"other"` for one that nobody uses.
        route: which part of the server was asked; `"other"` for none of its own.
        status: of the response; 499 where whoever asked left before it.
        seconds: until its last byte was sent.
    """

    method: str
    route: str
    status: int
    seconds: float


Watcher: TypeAlias = Callable[[Handled], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """An application whose requests are reported.

    Attributes:
        app: the application.
        watchers: called after each response; they must not wait.
    """

    app: App
    watchers: Sequence[Watcher]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and tell how it ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status, path = time.monotonic(), 499, str(scope["path"])

        async def noted(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            handled = Handled(method, _route(path), status, time.monotonic() - begun)
            for watcher in self.watchers:
                watcher(handled)


def _route(path: str) -> str:
    if path == "/":
        return path
    return next((one for one in _ROUTES if path == one or path.startswith(f"{one}/")), "other")
