"""Servers of clouds and shares for tests, on this machine: Google's and Azure's buckets, SMB, GitHub's API.

What is not installed skips its test and says so: `pip install gcsfs gcp-storage-emulator`, `pip install adlfs` with
`npm install -g azurite`, `pip install smbprotocol` with `apt install samba`. GitHub's is a small server of ours.
"""

from __future__ import annotations

import base64
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.harness.place_servers import PASSWORD, Served, _process, free_port, needs

AZURE_ACCOUNT = "devstoreaccount1"
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Both are Azurite's, and known to everybody."""


@contextmanager
def gcs() -> Iterator[tuple[str, Callable[[], None]]]:
    """Serve Google's storage by gcp-storage-emulator; yields its address and what ends it."""
    needs("gcsfs", "gcp_storage_emulator")
    port = free_port()
    program = "from gcp_storage_emulator.__main__ import main; main()"
    options = ["start", f"--port={port}", "--host=127.0.0.1", "--in-memory"]
    with _process([sys.executable, "-c", program, *options], port) as stop:
        yield f"http://127.0.0.1:{port}", stop


@contextmanager
def azure() -> Iterator[tuple[str, Callable[[], None]]]:
    """Serve Azure's blobs by Azurite; yields the connection string and what ends it."""
    needs("adlfs")
    program = os.environ.get("AZURITE_BLOB") or shutil.which("azurite-blob")
    if program is None:
        pytest.skip("needs Azurite: npm install -g azurite, or its program azurite-blob in AZURITE_BLOB")
    port = free_port()
    options = ["--blobPort", str(port), "--blobHost", "127.0.0.1", "--inMemoryPersistence"]
    command = [program, *options, "--silent", "--skipApiVersionCheck"]
    with _process(command, port) as stop:
        parts = {
            "DefaultEndpointsProtocol": "http",
            "AccountName": AZURE_ACCOUNT,
            "AccountKey": AZURE_KEY,
            "BlobEndpoint": f"http://127.0.0.1:{port}/{AZURE_ACCOUNT}",
        }
        yield ";".join(f"{name}={value}" for name, value in parts.items()), stop


_SMB = """\
[global]
  server role = standalone server
  smb ports = {port}
  interfaces = 127.0.0.1
  bind interfaces only = yes
  private dir = {base}/private
  lock directory = {base}/lock
  state directory = {base}/state
  cache directory = {base}/cache
  pid directory = {base}/run
  ncalrpc dir = {base}/ncalrpc
  log file = {base}/log
  passdb backend = tdbsam:{base}/private/passdb.tdb
  disable spoolss = yes
  load printers = no
  invalid users =
[papers]
  path = {folder}
  read only = no
  force user = {user}
"""


@contextmanager
def smb(base: Path, folder: Path) -> Iterator[Served]:
    """Serve a folder by SMB (Samba), to this account with a password."""
    needs("smbprotocol")
    program = shutil.which("smbd") or "/usr/sbin/smbd"
    if not Path(program).exists() or os.geteuid() != 0:
        pytest.skip("needs Samba, and root to start it: apt install samba")
    port, user = free_port(), pwd.getpwuid(os.geteuid()).pw_name
    for name in ("private", "lock", "state", "cache", "run", "ncalrpc"):
        (base / name).mkdir(parents=True)
    settings = base / "smb.conf"
    settings.write_text(_SMB.format(port=port, base=base, folder=folder, user=user), encoding="utf-8")
    words = f"{PASSWORD}\n{PASSWORD}\n".encode()
    added = subprocess.run(
        ["smbpasswd", "-c", str(settings), "-L", "-s", "-a", user], input=words, capture_output=True, check=False
    )
    assert added.returncode == 0, added.stderr
    command = [program, "--foreground", "--no-process-group", "--configfile", str(settings)]
    with _process(command, port, start_new_session=True) as stop:  # it ends its group with itself
        yield Served(f"smb://{user}@127.0.0.1:{port}/papers/", folder, stop)


@contextmanager
def github(owner: str, repository: str, branch: str, folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Answer as GitHub's API does of one branch, whose files are a folder's; yields the address and what ends it."""
    start = f"/repos/{owner}/{repository}"

    def tree(sha: str) -> dict[str, Any] | None:
        folders = {_sha(str(each).encode()): each for each in folder.rglob("*") if each.is_dir()}
        where = folder if sha == branch else folders.get(sha)
        return None if where is None else {"sha": sha, "tree": [_blob(each) for each in sorted(where.iterdir())]}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, found = urlsplit(self.path).path, None
            if path.startswith(f"{start}/git/trees/"):
                found = tree(path.removeprefix(f"{start}/git/trees/"))
            elif path.startswith(f"{start}/contents/") and urlsplit(self.path).query == f"ref={branch}":
                file = folder / unquote(path.removeprefix(f"{start}/contents/"))
                found = {"content": base64.encodebytes(file.read_bytes()).decode()} if file.is_file() else None
            body = dumps(found or {"message": "Not Found"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", stop
    finally:
        stop()


def _sha(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def _blob(path: Path) -> dict[str, Any]:
    if path.is_dir():
        return {"path": path.name, "mode": "040000", "type": "tree", "sha": _sha(str(path).encode())}
    data = path.read_bytes()
    return {"path": path.name, "mode": "100644", "type": "blob", "sha": _sha(data), "size": len(data)}
