"""What documents are called is gathered once for each generation, and told only of those that may be seen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from index.opening.scoped import ScopedStore
from index.stores.base import DocumentHeader, Filter
from rag.overview.about_texts import TextAsked, answer_about_texts
from rag.overview.answers import answer_about_library
from rag.overview.asked.catalogue import catalogue_of, headers_of
from rag.overview.asked.meant import Library
from rag.question.kinds.library_questions import SUMMARY
from rag.testing.doubles import document
from rag.testing.memory_index import MemoryStore


class Counting(MemoryStore):
    """Counts how often headers are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        self.read += len(document_ids) > 1
        return super().headers(document_ids)


class Seen:
    """The documents that somebody may see."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def holds(self, document_id: str, source: str) -> bool:
        return document_id in self.names


@pytest.fixture
def store() -> Counting:
    made = Counting()
    for name in ("harbour-report", "forest-report", "river-plan"):
        made.add(document(name, f"This text is about the {name}. It says much of the {name[:5]} and its people.", "en"))
    return made


def test_headers_are_read_once_however_many_questions_are_asked(store: Counting) -> None:
    for question in ("Summarise the harbour report", "What is the forest report about?", "Summarise the river plan"):
        assert answer_about_texts(TextAsked(question, "en", SUMMARY, store)) is not None
        assert answer_about_library(SUMMARY, question, "en", store) is not None
    assert store.read == 1


def test_a_store_that_grew_is_looked_at_anew(store: Counting) -> None:
    assert len(headers_of(store)) == 3
    store.add(document("valley-plan", "The valley gets a new road. The road is wide.", "en"))
    assert len(headers_of(store)) == 4
    assert catalogue_of(store).titles.named("Summarise the valley plan")[0] == "valley-plan"


def test_a_filter_leaves_out_what_it_does_not_let_through(store: Counting) -> None:
    where = Filter(documents=("forest-report",))
    assert [header.id for header in headers_of(store, where)] == ["forest-report"]
    meant = Library(headers_of(store, where), store, "en", where=where).one("the harbour")
    assert "harbour-report" not in [header.id for header in meant.possible]


def test_nothing_is_told_of_documents_that_may_not_be_seen(store: Counting) -> None:
    catalogue_of(store)
    scoped = ScopedStore(store, Seen("forest-report", "river-plan"))  # type: ignore[arg-type] # all that is asked of it
    names = [header.id for header in headers_of(scoped)]
    assert sorted(names) == ["forest-report", "river-plan"]
    meant = Library(headers_of(scoped), scoped, "en").one("the harbour report")
    assert "harbour-report" not in [header.id for header in meant.possible]
    for question in ("Summarise the harbour report", "Summarise harbour-report.md"):
        result = answer_about_library(SUMMARY, question, "en", scoped)
        assert result is None or {one.document_id for one in result.citations} <= {"forest-report", "river-plan"}
