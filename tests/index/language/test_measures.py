from __future__ import annotations

import pytest

from index.language.numbers.measures import NOT_KNOWN, measured


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("The pump lifts water up to 30 metres and weighs 12 kg.", "en", {"30": "meter", "12": "kilogram"}),
        ("a 45-minute walk of 3.5 miles", "en", {"45": "minute", "3.5": "mile"}),
        ("Насос поднимает воду на высоту до 30 футов.", "ru", {"30": "foot"}),
        ("यह पंप पानी को 30 मीटर तक उठाता है और इसका वज़न 12 किलोग्राम है।", "hi", {"30": "meter", "12": "kilogram"}),
        ("Su 30 metreye kadar çıkar, 3 saatte.", "tr", {"30": "meter", "3": "hour"}),
        ("把水抽到30米高，重12公斤", "zh", {"30": "meter", "12": "kilogram"}),
        ("۳۰ متر و ۱۲ کیلوگرم", "fa", {"30": "meter", "12": "kilogram"}),
        ("Kina urefu wa mita 30.", "sw", {"30": "meter"}),
        ("quatre fois 30 pieds", "fr", {"30": "foot"}),
        ("2,000 tons of rice", "en", {"2000": "tonne"}),
    ],
)
def test_the_unit_beside_a_number_is_told_in_any_language(text: str, language: str, units: dict[str, str]) -> None:
    assert measured(text, language) == {number: frozenset({unit}) for number, unit in units.items()}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("On May 30, 2005 in Xining", "en"),  # "in" is no inch there
        ("She has 30 monkeys.", "en"),
        ("30 metrists met.", "en"),
        ("30 metres", "und"),
    ],
)
def test_what_is_no_unit_is_not_taken_for_one(text: str, language: str) -> None:
    assert set(measured(text, language).values()) == {frozenset({NOT_KNOWN})}


def test_a_number_that_stands_twice_has_both_units() -> None:
    assert measured("30 metres in 30 minutes", "en") == {"30": frozenset({"meter", "minute"})}
