from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.errors import ConfigError
from rag.checking.asking_back import Sure, parts_of, says_otherwise
from rag.checking.verdicts import Readings, VerdictProfile
from rag.reading import Reading, Verdict
from rag.types import ScoredPassage

SURE = Sure(2.5, -1.8)
QUOTE = "Colonel Brandt, spokesman of the ministry, met General Okafor, head of the National Shipyard."
LIE = "The head of the National Shipyard is Brandt."
TRUTH = "The head of the National Shipyard is Okafor."


class Filling:
    """Judges that every claim is supported, and fills a gap as it was told: what is asked to the words that answer."""

    spec = "filling"

    def __init__(self, words: str, *, answers: float = 3.0, span: float = -0.5, gap: str = "Shipyard is") -> None:
        self.words, self.answers, self.span, self.gap = words, answers, span, gap
        self.asked: list[str] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        return [Verdict(0.98, 0.01, 0.01) for _ in pairs]

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        self.asked.append(question)
        found = question.rstrip(" .").endswith(self.gap)
        return [self._one(hit.passage.text, found=found) for hit in passages]

    def _one(self, text: str, *, found: bool) -> Reading:
        at = max(text.find(self.words), 0)
        return Reading(self.answers if found else -3.0, at, at + len(self.words), self.span, (0.0,), (0.0,), self.spec)


@pytest.mark.parametrize(
    ("claim", "quote", "parts"),
    [
        (LIE, QUOTE, [["head of the National Shipyard"], ["Brandt"]]),
        ("Okafor led the talks with Okafor.", "Okafor met Okafor.", [["Okafor", "Okafor"], ["Okafor", "Okafor"]]),
        ("国家造船厂厂长是布兰特。", "布兰特会见了国家造船厂厂长。", [["国家造船厂厂长"], ["布兰特"]]),
        ("Die Häfen wurden vertieft.", "Man wird die vertieften Hafenbecken sehen.", [["vertieften"]]),
        ("Brandt met Okafor, as the ministry said.", QUOTE, [["Brandt"]]),  # what is in the middle is left alone
        ("It is in the north.", "The end is in the south.", []),
    ],
)
def test_parts_are_the_longest_runs_that_say_something(claim: str, quote: str, parts: list[list[str]]) -> None:
    found = list(parts_of(claim, quote))
    assert [
        [quote[start:end].removeprefix("The ").removeprefix("the ") for start, end in one.places] for one in found
    ] == parts
    assert all(claim[one.start : one.end] for one in found)


def test_another_name_in_the_place_of_a_part_speaks_against_a_claim() -> None:
    assert says_otherwise(Filling("General Okafor"), LIE, QUOTE, SURE)
    assert not says_otherwise(Filling("General Okafor"), TRUTH, QUOTE, SURE)  # the very part that was left out


def test_what_is_left_of_a_claim_is_what_is_asked() -> None:
    reader = Filling("nobody")
    says_otherwise(reader, LIE, QUOTE, SURE)
    assert reader.asked == ["The is Brandt.", "The head of the National Shipyard is ."]


@pytest.mark.parametrize(
    "reader",
    [
        Filling("General Okafor", answers=2.4),
        Filling("General Okafor", span=-1.9),
        Filling("head of the National Shipyard"),  # the claim's own words fill another gap
    ],
)
def test_a_reader_that_is_not_sure_or_finds_the_claims_own_words_says_nothing(reader: Filling) -> None:
    assert not says_otherwise(reader, LIE, QUOTE, SURE)


def test_a_claim_that_is_asked_back_in_vain_is_not_entailed() -> None:
    profile = VerdictProfile(0.7, 0.4, 0.2, SURE)
    readings = Readings(Filling("General Okafor"), profile)
    assert readings.relation(LIE, QUOTE) == "neutral"
    assert readings.relation(TRUTH, QUOTE) == "entailment"
    assert readings.relation(LIE, QUOTE, across=True) == "entailment"  # there words tell no parts


def test_a_claim_is_asked_back_once() -> None:
    reader = Filling("General Okafor")
    readings = Readings(reader, VerdictProfile(0.7, 0.4, 0.2, SURE))
    assert [readings.relation(TRUTH, QUOTE) for _ in range(3)] == ["entailment"] * 3
    assert len(reader.asked) == 2  # its beginning and its end


def test_a_reader_that_fails_while_asked_back_has_no_doubts() -> None:
    class Failing(Filling):
        def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
            raise ConfigError("gone", "install it")

    assert Readings(Failing("x"), VerdictProfile(0.7, 0.4, 0.2, SURE)).relation(LIE, QUOTE) == "entailment"
