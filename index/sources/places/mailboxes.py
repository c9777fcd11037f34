"""Mailboxes as places: each message of an IMAP folder is a file, known by UIDVALIDITY and UID (RFC 9051, RFC 5092).

A message with a UID never changes, so one that was fetched is never fetched again. Nothing is marked as read.
"""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote

from index.sources.places.addresses import host_of, scheme_of, user_of
from index.sources.places.base import Entry, LeftOut
from index.sources.places.patience import within
from index.sources.places.secrets import login_of, variable_of
from index.sources.types import RefusedError

__all__ = ["Mailbox", "folder_name", "open_mailbox"]

_IMAPS = 993
_SIZE = re.compile(rb"\bUID (\d+)")
_BYTES = re.compile(rb"\bRFC822\.SIZE (\d+)")
_AT_ONCE = 1000  # sizes that are asked for together
_LONGER = 10  # a message comes in one piece and may be large
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e]+")


class _Bounded(imaplib.IMAP4_SSL):
    """A connection on which no server can send more in one piece than was agreed on."""

    most = 1 << 20

    def read(self, size: int) -> bytes:
        """Read so many bytes, if they are not too many."""
        if size > self.most:
            raise RefusedError(f"the server sent more than {self.most:,} bytes", skipped=True)
        return super().read(size)


@dataclass(slots=True)
class Mailbox:
    """A folder of an IMAP server, open for reading.

    Attributes:
        connection: to the server, the folder selected.
        validity: of the UIDs.
        most_bytes: of one message.
        seconds: that one step may take.
    """

    connection: imaplib.IMAP4
    validity: str
    most_bytes: int
    seconds: float

    def entries(self) -> Iterator[Entry | LeftOut]:
        """Go through the messages; see `Place.entries`."""
        found = within(self.seconds, lambda: self.connection.uid("SEARCH", "ALL"))
        numbers = _only(found).split()
        for start in range(0, len(numbers), _AT_ONCE):
            wanted = b",".join(numbers[start : start + _AT_ONCE]).decode("ascii")
            sizes = self._sizes(wanted)
            for number in map(int, numbers[start : start + _AT_ONCE]):
                yield self._entry(number, sizes.get(number))

    def close(self) -> None:
        """Sign out."""
        with suppress(imaplib.IMAP4.error):
            self.connection.logout()

    def _sizes(self, wanted: str) -> dict[int, int]:
        kind, lines = within(self.seconds, lambda: self.connection.uid("FETCH", wanted, "(UID RFC822.SIZE)"))
        if kind != "OK":
            raise RefusedError("the server does not list its messages")
        found = dict[int, int]()
        for line in lines:
            text = line[0] if isinstance(line, tuple) else line or b""
            number, size = _SIZE.search(text), _BYTES.search(text)
            if number and size:
                found[int(number[1])] = int(size[1])
        return found

    def _entry(self, number: int, size: int | None) -> Entry:
        version = f"{self.validity}.{number}"
        tail = f";UIDVALIDITY={self.validity}/;UID={number}"
        return Entry(tail, "", ".eml", size, version, lambda: self._read(number))

    def _read(self, number: int) -> Iterator[bytes]:
        wanted = (str(number), f"(UID BODY.PEEK[]<0.{self.most_bytes + 1}>)")
        kind, parts = within(_LONGER * self.seconds, lambda: self.connection.uid("FETCH", *wanted))
        bodies = [part for part in parts if isinstance(part, tuple)]
        if kind != "OK" or not bodies:
            raise RefusedError("is not there any more")
        yield bodies[0][1]


def open_mailbox(place: str, seconds: float, most_bytes: int, secrets: list[str]) -> Mailbox:
    """Sign in to a server and open a folder for reading only.

    Args:
        place: `imaps://USER@HOST/FOLDER`.
        seconds: that one step may take.
        most_bytes: of one message.
        secrets: the password is added to it.

    Raises:
        RefusedError: the address says too little, or the server refuses.
    """
    folder = unquote(place.partition("://")[2].partition("/")[2]).rstrip("/")
    if scheme_of(place) != "imaps" or not folder:
        raise RefusedError("the address of a mailbox names a user, a server and a folder")
    (host, port), (user, password) = host_of(place), login_of(host_of(place)[0], user_of(place))
    if not user or not password:
        raise RefusedError("no user or no password", f"the password belongs into {variable_of(host)}")
    secrets += [password, base64.b64encode(password.encode()).decode()]
    context = ssl.create_default_context()
    connection = _Bounded(host, port or _IMAPS, ssl_context=context, timeout=seconds)
    connection.most = most_bytes + 1
    _signed_in(connection, user, password)
    kind, _ = connection.select(_quoted(folder), readonly=True)
    if kind != "OK":
        raise RefusedError("there is no such folder", "check its name")
    validity = (connection.response("UIDVALIDITY")[1] or [b""])[0] or b""
    if not validity.isdigit():
        raise RefusedError("the server does not number its messages for good")
    return Mailbox(connection, validity.decode("ascii"), most_bytes, seconds)


def _signed_in(connection: imaplib.IMAP4, user: str, password: str) -> None:
    """Sign in; by a mechanism that takes any letters where the plain command would not."""
    try:
        if (user + password).isascii():
            connection.login(user, password)
        else:
            connection.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    except imaplib.IMAP4.error:
        raise RefusedError("the server does not let this user in", "check user and password") from None


def _only(answer: tuple[str, list[bytes | None]]) -> bytes:
    kind, lines = answer
    if kind != "OK":
        raise RefusedError("the server does not list its messages")
    return b" ".join(line for line in lines if line)


def _quoted(folder: str) -> str:
    escaped = folder_name(folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder_name(folder: str) -> str:
    """Return the name of a folder as IMAP writes it: letters beyond ASCII in its own UTF-7 (RFC 3501, 5.1.3)."""

    def shifted(found: re.Match[str]) -> str:
        packed = base64.b64encode(found[0].encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
        return f"&{packed}-"

    return _BEYOND_ASCII.sub(shifted, folder.replace("&", "&-"))
