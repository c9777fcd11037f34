from __future__ import annotations

from collections import Counter

from benchmarks.lies import share
from benchmarks.lies_data import HALVES, Statement, statements

KINDS = {
    "added", "attribution", "causes", "conclusion", "condition", "negation", "only", "order", "place", "question",
    "roles", "units",
}  # fmt: skip


def test_200_pairs_in_ten_languages() -> None:
    said = [each for half in HALVES for each in statements(half)]
    assert len(said) == 400
    assert all(truth.true and not lie.true for truth, lie in zip(said[::2], said[1::2], strict=True))
    assert all(truth.passage == lie.passage for truth, lie in zip(said[::2], said[1::2], strict=True))
    languages = Counter(each.passage_language for each in said)
    assert len(languages) == 10
    assert set(languages.values()) == {40}


def test_each_half_has_every_kind_and_facts_of_its_own() -> None:
    halves = [statements(half) for half in HALVES]
    for half in halves:
        assert {each.kind for each in half if not each.true} == KINDS
        assert {each.kind for each in half if each.true} == {"answer", "copy", "paraphrase", "shortened", "translation"}
        assert 0.3 < sum(each.across for each in half) / len(half) < 0.36
    first, second = ({each.fact for each in half} for half in halves)
    assert not first & second
    assert not {each.passage for each in halves[0]} & {each.passage for each in halves[1]}


def test_no_lie_stands_in_its_passage_and_copies_do() -> None:
    for each in (each for half in HALVES for each in statements(half)):
        if not each.true:
            assert each.text.rstrip(".。।") not in each.passage
        if each.kind == "copy":
            assert each.text in each.passage
        assert (each.kind == "translation") == (each.true and each.across)


def test_shares_are_of_truths_or_of_lies() -> None:
    said = [Statement("h", "f", "k", true, "t", "en", "p", "en") for true in (True, True, True, False)]
    judged = ["supported", "supported", "partly", "supported"]
    assert share(said, judged, True, range(4)) == 2 / 3
    assert share(said, judged, False, range(4)) == 1.0
    assert share(said, judged, False, [0, 1]) is None
