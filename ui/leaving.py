"""Work for a client ends when the client has gone: nobody reads what it would still find."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

__all__ = ["noticed", "while_there", "while_wanted"]

Result = TypeVar("Result")
Item = TypeVar("Item")
_GONE: ContextVar[threading.Event | None] = ContextVar("gone", default=None)


async def while_there(receive: Receive, waiting: Coroutine[Any, Any, Result]) -> Result:
    """Return what is waited for; it is cancelled when the client goes.

    Args:
        receive: of the request, whose body has been read.
        waiting: what is waited for.

    Raises:
        ClientDisconnect: the client has gone.
    """
    waited, left = asyncio.ensure_future(waiting), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((waited, left), return_when=asyncio.FIRST_COMPLETED)
        if not waited.done():
            raise ClientDisconnect
        return waited.result()
    finally:
        left.cancel()
        if waited.cancel():
            with suppress(asyncio.CancelledError):
                await waited


@asynccontextmanager
async def noticed(receive: Receive) -> AsyncIterator[None]:
    """Let `while_wanted` know within a block, in threads too, when the client has gone."""
    gone = threading.Event()
    before = _GONE.set(gone)
    watching = asyncio.ensure_future(_left(receive))
    watching.add_done_callback(lambda done: None if done.cancelled() else gone.set())
    try:
        yield
    finally:
        watching.cancel()
        _GONE.reset(before)


def while_wanted(items: Iterator[Item]) -> Iterator[Item]:
    """Yield items as long as the client is there.

    Raises:
        ClientDisconnect: it has gone.
    """
    gone = _GONE.get()
    for item in items:
        if gone is not None and gone.is_set():
            raise ClientDisconnect
        yield item


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
