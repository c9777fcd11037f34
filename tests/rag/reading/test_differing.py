"""A language model that says another thing than the reader found is told from one that says the same otherwise."""

from __future__ import annotations

import pytest

from rag.reading.short.differing import leaves_out, says_otherwise

SAME = [
    ("It has fifteen aircraft [1].", "en", ("15", "en"), "How many aircraft?"),
    ("It was founded in 1975 [1].", "en", ("في عام 1975", "ar"), "When was it founded?"),
    ("It took place on November 26, 2021 [1].", "en", ("26 نوفمبر", "ar"), "When?"),
    ("Am 26.11.2021 [1].", "de", ("26 November", "en"), "Wann?"),
    ("On 2021-11-26.", "en", ("26 November 2021", "en"), "When?"),
    ("On 11/26/2021.", "en", ("26 November 2021", "en"), "When?"),
    ("It was held on Friday, 26 November [1], and 200 people came.", "en", ("الجمعة", "ar"), "When?"),
    ("About 1.8 million people [1].", "en", ("1,834,000", "en"), "How many?"),
    ("20.4 million [1]", "en", ("2040万", "zh"), "How many?"),
    ("Two hundred and thirty-five people came in 2021", "en", ("235", "en"), "How many?"),
    ("Es waren zweihundertfünfunddreißig Gäste im Jahr 2021.", "de", ("235", "en"), "Wie viele?"),
    ("The trip was 26.2 miles long.", "en", ("42.2 km", "en"), "How long?"),
    ("half of the staff", "en", ("50 %", "en"), "What share?"),
    ("It is headed by Lieutenant General Abdel Moneim el-Terras", "en", ("عبد المنعم التراس", "ar"), "Who heads it?"),
    ("It is headed by Abd al-Monem al-Taras.", "en", ("Abdel Moneim el-Terras", "en"), "Who heads it?"),
    ("The WHO declared it with United Nations help.", "en", ("World Health Organization", "en"), "Who declared it?"),
    ("Samuel Clemens wrote it.", "en", ("Mark Twain", "en"), "Who wrote it?"),
    ("In den Vereinigten Staaten, genauer New Mexico.", "de", ("United States", "en"), "Wo?"),
    ("In 1443 AH, the year 2021", "en", ("2021", "en"), "Which year?"),
    ("In 1400", "en", ("2021", "en"), "Which year?"),
    ("In '75 it began", "en", ("1975", "en"), "Which year?"),
    ("Заседание прошло 26 ноября.", "ru", ("26 November 2021", "en"), "Когда?"),
    ("بدأ في 26 تشرين الثاني", "ar", ("26 November 2021", "en"), "متى?"),
    ("会议于2021年11月26日举行。", "zh", ("November 26", "en"), "何时?"),
    ("有十五架飞机。", "zh", ("15", "en"), "多少?"),
    ("Il y a quinze avions dans 3 hangars", "fr", ("15", "en"), "Combien d'avions?"),
    ("The minister of war.", "en", ("Juma Saadoun", "en"), "Who?"),
    ("Between 10 and 20 planes.", "en", ("15", "en"), "How many?"),
    ("Around 1,800 staff", "en", ("1,834", "en"), "How many?"),
    ("It cost a dozen million.", "en", ("12 million", "en"), "How much?"),
    ("90 minutes", "en", ("1.5 hours", "en"), "How long?"),
    ("Saat 14:30'da", "tr", ("2:30 pm", "en"), "When?"),
    ("Up to 300 vehicles a year, i.e. 25 a month", "en", ("300", "en"), "How many?"),
    ("El 3 de marzo de 2020", "es", ("٣ مارس ٢٠٢٠", "ar"), "¿Cuándo?"),
    ("१५ विमान", "hi", ("15", "en"), "कितने?"),
    ("بدأ في 26 تشرين الثاني/نوفمبر", "ar", ("26 November 2021", "en"), "متى?"),
    ("It was the second largest of them, with 15.", "en", ("15", "en"), "How many?"),
    ("It is the second largest [1].", "en", ("15", "en"), "How many?"),
    ("In Kairo [2].", "de", ("Cairo", "en"), "Wo?"),
    ("Between 12 and 18 [1], says the second report.", "en", ("15", "en"), "How many?"),
    ("It was signed by the two presidents [12].", "en", ("15", "en"), "How many?"),
    ("في أبريل ٢٠٢٠", "ar", ("April 2020", "en"), "متى؟"),
    ("ב-26 בנובמבר 2021", "he", ("26 November 2021", "en"), "מתי?"),
    ("Στις 26 Νοεμβρίου", "el", ("26 November", "en"), "Πότε;"),
    ("২০২১ সালে", "bn", ("2021", "en"), "কবে?"),
]
OTHER = [
    (
        "The AOI is headed by **Juma Enad Saadoun** [3].",
        "en",
        ("Lt. Gen. Abdel Moneim el-Terras", "en"),
        "Who heads the AOI?",
    ),
    ("It has 17 aircraft [2].", "en", ("15", "en"), "How many aircraft?"),
    ("It has seventeen aircraft [2].", "en", ("15 aircraft", "en"), "How many aircraft?"),
    ("It was founded in 1974 [1].", "en", ("1975", "ar"), "When was it founded?"),
    ("It took place on November 27, 2021 [1].", "en", ("26 نوفمبر", "ar"), "When?"),
    ("Am 27. November [1].", "de", ("26 November", "en"), "Wann?"),
    ("On 2021-11-27.", "en", ("26 November 2021", "en"), "When?"),
    ("It is headed by Juma Saadoun [1].", "en", ("Abdel Moneim el-Terras", "en"), "Who heads it?"),
    ("Заседание прошло 27 ноября 2021 года.", "ru", ("26 November 2021", "en"), "Когда?"),
    ("会议于2021年11月27日举行。", "zh", ("November 26", "en"), "何时?"),
    ("El ministerio compró 30 aviones [1].", "es", ("40", "en"), "¿Cuántos aviones?"),
    ("25 %", "de", ("60 %", "en"), "Wie viel Prozent?"),
    ("The budget is $3 million.", "en", ("$7 million", "en"), "What is the budget?"),
    ("في 27 تشرين الثاني", "ar", ("26 November 2021", "en"), "متى؟"),
    ("Ο Ιούνιος 2020", "el", ("26 November 2021", "en"), "Πότε;"),
    ("१७ विमान", "hi", ("15", "en"), "कितने विमान?"),
]
TWO_NAMES = "Samuel Clemens, known as Mark Twain, wrote it."


