"""A bare number is shown with the unit that stands behind it."""

from __future__ import annotations

import pytest

from rag.reading.short.units import with_unit


@pytest.mark.parametrize(
    ("text", "language", "words", "whole"),
    [
        ("It costs 48,500 euros.", "en", "48,500", "48,500 euros"),
        ("Es kostet 3.400 Euro extra.", "de", "3.400", "3.400 Euro"),
        ("It is 48 % of all.", "en", "48", "48 %"),
        ("Es misst 63 Meter.", "de", "63", "63 Meter"),
        ("Его длина 30 метров.", "ru", "30", "30 метров"),
        ("它长 88米。", "zh", "88", "88"),  # where words aren't apart, one is not cut out of a run
        ("It carries 240 passengers.", "en", "240", "240"),  # counts, and measures nothing
        ("It opened in 1975 again.", "en", "1975", "1975"),
        ("It costs about 48,500 euros.", "en", "about 48,500", "about 48,500"),  # more than a number
        ("It has 15", "en", "15", "15"),
    ],
)
def test_a_number_takes_its_unit_along(text: str, language: str, words: str, whole: str) -> None:
    start = text.index(words)
    assert text[start : with_unit(text, start, start + len(words), language)] == whole
