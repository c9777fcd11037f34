"""Compiled graphs are kept between starts, and nothing depends on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.embedders.bundled.graphs import graph
from index.embedders.bundled.graphs.kept_graphs import KeptGraph, compile_kept


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))


def blobs(folder: Path) -> list[Path]:
    return sorted((folder / "cache" / "graphs").glob("*.blob"))


class Counted:
    """Builds a graph that multiplies by a number, and counts how often it was asked to."""

    def __init__(self, factor: float) -> None:
        self.times = 0
        self.factor = factor

    def __call__(self) -> object:
        import openvino
        import openvino.opset13 as ops

        self.times += 1
        given = ops.parameter([-1], np.float32)
        return openvino.Model([ops.multiply(given, ops.constant(np.full(64, self.factor, np.float32)))], [given], "x")


def result(kept: KeptGraph) -> float:
    return float(kept.compiled.create_infer_request().infer([np.ones(64, np.float32)])[0][5])


def test_the_second_start_builds_nothing(tmp_path: Path) -> None:
    build = Counted(3.0)
    assert result(compile_kept(build, "f32", "a")) == 3.0
    kept = compile_kept(build, "f32", "a")
    assert build.times == 1
    assert kept.memory is not None
    assert result(kept) == 3.0
    assert [path.suffix for path in (tmp_path / "cache" / "graphs").iterdir()] == [".blob"]


@pytest.mark.parametrize("change", ["told", "precision", "code", "version"])
def test_another_graph_is_not_taken_for_it(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_kept(Counted(3.0), "f32", "a")
    if change == "code":
        code = tmp_path / "graph.py"
        code.write_text("other")
        monkeypatch.setattr(graph, "__file__", str(code))
    if change == "version":
        monkeypatch.setattr("openvino.__version__", "1")
    build = Counted(4.0)
    kept = compile_kept(build, "int8" if change == "precision" else "f32", "b" if change == "told" else "a")
    assert build.times == 1
    assert result(kept) == 4.0


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def wrong_inside(path: Path) -> None:
    """What another version of OpenVINO may have written: sound, but not to be read."""
    import hashlib

    path.write_bytes(hashlib.sha256(b"x" * 200).digest().ljust(64, b"\0") + b"x" * 200)


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        wrong_inside,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:64]),
        lambda path: path.write_bytes(path.read_bytes()[:-7]),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
def test_a_damaged_one_is_made_again(damage: Callable[[Path], object], tmp_path: Path) -> None:
    compile_kept(Counted(3.0), "f32", "a")
    (path,) = blobs(tmp_path)
    damage(path)
    build = Counted(3.0)
    assert result(compile_kept(build, "f32", "a")) == 3.0
    assert build.times == 1
    if path.is_file():
        assert compile_kept(build, "f32", "a").memory is not None, "it was put right"


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    for _ in range(2):
        build = Counted(3.0)
        assert result(compile_kept(build, "f32", "a")) == 3.0
        assert build.times == 1


def test_no_half_written_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert result(compile_kept(Counted(3.0), "f32", "a")) == 3.0
    assert list((tmp_path / "cache" / "graphs").iterdir()) == []


def test_old_ones_are_forgotten(tmp_path: Path) -> None:
    for number in range(10):
        compile_kept(Counted(float(number)), "f32", str(number))
        for age, path in enumerate(blobs(tmp_path)):
            os.utime(path, (1000 + number - age, 1000 + number - age))
    assert len(blobs(tmp_path)) <= 6
