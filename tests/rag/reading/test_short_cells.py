"""Short answers from tables: the value that is asked for, the name of the column or row that is, and no comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.question.kinds.answer_type import Expectation
from rag.reading.short.cells import answering_cell
from rag.reading.short.short_answer import short_answer
from rag.testing.doubles import document
from rag.types import ScoredPassage
from tests.harness.pointing_reader import passage

NUMBER = Expectation(amount=0.9, date=0.0, year=0.0)
OTHER = Expectation(amount=0.1, date=0.0, year=0.0)
BOATS = ("Feature: Top speed (km/h) | Falcon: 140 | Heron: 165", ("Feature", "Falcon", "Heron"))
POOLS = ("Feature: Pool | Basic: no | Grand: yes", ("Feature", "Basic", "Grand"))
TEAMS = (
    "Team: Pilots | Head: Nora Brandt | Budget 2026: 415000 | Staff: 1200",
    ("Team", "Head", "Budget 2026", "Staff"),
)
FERRY = (
    "Quai: Indret | Été Premier départ: 6 h 25 | Été Dernier départ: 23 h 05 | Hiver Dernier départ: 19 h 30",
    ("Quai", "Été Premier départ", "Été Dernier départ", "Hiver Dernier départ"),
)
ITEM = ("orders 1.items 1 | sku: lamp | price: 49.9", ("sku", "price"))
QUARTERS = ("季度: 第三 | 收入: 735000", ("季度", "收入"))


def row_of(row: tuple[str, tuple[str, ...]], words: str) -> ScoredPassage:
    """A row of a table in which the reader points at words."""
    text, columns = row
    return replace(passage(text, words), metadata={"tables": [{"start": 0, "end": len(text), "columns": [*columns]}]})


def shown_for(row: tuple[str, tuple[str, ...]], words: str, question: str, wanted: Expectation) -> str:
    """What is told where the reader points at words: of a cell, or as they are."""
    hit = row_of(row, words)
    start = row[0].index(words)
    place = answering_cell(hit, start, start + len(words), question, "", wanted)
    return words if place is None else row[0][slice(*place)]


@pytest.mark.parametrize(
    ("row", "words", "question", "wanted", "answer"),
    [
        (TEAMS, "Budget 2026", "What is the budget of the Pilots for 2026?", OTHER, "415000"),
        (TEAMS, "Head: Nora Brandt", "Who leads the Pilots?", OTHER, "Nora Brandt"),
        (TEAMS, "Nora", "Who leads the Pilots?", OTHER, "Nora Brandt"),
        (TEAMS, "Team", "Which team does Nora Brandt lead?", OTHER, "Pilots"),
        (TEAMS, "1200", "Which team has a staff of 1200?", OTHER, "Pilots"),
        (TEAMS, "Pilots", "Which team has the largest budget?", OTHER, ""),
        (TEAMS, "415000", "Which team has the largest budget?", OTHER, ""),
        (TEAMS, "Nora Brandt", "Who has the largest staff?", OTHER, ""),
        (TEAMS, "415000", "How much do the Pilots get?", NUMBER, "415000"),
        (BOATS, "Heron", "Which boat is faster?", OTHER, ""),
        (BOATS, "Heron: 165", "Which has the higher top speed, Falcon or Heron?", OTHER, ""),
        (BOATS, "140", "What is the top speed of the Heron?", OTHER, "165"),
        (BOATS, "140", "What is the top speed of the Heron?", NUMBER, "165"),
        (BOATS, "140", "What is the top speed of the Falcon?", OTHER, "140"),
        (POOLS, "Grand", "Which house has a pool?", OTHER, "Grand"),
        (POOLS, "Basic", "Which house has a pool?", OTHER, ""),
        (POOLS, "Basic", "Does Basic have a pool?", OTHER, "no"),
        (FERRY, "6 h 25", "À quelle heure part le dernier bac d'Indret en été ?", NUMBER, "23 h 05"),
        (FERRY, "6 h 25", "À quelle heure part le premier bac d'Indret en été ?", NUMBER, "6 h 25"),
        (FERRY, "6 h 25", "À quelle heure part le bac d'Indret en été ?", NUMBER, "6 h 25"),
        (QUARTERS, "第三", "哪个季度收入最高？", OTHER, ""),
        (QUARTERS, "735000", "哪个季度收入735000？", OTHER, "第三"),
    ],
)
def test_the_question_decides_what_is_told_of_a_row(
    row: tuple[str, tuple[str, ...]], words: str, question: str, wanted: Expectation, answer: str
) -> None:
    assert shown_for(row, words, question, wanted) == answer


def test_a_number_of_a_table_is_no_year() -> None:
    hit = row_of(TEAMS, "1200")
    stored = document("d", hit.passage.text, "en")
    for question, answer in (("How many staff have the Pilots?", "1200"), ("How many are the 1200?", None)):
        found = short_answer([hit], question, "en", lambda _: stored, (), 0.9, "number", NUMBER)
        assert (found.citation.quote if found.citation else None) == answer


def test_the_name_of_a_group_is_no_number_of_a_row_in_it() -> None:
    hit = row_of(ITEM, "orders 1.items 1")
    assert answering_cell(hit, 0, 16, "What is the total of the order?", "number", NUMBER) == (0, 0)
    assert answering_cell(hit, 0, 16, "Where is the lamp?", "", OTHER) is None


def test_words_that_go_over_an_empty_cell_are_no_short_answer() -> None:
    row = ("From: Visp | Single: 6.60 | Return: – | Minutes: 13", ("From", "Single", "Return", "Minutes"))
    stored = document("d", row[0], "en")
    for words, answer in (("6.60 | Return: – | Minutes: 13", None), ("Single: 6.60", "6.60")):
        found = short_answer(
            [row_of(row, words)], "What does it cost?", "en", lambda _: stored, (), 0.9, "number", NUMBER
        )
        assert (found.citation and found.citation.quote) == answer
