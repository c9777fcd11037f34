"""The best passages by BM25 are those of looking at every posting, to the bit, whatever is left unread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.stores.embedded.keywords import ranking
from index.stores.embedded.keywords.ranking import K1, B, Posted, best


def corpus(seed: int, rows: int, terms: int) -> tuple[list[Posted], NDArray[np.float32]]:
    """Return postings of terms that come as often as Zipf's law has it, and the norms of the rows."""
    dice = np.random.default_rng(seed)
    lengths = dice.integers(3, 60, rows)
    norms = (K1 * (1 - B + B * lengths / lengths.mean())).astype(np.float32)
    posted = []
    for number in range(terms):
        share = min(0.9, 0.9 * rows ** (-number / terms))
        held = np.flatnonzero(dice.random(rows) < share).astype(np.uint32)
        if len(held):
            weight = float(np.log1p((rows - len(held) + 0.5) / (len(held) + 0.5)))
            posted.append(Posted(weight, held, np.minimum(dice.geometric(0.6, len(held)), 255).astype(np.uint8)))
    return [posted[number] for number in dice.permutation(len(posted))], norms


def plain(
    terms: list[Posted], norms: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None
) -> tuple[list[int], list[float]]:
    """Every posting of every term, in double precision; all that tie with the last one come along."""
    scores = np.zeros(len(norms))
    for term in terms:
        scores[term.rows] += term.weight * (K1 + 1) * term.counts / (term.counts + norms[term.rows].astype(float))
    rows = np.arange(len(norms)) if allowed is None else allowed
    rows = rows[scores[rows] > 0]
    order = np.lexsort((rows, -scores[rows]))[:k]
    return rows[order].tolist(), scores[rows[order]].tolist()


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Hold how many rows were looked up in each term that was not read whole; such terms are frequent ones here."""
    found = list[int]()
    within = Posted.within

    def counted(self: Posted, rows: Any) -> Any:
        found.append(len(rows))
        return within(self, rows)

    monkeypatch.setattr(Posted, "within", counted)
    monkeypatch.setattr(ranking, "_FREQUENT", 20)
    return found


@pytest.mark.parametrize("k", [1, 10, 100])
@pytest.mark.parametrize("share", [None, 0.6, 0.02])
def test_what_is_left_unread_changes_nothing(k: int, share: float | None, looked_up: list[int]) -> None:
    for seed in range(30):
        terms, norms = corpus(seed, 3000, 12)
        dice = np.random.default_rng(seed)
        allowed = None if share is None else np.flatnonzero(dice.random(len(norms)) < share)
        rows, scores = best(terms, norms, k, allowed)
        whole, whole_scores = _reading_all(terms, norms, allowed)
        least = np.sort(whole_scores)[-min(k, len(whole))]
        assert sorted(rows.tolist()) == sorted(whole[whole_scores >= least].tolist())
        assert (
            dict(zip(rows.tolist(), scores.tolist(), strict=True)).items()
            <= dict(zip(whole.tolist(), whole_scores.tolist(), strict=True)).items()
        )
        _, exact = plain(terms, norms, k, allowed)
        assert np.allclose(np.sort(scores)[::-1][:k], exact, rtol=1e-4)
    assert looked_up  # else nothing was tested


def _reading_all(terms: list[Posted], norms: NDArray[np.float32], allowed: NDArray[np.int64] | None) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "_FREQUENT", 10**9)
        patch.setattr(ranking, "_WORTH", 10**9)
        return best(terms, norms, len(norms), allowed)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 60), terms=st.integers(1, 6), k=st.integers(1, 70))
def test_the_order_is_that_of_the_textbook(seed: int, rows: int, terms: int, k: int) -> None:
    posted, norms = corpus(seed, rows, terms)
    if posted:
        _, exact = plain(posted, norms, k, None)
        _, scores = best(posted, norms, k, None)
        assert np.allclose(np.sort(scores)[::-1][: len(exact)], exact, rtol=1e-4)


def test_a_frequent_term_is_looked_up_and_not_read(looked_up: list[int]) -> None:
    """Ten rows hold a rare term many times; a term of every other row cannot bring another one among the best five."""
    norms = np.full(100_000, K1, np.float32)
    rare = Posted(9.0, np.arange(0, 100, 10, dtype=np.uint32), np.full(10, 5, np.uint8))
    frequent = Posted(0.7, np.arange(0, 100_000, 2, dtype=np.uint32), np.full(50_000, 1, np.uint8))
    rows, scores = best([frequent, rare], norms, 5, None)
    assert looked_up == [10]
    assert sorted(rows.tolist()) == list(range(0, 100, 10))  # all tie
    assert len(set(scores.tolist())) == 1
