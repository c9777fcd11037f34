"""With the real framework: what it gets are the exact words, at the places that it is told."""

from __future__ import annotations

import asyncio

import pytest
from babelquote_langchain import BabelquoteRetriever, babelquote_tool
from langchain_core.runnables import RunnableLambda

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


def check(assistant: Assistant, documents: list) -> None:
    assert documents
    for one in documents:
        text = assistant.document(one.metadata["document_id"]).text
        assert text[one.metadata["start"] : one.metadata["end"]] == one.page_content
        assert one.metadata["source"] and one.metadata["title"]


def test_a_retriever_in_a_chain_returns_passages_with_their_places(assistant: Assistant) -> None:
    chain = BabelquoteRetriever(assistant=assistant, k=2) | RunnableLambda(list)
    found = chain.invoke(QUESTION)
    check(assistant, found)
    assert "Morsi" in found[0].page_content and len(found) <= 2
    assert found[0].metadata["score"] >= found[-1].metadata["score"]


def test_quotes_bring_their_support_and_a_refusal_brings_none(assistant: Assistant) -> None:
    retriever = BabelquoteRetriever(assistant=assistant, quotes=True)
    for found in (retriever.invoke(QUESTION), asyncio.run(retriever.ainvoke(QUESTION))):
        check(assistant, found)
        assert found[0].metadata["support"] == "supported" and found[0].metadata["number"] == 1
    assert retriever.invoke("What is the capital of Mongolia?") == []


def test_the_tool_gives_an_agent_the_text_and_programs_the_fields(assistant: Assistant) -> None:
    tool = babelquote_tool(assistant)
    call = {"name": tool.name, "args": {"question": QUESTION}, "id": "1", "type": "tool_call"}
    for message in (tool.invoke(call), asyncio.run(tool.ainvoke(call))):
        assert "Morsi" in message.content and "[1]" in message.content
        assert message.artifact["citations"][0]["quote"] in TEXT and message.artifact["made_by"]["kind"] == "quotes"
