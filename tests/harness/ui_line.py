"""A line between browser and server that can fail in the ways that lines fail: stall, break, or have a proxy say so."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BAD_GATEWAY = (
    b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 11\r\nconnection: close\r\n\r\nBad Gateway"
)


class Line:
    """Passes bytes on, both ways, as long as it is well.

    Args:
        to: port of the server at the other end; may be set later.

    Attributes:
        to: port of the server at the other end.
        port: where the line begins.
        mode: `pass`; `stall`: nothing comes through, nothing is closed; `refuse`: a proxy answers 502.
        begun: number of connections so far.
    """

    def __init__(self, to: int = 0) -> None:
        self.to = to
        self.mode = "pass"
        self.begun = 0
        self._still: set[int] = set()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stall_what_is_open(self) -> None:
        """Let nothing through any more on the connections that there are; new ones are well."""
        self._still |= set(range(self.begun + 1))

    def cut(self) -> None:
        """Close every connection."""
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        """End the line."""
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.begun += 1
                threading.Thread(target=self._serve, args=(near, self.begun), daemon=True).start()

    def _serve(self, near: socket.socket, number: int) -> None:
        self._open.append(near)
        if self.mode == "stall":
            return
        with suppress(OSError):
            if self.mode == "refuse":
                near.recv(65536)
                near.sendall(BAD_GATEWAY)
                near.close()
                return
            far = socket.create_connection(("127.0.0.1", self.to), timeout=5)
            far.settimeout(None)
            self._open.append(far)
            threading.Thread(target=self._pipe, args=(near, far, number), daemon=True).start()
            self._pipe(far, near, number)
            return
        near.close()

    def _pipe(self, source: socket.socket, target: socket.socket, number: int) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                if self.mode == "stall" or number in self._still:
                    return  # what comes is lost, and neither side is told
                target.sendall(part)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """Put a line before a server."""
    line = Line(int(url.rsplit(":", 1)[1]))
    try:
        yield line
    finally:
        line.close()
