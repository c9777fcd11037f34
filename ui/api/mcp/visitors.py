"""Who asks over MCP: its tools see no request, so that whoever sent it is noted beside them, and whether they left."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.http.disconnects import noticed
from ui.http.fair_queue import Visitor, visitor_of

__all__ = ["Named", "visitor"]

_LONGEST = 100  # characters of a program's name for itself
_VISITOR: ContextVar[Visitor] = ContextVar("visitor", default=("", ""))


@dataclass(frozen=True, slots=True)
class Named:
    """Serves each client in its own turn, and knows when one has gone.

    The programs behind one address share its turns, told apart by the names that they give themselves.

    Attributes:
        app: answers a request.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        request = Request(scope, receive)
        messages: asyncio.Queue[Message] = asyncio.Queue()
        messages.put_nowait({"type": "http.request", "body": await request.body()})
        token = _VISITOR.set(visitor_of(scope, f"mcp {request.headers.get('user-agent', '')[:_LONGEST]}"))
        try:
            async with noticed(receive):
                await self.app(scope, messages.get, send)
        finally:
            _VISITOR.reset(token)


def visitor() -> Visitor:
    """Return who asks now; over standard input there is only one."""
    return _VISITOR.get()
