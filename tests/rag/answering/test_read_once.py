"""No passage is read twice with one question, whatever decides meanwhile what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from index.stores.base import Filter
from rag import Assistant
from rag.config import AnswerConfig
from rag.question.kinds.library_questions import DOCUMENTS
from rag.reading.model.bundled import BundledReader
from rag.testing.doubles import document, tiny_index
from rag.types import Answer, Message, Prompt, Reading, ScoredPassage
from tests.harness.pointing_reader import Pointing

NORTHAM = "The city library of Northam was built in 1911. The library of Northam holds 412,000 books and 3,800 maps."
QUESTION = "How many books does the library of Northam hold?"
# The nearest passage doesn't answer, so that those behind it are read as well.
TEXTS = [
    NORTHAM,
    "How many books does the library of Northam hold? Nobody knows.",
    "The library of Northam opens at nine. Books are lent for a month.",
    "The ferry to Torvik leaves the harbour at nine. No ferry sails in a storm.",
    "Northam has two bakeries. The library of the harbour holds maps.",
    "How many ferries sail to Northam depends on the storm.",
]


class Model:
    """A language model that reads what it is given."""

    spec = "model"
    context_tokens = 32_000

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        yield "The library of Northam holds 412,000 books [1]."


def asked(
    monkeypatch: pytest.MonkeyPatch, words: str, *, share: float = 0.0, where: Filter | None = None, **how: Any
) -> tuple[Answer, list[str]]:
    """Return the answer and the texts that were read for it; the passage that holds the words surely answers."""
    texts: list[str] = []

    def read(_: BundledReader, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        assert question == QUESTION
        texts.extend(hit.passage.text for hit in passages)
        return Pointing(words, answers=40.0).read(question, passages)

    monkeypatch.setattr(BundledReader, "read", read)
    monkeypatch.setattr("rag.retrieval.retrieve.library_question", lambda *_: (DOCUMENTS if share else "", share))
    llm = how.pop("llm", "extractive")
    index = tiny_index([document(f"d{place}", text, "en") for place, text in enumerate(TEXTS)])
    answer = Assistant(index=index, llm=llm, config=AnswerConfig(**how)).answer(QUESTION, where=where)
    return answer, texts


def assert_read_once(texts: Sequence[str], at_least: int) -> None:
    assert len(texts) >= at_least
    assert sorted(texts) == sorted(set(texts))


@pytest.mark.parametrize(
    ("words", "of_the_index"), [("412,000", False), ("no such words", True)], ids=["a passage answers", "none does"]
)
def test_what_decides_between_passages_and_the_index(
    words: str, of_the_index: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, texts = asked(monkeypatch, words, share=0.7)
    assert (answer.confidence is None) == of_the_index
    assert_read_once(texts, 1)


def test_what_would_answer_without_the_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    within = Filter(documents=("d1", "d2", "d3", "d4", "d5"))
    answer, texts = asked(monkeypatch, "412,000", where=within)
    assert answer.refused and answer.filtered
    assert NORTHAM in texts
    assert_read_once(texts, 4)


def test_what_a_model_is_given_where_not_all_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, texts = asked(monkeypatch, "412,000", llm=Model(), k=1, source_tokens=60)
    assert answer.llm == "model"
    assert_read_once(texts, 4)
