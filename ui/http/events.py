"""Checks the events of the chat's queue before the framework sees them: what it does not know ends in a traceback."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from starlette.responses import JSONResponse

from ui.http.bodies import App, Receive, Scope, Send

__all__ = ["Events"]

_JOIN, _CANCEL = "/gradio_api/queue/join", "/gradio_api/cancel"
# Names that pages make up. The framework makes up one where it is empty, which then fails everyone's events.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Events:
    """Lets only events pass that the page sends, and of each only what the page says in it.

    Attributes:
        app: the application that serves the chat.
        known: gives the number of inputs of each function by its number.
    """

    app: App
    known: Callable[[], dict[int, int]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a refusal."""
        path = scope.get("path", "").rstrip("/")
        if scope["type"] != "http" or path not in (_JOIN, _CANCEL) or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        # A body that was cut off, by the client or at the limit, is answered too: the guard says which it was.
        event = _object(body)
        said = None if event is None else self._cancelled(event) if path == _CANCEL else self._joined(event)
        if said is None:
            await JSONResponse({"detail": "There is no such event."}, status_code=422)(scope, receive, send)
            return
        await self.app(scope, _again(json.dumps(said).encode("ascii"), receive), send)

    def _joined(self, event: Mapping[str, object]) -> dict[str, object] | None:
        """Return what the page says to begin an event; `None` where it never says such a thing."""
        number, data, trigger = event.get("fn_index"), event.get("data"), event.get("trigger_id")
        if not (_is_name(event.get("session_hash")) and _is_number(number) and isinstance(data, list)):
            return None
        if self.known().get(cast("int", number)) != len(data) or not all(map(_is_plain, data)):
            return None
        fields = {"session_hash": event["session_hash"], "fn_index": number, "data": data}
        return {**fields, "event_data": None, "trigger_id": trigger if _is_number(trigger) else None}

    def _cancelled(self, event: Mapping[str, object]) -> dict[str, object] | None:
        """Return what the page says to end an event."""
        names = {name: event.get(name) for name in ("session_hash", "event_id")}
        number = event.get("fn_index")
        is_known = _is_number(number) and number in self.known() and all(map(_is_name, names.values()))
        return {**names, "fn_index": number} if is_known else None


def _object(body: bytes | None) -> Mapping[str, object] | None:
    try:
        event = json.loads(body or b"")
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 31


def _is_plain(value: object) -> bool:
    """Tell whether a value is what an input of the page holds: no list, no object, no number that JSON has not."""
    return value is None or isinstance(value, str | bool) or _is_number(value)


async def _whole(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, and then what comes."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> dict[str, object]:
        return dict(left.pop() if left else await receive())

    return received
