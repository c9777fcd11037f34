"""What the chat's queue keeps of a session goes when nobody reads it: by itself the framework keeps it for ever."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qs

from ui.http.bodies import PATIENCE, App, Receive, Scope, Send

__all__ = ["Queue", "Sessions"]

_QUEUE, _READ = "/gradio_api/queue/", "/gradio_api/queue/data"


class Queue(Protocol):
    """What is needed of the framework's queue (`gradio.queueing.Queue`)."""

    pending_messages_per_session: MutableMapping[str, object]
    pending_event_ids_session: MutableMapping[str, set[str]]

    async def clean_events(self, *, session_hash: str) -> None:
        """End the events of a session."""
        ...


@dataclass(slots=True)
class Sessions:
    """Drops what was written for a session at the end of its stream, or when no stream was opened for a while.

    A page opens a stream right behind its question. Who only asks and never reads would have every answer kept.

    Attributes:
        app: the application that serves the chat.
        queue: gives its queue.
        patience: seconds for which answers wait for their reader.
    """

    app: App
    queue: Callable[[], Queue]
    patience: float = PATIENCE
    _reading: Counter[str] = field(default_factory=Counter, init=False)
    _unread: dict[str, float] = field(default_factory=dict, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not scope["path"].startswith(_QUEUE):
            await self.app(scope, receive, send)
            return
        await self._sweep()
        if scope["path"].rstrip("/") != _READ:
            await self.app(scope, receive, send)
            await self._sweep()  # from now on this one is waited for
            return
        session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
        self._reading[session] += 1
        self._unread.pop(session, None)
        try:
            await self.app(scope, receive, send)
        finally:
            self._reading[session] -= 1
            if not self._reading[session]:
                del self._reading[session]
                self._end(session)

    async def _sweep(self) -> None:
        """Drop the sessions that nobody has read for too long."""
        now = time.monotonic()
        queue = self.queue()
        known = queue.pending_messages_per_session.keys() | queue.pending_event_ids_session.keys()
        self._unread = {name: self._unread.get(name, now) for name in known if name not in self._reading}
        for name in [name for name, since in self._unread.items() if now - since > self.patience]:
            await self._drop(name)

    def _end(self, session: str) -> None:
        """Drop a session whose stream has ended; where something is under way in it, its page may come back."""
        if self.queue().pending_event_ids_session.get(session):
            self._unread[session] = time.monotonic()
        else:
            self._forget(session)

    async def _drop(self, session: str) -> None:
        await self.queue().clean_events(session_hash=session)  # what is still at work for it ends
        if session not in self._reading:  # its page may have come meanwhile
            self._forget(session)

    def _forget(self, session: str) -> None:
        queue = self.queue()
        self._unread.pop(session, None)
        queue.pending_event_ids_session.pop(session, None)
        queue.pending_messages_per_session.pop(session, None)
