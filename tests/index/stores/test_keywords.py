"""Keyword terms: what writers take for the same is the same, in scripts and languages that nothing was tuned on."""

from __future__ import annotations

import time

import pytest

from index.stores.terms import terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2,500", "2500"),
        ("2.500", "2500"),
        ("2'500", "2500"),
        ("٢٬٥٠٠", "2500"),
        ("1.234.567", "1,234,567"),
        ("१५ ১৫ ๑๕ ௧௫ ១៥ ༡༥ ۱۵", "15 15 15 15 15 15 15"),
        ("Łódź Đà Nẵng", "Lodz Da Nang"),
        ("Ørsted", "orsted"),
        ("ısı", "isi"),
        ("ہے", "هے"),
        ("ھاں", "ہاں"),
        ("हिन्दी", "हिंदी"),
        ("पाँच", "पांच"),
        ("ज़मीन", "जमीन"),
        ("ሠላም", "ሰላም"),
        ("ፀሐይ", "ጸሀይ"),
        ("Її", "ЇЇ"),
        ("ΑΘΗΝΑ", "Αθήνα"),
        ("می‌خواهم", "میخواهم"),
    ],
)
def test_spellings_that_writers_exchange(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("2500", "2 500 m"),
        ("2500", "2\u202f500 m"),
        ("500", "2 500"),  # may be two numbers
        ("covid19", "COVID-19"),
        ("F16", "F-16"),
        ("15", "15km"),
        ("15", "15年"),
        ("2024", "2024-05-01"),
        ("Kraftwerk", "Wasserkraftwerke"),
    ],
)
def test_numbers_and_codes_are_found_however_they_are_set(asked: str, text: str) -> None:
    assert set(terms(asked)) & set(terms(text))


@pytest.mark.parametrize("text", ["192.168.1.10", "12.345.6", "3.14", "1990, 200", "2024 500"])
def test_what_is_no_grouped_number_stays_apart(text: str) -> None:
    assert terms(text) == text.replace(",", " ").replace(".", " ").split()


@pytest.mark.parametrize("text", ["1 111 " * 20_000, "1,111," * 20_000, "a-1" * 40_000, "न्" * 60_000])
def test_hostile_numbers_are_quick(text: str) -> None:
    started = time.process_time()
    terms(text)
    assert time.process_time() - started < 3
