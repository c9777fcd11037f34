"""What must agree between two languages."""

from __future__ import annotations

import pytest

from rag.checking.cross_language import (
    Side,
    denials_agree,
    misplaced_amount,
    names_agree,
    other_scale,
    other_unit,
    repeated_amount,
    same_amount,
)
from rag.checking.support import check

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
    assert not names_agree(claim, quote, nearer)
    assert names_agree(claim, quote, further)


def test_a_name_of_the_quote_must_come_back_in_a_claim_that_says_all_of_it() -> None:
    quote = Side("The minister visited Kensington yesterday.", "en")
    assert names_agree(Side("زار الوزير كنسينغتون أمس برفقة وفد.", "ar"), quote, nearer)
    assert not names_agree(Side("زار الوزير مدينة دمشق القديمة أمس.", "ar"), quote, nearer)
    assert names_agree(Side("زار الوزير.", "ar"), quote, nearer), "a short claim tells a part"


def test_a_german_name_is_told_from_a_noun_by_the_word_before_it() -> None:
    quote = Side("The minister visited the old town of Rostock.", "en")
    assert not names_agree(Side("Der Minister besuchte in Paris die alte Stadt.", "de"), quote, nearer)
    assert names_agree(Side("Der Minister besuchte die alte Hafenstadt Rostock.", "de"), quote, nearer)


def test_a_small_doubt_about_a_name_on_each_side_is_a_doubt() -> None:
    claim, quote = Side("Minister Saadoun visited Damascus.", "en"), Side(QUOTE, "ru")

    def little(one: str, other: str) -> float:
        return 0.5 - 0.001 * (len(one) + len(other))

    assert names_agree(claim, Side("Министр Саадун посетил столицу.", "ru"), little), "one side alone"
    assert not names_agree(claim, quote, little)


@pytest.mark.parametrize(
    ("claim", "agree"),
    [("Er kam am Dienstag.", True), ("Er kam am Mittwoch.", False), ("Er kam gestern.", True)],
)
def test_days_of_the_week_are_compared(claim: str, agree: bool) -> None:
    assert names_agree(Side(claim, "de"), Side("Он пришёл во вторник.", "ru"), further) is agree


def test_dates_are_no_names() -> None:
    claim = Side("It closed in October, on a Wednesday.", "en")
    assert names_agree(claim, Side("Es schloss im Herbst.", "de"), nearer)


