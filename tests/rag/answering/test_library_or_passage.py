"""What sounds like a question about the index and is surely answered by a passage is answered from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from index.embedders.profile import profile_of
from rag import Assistant
from rag.config import AnswerConfig
from rag.question.kinds.library_questions import DOCUMENTS
from rag.testing.doubles import document, tiny_index
from rag.types import Answer

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


SCHOOLS = "Fees at the school of Northam are three times as high as fees at other schools of the county."
LEASE = "This lease was signed by Ada Byron. The fees are 40 crowns a month."
LOOSELY = "How do Northam's fees compare to those of the schools of the county?"


def answer_of(question: str, *texts: str, titles: Sequence[str] = ()) -> Answer:
    made = [document(f"{number}", text, "en") for number, text in enumerate(texts)]
    named = [replace(one, title=title) for one, title in zip(made, titles or [one.title for one in made], strict=True)]
    return Assistant(index=tiny_index(named)).answer(question)


@pytest.mark.parametrize("titles", [("The school of Northam", "Other schools"), ("Northam", "Schools of the county")])
def test_a_comparison_that_a_passage_makes_is_not_one_of_texts(titles: tuple[str, str]) -> None:
    answer = answer_of(
        LOOSELY, SCHOOLS, "Other schools of the county have no uniforms.", BOATS, titles=(*titles, "Boats")
    )
    assert answer.confidence is not None and "three times as high" in answer.text


def test_what_a_text_says_of_something_is_no_summary() -> None:
    answer = answer_of("Who signed the lease, in summary?", LEASE, BOATS)
    assert answer.confidence is not None and "Ada Byron" in answer.text


def test_a_text_named_by_its_title_is_summed_up() -> None:
    answer = answer_of("What was the movie Harbour Lights about?", LEASE, BOATS, titles=("Lease", "Harbour Lights"))
    assert answer.confidence is None and answer.citations
