"""Names heard across scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.names.sounds import consonants, heard

SAME = [
    ("Heydari", "حیدری در بغداد بود."),
    ("Baghdad", "زار الوزير بغداد في ٢٠١٩."),
    ("Baghdad", "Министр посетил Багдад в 2019 году."),
    ("Baghdad", "मंत्री ने बगदाद का दौरा किया।"),
    ("Berlin", "השר ביקר בברלין בשנת 2019 במפעל."),
    ("Багдад", "Ο υπουργός επισκέφθηκε τη Βαγδάτη το 2019."),
    ("Mexico", "メキシコの大統領が訪れた。"),
    ("Johnson", "존슨은 2019년에 방문했다."),
    ("Zhang", "部长张伟访问了工厂。"),
    ("Хаммел", "Hammel was there."),
    ("बराक", "Barack Obama spoke."),
]


@pytest.mark.parametrize(("name", "text"), SAME)
def test_a_name_is_heard_in_another_script(name: str, text: str) -> None:
    assert heard(name, text)


@pytest.mark.parametrize("name", ["Damascus", "Lissabon", "Rodriguez", "Петербург", "Kensington"])
@pytest.mark.parametrize("text", [text for _, text in SAME])
def test_a_name_that_is_not_there_is_not_heard(name: str, text: str) -> None:
    assert not heard(name, text)


def test_doubled_letters_and_vowels_do_not_count() -> None:
    assert consonants("Anna") == consonants("Ana") == "N"
    assert consonants("Berlin") == consonants("برلين")


@given(st.text(max_size=30), st.text(max_size=80))
def test_any_text_is_listened_to(name: str, text: str) -> None:
    assert heard(name, text) in (True, False)