@pytest.mark.parametrize(("said", "language", "words", "question"), SAME)
def test_the_same_in_other_words_is_no_difference(
    said: str, language: str, words: tuple[str, str], question: str
) -> None:
    assert not says_otherwise(said, language, words, question, "", TWO_NAMES)


@pytest.mark.parametrize(("said", "language", "words", "question"), OTHER)
def test_another_date_number_or_name_is_one(said: str, language: str, words: tuple[str, str], question: str) -> None:
    assert says_otherwise(said, language, words, question)


def test_a_name_as_the_asker_writes_it_is_the_same() -> None:
    words = "United States", "en"
    assert not says_otherwise("In den Vereinigten Staaten.", "de", words, "Wo?", "Vereinigte Staaten")
    assert not says_otherwise("Es war 7 [1].", "de", ("9", "en"), "Wie viele?", "7")


@pytest.mark.parametrize(
    ("said", "language", "words", "expected"),
    [
        ("The mill is in Cairo [1].", "en", ("Helwan", "en"), True),
        ("The mill stands near Helwan [1].", "en", ("Helwan, south of Cairo", "en"), False),
        ("Die Mühle steht in Kairo [1].", "de", ("Helwan", "en"), False),  # may be another name of it
        ("The mill has fifteen wheels [1].", "en", ("15", "en"), False),  # numbers have many forms
        ("It was built in spring [1].", "en", ("26 March", "en"), False),
        ("It is old [1].", "en", ("the mill", "en"), False),  # says only what was asked
    ],
)
def test_a_text_leaves_out_the_words_of_a_source(
    said: str, language: str, words: tuple[str, str], expected: bool
) -> None:
    assert leaves_out(said, language, words, "Where is the mill?") is expected
