"""What must agree between two languages."""

from __future__ import annotations

import pytest

from rag.crosswise import Side, denials_agree, names_agree, repeated_amount, same_amount
from rag.support import check

QUOTE = "Министр Саадун посетил Багдад вместе с Ивановым."


def nearer(claim: str, quote: str) -> float:
    """A cosine that rises when anything is left out: whatever is asked about is foreign."""
    return 2.0 - 0.01 * (len(claim) + len(quote))


def further(claim: str, quote: str) -> float:
    """A cosine that falls when anything is left out."""
    return 0.01 * (len(claim) + len(quote))


def test_a_name_of_another_script_that_is_heard_is_supported_and_one_that_is_not_is_doubted() -> None:
    asked = {"similarity": 0.9, "same_language": False, "language": "en", "quoted_in": "ru"}
    assert check("Minister Saadoun visited Baghdad.", QUOTE, **asked) == "supported"
    assert check("Minister Saadoun visited Damascus.", QUOTE, **asked) == "partly"
    assert check("Minister Saadoun visited Damascus.", QUOTE, similar=nearer, **asked) == "partly"


def test_a_name_that_is_not_heard_may_be_translated() -> None:
    claim, quote = Side("He left the United Nations.", "en"), Side("غادر الأمم المتحدة.", "ar")
    assert not names_agree(claim, quote, "", nearer)
    assert names_agree(claim, quote, "", further)


def test_a_name_of_the_quote_must_come_back_in_a_claim_that_says_all_of_it() -> None:
    quote = Side("The minister visited Kensington yesterday.", "en")
    assert names_agree(Side("زار الوزير كنسينغتون أمس برفقة وفد.", "ar"), quote, "", nearer)
    assert not names_agree(Side("زار الوزير مدينة دمشق القديمة أمس.", "ar"), quote, "", nearer)
    assert names_agree(Side("زار الوزير.", "ar"), quote, "", nearer), "a short claim tells a part"


def test_dates_are_no_names() -> None:
    claim = Side("It closed in October, on a Wednesday.", "en")
    assert names_agree(claim, Side("Es schloss im Herbst.", "de"), "", nearer)


@pytest.mark.parametrize(
    ("claim", "quote", "agree"),
    [
        (("He did not come.", "en"), ("Он не пришёл.", "ru"), True),
        (("He came.", "en"), ("Он не пришёл.", "ru"), False),
        (("Ele mora no Porto.", "pt"), ("He lives in Porto.", "en"), True),
        (("罗莎将在未来几天带来暴雨。", "zh"), ("Rosa will bring rain.", "en"), True),
    ],
)
def test_denials(claim: tuple[str, str], quote: tuple[str, str], agree: bool) -> None:
    assert denials_agree(Side(*claim), Side(*quote), nearer) is agree


def test_a_verb_may_stand_for_a_denial() -> None:
    claim, quote = Side("He did not accept it.", "en"), Side("Он отказался.", "ru")
    assert denials_agree(claim, quote, further)


@pytest.mark.parametrize(
    ("claim", "quote", "same"),
    [
        (("20.4 million watched.", "en"), ("超过 2040 万人收看。", "zh"), True),
        (("20.4 million watched.", "en"), ("超过 2040 亿人收看。", "zh"), False),
        (("20.4 million watched.", "en"), ("20.4 Milliarden sahen zu.", "de"), False),
    ],
)
def test_amounts(claim: tuple[str, str], quote: tuple[str, str], same: bool) -> None:
    assert same_amount("20.4", Side(*claim), Side(*quote)) is same


def test_a_number_in_the_place_of_another() -> None:
    quote = Side("Category 1 at 5 o'clock.", "en")
    assert repeated_amount(Side("午前1時、カテゴリ1。", "ja"), quote)
    assert not repeated_amount(Side("午前5時、カテゴリ1。", "ja"), quote)
