"""Work for a client ends when the client has gone: nobody reads what it would still find."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from rag.llms.calls.callers import Caller, CallerLeftError, caller, calling

__all__ = ["noticed", "overheard", "while_there", "while_wanted"]

Result = TypeVar("Result")
Item = TypeVar("Item")


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
    """Let what works within a block, in threads too, know when the client has gone."""
    who = Caller()
    watching = asyncio.ensure_future(_left(receive))
    watching.add_done_callback(lambda done: None if done.cancelled() else who.leave())
    try:
        with calling(who):
            yield
    finally:
        watching.cancel()


@contextmanager
def overheard(receive: Receive) -> Iterator[Receive]:
    """Do the same for a response that listens to its client itself: yields what it is to listen to."""
    who = Caller()

    async def hear() -> Message:
        message = await receive()
        if message["type"] == "http.disconnect":
            who.leave()
        return message

    with calling(who):
        yield hear


def while_wanted(items: Iterator[Item]) -> Iterator[Item]:
    """Yield items as long as the client is there.

    Raises:
        ClientDisconnect: it has gone.
    """
    who = caller()
    try:
        for item in items:
            if who.left:
                raise ClientDisconnect
            yield item
    except CallerLeftError:
        raise ClientDisconnect from None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
