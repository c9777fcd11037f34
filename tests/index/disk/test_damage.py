"""Damaged files: an error that names the file and the fix, or exactly the same answers; never wrong ones."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

import index
from index.errors import StoreError
from tests.harness.crash_harness import WORDS
from tests.harness.index_helpers import answers, build, corpus_of
from tests.harness.partly_slow import partly_slow

posix = pytest.mark.skipif(os.name != "posix", reason="needs fork, SIGKILL and flock")
pytestmark = pytest.mark.usefixtures("read_in_this_process")


def _flip(path: Path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ (1 << bit % 8)]))


@pytest.mark.parametrize("flips", [500])
def test_a_flipped_bit_is_an_error_or_changes_nothing(flips: int, folder: Path, corpora: dict[str, Path]) -> None:
    build(folder, corpora["A"])
    expected, dice = answers(folder), random.Random(7)
    paths = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert len(paths) > 12
    noticed = 0
    for number in range(flips):
        path = paths[number % len(paths)]
        bit = dice.randrange(8 * path.stat().st_size)
        _flip(path, bit)
        try:
            found = answers(folder)
        except StoreError as error:
            noticed += 1
            assert str(folder) in str(error)
            assert "; " in str(error)  # says what to do
        else:
            assert found == expected, f"bit {bit} of {path} changed an answer"
        _flip(path, bit)
    assert noticed > 0.7 * flips
    assert answers(folder) == expected


@pytest.mark.parametrize("keep", partly_slow([100, 0, 1, -1]))
def test_a_truncated_or_missing_file_is_named_and_a_build_repairs_it(
    keep: int, folder: Path, corpora: dict[str, Path]
) -> None:
    build(folder, corpora["A"])
    expected = answers(folder)
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    for name in names:
        if name.name in ("lock", "in-use", "verified.json") or name.name.startswith("embeddings"):
            continue
        (current,) = (each for each in folder.iterdir() if each.name.startswith("gen-"))
        path = folder / name if len(name.parts) == 1 else current.joinpath(*name.parts[1:])
        if keep < 0:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[: min(keep, path.stat().st_size - 1)])
        with pytest.raises(StoreError):
            answers(folder)
        if not (name.name == "CURRENT" and keep < 0):
            assert index.verify(folder) or index.status(folder).problems
        report = build(folder, corpora["A"])
        holds = name.name.startswith("passages_") or name.name in ("documents.sqlite", "manifest.json")
        assert report.embedded == (report.passages if holds else 0)  # what the files of vectors held is embedded again
        assert [type(each) for each in answers(folder)] == [type(each) for each in expected]
        assert corpus_of(folder) == "A"


def test_damaged_kept_vectors_are_never_used(folder: Path, corpora: dict[str, Path]) -> None:
    (corpora["A"] / "extra.txt").write_text("A text that leaves.")
    build(folder, corpora["A"])
    (corpora["A"] / "extra.txt").unlink()
    build(folder, corpora["A"])
    expected, dice = answers(folder), random.Random(3)
    cache = folder / "embeddings.sqlite"
    for _ in range(10):
        for _ in range(30):
            _flip(cache, dice.randrange(8 * cache.stat().st_size))
        (corpora["A"] / "extra.txt").write_text(f"Another text, number {dice.random()}.")
        build(folder, corpora["A"])
        (corpora["A"] / "extra.txt").unlink()
        build(folder, corpora["A"])
        with index.open(folder) as opened:
            for word in WORDS:
                hits = opened.store.dense(opened.embed_query(f"What is told of the {word}?")[0], 1)
                assert word in opened.store.passages([hits[0].key])[0].text
    assert len(answers(folder)) == len(expected)
