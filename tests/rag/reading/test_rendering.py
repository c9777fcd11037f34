"""Words of one language written for a reader of another: dates, amounts, places, names; and whether two agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.language.names.romanizing import romanized
from index.language.numbers.dates import Day, read_date, write_date
from index.language.sentences.enumerations import whole_list
from rag.reading.short.agreement import agreement
from rag.reading.short.rendering import place_names, rendered
from ui.view import strings

LANGUAGES = ("en", "ar", "fa", "he", "de", "fr", "es", "ru", "tr", "zh", "hi", "ja", "th", "und", "")


@pytest.mark.parametrize(
    ("words", "spoken", "question", "asked", "expected"),
    [
        ("26 نوفمبر", "ar", "When?", "en", "November 26"),
        ("٢٦ نوفمبر ٢٠٢٥", "ar", "Wann?", "de", "26. November 2025"),
        ("يوم السبت", "ar", "An welchem Tag?", "de", "Samstag"),
        ("June 23-24", "en", "哪几天?", "zh", "6月23–24日"),
        ("Oct. 31", "en", "متى؟", "ar", "31 أكتوبر"),
        ("3 марта 1998", "ru", "When?", "en", "March 3, 1998"),
        ("2021年11月4日", "zh", "Quand ?", "fr", "4 novembre 2021"),
        ("June", "en", "באיזה חודש?", "he", "יוני"),
        ("20,4 Millionen", "de", "How many?", "en", "20.4 million"),
        ("2040万", "zh", "How many people?", "en", "20.4 million"),
        ("1.234,5", "de", "How much?", "en", "1,234.5"),
        ("عشرة", "ar", "How many?", "en", "10"),
        ("۲۵", "fa", "How many?", "en", "25"),
        ("埃及", "zh", "Which country?", "en", "Egypt"),
        ("Cairo", "en", "В каком городе?", "ru", "Каир"),
        ("سوريا وليبيا واليمن", "ar", "Quels pays ?", "fr", "Syrie, Libye, Yémen"),
        ("Владимир Путин", "ru", "Who?", "en", "Vladimir Putin"),
        ("عبد المنعم", "ar", "Who?", "en", "Abd al-Munim"),
        ("هدى منصور", "ar", "Wer?", "de", "Huda Mansour"),
        ("רות אלמוג", "he", "Who?", "en", "Ruth Almog"),
        ("שרה כהן", "he", "Кто?", "ru", "Sarah Cohen"),
        ("עמית דבורה", "he", "Who?", "en", "Amit Dvora"),
        ("林国栋", "zh", "Who?", "en", "Lin Guodong"),
        ("工程师林国栋", "zh", "Wer?", "de", "Lin Guodong"),
        ("欧阳修", "zh", "Qui ?", "fr", "Ouyang Xiu"),
        ("सावित्री देवी ने", "hi", "Who?", "en", "Savitri Devi"),
        ("12 تشرين الثاني 2020", "ar", "When?", "en", "November 12, 2020"),
        ("26 كانون الأول/ديسمبر", "ar", "Wann?", "de", "26. Dezember"),
        ("2,4 миллиона рублей", "ru", "How much?", "en", "2.4 million Russian rubles"),
        ("2300万元", "zh", "How much?", "en", "23 million Chinese yuan"),
        ("3 million euros", "en", "多少？", "zh", "300万欧元"),
        ("٣٫٥ مليون جنيه", "ar", "Wie viel?", "de", "3,5 Millionen جنيه"),
        ("۵ خرداد ۱۳۷۲", "fa", "When?", "en", "May 26, 1993"),
        ("۱ فروردین ۱۴۰۰", "fa", "Wann?", "de", "21. März 2021"),
        ("۳۰ اسفند ۱۳۹۹", "fa", "Quand ?", "fr", "20 mars 2021"),
        ("2003年4月12日に", "ja", "When?", "en", "April 12, 2003"),
        ("11월 26일에", "ko", "When?", "en", "November 26"),
        ("دکتر مهناز رستمی", "fa", "Who?", "en", "Dr. Mahnaz Rostami"),
        ("14 שקלים", "he", "How much?", "en", "₪14"),
    ],
)
def test_what_answers_is_written_as_the_reader_writes_it(
    words: str, spoken: str, question: str, asked: str, expected: str
) -> None:
    assert rendered(words, spoken, question, asked) == expected


@pytest.mark.parametrize(
    ("words", "spoken", "question", "asked"),
    [
        ("November 26", "en", "When?", "en"),  # the same language
        ("شحنات النفط", "ar", "What will Egypt take?", "en"),  # no name: letters alone tell nothing
        ("يونيو الماضي", "ar", "When?", "en"),  # says more than a date
        ("2016", "en", "在哪一年？", "zh"),  # reads the same
        ("15", "en", "كم؟", "ar"),
        ("3 Jahre", "de", "How long?", "en"),  # a unit that is not known
        ("31 февраля", "ru", "When?", "en"),  # no such day
        ("田中", "ja", "Who?", "en"),  # Han characters of a Japanese name
        ("Amman", "en", "In welcher Stadt?", "de"),
    ],
)
def test_what_can_be_read_or_not_be_told_stays_alone(words: str, spoken: str, question: str, asked: str) -> None:
    assert rendered(words, spoken, question, asked) == ""


def test_a_name_is_written_as_the_documents_of_the_readers_script_do() -> None:
    texts = ["مرحبا", "With the head of the AOI, Lt. Gen. Abdel Moneim el-Terras, he discussed Egypt."]
    assert rendered("عبد المنعم التراس", "ar", "Who heads it?", "en", texts) == "Abdel Moneim el-Terras"
    assert (
        rendered("عبد المنعم التراس", "ar", "Who heads it?", "en", ["Manhal Aziz Mahmoud came."])
        != "Manhal Aziz Mahmoud"
    )


@given(st.text(max_size=60), st.sampled_from(LANGUAGES), st.text(max_size=30), st.sampled_from(LANGUAGES))
def test_no_text_breaks_the_rendering(words: str, spoken: str, question: str, asked: str) -> None:
    assert isinstance(rendered(words, spoken, question, asked, [words, question]), str)
    assert isinstance(romanized(words, spoken), str)


@given(
    st.integers(1, 12),
    st.integers(1, 28),
    st.sampled_from([code for code in LANGUAGES if code not in ("und", "", "th")]),
)
def test_a_date_that_was_written_is_read_again(month: int, day: int, language: str) -> None:
    result = Day(month=month, day=day)
    assert read_date(write_date(result, language), language) == result


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("15", "en"), ("17", "en"), False),
        (("20.4 million", "en"), ("2040万", "zh"), True),
        (("three days", "en"), ("3", "de"), True),
        (("Nov. 26", "en"), ("26 نوفمبر", "ar"), True),
        (("Nov. 26", "en"), ("27 November", "en"), False),
        (("Nov. 26", "en"), ("26 November 2020", "en"), True),
        (("Saturday", "en"), ("26 November", "en"), None),
        (("Lt. Gen. Abdel Moneim el-Terras", "en"), ("El-Terras", "en"), True),
        (("Juma Inad Saadoun", "en"), ("جمعة عناد سعدون", "ar"), True),
        (("Juma Inad Saadoun", "en"), ("Mohamed Ahmed Morsi", "en"), False),
        (("Juma Inad Saadoun", "en"), ("محمد أحمد مرسي", "ar"), None),  # heard or not, never "differ"
        (("to strengthen ties", "en"), ("closer cooperation", "en"), None),
        (("15 memoranda", "en"), ("several memoranda", "en"), None),
        (("the", "en"), ("a", "en"), None),
    ],
)
def test_sources_agree_or_differ_only_where_that_can_be_told(
    one: tuple[str, str], other: tuple[str, str], expected: bool | None
) -> None:
    assert agreement(one, other) is expected
    assert agreement(other, one) is expected


@pytest.mark.parametrize(
    ("text", "first", "whole"),
    [
        ("Named were iron, copper, tin, zinc and lead.", "iron, copper, tin", "iron, copper, tin, zinc and lead"),
        ("Named were iron, copper, tin, who was there.", "iron, copper, tin", "iron, copper, tin"),
        ("A, B, C and D, which are fine.", "A, B, C", "A, B, C and D"),
        ("Iron, tin and lead, then zinc and gold.", "Iron, tin and lead", "Iron, tin and lead"),
        ("ذكر سوريا، ليبيا، مصر والعراق.", "سوريا، ليبيا، مصر", "سوريا، ليبيا، مصر والعراق"),
        ("包括电子、能源、水利和国防工业。", "电子、能源、水利", "电子、能源、水利和国防工业"),
        ("Eisen, Kupfer, Zinn und Blei", "Eisen, Kupfer, Zinn", "Eisen, Kupfer, Zinn und Blei"),
        ("Iron, copper and the rest", "Iron", "Iron"),
    ],
)
def test_a_list_is_told_to_its_end(text: str, first: str, whole: str) -> None:
    start = text.index(first)
    assert text[start : whole_list(text, start, start + len(first))] == whole


def test_every_interface_language_names_the_countries_and_says_whose_names_they_are() -> None:
    names = place_names()
    assert "Unicode License" in names["notice"][""]
    for language in strings.LANGUAGES:
        assert sum(len(code) == 2 for code in names[language]) > 240
        assert names[language]["EG"]
