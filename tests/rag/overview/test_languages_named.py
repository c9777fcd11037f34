"""A question that asks which documents are in a language names that language in any form."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.overview.asked.languages_named import asks_for_a_language, languages_named, languages_of_texts
from rag.testing.doubles import document, tiny_index

CODES = ["en", "ar", "de", "zh", "fa"]


@pytest.mark.parametrize(
    ("question", "language", "code"),
    [
        ("Which are in Arabic?", "en", "ar"),
        ("Welche sind auf Arabisch?", "de", "ar"),
        ("Welche arabischen Dokumente gibt es?", "de", "ar"),
        ("Lesquels sont en allemand ?", "fr", "de"),
        ("¿Cuáles están en inglés?", "es", "en"),
        ("Какие на арабском?", "ru", "ar"),
        ("ما هي الوثائق بالعربية؟", "ar", "ar"),
        ("אילו בערבית?", "he", "ar"),
        ("哪些是阿拉伯语的？", "zh", "ar"),
        ("Hangileri Almanca?", "tr", "de"),
    ],
)
def test_a_language_is_named_in_any_form(question: str, language: str, code: str) -> None:
    assert languages_named(question, language, CODES) == [code]


@pytest.mark.parametrize(
    ("question", "language"),
    [("Who heads the Arab Organization?", "en"), ("Who wrote it in Arabic?", "en"), ("Which are in Turkish?", "en"),
     ("Wer spricht Deutsch?", "de"), ("Which are in the house?", "en"), ("Arabic", "en")],
)  # fmt: skip
def test_a_question_of_facts_asks_for_none(question: str, language: str) -> None:
    assert not asks_for_a_language(question, language, CODES)


def test_only_documents_in_that_language_are_listed() -> None:
    texts = [document("a", "The ferry leaves at nine.", "en"), document("b", "وصل الوزير إلى القاهرة يوم السبت.", "ar")]
    answer = Assistant(index=tiny_index(texts)).answer("Which are in Arabic?")
    assert [one.document_id for one in answer.citations] == ["b"]
    assert "**Arabic** (1)" in answer.text


@pytest.mark.parametrize(
    ("naming", "language", "codes"),
    [("the Arabic article and the one on rent", "en", ["ar"]), ("the Arab article", "en", []),
     ("den arabischen Artikel", "de", ["ar"]), ("المقال العربي", "ar", ["ar"]), ("немецкую статью", "ru", ["de"]),
     ("the German report", "en", ["de"]), ("the Germany report", "en", []), ("the report about German cars", "en", []),
     ("el artículo alemán", "es", ["de"])],
)  # fmt: skip
def test_a_text_is_named_by_its_language(naming: str, language: str, codes: list[str]) -> None:
    assert [code for found in languages_of_texts(naming, language, CODES).values() for code in found] == codes
