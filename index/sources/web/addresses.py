"""Which addresses may be fetched from: public ones, checked after the name is resolved and before the connection."""

from __future__ import annotations

import ipaddress
import re
import socket

__all__ = ["is_address", "is_public", "resolve", "shown_address"]

_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NO_PORT = re.compile(r"^[^\[\]:]*:(?!\d*$)")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def is_public(address: str) -> bool:
    """Say whether an address belongs to the open internet: not this machine, its network, or a way around into them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in network for network in _TRANSLATED):
            return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved and not parsed.is_unspecified


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order that the system prefers.

    Raises:
        OSError: the name is not known.
    """
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:  # a name
        pass
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def shown_address(address: str) -> str:
    """Return an address as it may be shown and kept: on one line, without what stands before `@` in its host."""
    line = "".join(_UNSHOWN.sub("", address).split())
    scheme, slashes, rest = line.partition("://")
    rest = rest.lstrip("/\\")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if slashes and "@" not in host and _NO_PORT.search(host):
        host = rest  # a password with a sign in it that ends a host
    return f"{scheme}{slashes}{rest[host.rfind('@') + 1 :]}" if slashes and "@" in host else line


def is_address(text: str) -> bool:
    """Say whether the name of a source is an address rather than a path."""
    return text.lower().startswith(("http://", "https://"))
