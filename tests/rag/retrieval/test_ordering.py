"""Order: the reader's language first among equals, room for others, and no language pressed down behind the answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.embedders.profile import profile_of
from index.types import Passage
from rag.retrieval.ordering import Candidate, by_score, own_language_first, reading_on, without_crowding

SUBJECTS, RANKING = np.eye(6), profile_of("").ranking


def candidate(key: int, language: str, score: float, vector: Sequence[float] = (), subject: int = 0) -> Candidate:
    row = np.asarray(vector if len(vector) else SUBJECTS[subject], np.float32)
    passage = Passage(f"d{key}:0", f"d{key}", 0, 1, "x", language, "")
    return Candidate(key, passage, row / np.linalg.norm(row), 0.0, 0.0, similarity=score, score=score)


def keys(candidates: Sequence[Candidate]) -> list[int]:
    return [one.key for one in candidates]


def test_a_translation_in_the_readers_language_comes_first() -> None:
    german, arabic = (1.0, 0.6, 0, 0, 0, 0), (1.0, -0.3, 0, 0, 0, 0)
    found = [candidate(1, "de", 0.7, german), candidate(2, "ar", 0.6, arabic), candidate(3, "ar", 0.5, subject=1)]
    assert float(found[0].vector @ found[1].vector) < RANKING.same  # no copy by any measure
    assert keys(own_language_first(found, "ar", RANKING)) == [2, 1, 3]
    assert keys(own_language_first(found, "de", RANKING)) == [1, 2, 3]


def test_another_subject_in_the_readers_language_does_not_rise() -> None:
    found = [candidate(1, "de", 0.7), candidate(2, "ar", 0.69, subject=1)]
    assert keys(own_language_first(found, "ar", RANKING)) == [1, 2]


def test_what_scores_far_less_says_something_else() -> None:
    found = [candidate(1, "de", 0.7), candidate(2, "ar", 0.7 - 2 * RANKING.lift, (1, 0.5, 0, 0, 0, 0))]
    assert keys(own_language_first(found, "ar", RANKING)) == [1, 2]


def test_only_the_nearest_of_a_language_is_a_translation() -> None:
    near, nearer = (1.0, 0.9, 0, 0, 0, 0), (1.0, 0.3, 0, 0, 0, 0)
    found = [candidate(1, "de", 0.7), candidate(2, "ar", 0.6, near), candidate(3, "ar", 0.59, nearer)]
    assert keys(own_language_first(found, "ar", RANKING)) == [3, 1, 2]


def test_translations_leave_room_for_others() -> None:
    versions = [candidate(n, code, 0.9 - n / 100) for n, code in enumerate(("en", "de", "es", "ru", "zh"))]
    others = [candidate(10 + n, "en", 0.5 - n / 100, subject=1 + n) for n in range(3)]
    assert keys(without_crowding(versions + others, 5, RANKING)) == [0, 1, 10, 11, 12]
    assert len(without_crowding(versions, 5, RANKING)) == 5


def test_behind_the_first_places_keywords_press_no_language_down() -> None:
    first = [candidate(n, "en", 2.0 - n / 100) for n in range(RANKING.first_places)]
    own = [candidate(100 + n, "en", -0.5 - n / 100) for n in range(5)]
    foreign = [candidate(200 + n, "de", 0.4 - n / 100) for n in range(5)]
    for one in own:
        one.similarity = 0.4
    found = reading_on(by_score(first + own + foreign, "en"), RANKING)
    assert keys(found)[: len(first)] == keys(first)
    assert sum(one.passage.language == "en" for one in found[len(first) : len(first) + 4]) >= 2
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)


@given(st.lists(st.tuples(st.sampled_from(["en", "de", "ar"]), st.floats(-1, 1), st.integers(0, 5)), max_size=30))
def test_nothing_is_lost_and_within_a_language_the_order_behind_stays(rows: list[tuple[str, float, int]]) -> None:
    found = by_score([candidate(n, code, score, subject=s) for n, (code, score, s) in enumerate(rows)], "en")
    ordered = reading_on(found, RANKING)
    assert sorted(keys(ordered)) == list(range(len(rows)))
    for code in ("en", "de", "ar"):
        mine = [one.key for one in found if one.passage.language == code]
        assert [one.key for one in ordered if one.passage.language == code] == mine
