"""Connections that end when nothing more comes of a request that was begun."""

from __future__ import annotations

import asyncio

from ui.http.bodies import PATIENCE

__all__ = ["connection_class"]


def connection_class(patience: float = PATIENCE) -> type[asyncio.Protocol]:
    """Return the server's protocol, which waits so long for the head of a request and not for ever.

    The server by itself ends idle connections only behind an answer: one on which nobody ever asks, or which brings
    half a head, would stay. Bodies are the guard's (`ui.http.bodies`).

    Args:
        patience: seconds from the first byte, or from the connection's beginning, to the end of the head.
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Connection(AutoHTTPProtocol):  # type: ignore[misc,valid-type] # chosen by what is installed
        _due: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget()
            super().connection_lost(exc)

        def _watch(self) -> None:
            answering = self.cycle is not None and not self.cycle.response_complete
            if answering or self.transport.is_closing():
                self._forget()
            elif self._due is None:
                self._due = self.loop.call_later(patience, self.transport.close)

        def _forget(self) -> None:
            if self._due is not None:
                self._due.cancel()
                self._due = None

    return Connection
