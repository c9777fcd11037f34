"""A list in an answer: its items apart as a short answer, line by line as a source; a date is no item of one."""

from __future__ import annotations

import pytest

from rag.output.whole_thoughts import items_of
from rag.types import Answer, Citation

ITEMS = "Included are:\n- tiles of clay\n- new  gutters\n- [2] insulation"


def answer(quote: str) -> Answer:
    citation = Citation(1, "d", "Offer", "offer.md", 0, len(quote), quote, "supported", language="en")
    return Answer("What?", f"{quote} [1]", (citation,), (), False, "en", "extractive", 1, short=citation)


@pytest.mark.parametrize("words", ["15. April 2027", "3) Mai", "- 5 °C", "1. FC Köln"])
def test_a_single_line_is_no_list_whatever_it_begins_with(words: str) -> None:
    assert items_of(words) == [words]
    assert str(answer(words)).startswith(f"{words} [1]\n")


def test_a_list_is_printed_line_by_line_below_its_source() -> None:
    shown = str(answer(ITEMS)).split("\n")
    assert shown[0] == "Included are: tiles of clay; new gutters; [2] insulation [1]"
    assert shown[2:] == [
        "[1] Offer (offer.md):",
        "    Included are:",
        "    - tiles of clay",
        "    - new gutters",
        "    - [2] insulation",
    ]
