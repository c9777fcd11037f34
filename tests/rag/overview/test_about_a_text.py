"""A question that names a text by its whole title and asks what it is about is a question about the library."""

from __future__ import annotations

import tomllib

import pytest

from rag import Assistant
from rag.overview.asked.about_a_text import asks_what_a_text_is_about
from rag.testing.doubles import document, tiny_index
from tests.conftest import ROOT

ABOUT = tomllib.loads((ROOT / "rag" / "overview" / "contents" / "suggestions.toml").read_text("utf-8"))
TITLES = ["Minutes of the garden club", "Warum die Schule schloss", "青石桥的重建", "محطة المياه في الواحة", "המכבסה"]


@pytest.mark.parametrize("language", sorted(ABOUT))
@pytest.mark.parametrize("title", TITLES)
def test_each_language_asks_for_a_text_of_each(language: str, title: str) -> None:
    assert asks_what_a_text_is_about(ABOUT[language]["document"].format(title=title), ["Another one", title])
    assert not asks_what_a_text_is_about(ABOUT[language]["document"].format(title="X"), [title])


@pytest.mark.parametrize(
    "question",
    [
        "When does the service agreement end?",
        "Who signed the service agreement?",
        "What does the service agreement say about the pump?",
        "Why is the service agreement about water?",
        "Service agreement",
        "Wann endet das Service agreement?",
        "Service agreement何时结束？",
    ],
)
def test_a_question_of_facts_is_none(question: str) -> None:
    assert not asks_what_a_text_is_about(question, ["Service agreement"])


def test_it_is_answered_by_the_text_s_own_sentences() -> None:
    text = (
        "The club moved its heap to the wall.\n\nThe fee rises to 15 euros in May.\n\nTwo members have left the club."
    )
    live = tiny_index([document("garden-club", text, "en"), document("other", "The ferry leaves at nine.", "en")])
    answer = Assistant(index=live).answer("What is “Garden Club” about?")
    assert not answer.refused
    assert {one.document_id for one in answer.citations} == {"garden-club"}
    assert len(answer.citations) == 3
