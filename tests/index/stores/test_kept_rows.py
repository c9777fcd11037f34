"""Vectors of sentences wait in 8 bits: near enough, never in place of a passage's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index.building.passages import preparing
from index.stores.kept_rows import halved, is_whole, packed, unpacked
from index.stores.vector_cache import VectorCache, text_digest
from index.types import FloatArray

DIMENSION = 64


def unit(count: int, seed: int = 1) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def test_eight_bits_are_near_and_tell_themselves_from_half_precision() -> None:
    rows = unit(50)
    digests = [text_digest(str(number)) for number in range(50)]
    kept = packed(digests, rows, set(digests[::2]))
    assert {len(row) for row in kept[::2]} == {DIMENSION + 4}
    assert {len(row) for row in kept[1::2]} == {2 * DIMENSION}
    assert all(is_whole(row, DIMENSION) for row in kept)
    assert not is_whole(kept[0][:-1], DIMENSION)
    found = unpacked([*kept, None], DIMENSION)
    assert not found[-1].any()
    cosines = (found[:-1] * rows).sum(axis=1) / np.linalg.norm(found[:-1], axis=1)
    assert cosines.min() > 0.9999
    assert cosines[1::2].min() > 0.999999
    assert halved(np.zeros(DIMENSION, "<f2").tobytes()) == (np.array([1 / 127], "<f4").tobytes() + bytes(DIMENSION))


def test_a_passage_is_not_content_with_a_sentence_of_the_same_text(tmp_path: Path) -> None:
    digests = [text_digest(str(number)) for number in range(6)]
    with VectorCache(tmp_path / "c", "model", DIMENSION) as cache:
        cache.put(digests[:4], unit(6)[:4], {digests[0], digests[1]})
        assert cache.missing(digests, set(digests)) == [4, 5]
        assert cache.missing(digests) == [0, 1, 4, 5]
        assert cache.missing(digests, {digests[1], digests[5]}) == [0, 4, 5]
        cache.put(digests[:1], unit(6)[:1])
        assert cache.missing(digests[:2]) == [1]
        vectors, missing = cache.get(digests[:4])
    assert not missing
    assert np.allclose(vectors, unit(6)[:4], atol=2e-3)


def test_a_text_that_is_sentence_and_passage_is_kept_as_a_passage(tmp_path: Path) -> None:
    embedded = list[list[str]]()

    def embed(pieces: object) -> object:
        for piece in pieces:  # type: ignore[attr-defined]
            embedded.append(piece)
            yield unit(len(piece))

    with VectorCache(tmp_path / "c", "model", DIMENSION) as cache:
        queue = preparing.EmbeddingQueue(embed, cache, lambda *_: None)  # type: ignore[arg-type]
        queue._texts = {text_digest("one"): ("one", False), text_digest("two"): ("two", False)}
        queue.flush()
        queue._texts = {text_digest("one"): ("one", True), text_digest("two"): ("two", False)}
        queue.flush()
        queue.flush()
        assert cache.missing([text_digest("one"), text_digest("two")]) == [1]
    assert embedded == [["one", "two"], ["one"]]
