"""A clause is cut down to the number or date that is asked for, and only where nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.question.kinds.answer_type import Expectation
from rag.reading.profile import profile_of
from rag.reading.short.narrowing import narrowed
from rag.types import ScoredPassage, ScoredSentence
from tests.harness.pointing_reader import passage

PRICE = "The quay is rebuilt in stone by Marta Ruiz for 48,500 euros"
PRICES = "The quay is rebuilt for 48,500 euros, the crane for 9,000 euros"
DAY = "The quay is closed to all ships on 27 May 1967"
NEAR, FAR = -profile_of("pointing").words.within / 2, -2 * profile_of("pointing").words.within
AMOUNT, DATE = Expectation(0.99, 0.0, 0.0), Expectation(0.0, 0.99, 0.0)


def pointing(clause: str, *within: tuple[str, float]) -> ScoredPassage:
    """Return a passage whose reader points at a clause; shares of words within it are relative to it."""
    hit = passage(f"{clause}. Nothing else is planned.", clause)
    reading = hit.reading
    assert reading is not None
    spans = tuple((clause.index(one), clause.index(one) + len(one), reading.span + share) for one, share in within)
    return replace(hit, reading=replace(reading, within=spans))


@pytest.mark.parametrize(
    ("question", "wanted", "clause", "within", "said"),
    [
        ("What does the quay cost?", AMOUNT, PRICE, [("48,500 euros", NEAR)], "48,500 euros"),
        ("What does the quay cost?", AMOUNT, PRICE, [("Marta Ruiz", 0.0), ("48,500 euros", NEAR)], "48,500 euros"),
        ("When is the quay closed?", DATE, DAY, [("27 May 1967", NEAR)], "27 May 1967"),
        ("When is the quay closed?", DATE, DAY, [("ships on 27 May 1967", 0.0), ("27 May 1967", NEAR)], "27 May 1967"),
        ("When is the quay closed?", DATE, DAY, [("1967", NEAR)], DAY),  # the day would be lost
        ("What does the quay cost?", AMOUNT, PRICES, [("9,000 euros", NEAR)], PRICES),  # the other price would be lost
        ("What does the quay cost?", AMOUNT, PRICE, [("48,500 euros", FAR)], PRICE),  # much less likely
        ("What does the quay cost?", AMOUNT, PRICE, [("in stone", NEAR)], PRICE),  # holds no amount
        ("How is the quay rebuilt?", None, PRICE, [("48,500 euros", NEAR)], PRICE),  # no amount is asked for
        (
            "Is the quay rebuilt for 9,000 euros?",
            AMOUNT,
            PRICE,
            [("48,500 euros", NEAR)],
            PRICE,
        ),  # yes or no is a clause
        ("What does the quay cost?", AMOUNT, PRICE, [], PRICE),
    ],
)
def test_a_clause_is_cut_to_the_number_that_is_asked_for(
    question: str, wanted: Expectation | None, clause: str, within: list[tuple[str, float]], said: str
) -> None:
    hit = narrowed(pointing(clause, *within), question, "en", wanted)
    assert hit.reading is not None
    assert hit.passage.text[hit.reading.start : hit.reading.end] == said


@pytest.mark.parametrize(
    ("shares", "question", "wanted", "said"),
    [
        ((-0.1, -2.0), "What does the quay cost?", AMOUNT, "48,500 euros, all told"),
        ((-2.0, -0.1), "What does the crane cost?", AMOUNT, "The crane costs 9,000 euros"),
        ((-0.1, -2.0), "What is planned?", None, "48,500 euros, all told"),
    ],
)
def test_words_over_the_end_of_a_sentence_are_cut_to_the_one_that_answers(
    shares: tuple[float, float], question: str, wanted: Expectation | None, said: str
) -> None:
    text = "The quay costs 48,500 euros, all told. The crane costs 9,000 euros more."
    hit = passage(text, "48,500 euros, all told. The crane costs 9,000 euros")
    assert hit.reading is not None
    second = text.index("The crane")
    places = (ScoredSentence(0, second - 1, 0.0), ScoredSentence(second, len(text), 0.0))
    hit = narrowed(
        replace(hit, sentences=places, reading=replace(hit.reading, sentences=shares)), question, "en", wanted
    )
    assert hit.reading is not None
    assert hit.passage.text[hit.reading.start : hit.reading.end] == said


def test_lines_of_a_list_stay_together() -> None:
    items = "a crane of ten tonnes\n- a slip for small boats"
    text = f"Included are:\n- {items}\n"
    hit = passage(text, items)
    assert hit.reading is not None
    second = text.index("- a slip")
    places = (ScoredSentence(0, second, 0.0), ScoredSentence(second, len(text), 0.0))
    hit = replace(hit, sentences=places, reading=replace(hit.reading, sentences=(-0.1, -2.0)))
    assert narrowed(hit, "What is included?", "en", None) == hit
