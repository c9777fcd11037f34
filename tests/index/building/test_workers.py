"""Other processes and machines embed: the same vectors to the bit, whoever ends in the middle."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import index
from index.building import workers
from index.errors import ConfigError, EmbedderError
from index.types import FloatArray
from tests.harness.index_helpers import CountingEmbedder
from tests.harness.ui_server import free_port
from ui.cli import app

pytestmark = pytest.mark.usefixtures("read_in_this_process")
PIECE = 4


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty files, and pieces so small that they make dozens."""
    monkeypatch.setattr("index.building.passages.preparing._PIECE", PIECE)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        text = f"Ship number {number} left the harbour on day {number}. Its captain was {number * 7} years old."
        (folder / f"{number:02}.txt").write_text(text)
    return folder


def vectors(folder: Path) -> FloatArray:
    """Return the vectors of all passages of an index, by document."""
    opened = index.open(folder)
    try:
        keys = [key for name in opened.store.document_ids() for key in opened.store.keys(name)]
        return np.asarray(opened.store.vectors(keys))
    finally:
        opened.close()


class Faulty(Executor):
    """Embeds here; its third piece finds the process gone."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, work: Any, /, *args: Any, **named: Any) -> Future[Any]:
        self.taken += 1
        future: Future[Any] = Future()
        if self.taken == 3:
            future.set_exception(BrokenProcessPool("gone"))
        else:
            future.set_result(work(*args, **named))
        return future


@pytest.mark.parametrize("who", [2, "2"])
def test_processes_give_the_same_vectors(who: int | str, many: Path, tmp_path: Path) -> None:
    index.build([many], index_dir=tmp_path / "here", embedder="hashing")
    report = index.build([many], index_dir=tmp_path / "there", embedder="hashing", workers=who)
    assert report.embedded == 60
    assert np.array_equal(vectors(tmp_path / "here"), vectors(tmp_path / "there"))


def test_any_executor_will_do(many: Path, tmp_path: Path) -> None:
    index.build([many], index_dir=tmp_path / "here", embedder="hashing")
    with ThreadPoolExecutor(3) as pool:
        index.build([many], index_dir=tmp_path / "there", embedder="hashing", workers=pool)
        assert pool.submit(int).result() == 0  # who brought it shuts it down
    assert np.array_equal(vectors(tmp_path / "here"), vectors(tmp_path / "there"))


def test_what_a_lost_worker_had_embedded_is_kept(many: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="what was embedded is kept"):
        index.build([many], index_dir=tmp_path / "i", embedder="hashing", workers=Faulty())
    counting = CountingEmbedder()
    assert counting.spec == "hashing"
    index.build([many], index_dir=tmp_path / "i", embedder=counting)
    assert 0 < len(counting.texts) <= 180 - 2 * PIECE


def test_a_worker_with_another_model_is_refused() -> None:
    with pytest.raises(EmbedderError, match="install the same version everywhere"):
        workers.embed_piece("hashing", "another", ["text"])


@pytest.mark.parametrize("address", ["0", "-1", "65", "two", "1.5", "http://host:8786", "²"])
def test_who_is_nobody_is_refused_by_name(address: str, many: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="workers") as caught:
        index.build([many], index_dir=tmp_path / "i", embedder="hashing", workers=address)
    assert address in str(caught.value)
    done = CliRunner().invoke(app, ["index", str(many), "--index", str(tmp_path / "i"), "--workers", address])
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_a_scheduler_that_is_not_there_is_one_line(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "_PATIENCE", 1.0)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(EmbedderError, match="no Dask scheduler answers"):
        index.build([many], index_dir=tmp_path / "i", embedder="hashing", workers=address)


class Cluster:
    """A real scheduler and real workers, each a process of its own."""

    def __init__(self, count: int) -> None:
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port)]
        self.scheduler = subprocess.Popen([*start, "--no-dashboard"], **quiet)
        start = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-dashboard"]
        self.workers = [subprocess.Popen([*start, "--no-nanny"], **quiet) for _ in range(count)]
        self._wait(count)

    def _wait(self, count: int) -> None:
        from distributed import Client

        deadline = time.monotonic() + 120
        while True:
            try:
                with Client(self.address, timeout=5, set_as_default=False) as client:
                    client.wait_for_workers(count, timeout=60)
            except OSError:
                if time.monotonic() > deadline:
                    raise
            else:
                return

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    started = Cluster(2)
    yield started
    started.end()


def test_a_cluster_gives_the_same_vectors(many: Path, tmp_path: Path, cluster: Cluster) -> None:
    index.build([many], index_dir=tmp_path / "here", embedder="hashing")
    done = CliRunner().invoke(
        app, ["index", str(many), "--index", str(tmp_path / "i"), "--embedder", "hashing", "--workers", cluster.address]
    )
    assert done.exit_code == 0, done.output
    assert np.array_equal(vectors(tmp_path / "here"), vectors(tmp_path / "i"))


@pytest.mark.slow
def test_a_killed_worker_costs_nothing(many: Path, tmp_path: Path, cluster: Cluster) -> None:
    def kill(step: index.Progress) -> None:
        if step.stage == "embedding" and step.done >= 5 * PIECE and cluster.workers[0].poll() is None:
            cluster.workers[0].kill()

    index.build([many], index_dir=tmp_path / "here")
    report = index.build([many], index_dir=tmp_path / "there", workers=cluster.address, progress=kill)
    assert cluster.workers[0].poll() is not None
    assert report.embedded == 60
    assert np.array_equal(vectors(tmp_path / "here"), vectors(tmp_path / "there"))


@pytest.mark.slow
def test_a_killed_scheduler_is_one_line_and_the_next_build_goes_on(
    many: Path, tmp_path: Path, cluster: Cluster
) -> None:
    def kill(step: index.Progress) -> None:
        if step.stage == "embedding" and step.done >= 5 * PIECE and cluster.scheduler.poll() is None:
            cluster.scheduler.kill()

    index.build([many], index_dir=tmp_path / "here")
    with pytest.raises(EmbedderError, match="what was embedded is kept"):
        index.build([many], index_dir=tmp_path / "there", workers=cluster.address, progress=kill)
    steps: list[index.Progress] = []
    index.build([many], index_dir=tmp_path / "there", progress=steps.append)
    assert max(step.total for step in steps if step.stage == "embedding") <= 180 - 5 * PIECE
    assert np.array_equal(vectors(tmp_path / "here"), vectors(tmp_path / "there"))