@pytest.mark.parametrize(
    ("claim", "quote", "agree"),
    [
        (("He did not come.", "en"), ("Он не пришёл.", "ru"), True),
        (("He came.", "en"), ("Он не пришёл.", "ru"), False),
        (("Ele mora no Porto.", "pt"), ("He lives in Porto.", "en"), True),
        (("罗莎将在未来几天带来暴雨。", "zh"), ("Rosa will bring rain.", "en"), True),
        (("ไม่มีใครรู้", "th"), ("Nobody knows it.", "en"), True),
        (("ไม่มีใครรู้", "th"), ("Everybody knows it.", "en"), False),
        (("すぐには入手できなかった。", "ja"), ("바로 얻지 못했다.", "ko"), True),
        (("両国の関係は非常に重要である。", "ja"), ("The relation is important.", "en"), True),
        (("Sin embargo, vino.", "es"), ("But he came.", "en"), True),
        (("No vio nada.", "es"), ("He did not see it.", "en"), True),
        (("L'homme dont il parle.", "fr"), ("The man of whom he speaks.", "en"), True),
        (("Er kam nicht und sah nichts.", "de"), ("He did not come.", "en"), False),
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


@pytest.mark.parametrize(
    ("number", "claim", "quote", "same"),
    [
        ("14", ("Um 14:00 Uhr.", "de"), ("At 2pm.", "en"), True),
        ("2", ("दोपहर 2 बजे।", "hi"), ("At 14:00.", "en"), True),
        ("15", ("Um 15:00 Uhr.", "de"), ("At 2pm.", "en"), False),
        ("2", ("At 2 am.", "en"), ("Um 14:00 Uhr.", "de"), False),
        ("0", ("Um 15 Uhr 0 Leute.", "de"), ("At 15 o'clock 5 people.", "en"), False),
        ("380", ("Plus de 380 000 habitants.", "fr"), ("More than 380,000 people.", "en"), True),
        ("0", ("Plus de 380 000 habitants.", "fr"), ("More than 380 people.", "en"), False),
        ("28", ("28亿英镑", "zh"), ("the £2.8bn market", "en"), True),
        ("2.8", ("2.8 बिलियन पाउंड", "hi"), ("the £2.8bn market", "en"), True),
        ("569", ("569万", "zh"), ("5,69 εκατομμυρίων", "el"), True),
        ("1", ("大约1个小时", "zh"), ("about an hour", "en"), True),
        ("1", ("大约1个小时", "zh"), ("a good 4 hours", "en"), False),
        ("1", ("1 hour", "en"), ("an hour", "en"), False),
        ("1", ("Um 7:01 Uhr.", "de"), ("A 7 heures à Paris et en Chine.", "fr"), False),
        ("1", ("Um 7:01 Uhr.", "de"), ("At a quarter past 7.", "en"), False),
        ("1", ("大约1个小时", "zh"), ("περίπου μία ώρα", "el"), True),
    ],
)
def test_one_number_in_two_notations(number: str, claim: tuple[str, str], quote: tuple[str, str], same: bool) -> None:
    assert same_amount(number, Side(*claim), Side(*quote)) is same


def test_a_number_in_the_place_of_another() -> None:
    quote = Side("Category 1 at 5 o'clock.", "en")
    assert repeated_amount(Side("午前1時、カテゴリ1。", "ja"), quote)
    assert not repeated_amount(Side("午前5時、カテゴリ1。", "ja"), quote)


def test_a_part_of_a_number_in_groups_is_not_that_number() -> None:
    quote = Side("Plus de 380 000 habitants.", "fr")
    assert repeated_amount(Side("More than 380 people.", "en"), quote)
    assert not repeated_amount(Side("More than 380,000 people.", "en"), quote)
    assert not repeated_amount(Side("More than 380 thousand people.", "en"), quote)


@pytest.mark.parametrize(
    ("claim", "language", "quote", "quoted_in", "other"),
    [
        ("38 миллиардов евро", "ru", "38 milhões de euros", "pt", True),
        ("38 миллионов евро", "ru", "38 milhões de euros", "pt", False),
        ("38 billion", "en", "38 million now and 38 billion later", "en", False),
        ("38 euros", "en", "38 million euros", "en", True),
        ("3 अरब यूरो", "hi", "3 करोड़ यूरो", "hi", True),
        ("900万法郎", "zh", "9 million francs", "en", False),
        ("38 миллионов евро", "und", "38 миллионов евро", "ru", False),
        ("12 Tonnen", "de", "12 tonnes for 3 million francs", "en", False),
    ],
)
def test_a_number_has_the_scale_that_the_quote_gives_it(
    claim: str, language: str, quote: str, quoted_in: str, other: bool
) -> None:
    assert other_scale(Side(claim, language), Side(quote, quoted_in)) is other


@pytest.mark.parametrize(
    ("claim", "language", "quote", "quoted_in", "other"),
    [
        ("Насос поднимает воду на 30 футов.", "ru", "यह पंप पानी को 30 मीटर तक उठाता है।", "hi", True),
        ("Насос поднимает воду на 30 метров.", "ru", "यह पंप पानी को 30 मीटर तक उठाता है।", "hi", False),
        ("It takes 3 weeks.", "en", "Das dauert 3 Tage.", "de", True),
        ("It takes 3 days.", "en", "Das dauert 3 Tage, höchstens aber 4.", "de", False),
        ("It weighs 12 tons.", "en", "Es wiegt 12 Tonnen.", "de", False),
        ("It is 30 cubits high.", "en", "Es ist 30 Meter hoch.", "de", False),  # nobody knows cubits
        ("It takes 3 weeks.", "en", "Nach 3 Tagen kamen 3 Gäste.", "de", False),  # one 3 counts something else
    ],
)
def test_a_number_of_another_unit_is_another_amount(
    claim: str, language: str, quote: str, quoted_in: str, other: bool
) -> None:
    assert other_unit(Side(claim, language), Side(quote, quoted_in)) is other
    assert misplaced_amount(Side(claim, language), Side(quote, quoted_in)) is other
