"""Where agents and editors reach the tools: `/mcp` beside the chat, and standard input and output (`rag mcp`)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from index.errors import ConfigError, IndexMissingError
from index.opening.listing import Listing, listing_of
from ui.api.mcp.visitors import Named
from ui.http.admission import ApiError, Gate, refusal
from ui.service.asking.asking import ChatService

if TYPE_CHECKING:
    from index.locations import Location
    from index.stores.base import Filter
    from rag import AnswerConfig

__all__ = ["mcp_over_http", "mcp_over_stdio"]

MISSING = "MCP needs a package: pip install 'babelquote[mcp]'"
_NAME = 100
Lifespan = Callable[[object], AbstractAsyncContextManager[None]]


def mcp_over_http(
    service: ChatService, gate: Gate, listing: Callable[[], Listing]
) -> tuple[list[BaseRoute], Lifespan | None]:
    """Return the route `/mcp`, and what must run as long as the server does; without the package, who says so.

    No session is kept between requests (streamable HTTP, stateless), so only POST has an answer. Host and Origin are
    checked by `ui.http.guard`, who may ask by `ui.http.sign_in.login`, as for every other route.
    """
    try:
        from mcp.server.transport_security import TransportSecuritySettings

        from ui.api.mcp.tools import Tools, mcp_of
    except ImportError:
        return [Route("/mcp", _missing, methods=["POST"])], None
    server = mcp_of(Tools(service, gate, listing))
    checked_before = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(stateless_http=True, json_response=True, transport_security=checked_before)
    manager = server.session_manager
    routes: list[BaseRoute] = [
        Route("/mcp", Named(manager.asgi_app), methods=["POST"]),
        Route("/mcp", _no_session, methods=["GET", "DELETE"]),
    ]
    return routes, lambda _: manager.run()


def mcp_over_stdio(
    index_dir: Location | None, llm: str, config: AnswerConfig | None = None, where: Filter | None = None
) -> None:
    """Serve the tools over standard input and output until the input ends.

    Args:
        index_dir: the index to ask; `None` for the default one.
        llm: spec of the backend that writes the answers.
        config: how an answer is made.
        where: which passages may be found; `None` means all.

    Raises:
        ConfigError: the package `mcp` is not installed, or nothing in the index can match the filter.
        StoreError: the index can't be read; where there is none yet, one may come.
    """
    try:
        from ui.api.mcp.tools import Tools, mcp_of
    except ImportError as error:
        raise ConfigError(MISSING) from error
    import index
    from rag import Assistant
    from ui.service.asking.filters import check_filter

    live = index.LiveIndex(index_dir, wait=True)
    with suppress(IndexMissingError), live.reading() as opened:
        check_filter(live.resolved(where), opened.store)
    assistant = Assistant(index=live, llm=llm, config=config, where=where)
    service = ChatService(assistant, llm)
    tools = Tools(service, service.gates.of(), lambda: listing_of(index_dir))
    mcp_of(tools).run()


async def _no_session(_: Request) -> Response:
    return Response(status_code=405, headers={"allow": "POST"})


async def _missing(_: Request) -> Response:
    return refusal(ApiError(501, MISSING))
