"""Every command takes the address of a database, and its password is shown by none."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

import index
from index.errors import RagError
from index.locations import beside, location_of
from tests.harness.commands import ran
from tests.harness.postgres_server import fresh_schema

ROOT = Path(__file__).resolve().parents[3]
SECRET = "pass-W0rd%2Fof%40tests"
PLAIN = "pass-W0rd/of@tests"


@pytest.fixture(scope="module")
def owner() -> Iterator[str]:
    """The address of a place whose owner needs a password, and holds it."""
    url = fresh_schema()
    schema = url.partition("search_path%3D")[2].partition("%2C")[0]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE owner_of_{schema} LOGIN PASSWORD '{PLAIN}'".encode())
        connection.execute(f"ALTER SCHEMA {schema} OWNER TO owner_of_{schema}".encode())
    yield url.replace("postgres@", f"owner_of_{schema}:{SECRET}@")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "mill.txt").write_text("The mill at Orlen was built in 1731 by Jana Kost. " * 3)
    return tmp_path / "texts"


def rag(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return ran(list(arguments), ROOT, {**os.environ, "PYTHONPATH": str(ROOT), **environment})


def secretless(*args: object) -> None:
    for each in args:
        assert PLAIN not in str(each), each
        assert SECRET not in str(each), each


def without_password(url: str) -> str:
    return url.replace(f":{SECRET}@", "@")


@pytest.mark.slow
def test_commands_take_an_address_and_never_show_its_password(owner: str, texts: Path) -> None:
    built = rag("index", str(texts), "--index", owner, "--embedder", "hashing")
    assert built.returncode == 0, built.stderr
    calls = [
        rag("status", "--index", owner),
        rag("status", f"--index={owner}", "--json"),
        rag("index", "--verify", RAG_INDEX=owner),
        rag("ask", "Who built the mill at Orlen?", "--json", RAG_INDEX=owner),
        rag("search", "the mill", "--index", owner),
        rag("export", "--index", owner),
        rag("index", "--index", owner, "--json"),
    ]
    for done in calls:
        assert done.returncode == 0, done.stderr
        secretless(done.stdout, done.stderr)
    secretless(built.stdout, built.stderr)
    assert "Jana Kost" in calls[3].stdout
    assert json.loads(calls[1].stdout)["index_dir"].startswith("postgresql://owner_of_")
    secretless(Path(texts).name, *(path.read_text(errors="replace") for path in beside(location_of(owner)).glob("*")))


def test_a_password_leaves_the_list_of_processes(owner: str, texts: Path) -> None:
    code = (
        "import sys, time, ui.cli.program as program; program.app = lambda: (print('up', flush=True), time.sleep(60));"
        "program.main()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, "chat", "--index", owner],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == b"up\n"
        command = psutil.Process(child.pid).cmdline()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    secretless(*command)
    assert without_password(owner) in command


def test_passwords_of_shards_are_hidden_or_refused() -> None:
    addresses = [f"postgresql://me:{SECRET}@127.0.0.1:1/db", f"postgresql://me:{SECRET}@127.0.0.1:2/db"]
    same = rag("status", "--index", " ".join(addresses))
    several = rag("status", "--index", " ".join([*addresses[:1], addresses[1].replace(SECRET, "another-one")]))
    assert same.returncode == several.returncode == 1
    assert same.stderr.startswith("error: postgresql://me@127.0.0.1:1/db: "), same.stderr
    assert "PGPASSFILE" in several.stderr
    secretless(same.stdout, same.stderr, several.stdout, several.stderr)
    assert "another-one" not in several.stderr


@pytest.mark.slow
def test_errors_and_logs_hold_no_password(owner: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = owner.replace(SECRET, SECRET + "x")
    server = owner.partition("@")[2].partition("/")[0]
    addresses = {
        wrong: "password authentication failed.*check user and password",
        owner.replace(server, "127.0.0.1:1"): "refused.*check that the server is up",
        owner.replace("/postgres?", "/nowhere?"): 'database "nowhere" does not exist',
        f"postgresql://me:{SECRET}%zz@{server}/postgres": "can't be read",
        f"{owner}&nonsense=1": "can't be read",
        f"{owner}&sslmode=require": "server does not support SSL",
    }
    for address, expected in addresses.items():
        for look in (
            index.status,
            index.open,
            index.LiveIndex,
            lambda where: index.build([ROOT / "seeds"], index_dir=where),
        ):
            with pytest.raises(RagError, match=expected) as caught:
                look(address)
            secretless(caught.value, repr(caught.value), repr(location_of(address)), caught.value.__cause__)
            assert "\n" not in str(caught.value)
        done = rag("--debug", "status", "--index", address)
        assert done.returncode == 1
        secretless(done.stdout, done.stderr)
    secretless(caplog.text)


def test_libpq_finds_the_password_in_its_own_places(
    owner: str, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.build([texts], index_dir=owner, embedder="hashing")
    user, _, rest = owner.removeprefix("postgresql://").partition(f":{SECRET}@")
    port = rest.partition(":")[2].partition("/")[0]
    keys = tmp_path / "keys"
    keys.write_text(f"127.0.0.1:{port}:*:{user}:{PLAIN}\n")
    keys.chmod(0o600)
    bare = without_password(owner)
    with pytest.raises(RagError, match=r"no password supplied.*PGPASSFILE"):
        index.status(bare)
    monkeypatch.setenv("PGPASSFILE", str(keys))
    assert index.status(bare).documents == 1
    monkeypatch.delenv("PGPASSFILE")
    assert index.status(f"{bare}&passfile={keys}").documents == 1
    options = bare.partition("options=")[2].replace("%3D", "=").replace("%2C", ",")
    service = tmp_path / "services"
    about = f"host=127.0.0.1\nport={port}\nuser={user}\ndbname=postgres\npassword={PLAIN}\noptions={options}\n"
    service.write_text(f"[library]\n{about}")
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    state = index.status("postgresql://?service=library")
    assert (state.documents, state.index_dir) == (1, "postgresql://?service=library")


def test_the_page_and_its_library_ask_a_database(owner: str, texts: Path, tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    from rag import Assistant
    from ui.app.server import build_app
    from ui.service.asking.asking import ChatService
    from ui.service.library.builds import Builds
    from ui.service.library.library import Library, Rights

    index.build([texts], index_dir=owner, embedder="hashing")
    location = location_of(owner)
    library = Library(location, Rights(local=True, admin=None), Builds(location, build=index.build))
    live = index.LiveIndex(owner)
    service = ChatService(Assistant(index=live), "extractive")
    app: Any = build_app(service, host="127.0.0.1", library=library)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        page = client.get("/")
        secretless(page.text)
        listed = client.get("/library/documents")
        secretless(listed.text)
        assert "mill.txt" in listed.text, listed.text
    (texts / "second.txt").write_text("A second text about the weir. " * 4)
    index.build(index_dir=owner)
    assert len(library.listing().documents) == 2
    live.close()


def test_the_tools_of_agents_ask_a_database(owner: str, texts: Path) -> None:
    pytest.importorskip("mcp")
    index.build([texts], index_dir=owner, embedder="hashing")
    calls = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "search", "arguments": {"question": "Who built the mill?"}}},
    ]  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "mcp", "--index", owner],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write("".join(json.dumps(call) + "\n" for call in calls))
        child.stdin.flush()
        replies = [child.stdout.readline() for _ in range(2)]
    finally:
        child.kill()
        _, errors = child.communicate(timeout=30)
    assert "Jana Kost" in replies[1], (replies, errors)
    secretless(*replies, errors)
