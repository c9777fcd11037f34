"""The measures against scikit-learn and against cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation import metrics


def test_hand_worked() -> None:
    ranked = ["a", "b", "c", "d"]
    assert metrics.hit(ranked, {"b"}, 1) == 0.0
    assert metrics.hit(ranked, {"b"}, 2) == 1.0
    assert metrics.reciprocal_rank(ranked, {"c", "d"}, 10) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank(ranked, {"c"}, 2) == 0.0
    assert metrics.average_precision(ranked, {"a", "c"}) == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.average_precision(ranked, {"a", "missing"}) == pytest.approx(0.5)
    assert metrics.unique(["x", "y", "x"]) == ["x", "y"]
    assert metrics.mean([]) is None


@given(st.lists(st.booleans(), min_size=2, max_size=12).filter(any))
def test_ndcg_agrees_with_scikit_learn(labels: list[bool]) -> None:
    from sklearn.metrics import ndcg_score

    ids = [str(i) for i in range(len(labels))]
    relevant = {item for item, label in zip(ids, labels, strict=True) if label}
    expected = ndcg_score(np.array([labels], float), -np.arange(len(labels), dtype=float)[None], k=10)
    assert metrics.ndcg(ids, relevant, 10) == pytest.approx(expected)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
)
def test_roc_auc_agrees_with_scikit_learn(positive: list[int], negative: list[int]) -> None:
    from sklearn.metrics import roc_auc_score

    expected = roc_auc_score([1] * len(positive) + [0] * len(negative), positive + negative)
    assert metrics.roc_auc(positive, negative) == pytest.approx(expected)


def test_roc_auc_of_one_side_is_unknown() -> None:
    assert metrics.roc_auc([], [1.0]) is None


def test_calibration_error_is_how_far_promises_are_from_what_came_true() -> None:
    assert metrics.calibration_error([1.0, 1.0], [0.0]) == pytest.approx(0.0)
    assert metrics.calibration_error([0.0], [1.0, 1.0]) == pytest.approx(1.0)
    assert metrics.calibration_error([0.55] * 30, [0.55]) == pytest.approx(0.05)  # both kinds weigh alike
    assert metrics.calibration_error([], [0.2]) is None
