"""A name that another passage holds for the object gives no short answer: who received whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.reading.short.speaking import speaking_first
from rag.types import ScoredPassage
from tests.harness.pointing_reader import passage

ARABIC = "وصل وزير الدفاع جمعة عناد سعدون إلى مصر فاستقبله عبد الفتاح السيسي."
ENGLISH = "Juma Inad Saadoun was received by Abdel Fattah al-Sisi."


def pointing(text: str, words: str, others: tuple[str, ...], answers: float, language: str) -> ScoredPassage:
    hit = passage(text, words, language)
    assert hit.reading is not None
    spans = tuple((text.index(one), text.index(one) + len(one), -3.0) for one in others)
    reading = replace(hit.reading, answers=answers, others=spans)
    return replace(hit, passage=replace(hit.passage, language=language), reading=reading)


def misread(answers: float = 1.4) -> ScoredPassage:
    return pointing(ARABIC, "جمعة عناد سعدون", ("عبد الفتاح السيسي",), answers, "ar")


def english(words: str, *others: str) -> ScoredPassage:
    return pointing(ENGLISH, words, others, 2.0, "en")


def test_a_passage_that_rejects_the_name_speaks_instead() -> None:
    right = english("Abdel Fattah al-Sisi", "Juma Inad Saadoun")
    unread = pointing("Rain fell.", "Rain", (), 0.5, "en")
    assert speaking_first([misread(), unread, right]) == [right, unread]


@pytest.mark.parametrize(
    ("best", "other"),
    [
        (misread(4.0), english("Abdel Fattah al-Sisi", "Juma Inad Saadoun")),  # it answers better itself
        (misread(), english("Juma Inad Saadoun", "Abdel Fattah al-Sisi")),  # both take the same
        (misread(), english("Abdel Fattah al-Sisi")),  # the name was not seen there
        (misread(), english("received", "Juma Inad Saadoun")),  # what the other takes, the best doesn't hold
    ],
)
def test_otherwise_the_best_passage_speaks(best: ScoredPassage, other: ScoredPassage) -> None:
    assert speaking_first([best, other]) == [best, other]
