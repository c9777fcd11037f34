"""A server on loopback that misbehaves on demand: every fault that a remote model has shown in the wild, one mode each.

The mode is the first part of the address: `http://127.0.0.1:PORT/stall/v1` speaks the OpenAI protocol and stalls.
Anthropic's paths are answered in Anthropic's protocol. Nothing is random, and each request is kept for the test.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

OK_TEXT = "Paris is the capital [1]. Zürich, 北京 and القاهرة 🙂 are not [2]."
PIECES = ["Paris is the capital [1]. ", "Zürich, 北京 ", "and القاهرة 🙂 are not [2]."]

# mode: whether text may have been streamed before the failure
FAULTS = (
    "401", "402", "403", "404", "400", "408", "413", "429", "429-long", "500", "502", "503", "529",
    "401-echo", "500-echo", "redirect", "redirect-loop",
    "slow-headers", "drip-headers", "drip-body", "stall", "stall-first", "endless", "endless-empty", "endless-line",
    "cut", "cut-chunked", "cut-first", "done-only", "no-finish",
    "bad-sse", "bad-json", "bad-json-late", "bad-utf8", "wrong-shape", "null-choices", "in-band", "in-band-late",
    "empty", "blank", "huge", "html", "html-error", "json-reply", "json-error", "no-type", "octets",
    "reset-at-once", "reset-after-headers", "reset-in-stream", "close-at-once", "garbage", "half-headers", "204",
    "filtered", "refusal", "gzip-broken", "gzip-bomb", "deflate-header", "endless-headers", "endless-comments",
    "endless-error", "429-date", "429-junk", "401-html", "in-band-429", "nul-bytes",
)  # fmt: skip


@lru_cache(maxsize=1)
def bomb() -> bytes:
    """Return 64 MiB of one line in 64 KiB."""
    return gzip.compress(b"data: " + b"x" * 67_108_864, compresslevel=9)


@dataclass
class Request:
    """What a client sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, object]


@dataclass
class FaultServer:
    """Where the server listens, what it was sent, and when its clients hung up."""

    port: int
    requests: list[Request] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, mode: str) -> str:
        return f"http://127.0.0.1:{self.port}/{mode}/v1"


class Hangup(Exception):
    """The client is gone, or the test is over."""


