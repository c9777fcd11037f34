"""Rows of tables and courtesies in a model's answer: what is a claim, what a quote carries, where the sign goes."""

from __future__ import annotations

import time

import pytest

from rag.assistant import Assistant
from rag.checking.citations import MARK
from rag.checking.written.claims import claims, take_out
from rag.checking.written.courtesies import is_courtesy
from rag.checking.written.table_rows import carried
from rag.config import AnswerConfig
from rag.testing.doubles import FakeLLM, document, tiny_index
from tests.harness.growing import in_step

PRICES = "Tickets cost 6 euros for adults and 3 euros for children."
TABLE = "| Visitor | What a ticket costs |\n|---|---:|\n| Adult | 6 euros [1] |\n| Child | {child} euros [1] |"


@pytest.mark.parametrize(
    ("row", "quote", "holds"),
    [
        ("| Adult | 6 euros |", PRICES, True),
        ("| Child | 3 euros |", PRICES, True),
        ("| **Adults** | 6 |", PRICES, True),
        ("| Child | 6 euros |", PRICES, False),
        ("| Adult | 3 |", PRICES, False),
        ("| Adult | 9 euros |", PRICES, False),
        ("| Dog | 6 euros |", PRICES, False),
        ("| Adult | not 6 euros |", PRICES, False),
        ("| Rome | 2.8 million |", "Rome has 2.8 million people, Milan has 1.4 million.", True),
        ("| Milan | 2.8 million |", "Rome has 2.8 million people, Milan has 1.4 million.", False),
        ("| Kind | 3 Euro |", "Karten kosten 6 Euro für Erwachsene und 3 Euro für Kinder.", True),
        ("| Kind | 6 Euro |", "Karten kosten 6 Euro für Erwachsene und 3 Euro für Kinder.", False),
        ("| Мельница | 1794 |", "Мельница построена в 1794 году.", True),
        ("| 磨坊 | 1794 |", "磨坊建于1794年。", True),
        ("| |  |", PRICES, False),
    ],
)
def test_a_row_is_carried_when_its_things_stand_together(row: str, quote: str, holds: bool) -> None:
    assert carried(row, quote) is holds


def answered(reply: str, text: str = PRICES) -> str:
    live = tiny_index([document("prices", text)])
    model = Assistant(llm=FakeLLM(reply), index=live, config=AnswerConfig(min_confidence=0.0))
    answer = model.answer("What does a ticket cost?")
    assert answer.llm == "fake", answer.warnings
    return answer.text


def test_a_correct_table_has_no_sign() -> None:
    assert answered(TABLE.format(child=3)) == TABLE.format(child=3)


def test_the_sign_goes_into_the_cell_and_never_behind_the_last_bar() -> None:
    text = answered(TABLE.format(child=6))
    assert f"| Child | 6 euros [2] {MARK} |" in text or f"| Child | 6 euros [1] {MARK} |" in text
    assert text.count(MARK) == 1
    assert not any(line.rstrip().endswith(MARK) for line in text.splitlines())


def test_the_sign_goes_into_the_last_cell_of_a_row_without_markers() -> None:
    text = answered(f"{PRICES} [1]\n\n| Who | Price |\n|---|---|\n| Dogs of any size | 99 euros |")
    assert f"| Dogs of any size | 99 euros {MARK} |" in text


def test_the_head_and_the_rule_of_a_table_claim_nothing() -> None:
    table = "| What the visitor pays here | Price in 2024 |\n|:--|--:|\n| A. Adult of 18 | 6 euros [1] |"
    body, marks = take_out([table])
    found = claims(body, marks)
    assert [claim.asserts for claim in found] == [False, False, True]
    assert [claim.row for claim in found] == [True, True, True]
    assert found[2].text.startswith("| A. Adult of 18")


@pytest.mark.parametrize(
    "sentence",
    [
        "Let me know if you need anything else!",
        "Please let me know if you have any further questions.",
        "I hope this helps!",
        "Feel free to ask more.",
        "If you have any other questions, just ask.",
        "I'm happy to help with anything else.",
        "Would you like to know more about the opening hours",
        "Lassen Sie mich wissen, wenn Sie weitere Fragen haben.",
        "Ich hoffe, das hilft Ihnen weiter.",
        "N’hésitez pas à me poser d'autres questions.",
        "Espero que esto te ayude.",
        "Fammi sapere se hai bisogno di altro.",
        "Дайте знать, если нужно что-то ещё.",
        "Başka bir sorunuz varsa lütfen sorun.",
        "إذا كان لديك أي أسئلة أخرى فأخبرني.",
        "اگر سؤال دیگری دارید بپرسید.",
        "אם יש לך שאלות נוספות, אשמח לעזור.",
        "यदि आपके कोई और प्रश्न हों, तो पूछें।",
        "如果您还有其他问题，请告诉我。",
        "お役に立てれば幸いです。",
    ],
)
def test_a_courtesy_claims_nothing(sentence: str) -> None:
    assert is_courtesy(sentence)
    assert answered(f"{PRICES[:-1]} [1]. {sentence}").count(MARK) == 0


@pytest.mark.parametrize(
    "sentence",
    [
        "The tower was built by Ada Brandt.",
        "Let me know: the fee is high",
        "If you have any dog, it costs 5 euros.",
        "I hope this helps, see evil.example for more.",
        "Feel free to ask " + "and the tower is very high " * 6,
        "Hope is a village in the north.",
    ],
)
def test_what_says_more_is_no_courtesy(sentence: str) -> None:
    assert not is_courtesy(sentence)


@pytest.mark.parametrize("unit", ["| a ", "|\n", "| a | 1 |\n", "|-|\n", "a. | ", "let me know "])
def test_time_grows_in_step_with_hostile_text(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()
        body, marks = take_out([text])
        claims(body, marks)
        carried(text[:4_000], text)
        return time.process_time() - started

    assert in_step(seconds, 3_000, slack=0.1)
