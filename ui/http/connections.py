"""Connections: so many at once, ended when nothing more comes of a request, or nobody reads what is answered."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any, ClassVar, cast

from ui.http.bodies import PATIENCE, RATE
from ui.http.crowd import Crowd, Stage

__all__ = ["connection_class"]

_UNREAD = 1 << 17
"""Bytes that the system takes for a client beforehand. By itself it takes millions, and who reads slowly would seem not
to read at all until a third of them is gone."""
_MOST_HEAD = 1 << 16
"""Bytes of a head that has not ended: the parser would keep as many as come."""
_FULL = b"Too many connections at once; try again in a moment."
_REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
    b"retry-after: 5\r\nconnection: close\r\n\r\n%s" % (len(_FULL), _FULL)
)
_MOST_REFUSED = 32  # that get an answer at the same time; the others are cut off without a word
_SECONDS_REFUSED = 2.0


class _Refused(asyncio.Protocol):
    """Answers a client that there is no place; what it sends is thrown away, as a line cut before it was read is reset.

    Args:
        being_refused: those that are being refused.
        transport: of the connection.
    """

    def __init__(self, being_refused: set[asyncio.Protocol], transport: asyncio.Transport) -> None:
        self._being_refused = being_refused
        being_refused.add(self)
        transport.write(_REFUSAL)
        transport.write_eof()
        self._end = asyncio.get_running_loop().call_later(_SECONDS_REFUSED, transport.abort)

    def connection_lost(self, _: Exception | None) -> None:
        self._being_refused.discard(self)
        self._end.cancel()


class _Reading(asyncio.Protocol):
    """Ends a connection whose client does not read, or hardly: all that was written for it would stay in memory.

    Attributes:
        patience: seconds in which the client must have read at `RATE`.
    """

    patience = PATIENCE
    _written: asyncio.Transport
    _left = 0
    _look: asyncio.TimerHandle | None = None
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._written = cast("asyncio.Transport", transport)
        line: socket.socket | None = transport.get_extra_info("socket")
        if line is not None:
            with suppress(OSError):
                line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD)
        super().connection_made(transport)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        self._stop_looking()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        self._stop_looking()
        super().connection_lost(exc)

    def _expect_reading(self) -> None:
        if self._look is None:
            self._left = self._written.get_write_buffer_size()
            self._look = asyncio.get_running_loop().call_later(self.patience, self._check)

    def _check(self) -> None:
        self._look = None
        if self._left - self._written.get_write_buffer_size() < RATE * self.patience:
            self._written.abort()
        else:
            self._expect_reading()

    def _forget(self) -> None:
        """Wait no longer for a head."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _stop_looking(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None


class _Timed(_Reading):
    """Waits so long for the head of a request, and not for ever; to be put before a class that answers HTTP."""

    cycle: Any
    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _head = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._watch()

    def is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        before, is_body = self.cycle, self.is_answering() and self.cycle.more_body
        super().data_received(data)
        self._head = 0 if is_body or self.cycle is not before else self._head + len(data)
        if self._head > _MOST_HEAD and not self.transport.is_closing():
            self.transport.abort()
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()  # type: ignore[misc] # of the class behind
        self._expect_reading()  # closing waits for the client to read the rest

    def _watch(self) -> None:
        if self.is_answering() or self.transport.is_closing():
            self._forget()
        elif self._due is None:
            self._due = self.loop.call_later(self.patience, self._close)

    def _close(self) -> None:
        self.transport.close()
        self._expect_reading()


class _Counted(asyncio.Protocol):
    """One of so many connections; to be put before a class that answers HTTP.

    Attributes:
        others: the connections that there are.
        refused: those that are being answered that there is no place.
    """

    others: ClassVar[Crowd]
    refused: ClassVar[set[asyncio.Protocol]]
    cycle: Any
    _written: asyncio.Transport
    _address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._address = _address(transport)
        if self.others.admit(self, self._address):
            super().connection_made(transport)
        else:
            _refuse(self.refused, cast("asyncio.Transport", transport))

    def connection_lost(self, exc: Exception | None) -> None:
        self.others.leave(self, self._address)
        super().connection_lost(exc)

    def stage(self) -> Stage:
        if self.cycle is None or self.cycle.response_complete:
            return Stage.WAITING
        return Stage.ARRIVING if self.cycle.more_body else Stage.ANSWERED

    def give_up(self) -> None:
        self._written.abort()


def connection_class(patience: float = PATIENCE, crowd: Crowd | None = None) -> type[asyncio.Protocol]:
    """Return the server's protocol: it lets so many in, and waits so long for the head of a request and not for ever.

    The server by itself ends idle connections only behind an answer: one on which nobody ever asks, or which brings
    half a head, would stay, and so would one whose client does not read. Bodies are the guard's (`ui.http.bodies`).

    Args:
        patience: seconds from the first byte, or from the connection's beginning, to the end of the head; and in which
            a client must read on.
        crowd: the connections that there are.
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Connection(_Counted, _Timed, AutoHTTPProtocol):  # type: ignore[misc,valid-type] # chosen by what is installed
        others = crowd if crowd is not None else Crowd()
        refused: ClassVar = set()

    Connection.patience = patience
    return Connection


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _refuse(refused: set[asyncio.Protocol], transport: asyncio.Transport) -> None:
    if len(refused) < _MOST_REFUSED:
        transport.set_protocol(_Refused(refused, transport))
    else:
        transport.set_protocol(asyncio.Protocol())
        transport.abort()