class Connection:
    def __init__(self, server: FaultServer, sock: socket.socket) -> None:
        self.server, self.sock = server, sock
        self.anthropic = False

    # -- plain sending ------------------------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as error:
            self.server.hung_up.set()
            raise Hangup from error

    def pause(self, seconds: float) -> None:
        """Wait, but notice when the client hangs up."""
        end = time.monotonic() + seconds
        self.sock.settimeout(0.02)
        while time.monotonic() < end and not self.server.closing.is_set():
            try:
                if self.sock.recv(1) == b"":
                    self.server.hung_up.set()
                    raise Hangup
            except TimeoutError:
                continue
            except OSError as error:
                self.server.hung_up.set()
                raise Hangup from error
        self.sock.settimeout(5)

    def reply(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(body)}", "connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def error(self, status: int, message: str = "no", **headers: str) -> None:
        self.reply(status, json.dumps({"error": {"message": message, "type": "fault"}}).encode(), **headers)

    def head(self, kind: str | None = "text/event-stream", extra: str = "") -> None:
        line = f"content-type: {kind}\r\n" if kind else ""
        self.send(f"HTTP/1.1 200 OK\r\n{line}connection: close\r\n{extra}\r\n".encode())

    # -- the two protocols --------------------------------------------------------------------------------------

    def data(self, value: object) -> None:
        kind = f"event: {value['type']}\n" if self.anthropic and isinstance(value, dict) else ""
        self.send(f"{kind}data: {json.dumps(value)}\n\n".encode())

    def begin(self) -> None:
        self.head()
        if self.anthropic:
            usage = {"input_tokens": 1, "output_tokens": 1}
            message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": usage}
            self.data({"type": "message_start", "message": message})
            self.data({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
        else:
            self.data(chunk({"role": "assistant", "content": ""}))

    def text(self, piece: str) -> None:
        if self.anthropic:
            delta = {"type": "text_delta", "text": piece}
            self.data({"type": "content_block_delta", "index": 0, "delta": delta})
        else:
            self.data(chunk({"content": piece}))

    def finish(self, reason: str = "stop") -> None:
        if self.anthropic:
            self.data({"type": "content_block_stop", "index": 0})
            reason = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}[reason]
            delta = {"stop_reason": reason, "stop_sequence": None}
            self.data({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 5}})
            self.data({"type": "message_stop"})
        else:
            self.data(chunk({}, reason))
            self.send(b"data: [DONE]\n\n")

    def whole(self) -> None:
        self.begin()
        for piece in PIECES:
            self.text(piece)
        self.finish()

    def started(self) -> None:
        self.begin()
        self.text(PIECES[0])

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def chunk(delta: dict[str, object], reason: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def _endless(c: Connection, step: Callable[[], None]) -> None:
    while not c.server.closing.is_set():
        step()


def _drip(c: Connection, data: bytes) -> None:
    for byte in data:
        c.send(bytes([byte]))
        c.pause(0.05)


def _stream_cut(c: Connection) -> None:
    c.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    line = b"data: " + json.dumps(chunk({"content": "half"})).encode() + b"\n\n"
    c.send(b"%x\r\n" % len(line) + line + b"\r\n")


def _count(c: Connection, mode: str) -> int:
    return sum(request.path.startswith(f"/{mode}/") for request in c.server.requests)


def misbehave(c: Connection, mode: str, request: Request) -> None:
    key = request.headers.get("authorization", "") + request.headers.get("x-api-key", "")
    if mode == "ok":
        c.whole()
    elif mode == "length":
        c.started(), c.finish("length")
    elif mode == "slow-ok":
        c.begin()
        for piece in PIECES * 100:
            c.text(piece)
            c.pause(0.05)
        c.finish()
    elif mode in ("flaky-429", "flaky-500", "flaky-reset", "flaky-redirect"):
        if _count(c, mode) >= 3:
            c.whole()
        elif mode == "flaky-429":
            c.error(429, retry_after="0.05")
        elif mode == "flaky-500":
            c.error(500)
        else:
            c.reset()
    elif mode == "flaky-late":
        c.started() if _count(c, mode) == 1 else c.whole()
    elif mode == "429":
        c.error(429, retry_after="0.05")
    elif mode in ("429-date", "429-junk"):
        c.error(429, retry_after="Wed, 21 Oct 2099 07:28:00 GMT" if mode == "429-date" else "-1e999 soon")
    elif mode == "401-html":
        c.reply(401, f"<html>bad key {key}</html>".encode(), "text/html")
    elif mode == "gzip-bomb":
        c.head(extra="content-encoding: gzip\r\n"), c.send(bomb())
    elif mode == "deflate-header":
        c.head(extra="content-encoding: deflate\r\n"), c.send(b"data: [DONE]\n\n")
    elif mode == "endless-headers":
        c.send(b"HTTP/1.1 200 OK\r\n"), _endless(c, lambda: c.send(b"x-more: " + b"y" * 1_000 + b"\r\n"))
    elif mode == "endless-comments":
        c.head(), _endless(c, lambda: (c.send(b": keep-alive\n\n" * 50), time.sleep(0.005)))
    elif mode == "endless-error":
        c.send(b"HTTP/1.1 400 X\r\ncontent-type: application/json\r\n\r\n"), _endless(c, lambda: c.send(b" " * 65_536))
    elif mode == "in-band-429":
        c.head(), c.send(b'event: error\ndata: {"error": {"code": 429, "type": "rate_limit", "message": "slow"}}\n\n')
    elif mode == "nul-bytes":
        c.begin(), c.send(b"\x00" * 100_000 + b"\n\n")
    elif mode == "429-long":
        c.error(429, retry_after="3600")
    elif mode in ("401-echo", "500-echo"):
        c.error(int(mode[:3]), f"bad key {key} \u202e\x1b[31m")
    elif mode in ("502", "503"):
        c.reply(int(mode), b"<html><h1>Bad gateway</h1></html>", "text/html")
    elif mode == "204":
        c.reply(204, b"")
    elif mode.isdecimal():
        c.error(int(mode))
    elif mode == "redirect":
        c.reply(307, b"", location=f"http://127.0.0.1:{c.server.port}/stolen/v1/chat/completions")
    elif mode == "redirect-loop":
        c.reply(308, b"", location=request.path)
    elif mode == "slow-headers":
        c.pause(30)
    elif mode == "drip-headers":
        _drip(c, b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 2_000)
    elif mode == "drip-body":
        c.head()
        _drip(c, b": keep-alive\n" * 500)
    elif mode == "stall":
        c.started(), c.pause(30)
    elif mode == "stall-first":
        c.begin(), c.pause(30)
    elif mode == "endless":
        c.begin(), _endless(c, lambda: (c.text("again "), time.sleep(0.005)))
    elif mode == "endless-empty":
        c.begin(), _endless(c, lambda: c.text(""))
    elif mode == "endless-line":
        c.head(), c.send(b"data: "), _endless(c, lambda: (c.send(b"x" * 1_000), time.sleep(0.01)))
    elif mode in ("cut", "no-finish"):
        c.started()
        if mode == "no-finish":
            c.send(b"data: [DONE]\n\n")
    elif mode == "cut-chunked":
        _stream_cut(c)
    elif mode == "cut-first":
        c.begin()
    elif mode == "done-only":
        c.head(), c.send(b"data: [DONE]\n\n")
    elif mode == "bad-sse":
        c.head(), c.send(b"\x00\x01 this is : not\n\nan event stream\n\n" * 20)
    elif mode == "bad-json":
        c.head(), c.send(b"event: message_start\ndata: {not json}\n\n")
    elif mode == "bad-json-late":
        c.started(), c.send(b'event: content_block_delta\ndata: {"choices": [{"delta":\n\n')
    elif mode == "bad-utf8":
        c.head(), c.send(b'event: content_block_delta\ndata: {"choices": [{"delta": {"content": "\xff\xfe\xc3"}}]}\n\n')
    elif mode == "wrong-shape":
        c.head(), c.send(b'event: message_start\ndata: [1, 2, 3]\n\nevent: content_block_delta\ndata: "x"\n\n')
    elif mode == "null-choices":
        c.head(), c.send(b'event: content_block_delta\ndata: {"choices": [null], "delta": null}\n\n')
    elif mode in ("in-band", "in-band-late"):
        c.begin() if mode == "in-band" else c.started()
        c.send(b'event: error\ndata: {"type": "error", "error": {"message": "overloaded ' + key.encode() + b'"}}\n\n')
    elif mode == "empty":
        c.begin(), c.finish()
    elif mode == "blank":
        c.begin(), c.text(" \n\t "), c.finish()
    elif mode == "huge":
        c.begin()
        for _ in range(300):
            c.text("0123456789" * 100)
        c.finish()
    elif mode in ("html", "html-error"):
        c.reply(200 if mode == "html" else 401, b"<html><form>Log in</form></html>", "text/html")
    elif mode in ("json-reply", "json-error"):
        good = {"choices": [{"message": {"role": "assistant", "content": "not a stream"}, "finish_reason": "stop"}]}
        c.reply(200, json.dumps(good if mode == "json-reply" else {"error": {"message": "no"}}).encode())
    elif mode in ("no-type", "octets"):
        c.head(None if mode == "no-type" else "application/octet-stream"), c.text("x"), c.finish()
    elif mode == "reset-at-once":
        c.reset()
    elif mode == "reset-after-headers":
        c.head(), time.sleep(0.05), c.reset()
    elif mode == "reset-in-stream":
        c.started(), time.sleep(0.05), c.reset()
    elif mode == "close-at-once":
        c.sock.close()
    elif mode == "garbage":
        c.send(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    elif mode == "half-headers":
        c.send(b"HTTP/1.1 200 OK\r\ncontent-ty")
    elif mode == "filtered":
        c.started(), c.finish("content_filter")
    elif mode == "refusal":
        c.begin()
        if not c.anthropic:
            c.data(chunk({"refusal": "I can't help with that"}))
        c.finish("content_filter")
    elif mode == "gzip-broken":
        c.head(extra="content-encoding: gzip\r\n"), c.send(b"this is not gzip at all" * 10)
    elif mode == "cited":
        _cited(c, request)
    else:
        c.error(404, f"no mode {mode}")


def _cited(c: Connection, request: Request) -> None:
    """Answer with native citations: the first words of the second document, then words that stand nowhere."""
    content = request.body["messages"][0]["content"]  # type: ignore[index]
    words = content[1]["source"]["data"][:10]
    place = {"type": "char_location", "document_title": None, "file_id": None}
    good = {**place, "document_index": 1, "cited_text": words, "start_char_index": 0, "end_char_index": 10}
    c.begin()
    c.text("It says so")
    for citation in (good, good, {**good, "cited_text": "nowhere at all"}, {**good, "document_index": 99}):
        delta = {"type": "citations_delta", "citation": citation}
        c.data({"type": "content_block_delta", "index": 0, "delta": delta})
    c.finish()


def _read(sock: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65_536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65_536)
    return Request(lines[0].split()[1], headers, json.loads(body or b"{}"))


def _serve(server: FaultServer, sock: socket.socket) -> None:
    with sock:
        try:
            sock.settimeout(5)
            request = _read(sock)
            if request is not None:
                server.requests.append(request)
                connection = Connection(server, sock)
                connection.anthropic = request.path.endswith("/messages")
                misbehave(connection, request.path.split("/")[1], request)
        except (Hangup, OSError):
            pass


@contextmanager
def fault_server() -> Iterator[FaultServer]:
    """Listen on a free port of loopback until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    server = FaultServer(listener.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_serve, args=(server, sock), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
