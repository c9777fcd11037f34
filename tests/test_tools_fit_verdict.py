from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.checking.asking_back import Sure
from rag.checking.verdicts import read_profile
from rag.reading import Verdict
from tools.fit_verdict import best_scores, profile_text, thresholds
from tools.training.arrays import held_back


def test_thresholds_let_pass_and_lose_no_more_than_asked() -> None:
    dice = np.random.default_rng(1)
    scores = np.concatenate([dice.beta(5, 2, 500), dice.beta(2, 5, 500)])
    true = np.repeat([True, False], 500)
    supported, unsupported = thresholds(scores, true, 0.05, 0.1)
    assert np.mean(scores[~true] >= supported) <= 0.05 < np.mean(scores[~true] >= supported - 0.005)
    assert np.mean(scores[true] < unsupported) <= 0.1 < np.mean(scores[true] < unsupported + 0.02)
    assert thresholds(scores, true, 0.01, 0.1)[0] > supported


def test_the_second_threshold_is_never_above_the_first() -> None:
    scores, true = np.array([0.9, 0.95, 0.1, 0.2]), np.array([True, True, False, False])
    supported, unsupported = thresholds(scores, true, 0.0, 0.0)
    assert 0.2 < supported <= 0.9
    assert unsupported <= supported


def test_two_kinds_of_claims_are_needed() -> None:
    with pytest.raises(ValueError, match="needed"):
        thresholds(np.array([0.1, 0.2]), np.array([True, True]), 0.05, 0.05)


def test_the_profile_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "verdict.toml"
    numbers = {"supported": 0.8125, "across": 0.5, "unsupported": 0.25, "asked_answers": 2.5, "asked_span": -1.8}
    path.write_text(profile_text(numbers, "ab", 7))
    profile = read_profile(path)
    assert profile.asked == Sure(2.5, -1.8)
    assert (profile.supported, profile.across, profile.unsupported) == (0.812, 0.5, 0.25)


def test_a_claim_counts_by_its_best_sentence() -> None:
    class Shortest:
        def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
            return [Verdict(1 / len(passage), 0.0, 0.0) for _, passage in pairs]

    scores = best_scores(Shortest(), [("a", "One two. Three four five."), ("b", "Six seven eight nine.")])
    assert scores.tolist() == [1 / len("One two."), 1 / len("Six seven eight nine.")]


def test_what_is_held_back_is_always_the_same_tenth() -> None:
    numbers = np.arange(500)
    held = held_back(numbers)
    assert len(held) == 50
    assert held.tolist() == held_back(numbers).tolist()
    assert numbers.tolist() == list(range(500))  # the given numbers stay in their order
    assert len(held_back(np.arange(100_000))) == 2_400
