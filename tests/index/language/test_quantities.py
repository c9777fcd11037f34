"""Which numbers and dates a text holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.numbers.quantities import AMOUNT, DATE, YEAR, held, weekdays, written_numbers


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "There are 1,500 tanks.", {AMOUNT}),
        ("en", "Four tanks were built.", {AMOUNT}),
        ("en", "It was founded in 1975.", {YEAR, DATE}),
        ("en", "They met on Dec. 10.", {DATE}),
        ("en", "They met on Wednesday.", {DATE}),
        ("en", "One minister met another.", set()),
        ("en", "They drove an M1A1 and flew an F-16.", set()),
        ("de", "Es waren fünfzehn Panzer.", {AMOUNT}),
        ("fr", "Ils se sont vus le 3 août.", {DATE}),
        ("ru", "Погибло двадцать человек.", {AMOUNT}),
        ("ru", "Встреча прошла 5 марта.", {DATE}),
        ("ar", "في ١٠ ديسمبر التقى الوزير", {DATE}),
        ("ar", "تأسست عام ١٩٧٥", {YEAR, DATE}),
        ("fa", "در سال ۱۹۷۵", {YEAR, DATE}),
        ("hi", "वहाँ २५० टैंक हैं", {AMOUNT}),
        ("zh", "共有四个工厂", {AMOUNT}),
        ("zh", "部长访问了工厂", set()),
        ("ja", "大臣が工場を訪れた", set()),
        ("und", "tanks 250", {AMOUNT}),
    ],
)
def test_kinds_of_numbers(language: str, text: str, expected: set[str]) -> None:
    assert held(text, language) == expected


def test_a_number_of_the_question_is_no_answer() -> None:
    assert held("He toured Factory 200.", "en", written_numbers("How many work in Factory ٢٠٠?")) == set()
    assert held("He toured Factory 200 with 30 people.", "en", written_numbers("How many work in Factory 200?")) == {
        AMOUNT
    }


@given(st.text(max_size=80), st.sampled_from(["en", "ar", "zh", "th", "und", "xx"]))
def test_any_text_is_read(text: str, language: str) -> None:
    found = held(text, language)
    assert found <= {AMOUNT, DATE, YEAR}
    assert DATE in found or YEAR not in found


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("ru", "он пришёл в пятницу", {5}),
        ("ru", "среди людей в четверть часа", set()),
        ("uk", "серед людей у середу", {3}),
        ("fa", "او سه شنبه آمد", {2}),
        ("fa", "روز شنبه", {6}),
        ("he", "כך אמר ביום שני", {1}),
        ("pt", "na quarta-feira", {3}),
        ("zh", "周日他来了", {7}),
        ("ko", "수요일에", {3}),
        ("und", "on Monday", set()),
    ],
)
def test_days_of_the_week(language: str, text: str, days: set[int]) -> None:
    assert weekdays(text, language) == days
