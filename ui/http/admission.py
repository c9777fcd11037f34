"""Admission of questions, wherever they come from: so many at work, the others wait, and programs are refused beyond.

The page, the API and MCP share the places at a backend.
"""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from starlette.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from rag.llms.kinds import kind_of
from ui.http.disconnects import overheard
from ui.http.fair_queue import Places, Visitor

__all__ = ["ApiError", "Gate", "Gates", "HeldStream", "at_once", "error_object", "refusal"]

# A question to the extractive backend takes some 80 ms of a processor, twice that while an index is built: who can't
# begin within so many seconds is in a crowd. Models take longer, and people wait longer for them.
_SECONDS = 10.0
_PATIENCE = 30.0
# Share of the newest request in the mean of how long a place is held.
_NEWEST = 0.1
_REMOTE_AT_ONCE = 32
_LONGEST_MESSAGE = 1_000
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


def at_once(llm: str) -> int:
    """Return how many questions a backend is asked at once: two a core where this machine works, else many."""
    kind = kind_of(llm)
    own = kind is not None and kind.own_machine
    return 2 * (os.cpu_count() or 2) if own else _REMOTE_AT_ONCE


class Gate:
    """Lets so many requests work at once; the others wait, and whoever would wait too long is refused.

    Visitors take turns: who asks much waits behind the others. People at the page wait as long as they like, in the
    same places.

    How long one would wait is guessed from how long the last ones took. Who waits holds no thread. To be used from one
    event loop.

    Args:
        places: how many work at the same time.
        seconds: how long one waits at most.
    """

    def __init__(self, places: int, seconds: float) -> None:
        self.places = Places(places)
        self._at_once = places
        self._seconds = seconds
        self._held = 0.0

    @classmethod
    def before(cls, llm: str) -> Gate:
        """Return the gate before a backend, by its spec."""
        return cls(at_once(llm), _SECONDS if llm == "extractive" else _PATIENCE)

    async def enter(self, visitor: Visitor = ("",)) -> float:
        """Take a place, after waiting for it; returns the moment, for `leave`.

        Args:
            visitor: who asks.

        Raises:
            ApiError: 503, this one would wait too long, or did.
        """
        if self.places.locked() and self._wait(visitor) > self._seconds:
            raise _full(self._wait(visitor))
        try:
            async with asyncio.timeout(self._seconds):
                await self.places.acquire(visitor)
        except TimeoutError as error:
            raise _full(self._wait(visitor)) from error
        return time.monotonic()

    def _wait(self, visitor: Visitor) -> float:
        """Return for how many seconds the next one of a visitor would wait."""
        return (self.places.before(visitor) + 1) * self._held / self._at_once

    def leave(self, entered: float) -> None:
        """Give the place back that was taken at a moment."""
        self._held += _NEWEST * (time.monotonic() - entered - self._held)
        self.places.release()

    @asynccontextmanager
    async def place(self, visitor: Visitor = ("",)) -> AsyncIterator[None]:
        """Hold a place for the time of a block; errors are those of `enter`."""
        entered = await self.enter(visitor)
        try:
            yield
        finally:
            self.leave(entered)


class Gates:
    """A gate before each backend, so that a slow one keeps nobody else waiting.

    Args:
        specs: spec of each backend by its name, the default one first.
    """

    def __init__(self, specs: Mapping[str, str]) -> None:
        self._gates = {name: Gate.before(spec) for name, spec in specs.items()}
        self._first = next(iter(self._gates.values()))

    @classmethod
    def single(cls, places: int, seconds: float) -> Gates:
        """Return one gate for work that is no question to a backend, and must not take the places of those."""
        gates = cls({"": "extractive"})
        gates._first = gates._gates[""] = Gate(places, seconds)
        return gates

    def of(self, name: object = None) -> Gate:
        """Return a backend's gate; the default one's for a name that is none."""
        return self._gates.get(name, self._first) if isinstance(name, str) else self._first


class HeldStream(StreamingResponse):
    """Server-sent events that keep their place at a gate until the last is sent or the client is gone."""

    media_type = "text/event-stream"
    at_end: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        try:
            with overheard(receive) as heard:
                await super().__call__(scope, heard, send)
        finally:
            if self.at_end is not None:
                self.at_end()


def error_object(error: ApiError) -> dict[str, object]:
    """Return an error as the JSON object that OpenAI's clients know."""
    kind = _TYPES.get(error.status, "server_error" if error.status >= 500 else "invalid_request_error")
    message = str(error)
    if len(message) > _LONGEST_MESSAGE:  # what was sent stands in it
        message = f"{message[:_LONGEST_MESSAGE]}…"
    return {"error": {"message": message, "type": kind, "param": None, "code": error.status}}


def refusal(error: ApiError) -> JSONResponse:
    """Return an error as a response."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    return JSONResponse(error_object(error), status_code=error.status, headers=headers)


def _full(seconds: float) -> ApiError:
    return ApiError(503, "Too many questions at once; ask again in a moment.", max(1, math.ceil(seconds)))
