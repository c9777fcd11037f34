"""Questions about the library are told from others, documents are named, covered and listed, every line cited."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedders import load
from index.embedders.alignment.vectors import Alignment
from index.embedders.profile import profile_of
from index.stores.base import DocumentHeader, Filter
from index.types import Document, Sentence
from rag.overview.answers import answer_about_library
from rag.overview.asked.naming import named
from rag.overview.contents.covering import covering, sentences_of
from rag.question.kinds import library_questions as asked
from rag.question.kinds.library_questions import asked_of_library
from rag.testing.memory_index import MemoryStore

PROFILE = profile_of("").texts
HARBOUR = (
    "The harbour museum opened in 1987. It shows boats, nets and maps of the coast. "
    "Visitors can enter from nine to five, but not on Mondays. The oldest boat was built in 1790 by Jan Ekkenga. "
    "A new hall for children is planned. The entrance costs four euros for adults."
)
RULES = "House rules of the garden club. The gate is locked at nine. Each member works ten hours a year for the club."


def document(name: str, title: str, text: str, language: str = "en", **metadata: str) -> Document:
    return Document(name, title, f"texts/{name}.md", language, text, metadata)


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    made.add(document("harbour", "The harbour museum of Emden", HARBOUR, date="2021-03-01"))
    made.add(document("rules", "House rules", RULES, date="2024-06"))
    made.add(document("hafen", "Der Hafen von Bremen", "Der Hafen von Bremen ist groß. Er liegt an der Weser.", "de"))
    return made


@pytest.mark.parametrize("kind", [asked.DOCUMENTS, asked.NEWEST, asked.LANGUAGES, asked.TOPICS])
def test_every_line_about_a_document_is_cited_by_its_exact_words(kind: str, store: MemoryStore) -> None:
    found = answer_about_library(kind, "What is there?", "en", store)
    assert found is not None
    marks = [int(number) for number in re.findall(r"\[(\d+)\]", found.text)]
    assert marks == [citation.number for citation in found.citations] == list(range(1, len(marks) + 1))
    for citation in found.citations:
        assert store.document(citation.document_id).text[citation.start : citation.end] == citation.quote != ""


def test_all_documents_are_listed_and_counted(store: MemoryStore) -> None:
    found = answer_about_library(asked.DOCUMENTS, "Which documents are there?", "de", store)
    assert found is not None
    assert "Dokumente: 3" in found.text
    assert {citation.document_id for citation in found.citations} == {"harbour", "rules", "hafen"}
    only = answer_about_library(asked.DOCUMENTS, "…", "en", store, Filter(languages=("de",)))
    assert only is not None
    assert [citation.document_id for citation in only.citations] == ["hafen"]
    assert answer_about_library(asked.DOCUMENTS, "…", "en", MemoryStore()) is None


def test_of_many_documents_some_are_listed_and_the_others_counted() -> None:
    store = MemoryStore()
    for number in range(40):
        store.add(document(f"d{number:02}", f"Text {number}", f"This is the text with the number {number}."))
    found = answer_about_library(asked.DOCUMENTS, "…", "en", store)
    assert found is not None
    assert "Documents: 40" in found.text
    assert f"and {40 - len(found.citations)} more" in found.text


def test_the_newest_come_first_and_those_without_a_date_are_left_out(store: MemoryStore) -> None:
    found = answer_about_library(asked.NEWEST, "What is new?", "en", store)
    assert found is not None
    assert [citation.document_id for citation in found.citations] == ["rules", "harbour"]
    undated = answer_about_library(asked.NEWEST, "What is new?", "en", store, Filter(documents=("hafen",)))
    assert undated is not None
    assert "No document tells its date" in undated.text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Summarise the article about the harbour museum", "harbour"),
        ("Fasse den Text über den Hafen von Bremen zusammen", "hafen"),
        ("What is in the file rules.md?", "rules"),
        ("Give me the key points of the house rules", "rules"),
    ],
)
def test_a_document_is_summarised_that_the_question_names(question: str, expected: str, store: MemoryStore) -> None:
    found = answer_about_library(asked.SUMMARY, question, "en", store)
    assert found is not None
    assert {citation.document_id for citation in found.citations} == {expected}
    starts = [citation.start for citation in found.citations]
    assert starts == sorted(starts)


def test_what_names_no_document_is_looked_for_in_the_documents(store: MemoryStore) -> None:
    assert answer_about_library(asked.SUMMARY, "Summarise the causes of the war", "en", store) is None
    assert answer_about_library(asked.COMPARE, "Compare cats and dogs", "en", store) is None
    both = answer_about_library(asked.COMPARE, "Compare the house rules and the harbour museum", "en", store)
    assert both is not None
    assert {citation.document_id for citation in both.citations} == {"rules", "harbour"}


def test_sentences_with_dates_are_shown(store: MemoryStore) -> None:
    found = answer_about_library(asked.DATES, "List all dates in the text about the harbour museum", "en", store)
    assert found is not None
    assert [citation.quote for citation in found.citations][:1] == ["The harbour museum opened in 1987."]
    assert all(re.search(r"\d{4}", citation.quote) for citation in found.citations)


def test_every_document_with_dates_has_its_share_and_what_is_left_out_is_counted() -> None:
    made = MemoryStore()
    for name, years in (("ferry", range(1900, 1910)), ("bridge", range(1950, 1953)), ("park", ())):
        text = " ".join(["It stands by the river.", *(f"In {year} it was painted once more." for year in years)])
        made.add(Document(name, name.title(), f"{name}.txt", "en", text))
    found = answer_about_library(asked.DATES, "List all dates", "en", made)
    assert found is not None
    assert Counter(one.document_id for one in found.citations) == {"ferry": 6, "bridge": 3}
    assert "**Bridge**" in found.text and "**Park**" not in found.text
    assert re.findall(r"… and \d+ more", found.text) == ["… and 4 more"]


def test_a_word_of_every_title_names_none() -> None:
    headers = [DocumentHeader(f"r{n}", f"Report on {word}", f"r/{n}.txt", "en", {}) for n, word in
               enumerate(["bridges", "schools", "rivers", "forests"])]  # fmt: skip
    assert named("Summarise the report", headers) == []
    assert named("Summarise the report on schools", headers)[0] == "r1"
    assert named("What is in 3.txt?", headers)[0] == "r3"


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 40), most=st.integers(1, 7), seed=st.integers(0, 999))
def test_as_many_sentences_as_wanted_are_chosen_once_and_in_order(count: int, most: int, seed: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) if count else 1
    sentences = [Sentence(100 * n, 100 * n + 60) for n in range(count)]
    chosen = covering(sentences, rows, most, profile=PROFILE)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(most, count)


def test_two_sentences_that_say_the_same_do_not_stand_for_a_text() -> None:
    east, north = np.eye(2, dtype=np.float32)
    rows = np.stack([east, east, east, north])
    sentences = [Sentence(100 * n, 100 * n + 60) for n in range(4)]
    assert 3 in covering(sentences, rows, 2, profile=PROFILE)


def test_a_sentence_that_stands_twice_is_chosen_once() -> None:
    rows = np.eye(4, dtype=np.float32)[[0, 1, 0, 1]]
    sentences = [Sentence(100 * n, 100 * n + 60) for n in range(4)]
    assert covering(sentences, rows, 4, profile=PROFILE) == [0, 1]


def test_sentences_of_a_document_come_once_and_in_order(store: MemoryStore) -> None:
    sentences, vectors = sentences_of(store, "harbour")
    assert len(sentences) == len(vectors) == 6
    assert [each.start for each in sentences] == sorted({each.start for each in sentences})


def test_questions_are_told_by_their_vector_in_any_language() -> None:
    embedder = load("bundled")
    alignment = Alignment.fit(embedder.fingerprint, np.zeros((0, embedder.dimension), np.float32), [])

    def kind_of(question: str, language: str) -> str:
        return asked_of_library(
            embedder.fingerprint, alignment.align_query(embedder.embed_query(question), language)[0]
        )

    assert kind_of("Which files have you got?", "en") == asked.DOCUMENTS
    assert kind_of("Quali documenti ci sono?", "it") == asked.DOCUMENTS  # a language that none was written in
    assert kind_of("Welche Texte sind auf Russisch?", "de") == asked.LANGUAGES
    assert kind_of("Please summarise the manual", "en") == asked.SUMMARY
    for question, language in [
        ("Who heads the Arab Organization for Industrialization?", "en"),
        ("Welche Dokumente brauche ich für den Führerschein?", "de"),
        ("瑞士有几种官方语言？", "zh"),
    ]:
        assert kind_of(question, language) == ""
    assert asked_of_library("another model", np.zeros(384, np.float32)) == ""


def test_short_sentences_of_chinese_stand_for_their_text() -> None:
    """As many words take a third of the signs there: one sentence alone stood for a Chinese text."""
    said = ["出租车费每天不得超过一百五十元。", "员工出差可以报销二等座车票。", "每天餐费补贴为一百二十元。"]
    text = "".join([*said, "因为税务局从二零二四年起只接受电子发票，所以公司从去年开始取消了全部纸质发票。"])
    store = MemoryStore()
    store.add(Document("rules", "制度", "rules.txt", "zh", text))
    sentences, vectors = sentences_of(store, "rules")
    assert len(covering(sentences, vectors, 3, text, profile=PROFILE)) == 3
