"""Questions of an evaluation may name documents as people do."""

from __future__ import annotations

import pytest

from index.opening.listing import Listed
from rag.evaluation.measures import Question
from rag.evaluation.names import resolve_names

DOCUMENTS = (
    Listed("harbour-1f", "Harbour", "news/harbour.md", path="/home/ada/news/harbour.md"),
    Listed("harbour-2e", "Harbour", "old/harbour.txt", path="/home/ada/old/harbour.txt"),
    Listed("prices-1", "Row 1", "prices.csv", path="/home/ada/prices.csv"),
    Listed("prices-2", "Row 2", "prices.csv", path="/home/ada/prices.csv"),
    Listed("page", "A page", "https://example.org/2021/pier.html"),
    Listed("pier", "The pier", "a.md", path="/home/ada/a.md"),
    Listed("", "broken.pdf", "broken.pdf", state="failed"),
)


def asked(name: str, *relevant: str) -> Question:
    return Question(name, "en", "Where?", (), frozenset(relevant), answerable=True)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("harbour-1f", {"harbour-1f"}),
        ("news/harbour.md", {"harbour-1f"}),
        ("/home/ada/news/harbour.md", {"harbour-1f"}),
        ("harbour.md", {"harbour-1f"}),
        ("harbour", {"harbour-1f", "harbour-2e"}),
        ("prices.csv", {"prices-1", "prices-2"}),
        ("https://example.org/2021/pier.html", {"page"}),
        ("pier", {"pier"}),
    ],
)
def test_a_document_is_known_by_id_source_path_and_name(name: str, ids: set[str]) -> None:
    questions, unknown = resolve_names([asked("q1", name)], DOCUMENTS)
    assert questions[0].relevant == ids
    assert unknown == {}


def test_what_is_not_indexed_is_told_and_stays_missed() -> None:
    questions, unknown = resolve_names(
        [asked("q1", "gone.md", "a.md"), asked("q2", "gone.md", "broken.pdf")], DOCUMENTS
    )
    assert questions[0].relevant == {"gone.md", "pier"}
    assert unknown == {"gone.md": ["q1", "q2"], "broken.pdf": ["q2"]}
