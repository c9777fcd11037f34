"""With the real framework: what it gets are the exact words, at the places that it is told."""

from __future__ import annotations

import pytest
from babelquote_haystack import BabelquoteAnswerer, BabelquoteRetriever
from haystack import Pipeline

from babelquote import Assistant, build

QUESTION = "Who heads the ministry of military production?"
TEXT = (
    "# Production 🏭\n\nThe ministry of military production is headed by Mohamed Ahmed Morsi. "
    "It runs Factory 200 in Helwan.\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("framework")
    (folder / "production.md").write_text(TEXT, "utf-8")
    (folder / "herons.md").write_text("# Herons\n\nHerons stand in shallow water and wait for fish.\n", "utf-8")
    build([folder / "production.md", folder / "herons.md"], index_dir=folder / "index")
    return str(folder / "index")


def check(folder: str, documents: list) -> None:
    assert documents
    assistant = Assistant(index_dir=folder)
    for one in documents:
        text = assistant.document(one.meta["document_id"]).text
        assert text[one.meta["start"] : one.meta["end"]] == one.content
        assert one.meta["source"] and one.meta["title"]


def test_a_pipeline_of_both_runs_and_comes_back_from_yaml(folder: str) -> None:
    pipeline = Pipeline()
    pipeline.add_component("retriever", BabelquoteRetriever(index_dir=folder, top_k=2))
    pipeline.add_component("answerer", BabelquoteAnswerer(index_dir=folder))
    asked = {"retriever": {"query": QUESTION}, "answerer": {"query": QUESTION}}
    for each in (pipeline, Pipeline.loads(pipeline.dumps(), allowed_modules=["babelquote_haystack"])):
        result = each.run(asked)
        check(folder, result["retriever"]["documents"])
        check(folder, result["answerer"]["documents"])
        assert "Morsi" in result["retriever"]["documents"][0].content
        assert result["answerer"]["answer"].count("[1]") == 1 and not result["answerer"]["refused"]
        assert result["answerer"]["documents"][0].meta["support"] == "supported"


def test_how_many_may_be_said_when_it_runs(folder: str) -> None:
    assert len(BabelquoteRetriever(index_dir=folder).run(QUESTION, top_k=1)["documents"]) == 1


def test_what_the_documents_do_not_tell_is_refused(folder: str) -> None:
    found = BabelquoteAnswerer(index_dir=folder).run("What is the capital of Mongolia?")
    assert found["refused"] and found["documents"] == []
