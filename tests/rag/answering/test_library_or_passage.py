"""What sounds like a question about the index and is surely answered by a passage is answered from there."""

from __future__ import annotations

import pytest

from index.embedders.profile import profile_of
from rag import Assistant
from rag.config import AnswerConfig
from rag.question.kinds.library_questions import DOCUMENTS
from rag.testing.doubles import document, tiny_index

PROFILE = profile_of("")
NORTHAM = "The city library of Northam was built in 1911. The library of Northam holds 412,000 books and 3,800 maps."
BOATS = "The ferry to Torvik leaves the harbour at nine. No ferry sails in a storm."
QUESTION = "How many books does the library of Northam hold?"


def answered(text: str, share: float, monkeypatch: pytest.MonkeyPatch, reader: str = "bundled") -> tuple[bool, str]:
    """Return whether the catalogue answers, and with what words."""
    monkeypatch.setattr("rag.retrieval.retrieve.library_question", lambda *_: (DOCUMENTS, share))
    index = tiny_index([document("a", text, "en"), document("b", BOATS, "en")])
    answer = Assistant(index=index, config=AnswerConfig(reader=reader)).answer(QUESTION)
    return answer.confidence is None, answer.text


def test_a_building_with_books_is_no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    of_the_index, text = answered(NORTHAM, 0.7, monkeypatch)
    assert not of_the_index and "412,000" in text


@pytest.mark.parametrize(
    ("text", "share", "reader"),
    [(NORTHAM, PROFILE.kinds.only_library, "bundled"), (BOATS, 0.7, "bundled"), (NORTHAM, 0.7, "none")],
    ids=["plainly the index", "no passage answers", "nothing is read"],
)
def test_else_the_index_is_meant(text: str, share: float, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of_the_index, text = answered(text, share, monkeypatch, reader)
    assert of_the_index and "Documents: 2" in text
