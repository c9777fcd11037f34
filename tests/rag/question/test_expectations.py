from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.question.kinds.expectations import can_answer, expected


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many tanks does it make?", "number"),
        ("How much money was paid?", "number"),
        ("In which year was it founded?", "year"),
        ("What year did it open?", "year"),
        ("Who heads it?", ""),
        ("How did many people react?", ""),
        ("Wie viele Arbeiter hat sie?", "number"),
        ("In welchem Jahr wurde sie gegründet?", "year"),
        ("Combien de chars produit-elle ?", "number"),
        ("¿En qué año se fundó?", "year"),
        ("كم مصنعًا لديها؟", "number"),
        ("Сколько заводов у неё?", "number"),
        ("В каком году она основана?", "year"),
        ("它有多少工厂？", "number"),
        ("它是哪一年成立的？", "year"),
        ("工場はいくつありますか。", "number"),
        ("Kaç fabrikası var?", "number"),
        ("כמה מפעלים יש?", "number"),
        ("इसके कितने कारखाने हैं?", "number"),
    ],
)
def test_questions_for_numbers_and_years_are_known(question: str, kind: str) -> None:
    assert expected(question) == kind


@pytest.mark.parametrize(
    ("question", "text", "can"),
    [
        ("How many tanks does it make?", "It makes 40 tanks.", True),
        ("How many tanks does it make?", "It makes twelve tanks.", True),
        ("How many tanks does it make?", "It makes thousands.", True),
        ("How many tanks does it make?", "It makes tanks.", False),
        ("How many tanks does Factory 200 make?", "Factory 200 makes tanks.", False),
        ("How old was he?", "He died on May 3, 1984.", False),
        ("How old was he?", "He died on May 3, 1984, aged 77.", True),
        ("它有多少工厂？", "它于2019年10月31日开业。", False),
        ("它有多少工厂？", "它有20个工厂。", True),
        ("In which year did it open?", "It opened in 1984.", True),
        ("In which year did it open?", "It opened on May 3.", False),
        ("In welchem Jahr wurde sie eröffnet?", "افتتحت سنة ١٩٨٤.", True),
        ("Who heads it?", "Nobody.", True),
    ],
)
def test_a_quote_without_a_number_cannot_say_how_many(question: str, text: str, can: bool) -> None:
    assert can_answer(expected(question), question, ["Something else.", text]) is can


@given(st.text(max_size=100), st.lists(st.text(max_size=50), max_size=3))
def test_any_text_is_judged(question: str, texts: list[str]) -> None:
    assert can_answer(expected(question), question, texts) in (True, False)
