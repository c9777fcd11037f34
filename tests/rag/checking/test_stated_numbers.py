"""A number that stands nowhere near its quote settles a claim: no model is asked, and none could change the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import get_args

import pytest

from index.language.numbers.facts import facts_of
from index.types import Document, Passage
from rag.checking.citations import cite
from rag.checking.entailment import Relation
from rag.checking.stated_numbers import number_missing
from rag.checking.support import check
from rag.reading.types import Verdict
from rag.types import ScoredPassage

QUOTE = "The factory of Helwan produced 30 tanks in May 2021."
AROUND = "The minister opened it with 200 guests."
MISSING = (
    "The factory of Helwan produced 31 tanks in May 2021.",
    "31 tanks were made in Helwan.",
    "| Helwan 77 | 30 tanks |",
    "In Helwan wurden 31 Panzer gebaut.",
    "حلوان 31 دبابة",
    "The factory of Helwan produced 30 tanks in June 2021.",
)
STANDING = (
    QUOTE,
    "The factory produced thirty tanks.",
    "In Helwan wurden 30 Panzer gebaut.",
    "The factory of Helwan had 200 guests.",
    "The factory of Helwan produced no tanks.",
)


@pytest.mark.parametrize("claim", MISSING)
def test_nothing_that_a_model_says_changes_the_verdict(claim: str) -> None:
    context = [facts_of(AROUND)]
    assert number_missing(claim, QUOTE, "en", "en", context)
    for relation, similarity, same in product((None, *get_args(Relation)), (None, 0.0, 1.0), (True, False, None)):
        result = check(
            claim, QUOTE, similarity=similarity, same_language=same, language="en", quoted_in="en", context=context,
            relation=relation,
        )  # fmt: skip
        assert result == "not found"


@pytest.mark.parametrize("claim", STANDING)
def test_what_may_still_be_right_is_left_to_the_model(claim: str) -> None:
    assert not number_missing(claim, QUOTE, "en", "en", [facts_of(AROUND)])


class Recorder:
    """A reader that notes what it is asked, and finds everything supported."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        self.asked += [claim for claim, _ in pairs]
        return [Verdict(supported=0.99, contradicted=0.005, silent=0.005) for _ in pairs]


def test_the_reader_is_asked_about_the_others_alone() -> None:
    reader, text = Recorder(), f"{QUOTE} {AROUND}"
    hit = ScoredPassage(Passage("d:0", "d", 0, len(text), text, "en", ""), "", "d", 1.0)
    pieces = [f"{MISSING[0]} [1] ", "Helwan's factory made 30 tanks. [1] ", "| Helwan 77 | 30 tanks | [1]\n"]
    cited = cite(pieces, [hit], lambda _: Document("d", "", "d", "en", text), language="en", reader=reader)
    assert reader.asked == ["Helwan's factory made 30 tanks."]
    assert cited.unsupported == 2
