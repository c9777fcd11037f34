from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.numbers.digits import numbers
from index.language.numbers.facts import facts_of
from rag.checking.support import check, worst

TRUE_AND_CHANGED = [
    (
        "en",
        "Revenue grew 45 % in 2020.",
        ["Revenue grew 12 % in 2020.", "Revenue grew 45 % in 2021.", "Revenue grew -45.5 % in 2020."],
    ),
    (
        "en",
        "The minister visited Iraq on Oct. 31.",
        [
            "The minister visited Iran on Oct. 31.",
            "The minister visited Iraq on Nov. 31.",
            "The minister never visited Iraq on Oct. 31.",
            "The minister visited Iraq on Oct. 30.",
        ],
    ),
    (
        "de",
        "Der Minister besuchte Bagdad im März 2021.",
        [
            "Der Minister besuchte Teheran im März 2021.",
            "Der Minister besuchte Bagdad nicht im März 2021.",
            "Der Minister besuchte Bagdad im April 2021.",
            "Der Minister besuchte Bagdad im März 2012.",
        ],
    ),
    (
        "fr",
        "Le ministre a visité Bagdad en 2019.",
        [
            "Le ministre n'a pas visité Bagdad en 2019.",
            "Le ministre a visité Damas en 2019.",
            "Le ministre a visité Bagdad en 2018.",
        ],
    ),
    (
        "ru",
        "Министр посетил Багдад в 2019 году.",
        [
            "Министр не посетил Багдад в 2019 году.",
            "Министр посетил Тегеран в 2019 году.",
            "Министр посетил Багдад в 2091 году.",
        ],
    ),
    (
        "ar",
        "زار الوزير بغداد في ٢٠١٩ لمدة ثلاثة أيام.",
        [
            "لم يزر الوزير بغداد في ٢٠١٩ لمدة ثلاثة أيام.",
            "زار الوزير طهران في ٢٠١٩ لمدة ثلاثة أيام.",
            "زار الوزير بغداد في ٢٠١٨ لمدة ثلاثة أيام.",
        ],
    ),
    (
        "zh",
        "部长于2019年访问了巴格达的工厂。",
        [
            "部长于2018年访问了巴格达的工厂。",
            "部长没有于2019年访问了巴格达的工厂。",
            "部长于2019年访问了德黑兰的工厂。",
        ],
    ),
    (
        "ja",
        "大臣は2019年にバグダッドの工場を訪れた。",
        [
            "大臣は2018年にバグダッドの工場を訪れた。",
            "大臣は2019年にバグダッドの工場を訪れなかった。",
            "大臣は2019年にテヘランの工場を訪れた。",
        ],
    ),
    (
        "ko",
        "장관은 2019년에 바그다드를 방문했다.",
        [
            "장관은 2018년에 바그다드를 방문했다.",
            "장관은 2019년에 바그다드를 방문하지 않았다.",
            "장관은 2019년에 테헤란을 방문했다.",
        ],
    ),
    (
        "hi",
        "मंत्री ने २०१९ में बगदाद का दौरा किया।",
        [
            "मंत्री ने २०१८ में बगदाद का दौरा किया।",
            "मंत्री ने २०१९ में बगदाद का दौरा नहीं किया।",
            "मंत्री ने २०१९ में तेहरान का दौरा किया।",
        ],
    ),
    (
        "he",
        "השר ביקר בבגדד בשנת 2019 במפעל.",
        ["השר ביקר בבגדד בשנת 2018 במפעל.", "השר לא ביקר בבגדד בשנת 2019 במפעל.", "השר ביקר בטהרן בשנת 2019 במפעל."],
    ),
    (
        "th",
        "รัฐมนตรีเยือนแบกแดดในปี 2019 เป็นเวลาสามวัน",
        [
            "รัฐมนตรีเยือนแบกแดดในปี 2018 เป็นเวลาสามวัน",
            "รัฐมนตรีไม่ได้เยือนแบกแดดในปี 2019 เป็นเวลาสามวัน",
            "รัฐมนตรีเยือนเตหะรานในปี 2019 เป็นเวลาสามวัน",
        ],
    ),
    (
        "el",
        "Ο υπουργός επισκέφθηκε τη Βαγδάτη το 2019.",
        [
            "Ο υπουργός δεν επισκέφθηκε τη Βαγδάτη το 2019.",
            "Ο υπουργός επισκέφθηκε τη Δαμασκό το 2019.",
            "Ο υπουργός επισκέφθηκε τη Βαγδάτη το 2018.",
        ],
    ),
]


@pytest.mark.parametrize(
    ("language", "quote", "claim"), [(lang, true, changed) for lang, true, many in TRUE_AND_CHANGED for changed in many]
)
def test_one_changed_fact_is_never_supported_however_close_the_meaning(language: str, quote: str, claim: str) -> None:
    assert check(claim, quote, similarity=0.99, same_language=True, language=language) != "supported"


