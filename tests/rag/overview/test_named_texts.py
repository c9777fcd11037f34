"""Texts that are named loosely are found, compared and summed up; unclear ones are asked back, in ten languages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.stores.base import DocumentHeader, Filter
from index.types import Document
from rag import Assistant
from rag.config import AnswerConfig
from rag.overview.about_texts import TextAsked, answer_about_texts, which_text
from rag.overview.answers import answer_about_files
from rag.overview.asked.asked_of_texts import asked_of_texts
from rag.overview.asked.meant import Library
from rag.overview.cited_lines import LibraryAnswer
from rag.question.kinds.library_questions import COMPARE
from rag.testing.doubles import tiny_index
from rag.testing.memory_index import MemoryStore

OFFICERS = (
    "The officers met in the camp by the river. The officers agreed on joint drills in summer. Tehran sent a message "
    "of thanks after the meeting of the officers."
)
BREAD = (
    "The harvest around Tehran was good. Markets in Tehran sell more fruit. In Tehran the price of bread fell, and "
    "shops of Tehran stay open longer."
)
HALL = "The hall is rented for two years. The rent is 800 euros a month. The tenant cleans the hall."
STATION = "Der Bahnhof in Kairo wird neu gebaut. Kairo hofft auf mehr Reisende. Der Umbau dauert drei Jahre."
POOL = "The pool opens at nine. Children swim for free on Sundays. The water is warm."
TEXTS = [
    Document("drills", "Joint drills by the river", "press/a1.md", "en", OFFICERS, {"date": "2024-03-11"}),
    Document("harvest", "Harvest and markets", "press/a2.md", "en", BREAD, {"author": "Mina Farahani"}),
    Document("hall", "Rent of the hall", "contracts/hall_2023.md", "en", HALL, {"date": "2023-03-01"}),
    Document("bahnhof", "Der neue Bahnhof", "presse/b1.md", "de", STATION),
    Document("pool", "Opening hours of the pool", "notes/pool.md", "en", POOL),
]


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    made = MemoryStore()
    for text in TEXTS:
        made.add(text)
    return made


def about(store: MemoryStore, question: str, language: str = "en", kind: str = "") -> LibraryAnswer | None:
    return answer_about_texts(TextAsked(question, language, kind, store))


def documents(found: LibraryAnswer | None) -> list[str]:
    assert found is not None
    for citation in found.citations:
        assert f"[{citation.number}]" in found.text
    return list(dict.fromkeys(citation.document_id for citation in found.citations))


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Compare the article about the officers and the Tehran article"),
        ("de", "Vergleiche den Artikel Drills mit dem Artikel aus Teheran"),
        ("fr", "Compare l'article Drills avec l'article sur Téhéran"),
        ("es", "Compara el artículo Drills con el artículo de Teherán"),
        ("ru", "Сравни статью Drills и статью о Тегеране"),
        ("tr", "Drills makalesini Tahran makalesiyle karşılaştır"),
        ("ar", "قارن مقال Drills ومقال طهران"),
        ("fa", "مقالهٔ Drills را با مقالهٔ تهران مقایسه کن"),
        ("he", "השווה בין המאמר Drills לבין המאמר על טהרן"),
        ("zh", "比较Drills文章和关于德黑兰的文章"),
    ],
)
def test_two_texts_are_compared_in_the_order_in_which_they_are_named(
    language: str, question: str, store: MemoryStore
) -> None:
    assert documents(about(store, question, language)) == ["drills", "harvest"]


@pytest.mark.parametrize(
    ("language", "question", "meant"),
    [
        ("en", "What is the Tehran article about?", "harvest"),
        ("en", "Summarise the contract", "hall"),  # its folder says what it is
        ("en", "Give me the key points of the article from March 2024", "drills"),  # the date that the file tells
        ("en", "Sum up... a short overview of the article by Farahani", "harvest"),  # who wrote it
        ("de", "Worum geht es in dem Artikel über Kairo?", "bahnhof"),
        ("de", "Fasse den Artikel über Teheran zusammen", "harvest"),
        ("fr", "De quoi parle l'article sur Téhéran ?", "harvest"),
        ("es", "¿De qué trata el artículo sobre Teherán?", "harvest"),
        ("ru", "О чём статья о Каире?", "bahnhof"),
        ("tr", "Tahran makalesi ne hakkında?", "harvest"),
        ("ar", "لخص مقال القاهرة", "bahnhof"),
        ("fa", "خلاصهٔ مقالهٔ تهران", "harvest"),
        ("he", "במה עוסק המאמר על קהיר?", "bahnhof"),
        ("zh", "总结一下关于开罗的文章", "bahnhof"),
    ],
)
def test_a_text_is_summed_up_that_is_named_loosely(
    language: str, question: str, meant: str, store: MemoryStore
) -> None:
    assert documents(about(store, question, language)) == [meant]


def test_what_is_unclear_is_asked_back_and_what_is_clear_is_answered(store: MemoryStore) -> None:
    asked = TextAsked("Compare the Tehran article with the press article", "en", "", store)
    assert answer_about_texts(asked) is None
    found = which_text(asked)
    assert found is not None and "It could be:" in found.text
    result, _, possible = found.text.partition("It could be:")
    assert "Harvest and markets, in its own words" in result
    assert 1 <= possible.count("\n- ") <= 3 and "Harvest" not in possible
    asked = TextAsked("Vergleiche die beiden Berichte", "de", COMPARE, store)
    found = which_text(asked)
    assert found is not None and found.text.startswith("Es ist nicht klar")
    assert len(found.citations) == 3


@pytest.mark.parametrize(
    "question",
    [
        "Compare the climate of Norway and Spain",
        "Summarise the causes of the war",
        "What does the article say about the rent in Tehran?",
        "What is the difference between an agreement and an invoice?",
        "When does the pool open?",
    ],
)
def test_questions_about_facts_are_left_to_the_search(question: str, store: MemoryStore) -> None:
    assert about(store, question) is None
    assert which_text(TextAsked(question, "en", "", store)) is None


def test_what_words_and_vectors_tell_apart_is_not_clear(store: MemoryStore) -> None:
    headers: Sequence[DocumentHeader] = list(store.headers(list(store.document_ids())).values())

    def near(_: str) -> list[tuple[str, float]]:
        return [("pool", 0.4), ("hall", 0.2)]

    by_meaning = Library(headers, store, "de", near).one("den Text über das Schwimmbad")
    assert by_meaning.clear is not None and by_meaning.clear.id == "pool"
    once = Library(headers, store, "en", near).one("the text with a message")
    assert once.clear is None and {one.id for one in once.possible} == {"drills", "pool"}
    named = Library(headers, store, "en", near).one("the text on the harvest")
    assert named.clear is not None and named.clear.id == "harvest"


def test_who_wrote_a_text_that_is_named_by_what_it_speaks_of() -> None:
    made = MemoryStore()
    letter = "File: report\nAuthor: Mina Farahani"
    body = "Bread was cheap in Tehran. Tehran is proud of its bread. More bread for Tehran is baked at night.\n\n"
    known = {"author": "Mina Farahani", "properties": [len(body), len(body) + len(letter)]}
    made.add(Document("bread", "Bakers at work", "press/bread.md", "en", body + letter, dict(known)))
    made.add(Document("pool", "Opening hours", "press/pool.md", "en", "The pool opens at nine.", {}))
    found = answer_about_files("Who wrote the article on Tehran?", "en", made)
    assert found is not None and "Mina Farahani" in found.citations[0].quote
    assert answer_about_files("Who wrote Bread and Roses?", "en", made) is None  # a book, of which a text may speak


def test_a_question_for_unclear_texts_is_no_refusal() -> None:
    titles = {"a": "Report on bridges", "b": "Report on rivers", "c": "Report on woods"}
    texts = [
        Document(name, title, f"texts/{name}.md", "en", f"{title}. It is long and says much of it.")
        for name, title in titles.items()
    ]
    assistant = Assistant(index=tiny_index(texts), config=AnswerConfig(min_confidence=0.99, reader="none"))
    answer = assistant.answer("Compare the report on bridges with the report on water")
    assert not answer.refused and "Report on bridges, in its own words" in answer.text
    assert "It could be:" in answer.text
    assert assistant.answer("Compare cats with dogs").refused


def test_what_may_not_be_found_is_never_named(store: MemoryStore) -> None:
    where = Filter(documents=("drills", "pool"))
    for question in ("Summarise the Tehran article", "Compare the Tehran article with the article on the pool"):
        asked = TextAsked(question, "en", "", store, where=where)
        found = answer_about_texts(asked) or which_text(asked)
        assert found is not None
        assert {citation.document_id for citation in found.citations} <= {"drills", "pool"}


@pytest.mark.parametrize(
    "question",
    [
        "Who proposed the joint exercises in the letter to the minister?",
        "Wer schlug in dem Brief gemeinsame Übungen vor?",
        "Который из министров в письме говорил об общих учениях?",
        "من اقترح في الرسالة التدريب المشترك؟",
        "نامه وزیر چه چیزی را در صدر چالش‌های مشترک می‌دانست؟",
        "מי הציע במכתב תרגיל צבאי משותף?",
        "Mektupta ortak tatbikatı kim önerdi?",
        "谁在信中提议了共同演习？",
    ],
)
def test_what_is_done_jointly_is_no_comparison_of_texts(question: str) -> None:
    assert asked_of_texts(question) is None


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Summarise the German article"),
        ("de", "Fasse den deutschen Artikel zusammen"),
        ("ru", "Кратко изложи немецкую статью"),
        ("ar", "لخص المقال الألماني"),
        ("es", "Resume el artículo alemán"),
    ],
)
def test_a_text_is_named_by_its_language(store: MemoryStore, language: str, question: str) -> None:
    assert documents(about(store, question, language)) == ["bahnhof"]
