"""Real servers of places for tests: each is started on this machine, holds a folder, and is ended again.

A server that is not installed skips its test and says so: `pip install "moto[server]" s3fs` (S3), `wsgidav cheroot`
(WebDAV), `asyncssh` (SFTP), `apt install dovecot-imapd` (IMAP).
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "pw-hunter2-ä"
"""Of the user `me` of every server."""


def needs(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (see tests/harness/place_servers.py)")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            assert process is None or process.poll() is None, "the server ended"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


@dataclass(frozen=True)
class Served:
    """A place: its address, the folder that it shows, and what ends its server."""

    place: str
    folder: Path
    stop: Callable[[], None]


@contextmanager
def _process(command: list[str], port: int, **options: Any) -> Iterator[Callable[[], None]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def stop() -> None:
        process.terminate()
        process.wait(60)

    try:
        wait_for(port, process)
        yield stop
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)


@contextmanager
def s3() -> Iterator[tuple[int, Callable[[], None]]]:
    """Serve S3 by moto; yields its port and what ends it."""
    needs("moto", "s3fs", "flask")
    port = free_port()
    with _process([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], port) as stop:
        yield port, stop


@contextmanager
def webdav(folder: Path) -> Iterator[Served]:
    """Serve a folder by WebDAV (wsgidav), with a password."""
    needs("wsgidav", "cheroot", "webdav4")
    from cheroot.wsgi import Server
    from wsgidav.wsgidav_app import WsgiDAVApp

    users = {"me": {"password": PASSWORD}}
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder)},
            "simple_dc": {"user_mapping": {"*": users}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = Server(("127.0.0.1", free_port()), app)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield Served(f"webdav+http://me@127.0.0.1:{server.bind_addr[1]}/", folder, server.stop)
    finally:
        server.stop()
        thread.join(60)


@contextmanager
def sftp(folder: Path, home: Path) -> Iterator[Served]:
    """Serve a folder by SFTP (asyncssh), with a password; its key is in the home's `known_hosts`."""
    needs("asyncssh", "paramiko")
    import asyncssh

    class Server(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("me", PASSWORD)

    loop = asyncio.new_event_loop()
    key = asyncssh.generate_private_key("ssh-ed25519")
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Any:
        files = lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder))  # noqa: E731
        return await asyncssh.create_server(
            Server, "127.0.0.1", 0, server_host_keys=[key], sftp_factory=files, allow_scp=False
        )

    acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result(120)
    port = acceptor.get_port()
    known = home / ".ssh" / "known_hosts"
    known.parent.mkdir(parents=True)
    known.write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")

    def stop() -> None:
        loop.call_soon_threadsafe(acceptor.close)

    try:
        yield Served(f"sftp://me@127.0.0.1:{port}/", folder, stop)
    finally:
        stop()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)


_DOVECOT = """\
protocols = imap
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/log
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
mail_location = maildir:{mail}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {internal}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


@contextmanager
def dovecot(cert: Path, key: Path) -> Iterator[Served]:
    """Serve mailboxes by IMAP over TLS (Dovecot); `folder` is the INBOX as a Maildir."""
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    if not Path(program).exists() or os.geteuid() != 0:
        pytest.skip("needs Dovecot, and root to start it: apt install dovecot-imapd")
    # A folder of its own: Dovecot's accounts must come through, and each run of pytest closes those of all runs.
    with tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as name:
        base, port = Path(name), free_port()
        base.chmod(0o711)
        (base / "run").mkdir()
        mail = _maildir(base / "mail")
        owner = pwd.getpwnam("nobody")
        text = _DOVECOT.format(
            base=base, cert=cert, key=key, mail=mail, uid=owner.pw_uid, gid=owner.pw_gid, login="dovenull",
            internal="dovecot", password=PASSWORD, port=port,
        )  # fmt: skip
        (base / "dovecot.conf").write_text(text, encoding="utf-8")
        with _process([program, "-F", "-c", str(base / "dovecot.conf")], port) as stop:
            yield Served(f"imaps://me@localhost:{port}/INBOX", mail, stop)


def _maildir(folder: Path) -> Path:
    """Make an empty Maildir of the account nobody: mail of root is refused."""
    owner = pwd.getpwnam("nobody")
    for path in (folder, *(folder / name for name in ("cur", "new", "tmp"))):
        path.mkdir()
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return folder
