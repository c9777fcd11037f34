"""Admission to the API: so many questions at work, so many waiting, and a plain refusal beyond."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

__all__ = ["ApiError", "Gate", "HeldStream", "error_object", "refusal"]

_RETRY_SECONDS = 2
_OWN_MACHINE = ("extractive", "local", "ollama")
_REMOTE_AT_ONCE = 32
_TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


class ApiError(Exception):
    """A refusal with its HTTP status; the message is for the caller.

    Attributes:
        status: the HTTP status.
        retry_after: seconds after which another try makes sense; `None` when it makes none.
    """

    def __init__(self, status: int, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class Gate:
    """Lets so many requests work at once; the next ones wait their turn, and whoever finds the queue full is refused.

    Who waits holds no thread. To be used from one event loop.

    Args:
        at_once: how many work at the same time.
        waiting: how many may wait.
        seconds: how long one waits at most.
    """

    def __init__(self, at_once: int, waiting: int = 64, seconds: float = 10.0) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._free = waiting
        self._seconds = seconds

    @classmethod
    def before(cls, llm: str) -> Gate:
        """Return the gate before a backend: two a core where this machine works, many where another one does."""
        own = llm.partition(":")[0] in _OWN_MACHINE
        return cls(2 * (os.cpu_count() or 2) if own else _REMOTE_AT_ONCE)

    async def enter(self) -> None:
        """Take a place, after waiting for it.

        Raises:
            ApiError: 503, too many wait, or this one waited too long.
        """
        if self._places.locked() and self._free <= 0:
            raise _full()
        self._free -= 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise _full() from error
        finally:
            self._free += 1

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place for the time of a block; errors are those of `enter`."""
        await self.enter()
        try:
            yield
        finally:
            self.leave()


class HeldStream(StreamingResponse):
    """Server-sent events that keep their place at a gate until the last is sent or the client is gone."""

    media_type = "text/event-stream"
    gate: Gate | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.gate is not None:
                self.gate.leave()


def error_object(error: ApiError) -> dict[str, object]:
    """Return an error as the JSON object that OpenAI's clients know."""
    kind = _TYPES.get(error.status, "server_error" if error.status >= 500 else "invalid_request_error")
    return {"error": {"message": str(error), "type": kind, "param": None, "code": error.status}}


def refusal(error: ApiError) -> JSONResponse:
    """Return an error as a response."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return JSONResponse(error_object(error), status_code=error.status, headers=headers)


def _full() -> ApiError:
    return ApiError(503, "Too many questions at once; ask again in a moment.", _RETRY_SECONDS)
