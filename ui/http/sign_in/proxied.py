"""Who asks, as a proxy says that signs people in itself: the name stands in a header that only that proxy may send.

Nobody else is answered, so that nobody can call themselves by another name. The layer stands outside the wall of
`ui.http.guard`, which takes the headers of proxies away.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from index.errors import ConfigError
from ui.http.bodies import App, Receive, Scope, Send
from ui.http.sign_in.login import USER

__all__ = ["Network", "Proxied", "behind_proxy", "header_name", "networks"]

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_OPEN = "/health"
_MOST_BYTES = 200
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
# What a client or the server itself sends: a name in one of these would be anybody's.
_TAKEN = frozenset({"host", "cookie", "authorization", "origin", "referer", "user-agent", "from", "content-type"})


@dataclass(frozen=True, slots=True)
class Proxied:
    """Lets only requests of trusted proxies through, each with the user that it names.

    Attributes:
        app: the application.
        header: name of the header, lower case.
        proxies: the addresses that may send it.
    """

    app: App
    header: bytes
    proxies: Sequence[Network]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its user, or refuse it."""
        if scope["type"] != "http" or scope["path"] == _OPEN:
            await self.app(scope, receive, send)
        elif not self._is_trusted(scope.get("client")):
            await _refuse(403, "Requests are answered by way of the proxy only.", send)
        elif user := self._user(scope):
            scope[USER] = user
            await self.app(scope, receive, send)
        else:
            await _refuse(401, "The proxy named no user.", send)

    def _is_trusted(self, client: Sequence[object] | None) -> bool:
        try:
            address = ipaddress.ip_address(str(client[0]) if client else "")
        except ValueError:
            return False
        inner = getattr(address, "ipv4_mapped", None) or address  # an IPv4 peer of a socket for both
        return any(inner in network for network in self.proxies)

    def _user(self, scope: Scope) -> str:
        """Return the user, or `""`: none is named, or two are, of which one may be the client's own."""
        values = [value for name, value in scope["headers"] if name.lower() == self.header]
        if len(values) != 1 or len(values[0]) > _MOST_BYTES:
            return ""
        try:
            name = values[0].decode("utf-8").strip()
        except UnicodeDecodeError:
            return ""
        return name if name.isprintable() else ""


def header_name(name: str) -> bytes:
    """Return the name of a header as it is compared.

    Raises:
        ConfigError: it can't be a header's, or clients send that header themselves.
    """
    if not _NAME.fullmatch(name) or name.lower() in _TAKEN:
        raise ConfigError(f"--auth-header: {name!r} can't name who asks", "name the proxy's own, such as X-Remote-User")
    return name.lower().encode("ascii")


def networks(addresses: Sequence[str]) -> tuple[Network, ...]:
    """Return addresses and networks such as `127.0.0.1` and `10.0.0.0/24`.

    Raises:
        ConfigError: there is none, or one is no address.
    """
    if not addresses:
        raise ConfigError("--auth-header trusts a proxy", "say which one: --trusted-proxy 127.0.0.1")
    try:
        return tuple(ipaddress.ip_network(each, strict=False) for each in addresses)
    except ValueError as error:
        raise ConfigError(f"--trusted-proxy: {error}", "write an address or a network, such as 127.0.0.1") from error


def behind_proxy(app: App, header: str, proxies: Sequence[str]) -> App:
    """Return the application behind a proxy that signs people in, or as it is where none does.

    Args:
        app: the application.
        header: name of the header; `""`: no proxy says who asks.
        proxies: the addresses that may send it.

    Raises:
        ConfigError: one was given without the other, or makes no sense.
    """
    if header:
        return Proxied(app, header_name(header), networks(proxies))
    if proxies:
        raise ConfigError("--trusted-proxy has no effect without --auth-header", "leave it out, or name the header")
    return app


async def _refuse(status: int, sentence: str, send: Send) -> None:
    body = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    headers += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
