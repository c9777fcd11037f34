"""What a question asks for, told from its vector."""

from __future__ import annotations

import numpy as np
import pytest

from index.embedders import load
from index.embedders.alignment.vectors import Alignment
from index.embedders.profile import profile_of
from rag.question.kinds.answer_type import Expectation, expectation
from rag.retrieval.confidence import Evidence, confidence

EMBEDDER = load()
WEIGHTS = profile_of(EMBEDDER.fingerprint).confidence
ALIGNMENT = Alignment.fit(EMBEDDER.fingerprint, np.zeros((0, 384), np.float32), [])


def asked(question: str, language: str) -> Expectation:
    vector, _ = ALIGNMENT.align_query(EMBEDDER.embed_query(question), language)
    found = expectation(EMBEDDER.fingerprint, vector, question)
    assert found is not None
    return found


# Of these languages, Danish, Czech, Romanian, Tamil and Georgian stand nowhere in what the weights were made from.
@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "How many lighthouses stand on the island?"),
        ("da", "Hvor mange fyrtårne står der på øen?"),
        ("cs", "Kolik majáků stojí na ostrově?"),
        ("ro", "Câte faruri sunt pe insulă?"),
        ("ta", "தீவில் எத்தனை கலங்கரை விளக்கங்கள் உள்ளன?"),
        ("ka", "რამდენი შუქურა დგას კუნძულზე?"),
    ],
)
def test_amounts_are_expected(language: str, question: str) -> None:
    found = asked(question, language)
    assert found.amount > 0.5
    assert found.mismatch("250 / 1,400", language) < 0.5 < found.mismatch("A B C.", language)


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Who keeps the lighthouse?"),
        ("da", "Hvem passer fyrtårnet?"),
        ("cs", "Kdo se stará o maják?"),
        ("ta", "கலங்கரை விளக்கத்தை யார் பராமரிக்கிறார்?"),
        ("ka", "ვინ უვლის შუქურას?"),
    ],
)
def test_nothing_is_expected_of_other_questions(language: str, question: str) -> None:
    found = asked(question, language)
    assert found.amount + found.date + found.year < 0.5


def test_a_year_is_not_met_by_another_number() -> None:
    found = asked("In which year was the company founded?", "en")
    assert found.year > max(found.amount, found.date)
    assert found.mismatch("It opened in 1907.", "en") < found.mismatch("It has 40 berths.", "en")


def test_an_unknown_model_expects_nothing() -> None:
    assert expectation("another model", np.zeros(384, np.float32), "How many?") is None


def test_what_is_missing_lowers_the_confidence() -> None:
    near = [confidence(Evidence(0.6, True, 0.4, mismatch), WEIGHTS) for mismatch in (0.0, 0.5, 1.0)]
    assert near[0] > near[1] > near[2]
    assert confidence(Evidence(0.6, True, 0.4), WEIGHTS, fits=False) < near[0]
