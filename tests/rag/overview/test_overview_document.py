"""What a document is about, and questions to begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

import index
from index.errors import StoreError
from index.stores.base import Filter
from rag import Assistant
from rag.output.whole_thoughts import stands_alone
from rag.overview.contents.document import overview_of
from rag.overview.contents.suggesting import suggestions
from rag.overview.contents.terms import terms_in
from rag.testing.doubles import document, tiny_index
from rag.types import Answer
from tests.harness.partly_slow import partly_slow

NOTE = """# The light at Torvik

Ada Brandt kept the light at Torvik for thirty years. She wrote down every ship that passed.

## The storm

In the storm of 1911 Ada Brandt kept the lamp burning by hand. The Harbour Board thanked her in a letter.

## After her

The Harbour Board chose a new keeper, and the lamp became electric. Nobody wrote down the ships any more.
"""


@pytest.fixture(scope="module")
def seeds(seeds_index: Path) -> Assistant:
    return Assistant(seeds_index)


def test_an_overview_is_made_of_the_document_s_own_sentences(tmp_path: Path) -> None:
    (tmp_path / "light.md").write_text(f"---\nauthor: Ada Brandt\n---\n{NOTE}", "utf-8")
    index.build([tmp_path / "light.md"], index_dir=tmp_path / "index", embedder="hashing")
    assistant = Assistant(tmp_path / "index")
    with assistant.reading() as opened:
        (name,) = opened.store.document_ids()
        text = opened.store.document(name).text
    result = assistant.overview(name)
    words = [text[one.start : one.end] for one in result.sentences]
    assert 1 <= len(words) <= 4
    assert all(one.endswith(".") and one in NOTE for one in words)  # no heading, nothing of the file's properties
    assert result.headings == ("The storm", "After her")
    assert set(result.names) == {"Ada Brandt", "Harbour Board"}
    assert result.characters < len(text)  # the properties below are no text of the document


@pytest.mark.parametrize(
    ("words", "alone"),
    [
        ("The Harbour Board chose a new keeper.", True),
        ("“The lamp became electric.”", True),
        ("- The lamp became electric (1911).", True),
        ("港务局选了新的守灯人。", True),
        ("اختار المجلس حارسا جديدا؟", True),
        ("कार्यालय ने नया रक्षक चुना।", True),
        ("คณะกรรมการท่าเรือเลือกผู้ดูแลคนใหม่", True),
        ("The board chose three things:", False),
        ("港务局决定了三件事：", False),
        ("The board chose a new keeper, and …", False),
        ("the lamp became electric.", False),
        ("ihn abgelehnt hatte.", False),
        ("Keywords: harbour, lamp, keeper.", False),
        ("Opening hours of the Harbour Board", False),
        ("Branch: Lyon | Manager: Mei Tanaka.", False),
    ],
)
def test_what_says_nothing_by_itself_is_told_from_what_does(words: str, alone: bool) -> None:
    assert stands_alone(words) is alone


def test_an_overview_leaves_out_what_only_announces(tmp_path: Path) -> None:
    announced = (
        "The storm of 1911 at the light of Torvik had three causes that the Harbour Board wrote down in its letter:"
    )
    text = f"{announced}\n\n- the wind\n- the tide\n\n" + NOTE.replace("#", "").strip()
    (tmp_path / "light.txt").write_text(text, "utf-8")
    (tmp_path / "lines.txt").write_text(
        "The causes of the storm at Torvik were these:\n\nThe wind of the west:\n", "utf-8"
    )
    index.build([tmp_path], index_dir=tmp_path / "index", embedder="hashing")
    assistant = Assistant(tmp_path / "index")
    seen = {}
    with assistant.reading() as opened:
        for name in opened.store.document_ids():
            stored = opened.store.document(name).text
            seen[name] = [stored[one.start : one.end] for one in assistant.overview(name).sentences]
    light, lines = (next(words for name, words in seen.items() if key in name) for key in ("light", "lines"))
    assert light and all(one.strip().endswith(".") for one in light)
    assert lines  # where nothing else is there, it is better than nothing


def test_an_overview_of_what_may_not_be_found_is_refused(tmp_path: Path) -> None:
    live = tiny_index([document("a", NOTE, "en"), document("b", NOTE, "en")])
    assistant = Assistant(index=live, where=Filter(documents=("a",)))
    assert assistant.overview("a").document_id == "a"
    with pytest.raises(StoreError, match="not among"):
        assistant.overview("b")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The Iraqi said so. The Iraqi saw the sea.", []),  # the first words of sentences
        ("Ada Brandt came. Ada Brandt left.", ["Ada Brandt"]),
        ("He met Ada Brandt. Then Ada Brandt left.", ["Ada Brandt"]),
        ("I saw Ada Brandt of Torvik. He saw Ada Brandt of Torvik.", ["Ada Brandt"]),
        ("Of the Harbour Board of Old Torvik, the Harbour Board.", ["Harbour Board"]),
        ("عناد سعدون وعناد سعدون", []),
        ("", []),
    ],
)
def test_names_are_words_with_capitals_that_come_again(text: str, names: list[str]) -> None:
    assert terms_in(text) == names


def test_a_name_within_a_longer_name_is_reported_once() -> None:
    text = "At the Harbour Board Office he saw the Harbour Board Office. " * 2
    assert terms_in(text) == ["Harbour Board Office"]


@pytest.mark.parametrize("language", partly_slow(["ar", "en", "de", "zh"]))
def test_what_is_suggested_is_answered(seeds: Assistant, language: str) -> None:
    found = seeds.suggestions(language)
    assert 2 <= len(found) <= 4 and len(set(found)) == len(found)
    for question in found:
        answer = seeds.answer(question)
        assert not answer.refused and answer.citations


def test_what_is_refused_or_answered_from_elsewhere_is_not_suggested() -> None:
    live = tiny_index([document("light", NOTE, "en")])
    asked: list[str] = []

    def refuse(question: str) -> Answer:
        asked.append(question)
        return Answer(question, "", (), (), True, "en", "extractive", 1)

    with live.reading() as opened:
        assert suggestions(opened.store, refuse, "en") == []
        assert any("Ada Brandt" in question for question in asked)
        elsewhere = Assistant(index=tiny_index([document("other", "Nothing of it stands here.", "en")]))
        assert suggestions(opened.store, elsewhere.answer, "en") == []


def test_an_empty_library_suggests_nothing() -> None:
    assert Assistant(index=tiny_index([])).suggestions("en") == []


def test_an_overview_of_a_document_that_is_not_there_is_an_error() -> None:
    with tiny_index([document("a", NOTE, "en")]).reading() as opened, pytest.raises((StoreError, KeyError)):
        overview_of(opened.store, "absent")
