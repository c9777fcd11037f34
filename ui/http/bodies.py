"""Bodies of requests: bounded in length, and given up when nothing more of them comes or it comes too slowly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["MOST_PARTS", "PATIENCE", "RATE", "App", "Body", "Receive", "Scope", "Send", "too_large"]

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PATIENCE = 30.0
"""Seconds for which one waits for the next bytes of a request."""

_WAITS = 10
"""So many times that long a body may take, however slow; a longer one must have come at `RATE` bytes a second."""
RATE = 2_000

MOST_PARTS = 200_000
"""Lists and objects that JSON may hold, counted by their brackets. Making a million takes Python's collector of garbage
seconds, during which nobody else is answered; a book of four million bytes has fewer brackets."""

_GONE: dict[str, Any] = {"type": "http.disconnect"}


@dataclass(slots=True)
class Body:
    """The body of a request: past its limit, or when nothing more comes, nothing more is read and it is refused.

    Attributes:
        source: where its parts come from.
        limit: most bytes; its length need not be declared.
        patience: seconds for which the next part is waited for, and ten times that for all of a short body. Once all
            has come, nothing is waited for.
        most_parts: lists and objects that it may hold; `None` for a file, which may be anything.
    """

    source: Receive
    limit: int
    patience: float = PATIENCE
    most_parts: int | None = None
    seen: int = 0
    parts: int = 0
    whole: bool = False
    begun: bool = False
    refused: tuple[int, str] | None = None
    since: float = field(default_factory=time.monotonic)

    async def receive(self) -> MutableMapping[str, Any]:
        """Return the next part; once the body is refused, that the client is gone."""
        if self.refused:
            return dict(_GONE)
        if self.whole:
            return await self.source()  # that the client goes: there is no hurry
        left = self._left()
        try:
            async with asyncio.timeout(min(left, self.patience)):
                message = await self.source()
        except TimeoutError:
            nothing = f"Nothing more of the request came for {self.patience:g} seconds."
            self.refused = 408, nothing if left > self.patience else "The request came too slowly."
            return dict(_GONE)
        part = message.get("body", b"")
        self.seen += len(part)
        self.parts += part.count(b"[") + part.count(b"{")
        self.whole = not message.get("more_body", False)
        if self.seen > self.limit:
            self.refused = 413, too_large(self.limit)
        elif self.most_parts is not None and self.parts > self.most_parts:
            self.refused = 413, f"A request may hold {self.most_parts} lists and objects at most."
        return dict(_GONE) if self.refused else message

    def _left(self) -> float:
        """Return the seconds that are left for all of it: who sends a byte now and then would keep a place for ever."""
        return max(0.0, self.since + _WAITS * self.patience + self.seen / RATE - time.monotonic())

    def answered(self, send: Send, refuse: Callable[[int, str, Send], Awaitable[None]]) -> Send:
        """Return a `send` that refuses in the application's place when it was cut off before it began to answer."""

        async def sent(message: MutableMapping[str, Any]) -> None:
            if self.begun or not self.refused:
                self.begun = True
                await send(message)
            elif message["type"] == "http.response.start":
                await refuse(*self.refused, send)

        return sent


def too_large(limit: int) -> str:
    """Return what is said of a body that is longer than its limit."""
    return f"A request may hold {limit} bytes at most."