@pytest.mark.parametrize(("language", "quote"), [(lang, true) for lang, true, _ in TRUE_AND_CHANGED])
def test_the_quote_itself_is_supported_without_a_model(language: str, quote: str) -> None:
    assert check(quote, quote, same_language=True, language=language) == "supported"
    assert check(quote.rstrip(".。।"), f"{quote} 他.", same_language=True, language=language) == "supported"


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Er besuchte Bagdad am 31. Oktober 2020.", "He visited Baghdad on Oct. 31, 2020."),
        ("زار بغداد في ٣١ أكتوبر ٢٠٢٠.", "He visited Baghdad on Oct. 31, 2020."),
        ("他于2020年10月31日访问了巴格达。", "He visited Baghdad on October 31, 2020."),
        ("They produced 3 tanks.", "Sie bauten drei Panzer."),
        ("Es waren 1.500 Soldaten.", "There were 1,500 soldiers."),
    ],
)
def test_facts_agree_across_languages_and_notations(claim: str, quote: str) -> None:
    assert check(claim, quote, similarity=0.9, same_language=False) == "supported"
    assert check(claim, quote, similarity=0.05, same_language=False) == "not found"


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("Er besuchte Bagdad am 30. Oktober 2020.", "He visited Baghdad on Oct. 31, 2020."),
        ("Er besuchte Bagdad am 31. November 2020.", "He visited Baghdad on Oct. 31, 2020."),
        ("他于2020年11月31日访问了巴格达。", "He visited Baghdad on October 31, 2020."),
        ("لم يزر بغداد.", "He visited Baghdad on Oct. 31, 2020."),
    ],
)
def test_wrong_facts_are_seen_across_languages(claim: str, quote: str) -> None:
    assert check(claim, quote, similarity=0.9, same_language=False) != "supported"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.5 and 1.234,5 and 1 234", ["1234.5", "1234.5", "1", "234"]),
        ("١٬٢٣٤٫٥ ۲۰۲۰ १२", ["1234.5", "2020", "12"]),
        ("1,000,000 007 3.10 0.50", ["1000000", "7", "3.1", "0.5"]),
        ("31.10.2020 192.168.0.1", ["31.10.2020", "192.168.0.1"]),
        ("１５", ["15"]),
    ],
)
def test_numbers_have_one_spelling(text: str, expected: list[str]) -> None:
    assert numbers(text) == expected


def test_a_name_that_only_the_passage_holds_is_partly_supported() -> None:
    verdict = check(
        "Saadoun leads a ministry in Baghdad.",
        "He leads a ministry.",
        similarity=0.9,
        same_language=True,
        context=[facts_of("Mr. Saadoun arrived. He leads a ministry. It is in Baghdad.")],
    )
    assert verdict == "partly"


@pytest.mark.parametrize(
    ("quote", "claim"), [("ננשכתי!", "סוכנות!"), ("물렸어요!", "재난!"), ("噛まれた！", "噛害機た！")]
)
def test_a_claim_of_which_no_word_is_in_the_quote_is_not_supported_by_meaning_alone(quote: str, claim: str) -> None:
    assert check(claim, quote, similarity=0.99, same_language=True) == "partly"


def test_swapped_names_are_seen() -> None:
    assert check("In 2019 Iran beat Iraq clearly.", "In 2019 Iraq beat Iran clearly.", similarity=1.0) != "supported"


def test_may_is_a_month_only_beside_a_number() -> None:
    assert facts_of("It may happen.").months == frozenset()
    assert facts_of("On 3 May it happened.").months == {5}


def test_worst() -> None:
    assert worst([]) == "not found"
    assert worst(["supported", "partly"]) == "partly"


@given(st.text(max_size=200), st.text(max_size=200), st.floats(-1, 1) | st.none())
def test_any_text_gets_a_verdict(claim: str, quote: str, similarity: float | None) -> None:
    assert check(claim, quote, similarity=similarity, context=[facts_of(quote)]) in ("supported", "partly", "not found")


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("5 ships sank.", "15 ships sank."),
        ("5 ships sank.", "In 2011 there were 15 ships sank."),
        ("He won", "Nobody says that he never won."),
        ("able men left", "Unable men left"),
    ],
)
def test_a_part_of_a_sentence_is_no_copy_of_it(claim: str, quote: str) -> None:
    assert check(claim, quote, similarity=0.99, same_language=True, language="en", quoted_in="en") != "supported"


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("She stayed.", "He did not leave. She stayed."),
        ("He left", "He left."),
        ("五艘船沉没了。", "没有人得救。五艘船沉没了。"),
    ],
)
def test_a_whole_sentence_of_a_quote_is_supported_without_a_model(claim: str, quote: str) -> None:
    assert check(claim, quote) == "supported"


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("5 mph and made landfall at 5 a.m.", "Winds reached 85 mph and made landfall at 5 a.m."),
        ("1 million pounds", "One of 11 million pounds"),
    ],
)
def test_a_number_that_counts_something_else_in_the_quote_supports_nothing(claim: str, quote: str) -> None:
    asked = {"similarity": 0.99, "same_language": True, "language": "en", "quoted_in": "en"}
    assert check(claim, quote, **asked) != "supported"
    assert check(quote, quote, **asked) == "supported"
