"""Numbers are compared by what they amount to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.numbers.amounts import amounts, spelled_amounts, times


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("20.4 million people", "en"),
        ("20,4 Millionen Menschen", "de"),
        ("20,4 млн зрителей", "ru"),
        ("2040 万人", "zh"),
        ("2040万人以上", "ja"),
        ("۲۰٫۴ میلیون نفر", "fa"),
        ("٢٠٫٤ مليون شخص", "ar"),
        ("2 करोड़", "hi"),
    ],
)
def test_one_amount_in_many_notations(text: str, language: str) -> None:
    (amount,) = amounts(text, language)
    assert amount.whole == ("20000000" if language == "hi" else "20400000")


def test_units_and_words_of_other_languages_multiply_nothing() -> None:
    assert [a.whole for a in amounts("3 m wide, 5 millionaires, 31.10.2020 million", "en")] == [None, None, None]
    assert amounts("3 Millionen", "und")[0].whole is None


def test_words_for_numbers() -> None:
    assert spelled_amounts("three million people of seven towns", "en") == {"3000000", "7"}
    assert spelled_amounts("an einem zwanzigsten Tag", "de") == set()
    assert spelled_amounts("אם לשלושה", "he") == {"3"}
    assert "2" in spelled_amounts("a second meeting", "en")


def test_times_of_day_in_three_notations() -> None:
    assert times("À 07h55") == times("at 7.55am") == times("早上 7:55") == {(7, 55)}
    assert times("it grew 45.50 %, or 7.5 %") == frozenset()


@given(st.text(max_size=80), st.sampled_from(["en", "sw", "hi", "zh", "und", "xx"]))
def test_any_text_is_read(text: str, language: str) -> None:
    assert all(amount.plain for amount in amounts(text, language))
    spelled_amounts(text, language)
