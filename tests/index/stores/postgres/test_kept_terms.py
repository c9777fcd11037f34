"""Postings that were fetched from a database are kept: in one piece, and as long as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from index.stores.postgres.searching import keywords
from index.stores.postgres.searching.keywords import KeptTerms, pack
from index.stores.postgres.searching.snapshot import Snapshot


class Server:
    """Has two rows of postings for each term and generation, the later one first, and notes what it is asked for."""

    def __init__(self, generation: int = 1) -> None:
        self.pointer = SimpleNamespace(generation=generation, tables=SimpleNamespace(fill=str))
        self.asked: list[list[int]] = []

    def rows(self, _: str, values: tuple[list[int], list[int]]) -> list[tuple[int, int, bytes]]:
        terms, after = values
        self.asked.append(terms)
        wanted = [(term, n) for term, a in zip(terms, after, strict=True) for n in range(a + 1, self.generation + 1)]
        return [(term, n, packed(100 * n + 10 * part)) for part in (1, 0) for term, n in wanted]

    @property
    def generation(self) -> int:
        return int(self.pointer.generation)


def packed(first: int) -> bytes:
    keys = np.arange(first, first + 10, dtype=np.uint32)
    return pack(keys, keys + 1, np.full(10, first % 7, np.uint8))


def ask(kept: KeptTerms, server: Server, terms: Sequence[int]) -> Any:
    return kept.get(cast("Snapshot", server), terms)


def test_a_term_is_kept_in_one_piece_for_each_generation() -> None:
    kept, server = KeptTerms(), Server()
    ((first,),) = ask(kept, server, [5])
    assert first.keys.tolist() == list(range(100, 120))
    assert first.counts.tolist() == [100 % 7] * 10 + [110 % 7] * 10
    (pieces,) = ask(kept, Server(3), [5])
    assert [each.segment for each in pieces] == [1, 2, 3]
    assert pieces[0] is first
    assert np.concatenate([each.keys for each in pieces]).tolist() == [
        *range(100, 120),
        *range(200, 220),
        *range(300, 320),
    ]
    assert ask(kept, server, [5]) == [(first,)]  # who reads the first generation still sees it alone
    norms = kept.lengths.norms(1.0, 320)
    assert np.isfinite(norms[100:120]).all()
    assert np.isinf(norms[:100]).all()


def test_terms_that_are_asked_for_again_outlive_others(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, server = KeptTerms(), Server()
    ask(kept, server, [1])
    monkeypatch.setattr(keywords, "_KEPT_BYTES", int(2.5 * kept._size))
    for term in (2, 1, 3, 1, 4, 1):
        ask(kept, server, [term])
    assert server.asked == [[1], [2], [3], [4]]
    ask(kept, server, [2])
    assert server.asked[-1] == [2]  # long unasked for, and gone
