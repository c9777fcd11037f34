"""With the real framework: what it gets are the exact words, at the places that it is told."""

from __future__ import annotations

import asyncio

import pytest
from babelquote_llamaindex import BabelquoteRetriever
from llama_index.core import get_response_synthesizer
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine

from babelquote import Assistant, build

QUESTION = "Who heads the ministry of military production?"
TEXT = (
    "# Production 🏭\n\nThe ministry of military production is headed by Mohamed Ahmed Morsi. "
    "It runs Factory 200 in Helwan.\n"
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("framework")
    (folder / "production.md").write_text(TEXT, "utf-8")
    (folder / "herons.md").write_text("# Herons\n\nHerons stand in shallow water and wait for fish.\n", "utf-8")
    build([folder / "production.md", folder / "herons.md"], index_dir=folder / "index")
    return Assistant(index_dir=folder / "index")


def check(assistant: Assistant, nodes: list) -> None:
    assert nodes
    for one in nodes:
        text = assistant.document(one.node.metadata["document_id"]).text
        assert text[one.node.start_char_idx : one.node.end_char_idx] == one.node.text
        assert one.node.source_node.node_id == one.node.metadata["document_id"]


def test_a_retriever_returns_passages_with_their_places(assistant: Assistant) -> None:
    retriever = BabelquoteRetriever(assistant, k=2)
    for found in (retriever.retrieve(QUESTION), asyncio.run(retriever.aretrieve(QUESTION))):
        check(assistant, found)
        assert "Morsi" in found[0].node.text and found[0].score >= found[-1].score


def test_quotes_bring_their_support_and_a_refusal_brings_none(assistant: Assistant) -> None:
    retriever = BabelquoteRetriever(assistant, quotes=True)
    found = retriever.retrieve(QUESTION)
    check(assistant, found)
    assert found[0].node.metadata["support"] == "supported"
    assert retriever.retrieve("What is the capital of Mongolia?") == []


def test_a_query_engine_reads_the_passages(assistant: Assistant) -> None:
    """The engine's model is one that repeats what it was told."""
    writer = get_response_synthesizer(llm=MockLLM())
    engine = RetrieverQueryEngine(BabelquoteRetriever(assistant, k=1), response_synthesizer=writer)
    response = engine.query(QUESTION)
    check(assistant, response.source_nodes)
    assert "Morsi" in str(response) and "document_id" not in str(response)
