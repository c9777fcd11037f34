"""What a backend wrote, taken apart into claims."""

from __future__ import annotations

import pytest

from rag.checking.written.claims import claims, take_out


def texts(draft: str) -> list[str]:
    body, marks = take_out([draft])
    return [claim.text for claim in claims(body, marks) if claim.asserts]


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (
            "1. Factory 200 builds tanks [1].\n2. Factory 300 is new [2].",
            ["Factory 200 builds tanks .", "Factory 300 is new ."],
        ),
        ("  3) He left early [1].\n  4) She stayed on [1].", ["He left early .", "She stayed on ."]),
        ("١. المصنع في حلوان [1].\n٢. المصنع في بغداد [2].", ["المصنع في حلوان .", "المصنع في بغداد ."]),
        ("12. Mai 1990 war der Tag [1].", ["12. Mai 1990 war der Tag ."]),
        (
            "9. Mai 1990 war der Tag.\n12. Mai 1991 war der andere.",
            ["9. Mai 1990 war der Tag.", "12. Mai 1991 war der andere."],
        ),
    ],
)
def test_the_number_of_an_item_is_no_part_of_what_it_says(draft: str, said: list[str]) -> None:
    assert texts(draft) == said


def test_offsets_of_an_item_cover_its_number() -> None:
    body, marks = take_out(["1. One ship [1].\n2. Two ships [2]."])
    assert [body[claim.start : claim.end] for claim in claims(body, marks)] == ["1. One ship .", "2. Two ships ."]
