"""The outer wall of the web server: an ASGI layer that every request and every response passes."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import ClientDisconnect

from ui.http.bodies import MOST_PARTS, PATIENCE, App, Body, Receive, Scope, Send, too_large
from ui.http.prefix import Prefix
from ui.http.public import PublicAddress

__all__ = ["CONTENT_SECURITY_POLICY", "Guard", "is_loopback"]

# The chat framework starts with an inline script and compiles its templates, hence the two unsafe words. Nothing may be
# loaded from, sent to or framed by any other origin.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'; frame-src 'none'; object-src 'none'"
)
# No other site learns where a reader comes from; to ourselves a form must name its origin, or nothing tells it from
# a foreign one where browsers send no Sec-Fetch-Site (plain HTTP by another name than localhost).
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
_OURS = frozenset(name for name, _ in _HEADERS)
# What the page needs of the chat framework. Its other routes (file serving, proxy, code editing, direct calls that
# skip the queue, monitoring, component servers) are closed.
_OPEN = re.compile(
    r"/|/(config|theme\.css|favicon\.ico|robots\.txt|manifest\.json|login(/start|/callback)?|logout|health|metrics)"
    r"|/(assets|static|svelte|chat|api|library)/[^\0]*"
    r"|/v1/[^\0]*|/mcp|/\.well-known/oauth-protected-resource(/mcp)?"
    r"|/gradio_api/(queue/(join|data)|heartbeat/[A-Za-z0-9]+|startup-events|cancel|app_id|theme\.css)/?"
)
_SIGN_OUT = "/logout"  # it ends a session and clears what the browser kept, whatever the method
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Browsers and proxies send a few thousand bytes. Libraries take the square of a header's length for some of them.
_HEAD_BYTES, _HEADERS_AT_MOST = 32_000, 200
# Cookies of ours; others, which any program on the same host name may have set, are nobody's business here.
_COOKIE = re.compile(rb"babelquote_[a-z]{1,20}=[\w.%-]{0,200}", re.ASCII)


def is_loopback(host: str) -> bool:
    """Tell whether an address or name can only be reached from this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses what the page never sends, and writes the security headers.

    Attributes:
        app: the application behind the wall.
        names: host names by which the server may be called, lower case, besides the loopback ones.
        any_address: addresses in numbers are allowed too (a rebound DNS name is never one).
        body_bytes: most bytes of a request's body.
        patience: seconds for which the next bytes of a body are waited for.
        large_bodies: the paths, each with its own limit, that take more.
        public: how the world calls the server, when a proxy passes its requests on; `None` when there is no proxy.
        own: says whether a route of ours answers a path; a sub-path may be called like one.
    """

    app: App
    names: frozenset[str] = field(default_factory=frozenset)
    any_address: bool = False
    body_bytes: int = 4_000_000
    patience: float = PATIENCE
    large_bodies: Mapping[str, int] = field(default_factory=dict)
    public: PublicAddress | None = None
    own: Callable[[str], bool] = lambda _: False
    _prefix: Prefix | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Remember from request to request what the proxy does with the sub-path."""
        if self.public is not None:
            object.__setattr__(self, "_prefix", Prefix(self.public, self.own))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a refusal."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        if _is_long(scope["headers"]):
            await _refuse(431, "The head of the request is too long.", send)
            return
        scope["headers"] = [(name, _ours(name, value)) for name, value in scope["headers"] if not _is_forwarded(name)]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if self._prefix and not _enter(self._prefix, scope) and self._is_known(headers.get("host", "")):
            await _redirect(self._prefix.public, send)
            return
        if refusal := self._refusal(scope, headers):
            await _refuse(*refusal, send)
            return
        most_parts = None if scope["path"] in self.large_bodies else MOST_PARTS
        body = Body(receive, self._limit(scope["path"]), self.patience, most_parts)
        with suppress(ClientDisconnect):  # who is gone, or was cut off, needs no answer
            await self.app(scope, body.receive, body.answered(_with_headers(send), _refuse))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self._is_known(host):
            return 421, "This server is not called by that name."
        if not _OPEN.fullmatch(scope["path"]):
            return 403, "There is nothing here."
        acts = scope["method"] not in _READING or scope["path"] == _SIGN_OUT
        if acts and (_is_foreign(headers, self._called(headers)) or self._is_insecure_twin(headers)):
            return 403, "Requests from other sites are not answered."
        length = headers.get("content-length", "0")
        limit = self._limit(scope["path"])
        if not length.isdecimal() or int(length) > limit:
            return 413, too_large(limit)
        return None

    def _is_insecure_twin(self, headers: dict[str, str]) -> bool:
        """Tell whether a request comes from a page with our public name but without its scheme."""
        origin = urlsplit(headers.get("origin", ""))
        return self.public is not None and origin.netloc == self.public.netloc and origin.scheme != self.public.scheme

    def _called(self, headers: dict[str, str]) -> str:
        """Return the host that a page of our own names as its origin: a proxy may have written another `Host`."""
        ours = self.public is not None and headers.get("origin") == self.public.origin
        return self.public.netloc if self.public is not None and ours else headers.get("host", "")

    def _limit(self, path: str) -> int:
        return self.large_bodies.get(path, self.body_bytes)

    def _is_known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if is_loopback(name) or name in self.names or (self.public is not None and name == self.public.name):
            return True
        return self.any_address and _is_address(name)


def _enter(prefix: Prefix, scope: Scope) -> bool:
    """Take the sub-path off a request, as if the proxy had; `False` when the slash behind the sub-path is missing."""
    path = prefix.inner(scope["path"], scope["method"])
    if path is None:
        return False
    if path != scope["path"]:
        scope["path"], scope["raw_path"] = path, quote(path).encode()
    return True


async def _redirect(public: PublicAddress, send: Send) -> None:
    # Links of the page are relative: without the slash they would leave the sub-path.
    headers = [(b"location", f"{public.prefix}/".encode()), (b"content-length", b"0"), *_HEADERS]
    await send({"type": "http.response.start", "status": 308, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_long(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    return len(headers) > _HEADERS_AT_MOST or sum(len(name) + len(value) for name, value in headers) > _HEAD_BYTES


def _ours(name: bytes, value: bytes) -> bytes:
    """Return a header's value; of cookies only ours: parsing takes the square of their length (CVE-2024-7592)."""
    if name != b"cookie":
        return value
    pairs = (pair.strip() for pair in value.split(b";"))
    return b"; ".join(pair for pair in pairs if _COOKIE.fullmatch(pair))


def _is_forwarded(name: bytes) -> bool:
    return name.startswith(b"x-forwarded-") or name == b"forwarded"


def _is_foreign(headers: dict[str, str], host: str) -> bool:
    """Tell whether a page of another site sent a request.

    Browsers say so themselves in `Sec-Fetch-Site`, which no page can set. A form of ours comes without its origin
    (`Origin: null`): the page tells nobody where it is (`Referrer-Policy: no-referrer`). An origin that is named must
    be ours all the same.
    """
    site = headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return True
    origin = headers.get("origin")
    if origin is None or (origin == "null" and site == "same-origin"):
        return False
    return urlsplit(origin).netloc.lower() != host.lower()


def _with_headers(send: Send) -> Send:
    async def sealed(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in _OURS]
            message["headers"] = [*kept, *_HEADERS]
        await send(message)

    return sealed


async def _refuse(status: int, sentence: str, send: Send) -> None:
    body = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), *_HEADERS]
    if status in (408, 413, 431):
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
