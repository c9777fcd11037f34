"""The connections of one call to a remote model: no redirect, no endless reply, cut from any thread.

What an SDK decodes is bounded here: a server that sends one line without an end would fill the memory before a piece
of text is seen, and a few compressed bytes may stand for gigabytes. No compression is asked for; gateways that send
gzip all the same are unpacked here, piece by piece, since the SDK's own decoder knows no limit.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from rag.errors import LLMError
from rag.llms.calls.guard import Limits

__all__ = ["Foreign", "Wire", "is_here"]

# An object of an optional package, whose type can't be named where the package is absent.
Foreign: TypeAlias = Any

# Bytes of a reply for each character of its text at most (an event of one short word has 300), and for the rest of it.
_BYTES_PER_CHARACTER, _BYTES_BESIDES = 16, 1_000_000
# Bytes of a reply's end that are kept.
_TAIL = 64
# Bytes that are unpacked at once.
_PIECE = 65_536
_INCOMPLETE = "the answer is incomplete"


class Wire:
    """The connections of one call, kept so that another thread can cut them.

    Closing a socket does not wake a thread that waits in it; shutting it down does.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._cut = False
        self._tail = b""

    @property
    def done(self) -> bool:
        """Whether the last reply ended with the line by which a stream says that it is whole."""
        return b"[DONE]" in self._tail

    def _note(self, chunk: bytes) -> None:
        self._tail = (self._tail + chunk[-_TAIL:])[-_TAIL:]

    def client(self, sdk: ModuleType, limits: Limits, base_url: str | None) -> Foreign:
        """Return an HTTP client of the SDK's own kind that follows no redirect and reports its sockets."""
        host = urlsplit(base_url or "").hostname or ""
        # What stays on this machine does not go through a proxy.
        direct = {f"all://[{host}]" if ":" in host else f"all://{host}": None} if is_here(host) else {}
        most = limits.max_characters * _BYTES_PER_CHARACTER + _BYTES_BESIDES

        def bound(response: Foreign) -> None:
            self._tail = b""
            _bound(response, most, self._note)

        return sdk.DefaultHttpxClient(
            follow_redirects=False,  # a redirect would take the key elsewhere
            timeout=max(limits.first, limits.idle),
            headers={"Accept-Encoding": "identity"},
            event_hooks={"request": [self._watch], "response": [bound]},
            mounts=direct,
        )

    def _watch(self, request: Foreign) -> None:
        request.extensions = {**request.extensions, "trace": self._trace}

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            found = info["return_value"].get_extra_info("socket")
            if isinstance(found, socket.socket):
                self._keep(found)

    def _keep(self, found: socket.socket) -> None:
        with self._lock:
            self._sockets.append(found)
            cut = self._cut
        if cut:
            self.cut()

    def cut(self) -> None:
        """End every connection of this call now, from any thread, and every later one as soon as it stands."""
        with self._lock:
            self._cut = True
            open_sockets, self._sockets = self._sockets, []
        for connection in open_sockets:
            # The method of the plain socket: closing TLS in order would wait for the other side.
            with suppress(OSError, ValueError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


def is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bound(response: Foreign, most: int, note: Callable[[bytes], None]) -> None:
    """Let a reply raise `LLMError` when it is too long, unpacked if need be, or packed in a way that is not read."""
    body = response.stream
    encoding = str(response.headers.pop("content-encoding", "identity")).strip().lower()

    def chunks(_: object) -> Iterator[bytes]:
        size = 0
        for chunk in _unpacked(body, encoding):
            size += len(chunk)
            if size > most:
                raise LLMError(f"the server sent more than {most:,} bytes; {_INCOMPLETE}")
            note(chunk)
            yield chunk

    # The type of stream is the HTTP library's, of which each SDK brings its own generation.
    library = import_module(type(response).__module__.partition(".")[0])
    kind = type("Bounded", (library.SyncByteStream,), {"__iter__": chunks, "close": lambda _: body.close()})
    response.stream = kind()


def _unpacked(body: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield what a body says in pieces of bounded size, as soon as it arrives."""
    if encoding in {"", "identity"}:
        yield from body
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise LLMError(f"the server sent a compressed answer, which was not asked for; {_INCOMPLETE}")
    packed = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # with the header of gzip or of zlib
    try:
        for chunk in body:
            rest = chunk
            while rest and not packed.eof:
                yield packed.decompress(rest, _PIECE)
                rest = packed.unconsumed_tail
    except zlib.error as broken:
        raise LLMError(f"the server sent a compressed answer that can't be unpacked; {_INCOMPLETE}") from broken
