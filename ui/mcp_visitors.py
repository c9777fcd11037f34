"""Who asks over MCP: its tools see no request, so that whoever sent it is noted beside them."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from ui.guard import App, Receive, Scope, Send
from ui.places import Visitor, visitor_of

__all__ = ["Named", "visitor"]

_VISITOR: ContextVar[Visitor] = ContextVar("visitor", default=("", ""))


@dataclass(frozen=True, slots=True)
class Named:
    """Notes who sent a request, for all that is done to answer it.

    Attributes:
        app: answers it.
    """

    app: App

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        token = _VISITOR.set(visitor_of(scope))
        try:
            await self.app(scope, receive, send)
        finally:
            _VISITOR.reset(token)


def visitor() -> Visitor:
    """Return who asks now; over standard input there is only one."""
    return _VISITOR.get()
