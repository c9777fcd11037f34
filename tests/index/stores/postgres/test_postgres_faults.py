"""What stands in the way of an index in PostgreSQL: one clear line each, and nothing is lost."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import index
from index.errors import IndexIncompatibleError, RagError, StoreError
from rag import Assistant
from tests.harness.index_helpers import build, corpus_of
from tests.harness.postgres_server import as_other, fresh_schema, shared_server
from tests.harness.tls_front import tls_front, write_certificate
from tests.index.stores.postgres.test_postgres_build import run

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def refused(expected: str, *looks: Any, kind: type[RagError] = StoreError) -> None:
    """Expect one line that says so, from each way to the index."""
    for look in looks:
        with pytest.raises(kind, match=expected) as caught:
            look()
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith("postgresql://")


@pytest.fixture
def tiny() -> Iterator[str]:
    """The name of a tablespace of two megabytes."""
    if os.name == "nt" or os.geteuid() != 0:
        pytest.skip("needs root, to mount a disk of two megabytes")
    with tempfile.TemporaryDirectory(prefix="tiny-") as folder:
        Path(folder).chmod(0o711)
        disk = Path(folder) / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)
        try:
            other = as_other()
            os.chown(disk, other["user"], other["group"])
            name = f"tiny{os.getpid()}"
            run(shared_server().url(), f"CREATE TABLESPACE {name} LOCATION '{disk}'")
            yield name
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.slow
def test_a_full_disk_is_said_and_what_was_there_answers(tiny: str, corpora: dict[str, Path]) -> None:
    database = fresh_schema()
    schema = database.partition("search_path%3D")[2].partition("%2C")[0]
    on_tiny = database.replace("options=", f"options=-cdefault_tablespace%3D{tiny}%20")
    build(on_tiny, corpora["A"])  # type: ignore[arg-type]
    dice = random.Random(1)
    large = corpora["A"] / "large.txt"
    for rebuild in (False, True):
        large.write_text(" ".join(f"{dice.getrandbits(64):x}" for _ in range(9_000)))
        refused(
            r"No space left on device.*make room on the server",
            lambda rebuild=rebuild: build(on_tiny, corpora["A"], rebuild=rebuild),
        )
        large.unlink()
        assert corpus_of(on_tiny) == "A"  # type: ignore[arg-type]
        assert index.status(on_tiny).generation == 1
    build(on_tiny, corpora["B"])  # type: ignore[arg-type]
    assert corpus_of(on_tiny) == "B"  # type: ignore[arg-type]
    run(database, f"DROP SCHEMA {schema} CASCADE")
    run(database, f"DROP TABLESPACE {tiny}")


def test_an_old_pgvector_is_refused_by_its_version(corpora: dict[str, Path]) -> None:
    """The catalog says which one it is; its row is all that the refusal looks at."""
    server = shared_server()
    run(server.url(), "CREATE DATABASE old_vector TEMPLATE template0")
    url = server.url(database="old_vector")
    try:
        run(url, "CREATE EXTENSION vector")
        build(url, corpora["A"])  # type: ignore[arg-type]
        for old in ("0.8.3", "0.8", "0.5.1"):
            run(url, f"UPDATE pg_extension SET extversion = '{old}' WHERE extname = 'vector'")
            looks = (lambda: index.open(url), lambda: Assistant(url), lambda: build(url, corpora["B"]))  # type: ignore[arg-type]
            refused(rf"pgvector is {old}, .* 0\.8\.4 or newer", *looks, kind=IndexIncompatibleError)
        for new in ("0.8.4", "0.10.0", "1.0"):
            run(url, f"UPDATE pg_extension SET extversion = '{new}' WHERE extname = 'vector'")
            assert corpus_of(url) == "A"  # type: ignore[arg-type]
    finally:
        run(server.url(), "DROP DATABASE old_vector WITH (FORCE)")


def test_a_certificate_is_checked_as_the_address_says(tmp_path: Path, corpora: dict[str, Path]) -> None:
    database, server = fresh_schema(), shared_server()
    good, other = write_certificate(tmp_path, "localhost"), write_certificate(tmp_path, "elsewhere.example")
    with tls_front(good, server.port) as port:
        behind = database.replace(f"127.0.0.1:{server.port}", f"localhost:{port}")
        checked = f"{behind}&sslmode=verify-full&sslrootcert={good}"
        build(checked, corpora["A"])  # type: ignore[arg-type]
        assert Assistant(checked).retrieve("What is told of the canal?")
        assert corpus_of(f"{behind}&sslmode=require") == "A"  # type: ignore[arg-type]
        wrong = {
            f"{behind}&sslmode=verify-full&sslrootcert={other}": "certificate verify failed",
            f"{behind}&sslmode=verify-full&sslrootcert={tmp_path}/none.pem": "root certificate file .* does not exist",
            checked.replace("localhost:", "127.0.0.1:"): r'certificate for "localhost" .*does not match host name "127',
        }
        for address, expected in wrong.items():
            shown = "postgresql://postgres@"
            looks = (lambda a=address: index.open(a), lambda a=address: index.status(a), lambda a=address: Assistant(a))
            refused(f"{shown}.*{expected}.*sslrootcert", *looks)
            refused(f"{shown}.*{expected}.*sslrootcert", lambda a=address: build(a, corpora["B"]))  # type: ignore[misc]
    assert corpus_of(database) == "A"  # type: ignore[arg-type]
