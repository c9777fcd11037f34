"""What a document is about, and questions to begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

import index
from index.errors import StoreError
from index.stores.base import Filter
from rag import Assistant
from rag.overview.document import overview_of
from rag.overview.suggesting import suggestions
from rag.overview.terms import terms_in
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
    told = assistant.overview(name)
    words = [text[one.start : one.end] for one in told.sentences]
    assert 1 <= len(words) <= 4
    assert all(one.endswith(".") and one in NOTE for one in words)  # no heading, nothing of the file's properties
    assert told.headings == ("The storm", "After her")
    assert set(told.names) == {"Ada Brandt", "Harbour Board"}
    assert told.characters < len(text)  # the properties below are no text of the document


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


def test_a_name_within_a_longer_name_is_told_once() -> None:
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
