"""Keeps this process from connecting into private networks while a place is visited that a visitor of the page named.

The libraries of places resolve names and connect by themselves, so addresses are checked where every socket of Python
connects: what a name leads to at that moment counts (no gap for a name that is rebound).
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from index.sources.web.addresses import is_public

__all__ = ["NETWORKED", "PrivateAddressError", "only_public"]

NETWORKED = frozenset(
    [
        "abfs",
        "abfss",
        "az",
        "adl",
        "dav",
        "davs",
        "ftp",
        "gcs",
        "github",
        "gs",
        "imaps",
        "s3",
        "s3a",
        "sftp",
        "smb",
        "ssh",
        "webdav+http",
        "webdav+https",
    ]
)
"""Kinds of places that connect by sockets of Python and nothing else; visitors can name no others."""

_depth = 0


class PrivateAddressError(PermissionError):
    """A place leads to this machine or its network."""


@contextmanager
def only_public() -> Iterator[None]:
    """Refuse connections of this process to other than public addresses within a block."""
    global _depth  # noqa: PLW0603 - libraries connect in threads of their own
    _watch()
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


@cache
def _watch() -> None:
    """Look at each connection from now on; what is watched can't be unwatched, so it is asked each time."""
    sys.addaudithook(_check)


def _check(event: str, arguments: tuple[object, ...]) -> None:
    if not _depth or event not in ("socket.connect", "socket.sendto"):
        return
    connecting, address = arguments[0], arguments[1] if len(arguments) > 1 else None
    if not isinstance(connecting, socket.socket) or connecting.family not in (socket.AF_INET, socket.AF_INET6):
        return
    if connecting.type & 0xF == socket.SOCK_DGRAM:  # asks for names
        return
    if not isinstance(address, tuple) or not is_public(str(address[0])):
        raise PrivateAddressError("leads to this machine or its network")
