"""What a file says about itself is read a line at a time: who published a book is not who wrote it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from index.types import Passage
from rag.question.rows.asked_columns import Asked
from rag.question.rows.asked_rows import pointed_again
from rag.question.rows.property_lines import property_trial
from rag.types import Reading, ScoredPassage
from tests.rag.question.test_asked_columns import documents, sure_of

TEXT = "About the file b.epub\n\nAuthor: Jadwiga Mirska\nPublished by: Grań\nTopics: ash: and fire"
START = 40


def properties_hit(words: str, *, is_of_file: bool = True) -> ScoredPassage:
    passage = Passage("b:0", "b", START, START + len(TEXT), TEXT, "pl", "")
    at = START + TEXT.index(words)
    span = [START, START + len(TEXT)] if is_of_file else [START + 500, START + 900]
    reading = Reading(2.0, at, at + len(words), -0.1, (0.0,), (0.0,))
    return ScoredPassage(passage, "b", "b.epub", 1.0, {}, (), {"properties": span}, reading)


@pytest.mark.parametrize(
    ("odds", "is_of_file", "words"),
    [
        ({"Author": 0.0, "Published by": 2.0, "Topics": -3.0}, True, "Grań"),
        ({"Author": 2.0, "Published by": 0.0, "Topics": -3.0}, True, "Jadwiga Mirska"),
        ({"Author": 0.0, "Published by": 0.4, "Topics": -3.0}, True, None),  # which of the two isn't known
        ({"Author": 0.0, "Published by": 2.0, "Topics": -3.0}, False, "Jadwiga Mirska"),  # words of the text itself
    ],
)
def test_the_line_is_pointed_at_that_answers_by_itself(
    odds: Mapping[str, float], is_of_file: bool, words: str | None
) -> None:
    hit = properties_hit("Jadwiga Mirska", is_of_file=is_of_file)
    (found,) = pointed_again(Asked("Kto wydał tom?", "", sure_of(odds)), [hit], documents(hit))
    assert found.reading is not None
    said = TEXT[found.reading.start - START : found.reading.end - START]
    assert (None if found.reading.span < -50 else said) == words


def test_a_line_is_a_column_with_its_value() -> None:
    trial = property_trial(properties_hit("Grań"))
    assert trial is not None
    assert [(cell.column, cell.value) for cell in trial.cells] == [
        ("", "About the file b.epub"),
        ("Author", "Jadwiga Mirska"),
        ("Published by", "Grań"),
        ("Topics", "ash: and fire"),
    ]
    assert all(TEXT[cell.start : cell.end] == cell.value for cell in trial.cells)
