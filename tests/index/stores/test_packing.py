"""Packed postings are those that were packed, whatever the gaps and counts, in whatever pieces they come."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.errors import IndexDamagedError
from index.stores.embedded.keywords import packing
from index.stores.embedded.keywords.merging import Piece
from index.stores.embedded.keywords.packing import PackedPostings, PackedWriter
from index.stores.embedded.keywords.ready import Ready


def postings(seed: int, sizes: list[int], rows: int) -> Piece:
    """Terms that so many rows hold each, the first ones of all rows close together."""
    dice, found = np.random.default_rng(seed), [np.empty(0, np.uint32)]
    for number, size in enumerate(sizes):
        among = min(rows, 2 * size if number % 2 else rows)
        found.append(np.sort(dice.choice(among, min(size, among), replace=False)).astype(np.uint32))
    holders = np.array([len(each) for each in found[1:]], np.int64)
    counts = np.minimum(dice.geometric(0.8, int(holders.sum())), 255).astype(np.uint8)
    counts[::97] = 255
    return Piece(np.arange(len(holders), dtype=np.uint64), holders, np.concatenate(found), counts)


def write(folder: Path, pieces: list[Piece], rows: int) -> PackedPostings:
    with PackedWriter(folder, rows) as writer:
        for piece in pieces:
            writer.append(piece)
    assert {name: stamp.size for name, stamp in writer.stamps().items()} == {
        path.name: path.stat().st_size for path in folder.iterdir()
    }
    return PackedPostings(folder, rows)


def halves(piece: Piece) -> list[Piece]:
    middle = len(piece.holders) // 2
    cut = int(piece.holders[:middle].sum())
    first = Piece(piece.terms[:middle], piece.holders[:middle], piece.rows[:cut], piece.counts[:cut])
    return [first, Piece(piece.terms[middle:], piece.holders[middle:], piece.rows[cut:], piece.counts[cut:])]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 9999),
    sizes=st.lists(st.integers(0, 3000), max_size=9),
    rows=st.sampled_from([1, 200, 70_000, 1_000_000, (1 << 24) + 5]),
)
def test_what_was_packed_comes_out(
    seed: int, sizes: list[int], rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    piece = postings(seed, sizes, min(rows, 1_000_000))
    if rows > 1 << 24 and len(piece.rows):
        piece.rows[np.cumsum(piece.holders)[piece.holders > 0] - 1] += np.uint32(rows - 1_000_000)
    stored = write(tmp_path_factory.mktemp("p"), halves(piece), rows)
    edges = np.concatenate([[0], np.cumsum(piece.holders)]).tolist()
    assert np.array_equal(stored.rows_of_many(0, edges[-1], piece.holders), piece.rows)
    assert np.array_equal(stored.counts(0, edges[-1]), piece.counts)
    for start, end in pairwise(edges):
        assert np.array_equal(stored.rows(start, end), piece.rows[start:end])
        assert np.array_equal(stored.counts(start, end), piece.counts[start:end])
    some = slice(len(sizes) // 3, None)
    start = edges[some.start]
    assert np.array_equal(stored.rows_of_many(start, edges[-1], piece.holders[some]), piece.rows[start:])


def test_most_postings_take_little_more_than_a_byte(tmp_path: Path) -> None:
    piece = postings(1, [5000] * 20, 100_000)
    write(tmp_path, [piece], 100_000)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert size < 1.8 * len(piece.rows)


def test_a_file_of_another_length_is_named(tmp_path: Path) -> None:
    write(tmp_path, [postings(1, [500] * 9, 100_000)], 100_000)
    path = tmp_path / "far_values.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(IndexDamagedError, match="far_values"):
        PackedPostings(tmp_path, 100_000)


def test_the_comparison_catches_careless_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = postings(2, [3000, 40, 2500, 7], 1_000_000)
    stored, start = write(tmp_path, [piece], 1_000_000), 3040
    assert np.array_equal(stored.rows(start, start + 2500), piece.rows[start : start + 2500])
    monkeypatch.setattr(packing._Marked, "_before", lambda self, place: int(self._places[place // 1024]))
    assert not np.array_equal(stored.rows(start, start + 2500), piece.rows[start : start + 2500])


def test_postings_of_frequent_terms_are_read_once_while_there_is_room() -> None:
    asked = list[int]()

    class Stored:
        def rows(self, start: int, end: int) -> NDArray[np.uint32]:
            asked.append(start)
            return np.arange(start, end, dtype=np.uint32)

        def counts(self, start: int, end: int) -> NDArray[np.uint8]:
            return np.ones(end - start, np.uint8)

    ready = Ready(Stored(), 5_000)
    for _ in range(2):
        assert ready.read(0, 2_000)[0][-1] == 1_999
        assert ready.read(10_000, 12_500)[0][0] == 10_000
        assert ready.read(20_000, 20_010)[0][0] == 20_000
    assert asked == [0, 10_000, 20_000, 20_000]  # rare ones are not kept
    ready.read(30_000, 33_000)  # in place of the one that was asked for longest ago
    ready.read(10_000, 12_500)
    assert asked[4:] == [30_000, 10_000]
