"""Mailboxes over TLS, from a server of a few lines: what is listed and read, and what a server may not do."""

from __future__ import annotations

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from index.sources.places.base import Entry
from index.sources.places.mailboxes import Mailbox, open_mailbox
from index.sources.types import RefusedError
from tests.harness.tls_front import write_certificate

PASSWORD = "pw-lamp"
LAMP = b"Subject: The lamp\r\n\r\nIt was lit in 1849.\r\n"
MOST = 4_000


@dataclass
class Mails:
    """What the server holds, and what it was told."""

    messages: dict[int, bytes] = field(default_factory=lambda: {3: LAMP, 7: LAMP * 2})
    validity: str = "[UIDVALIDITY 42]"
    refuses: str = ""
    """A word of a command that is answered by NO."""
    told: list[str] = field(default_factory=list)


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            self.server.mails.told.append(command)
            if "AUTHENTICATE" in command:
                self.wfile.write(b"+ \r\n")
                command += base64.b64decode(self.rfile.readline()).decode()
            ends = b"NO" if self._refused(command) else b"OK"
            if ends == b"OK":
                self._answer(command)
            self.wfile.write(tag.encode() + b" " + ends + b" done\r\n")
            if command == "LOGOUT":
                return

    def _refused(self, command: str) -> bool:
        mails = self.server.mails
        signs_in = command.startswith(("LOGIN", "AUTHENTICATE"))
        return bool(mails.refuses and mails.refuses in command) or (signs_in and PASSWORD not in command)

    def _answer(self, command: str) -> None:
        mails = self.server.mails
        if command == "CAPABILITY":
            self.wfile.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
        elif command.startswith("EXAMINE"):
            self.wfile.write(f"* 2 EXISTS\r\n* OK {mails.validity} fine\r\n".encode())
        elif "SEARCH" in command:
            self.wfile.write(f"* SEARCH {' '.join(map(str, mails.messages))}\r\n".encode())
        elif "RFC822.SIZE" in command:
            for number, data in mails.messages.items():
                self.wfile.write(f"* 1 FETCH (UID {number} RFC822.SIZE {len(data)})\r\n".encode())
        elif found := re.match(r"UID FETCH (\d+) \(UID BODY", command):
            data = mails.messages.get(int(found[1]), b"")
            if data:
                self.wfile.write(b"* 1 FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n" % (found[1].encode(), len(data), data))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    mails: Mails


@pytest.fixture
def mails() -> Mails:
    return Mails()


@pytest.fixture
def place(mails: Mails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pem = write_certificate(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("RAG_PASSWORD_LOCALHOST", PASSWORD)
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.mails = mails
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"imaps://me@localhost:{server.server_address[1]}/INBOX"
        server.shutdown()


def opened(place: str, secrets: list[str] | None = None) -> Mailbox:
    return open_mailbox(place, 10.0, MOST, [] if secrets is None else secrets)


def test_messages_are_known_by_number_and_size_and_read_whole(place: str, mails: Mails) -> None:
    secrets: list[str] = []
    box = opened(place, secrets)
    entries = [one for one in box.entries() if isinstance(one, Entry)]
    assert [(one.version, one.size) for one in entries] == [("42.3", len(LAMP)), ("42.7", 2 * len(LAMP))]
    assert [b"".join(one.read()) for one in entries] == [LAMP, 2 * LAMP]
    box.close()
    assert secrets == [PASSWORD, base64.b64encode(PASSWORD.encode()).decode()]
    assert mails.told[-1] == "LOGOUT"
    assert not [command for command in mails.told if "SELECT" in command or "STORE" in command]  # nothing is marked


def test_a_message_that_is_gone_and_one_that_is_too_large_are_refused(place: str, mails: Mails) -> None:
    entries = [one for one in opened(place).entries() if isinstance(one, Entry)]
    del mails.messages[3]
    with pytest.raises(RefusedError, match="not there any more"):
        next(iter(entries[0].read()))
    mails.messages[7] = b"x" * (MOST + 2)
    with pytest.raises(RefusedError, match="more than 4,001 bytes"):
        next(iter(entries[1].read()))


@pytest.mark.parametrize(
    ("refuses", "reason"),
    [("LOGIN", "let this user in"), ("EXAMINE", "no such folder"), ("SEARCH", "list its"), ("RFC822.SIZE", "list its")],
)
def test_what_a_server_refuses_is_said(place: str, mails: Mails, refuses: str, reason: str) -> None:
    mails.refuses = refuses
    with pytest.raises(RefusedError, match=reason):
        list(opened(place).entries())


def test_letters_beyond_ascii_sign_in_as_well(place: str, mails: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSWORD_LOCALHOST", f"ü{PASSWORD}")
    assert len(list(opened(place).entries())) == 2
    assert not [command for command in mails.told if command.startswith("LOGIN")]


def test_a_mailbox_without_lasting_numbers_a_folder_or_a_password_is_refused(
    place: str, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails.validity = "[UIDNEXT 9]"
    with pytest.raises(RefusedError, match="for good"):
        opened(place)
    with pytest.raises(RefusedError, match="names a user, a server and a folder"):
        opened(place.removesuffix("INBOX"))
    monkeypatch.delenv("RAG_PASSWORD_LOCALHOST")
    with pytest.raises(RefusedError, match="no password"):
        opened(place)
