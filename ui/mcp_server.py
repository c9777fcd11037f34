"""Where agents and editors reach the tools: `/mcp` beside the chat, and standard input and output (`rag mcp`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import ConfigError
from index.listing import Listing, list_documents
from ui.gate import ApiError, Gate, refusal
from ui.leaving import noticed
from ui.places import Visitor, visitor_of
from ui.service import ChatService

__all__ = ["mcp_over_http", "mcp_over_stdio"]

MISSING = "MCP needs a package: pip install 'babelquote[mcp]'"
_NAME = 100
Lifespan = Callable[[object], AbstractAsyncContextManager[None]]


def mcp_over_http(
    service: ChatService, gate: Gate, listing: Callable[[], Listing]
) -> tuple[list[BaseRoute], Lifespan | None]:
    """Return the route `/mcp`, and what must run as long as the server does; without the package, who says so.

    No session is kept between requests (streamable HTTP, stateless), so only POST has an answer. Host and Origin are
    checked by `ui.guard`, who may ask by `ui.login`, as for every other route.
    """
    try:
        from mcp.server.transport_security import TransportSecuritySettings

        from ui.mcp_tools import VISITOR, Tools, mcp_of
    except ImportError:
        return [Route("/mcp", _missing, methods=["POST"])], None
    server = mcp_of(Tools(service, gate, listing))
    checked_before = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=checked_before)
    manager = server.session_manager
    routes: list[BaseRoute] = [
        Route("/mcp", _Named(manager.asgi_app, VISITOR), methods=["POST"]),
        Route("/mcp", _no_session, methods=["GET", "DELETE"]),
    ]
    return routes, lambda _: manager.run()


class _Named:
    """Serves each client in its own turn, and knows when one has gone.

    The programs behind one address share its turns, told apart by the names that they give themselves.
    """

    def __init__(self, app: ASGIApp, visitor: ContextVar[Visitor]) -> None:
        self._app = app
        self._visitor = visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        messages: asyncio.Queue[Message] = asyncio.Queue()
        messages.put_nowait({"type": "http.request", "body": await request.body()})
        self._visitor.set(visitor_of(scope, f"mcp {request.headers.get('user-agent', '')[:_NAME]}"))
        async with noticed(receive):
            await self._app(scope, messages.get, send)


def mcp_over_stdio(index_dir: Path | None, llm: str, reader: str = "bundled") -> None:
    """Serve the tools over standard input and output until the input ends.

    Raises:
        ConfigError: the package `mcp` is not installed.
        StoreError: there is no sound index.
    """
    try:
        from ui.mcp_tools import Tools, mcp_of
    except ImportError as error:
        raise ConfigError(MISSING) from error
    from rag import AnswerConfig, Assistant

    assistant = Assistant(index_dir=index_dir, llm=llm, config=AnswerConfig(reader=reader))
    service = ChatService(assistant, llm)
    tools = Tools(service, Gate.before(llm), lambda: list_documents(index_dir))
    mcp_of(tools).run()


async def _no_session(_: Request) -> Response:
    return Response(status_code=405, headers={"allow": "POST"})


async def _missing(_: Request) -> Response:
    return refusal(ApiError(501, MISSING))
