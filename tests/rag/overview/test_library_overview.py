"""Topics of a library, terms of texts in any script, questions that its documents answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import index
from index.stores.base import Filter
from index.types import Document
from rag import Assistant
from rag.overview.answers import answer_about_library
from rag.overview.contents.grouping import groups
from rag.overview.contents.library import library_overview
from rag.overview.contents.suggesting import candidates, is_answered, is_news, suggestions
from rag.overview.contents.terms import names_in, terms_in
from rag.overview.contents.values import values_of
from rag.question.kinds import library_questions as asked
from rag.testing.doubles import document, tiny_index
from rag.testing.memory_index import MemoryStore
from rag.types import Answer, Citation

BEES = [
    "The bees of the apiary at Norrby swarm in May.",
    "Honey is taken from the bees in August.",
    "Bees need heather; the honey of heather is dark.",
    "A swarm of bees is caught in a skep.",
]
SHIPS = [
    "The ferry to Torvik leaves the harbour at nine.",
    "The harbour was dug for larger ferries in 1931.",
    "No ferry calls at the harbour in a storm.",
    "The harbour master counts every ferry.",
]


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    for kind, texts in (("bees", BEES), ("ships", SHIPS)):
        for number, text in enumerate(texts):
            date = {"date": f"{2001 + number}-05"} if kind == "ships" else {}
            made.add(Document(f"{kind}{number}", f"{kind} {number}", f"{kind}/{number}.txt", "en", text, date))
    return made


def test_documents_that_speak_of_one_thing_are_one_topic_named_by_its_words(store: MemoryStore) -> None:
    result = library_overview(store)
    assert (result.documents, result.languages, result.since, result.until) == (8, {"en": 8}, "2001-05", "2004-05")
    found = {frozenset(name[:-1] for name in topic.documents): topic.words for topic in result.topics}
    assert set(found) == {frozenset({"bees"}), frozenset({"ships"})}
    assert found[frozenset({"bees"})][0].lower() == "bees"
    assert found[frozenset({"ships"})][0].lower() in {"harbour", "ferry", "ships"}
    assert not {"The", "the", "from"} & set(found[frozenset({"bees"})])


def test_the_capital_of_a_sentence_s_beginning_makes_no_name() -> None:
    made = MemoryStore()
    for number in range(4):
        made.add(
            document(
                f"ships{number}",
                f"Typically the ferry waits. The harbour of Visby is old {number} times.",
                "en",
            )
        )
        made.add(
            document(
                f"bees{number}", f"Honey is dark. The bees of Norrby swarm {number} times. Heather feeds them.", "en"
            )
        )
    words = {topic.documents[0][:-1]: topic.words for topic in library_overview(made).topics}
    assert words["ships"][0] == "Visby"
    assert "Norrby" in words["bees"]


def test_what_all_share_names_no_topic() -> None:
    made = MemoryStore()
    for number in range(4):
        made.add(document(f"ships{number}", f"Ferry of Visby: Approved. The harbour of Visby is old {number}.", "en"))
        made.add(document(f"bees{number}", f"Hive of Norrby: Approved. The bees of Norrby swarm {number} times.", "en"))
    words = {topic.documents[0][:-1]: topic.words for topic in library_overview(made).topics}
    assert "Visby" in words["ships"] and "Norrby" in words["bees"]
    assert not any("Approved" in found for found in words.values())


def test_what_all_rows_of_a_table_share_is_no_subject_of_it() -> None:
    rows = [f"Ship: {ship} | Unit: Knots | Harbour: {town}" for ship, town in
            (("Heron", "Visby"), ("Swan", "Visby"), ("Coot", "Emden"), ("Teal", "Leer"))]  # fmt: skip
    text = "Fleet list\n" + "\n".join(rows)
    table = {"start": 11, "end": len(text), "name": "", "columns": ["Ship", "Unit", "Harbour"], "rows": [[0, 1]]}
    made = Document("fleet", "Fleet", "fleet.md", "en", text, {"tables": [table]})
    assert values_of(made, 999, varied=True).splitlines()[1] == "Heron | Visby"
    assert values_of(made, 999).splitlines()[1] == "Heron | Knots | Visby"
    assert values_of(made, len("Fleet list\n" + rows[0]), varied=True).splitlines()[1] == "Heron | Knots | Visby"


def test_what_may_not_be_found_is_in_no_topic(store: MemoryStore) -> None:
    result = library_overview(store, Filter(documents=tuple(f"bees{n}" for n in range(4))))
    assert result.documents == 4
    assert {name for topic in result.topics for name in topic.documents} <= {f"bees{n}" for n in range(4)}


def test_few_documents_have_no_topics_and_none_nothing() -> None:
    made = MemoryStore()
    assert library_overview(made).topics == () and library_overview(made).documents == 0
    made.add(document("a", BEES[0], "en"))
    assert library_overview(made).topics == ()


@pytest.mark.parametrize("kind", [asked.DOCUMENTS, asked.TOPICS])
def test_the_library_is_told_by_its_topics(kind: str, store: MemoryStore) -> None:
    found = answer_about_library(kind, "What is there?", "en", store)
    assert found is not None
    assert found.text.count("** (4)") == 2
    assert kind != asked.DOCUMENTS or "English (8) · May 2001 – May 2004" in found.text
    assert {one.document_id[:-1] for one in found.citations} == {"bees", "ships"}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 30])
def test_each_vector_is_in_one_group(count: int) -> None:
    rows = np.random.default_rng(count).standard_normal((count, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = groups(rows, 0.12)
    assert sorted(place for group in found for place in group) == list(range(count))
    assert len(groups(np.ones((6, 4), np.float32) / 2, 0.12)) == 1  # all alike


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("وقعت الهيئة العربية للتصنيع عقدا. وقالت الهيئة العربية للتصنيع إن العقد كبير.", "الهيئة العربية للتصنيع"),
        ("משרד הביטחון חתם. לפי משרד הביטחון ההסכם גדול.", "משרד הביטחון"),
        ("रक्षा मंत्रालय ने कहा। कल रक्षा मंत्रालय ने लिखा।", "रक्षा मंत्रालय"),
        ("兵工厂很大。兵工厂在开罗。我们参观了兵工厂。", "兵工厂"),
        ("カメラは高い。カメラを買う。カメラが好き。", "カメラ"),
        ("Η Άντα Μπραντ ήρθε. Έφυγε η Άντα Μπραντ.", "Άντα Μπραντ"),
        ("Пришла Ада Брандт. Ушла Ада Брандт.", "Ада Брандт"),
    ],
)
def test_terms_are_found_in_scripts_with_capitals_and_without(text: str, term: str) -> None:
    assert terms_in(text)[0] == term


@pytest.mark.parametrize("text", ["", "قال إن إن إن", "的的的的的的", "a b a b a b", "1 2 1 2"])
def test_grammar_is_no_term(text: str) -> None:
    assert terms_in(text) == []


def test_of_a_document_without_capitals_questions_are_made_that_it_answers() -> None:
    text = (
        "وقعت الهيئة العربية للتصنيع عقدا كبيرا.\n\nوقالت الهيئة العربية للتصنيع إن العقد كبير.\n\nأما الجو فكان حارا."
    )
    live = tiny_index([document("a", text, "ar"), document("b", "Nobody wrote down the ships.", "en")])
    found = Assistant(index=live).suggestions("ar", documents=("a",))
    assert any("الهيئة العربية للتصنيع" in one for one in found)


ARABIC_YEAR = (
    "\u0628\u064f\u0646\u064a \u0627\u0644\u0645\u0635\u0646\u0639 \u0639\u0627\u0645 "
    "\u0661\u0669\u0663\u0661 \u0642\u0631\u0628 \u0627\u0644\u0645\u064a\u0646\u0627\u0621."
)


@pytest.mark.parametrize(
    ("language", "text", "made"),
    [
        ("ru", "Завод в посёлке был построен в 1931 году.", ("Что произошло в 1931 году?", "1931")),
        ("ar", ARABIC_YEAR, ("\u0645\u0627\u0630\u0627 \u062d\u062f\u062b \u0639\u0627\u0645 1931\u061f", "1931")),
        ("ru", "Инженер Павел Орлов строил завод.", ("Что сказано о «Павел Орлов»?", "Павел Орлов")),
        ("ru", "Главным инженером был Павел Орлов из Самары.", ("Что сказано о «Павел Орлов»?", "Павел Орлов")),
    ],
)
def test_questions_are_made_of_the_sentences_that_cover_a_document(
    language: str, text: str, made: tuple[str, str]
) -> None:
    store = MemoryStore()
    store.add(document("factory", text, language))
    assert made in list(candidates(store, language))


def test_what_was_asked_is_not_suggested_again() -> None:
    assert not is_news("What is said about Ada Brandt?", "Who was Ada Brandt, the keeper?")
    assert is_news("What is said about the Harbour Board?", "Who was Ada Brandt?")
    assert not is_news("ماذا قيل عن الهيئة العربية؟", "ما هي الهيئة العربية؟")


def test_a_question_of_which_nobody_is_sure_is_not_suggested() -> None:
    live = tiny_index([document("a", "Ada Brandt came. Ada Brandt left.", "en")])
    with live.reading() as opened:
        unsure = Assistant(index=live).answer("What is said about Ada Brandt?")
        assert suggestions(opened.store, lambda question: replace(unsure, refused=False, confidence=0.2), "en") == []


def test_no_more_is_tried_once_time_is_up_but_one_is_always_found() -> None:
    text = "Ada Brandt came. Ada Brandt left. Karl Osten came. Karl Osten left. Eva Lind came. Eva Lind left."
    live = tiny_index([document("a", text, "en")])
    tried: list[str] = []
    with live.reading() as opened:
        told = Assistant(index=live).answer("What is said about Ada Brandt?")
        whole = Citation(1, "a", "a", "a", 0, len(text), text, "supported")

        def ask(question: str) -> Answer:
            tried.append(question)  # the first one is not answered
            return replace(told, refused=len(tried) == 1, confidence=0.9, citations=(whole,))

        assert len(suggestions(opened.store, ask, "en", patience=0.0)) == 1
        assert len(tried) == 2
        assert len(suggestions(opened.store, ask, "en")) > 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("In 1884 Tesla came. There Tesla worked; then Tesla left. It rained.", ["Tesla"]),
        ("Here Torvik lies. From Torvik ships go. To Torvik they come. The Torvik Museum is new.", ["Torvik"]),
        ("Nobody came. Nobody wrote. Nobody knew. Later somebody came.", []),  # only sentences begin with it
        ("So The And wrote. But The And lay. Now The And is.", ["The And"]),
        ("Вчера Петров пришёл. Потом Петров ушёл. И снова Петров здесь.", ["Петров"]),
        ("Zum Beispiel regnet es. Zum Beispiel schneit es.", []),
    ],
)
def test_names_of_one_word_come_after_those_of_several(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_names_of_columns_are_no_topics_no_names_and_no_questions(tmp_path: Path) -> None:
    kinds = {"boats": ("mainsail", "rudder", "anchor", "keel"), "rooms": ("balcony", "sauna", "pillow", "window")}
    for name, things in kinds.items():
        rows = [f"{thing} of the old {name}; Nora Brandt; open" for thing in things for _ in range(2)]
        (tmp_path / f"{name}.csv").write_text("\n".join([f"{name.title()} Report; Case Agent; Case Status", *rows]))
    (tmp_path / "many.md").write_text(
        "# Tickets\n\n| Case Agent | Ticket Subject |\n|---|---|\n"
        + "\n".join(f"| Nora Brandt | the {thing} broke |" for thing in kinds["boats"])
    )
    index.build([tmp_path], index_dir=tmp_path / "index", embedder="hashing")
    assistant = Assistant(tmp_path / "index")
    topics = assistant.library("en").topics
    with assistant.reading() as opened:
        (table,) = (name for name in opened.store.document_ids() if name.startswith("many"))
        made = [question for question, _ in candidates(opened.store, "en")]
    assert topics
    assert not {"report", "agent", "status", "case"} & {word.casefold() for topic in topics for word in topic.words}
    assert assistant.overview(table).names == ("Nora Brandt",)
    assert made and not any("Case" in one or "Subject" in one for one in made)


def test_a_part_of_a_longer_name_names_no_topic() -> None:
    store = MemoryStore()
    ships = [f"The General Harbour Board met General Olaf Weiss. {text} General Ada Lind spoke." for text in SHIPS]
    for kind, texts in (("bees", BEES), ("ships", ships)):
        for number, text in enumerate(texts):
            store.add(Document(f"{kind}{number}", f"{number}", f"{kind}/{number}.txt", "en", text, {}))
    words = {word for topic in library_overview(store, language="en").topics for word in topic.words}
    assert words and not words & {"General", "Olaf", "Lind", "Board"}


@pytest.mark.parametrize(
    ("name", "quotes", "answered"),
    [
        ("Никола Тесла", ("В 1884 году Николы Теслы не было.",), True),
        ("Никола Тесла", ("Здесь был другой инженер.", "Никола Тесла приехал."), False),  # the first one counts
        ("Ada Brandt", ("The lamp of Ada Brandt burned.",), True),
        ("Ada Brandt", ("The lamp of Ada Lind burned.",), False),
        ("兵工厂", ("参观了兵工厂。",), True),
        ("兵工厂", ("参观了工厂。",), False),
        ("d", ("Nothing of it.",), True),  # the document that was asked about
    ],
)
def test_a_question_counts_as_answered_by_its_first_quote(name: str, quotes: tuple[str, ...], answered: bool) -> None:
    cited = tuple(Citation(n, "d", "D", "d.md", 0, len(one), one) for n, one in enumerate(quotes, 1))
    answer = Answer("q", "t", cited, (), False, "und", "extractive", 1, confidence=0.9)
    assert is_answered(answer, name) is answered
