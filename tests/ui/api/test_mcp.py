"""The tools for agents as a real client of the protocol meets them: over HTTP, over standard input and output."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.opening.listing import Listing
from rag import Assistant
from rag.testing.doubles import document, tiny_index
from tests.conftest import ROOT, SEEDS
from tests.harness.ui_fakes import DOCUMENTS, FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.api.mcp.server import mcp_over_http, mcp_over_stdio
from ui.http.admission import Gate
from ui.http.sign_in.login import Users, hash_password
from ui.service.asking.asking import ChatService
from ui.service.library.library import Library, Rights

pytest.importorskip("mcp", reason="needs the extra babelquote[mcp]")
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from ui.api.mcp.tools import Tools, mcp_of

LIGHT = "Ada Brandt kept the light at Torvik for twenty years."
QUESTION = "Where is Factory 200 located?"
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def index_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import index

    folder = tmp_path_factory.mktemp("mcp") / "index"
    index.build([SEEDS], index_dir=folder, embedder="hashing")
    return folder


@pytest.fixture(scope="module")
def site(index_dir: Path) -> Iterator[Site]:
    with chat_site(FakeAssistant(delay=0.002), library=Library(index_dir, Rights(local=True))) as served:
        yield served


def over_http(site: Site, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Client(f"{site.url}/mcp") as client:
            return await work(client)

    return asyncio.run(run())


def call(site: Site, tool: str, **arguments: object) -> Any:
    return over_http(site, lambda client: client.call_tool(tool, arguments))


def test_the_tools_tell_what_they_take(site: Site) -> None:
    listed = over_http(site, lambda client: client.list_tools())
    tools = {tool.name: tool for tool in listed.tools}
    assert set(tools) == {"answer", "search", "check_text", "list_documents"}
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())
    assert tools["answer"].input_schema["required"] == ["question"]
    assert tools["search"].input_schema["properties"]["k"]["maximum"] == 100


def test_documents_are_resources_in_which_citations_count(site: Site) -> None:
    async def work(client: Any) -> None:
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.name == "document" and template.mime_type == "text/plain"
        found = await client.call_tool("answer", {"question": QUESTION})
        for one in found.structured_content["citations"]:
            read = await client.read_resource(f"babelquote://documents/{one['document_id']}")
            assert read.contents[0].text[one["start"] : one["end"]] == one["quote"]
        for wrong in ("no-such", "../../etc/passwd", "a%2Fb"):
            with pytest.raises(MCPError, match="no such document"):
                await client.read_resource(f"babelquote://documents/{wrong}")

    over_http(site, work)


def test_citations_come_as_annotations_where_they_are_asked_for() -> None:
    service = ChatService(Assistant(index=tiny_index([document("light", LIGHT)])), "extractive")
    server = mcp_of(Tools(service, service.gates.of(), Listing))

    async def run(tool: str, **given: object) -> Any:
        async with Client(server) as client:
            return (await client.call_tool(tool, given)).structured_content

    for tool, given in (("answer", {"question": "Who kept the light?"}), ("check_text", {"text": f"“{LIGHT}”"})):
        assert "annotations" not in asyncio.run(run(tool, **given))
        output = asyncio.run(run(tool, **given, annotations=True))
        quoted = [one for each in output.get("quotations", []) for one in each["citations"]]
        cited = output["citations"] if tool == "answer" else quoted
        exact = [one["target"]["selector"][0]["exact"] for one in output["annotations"]]
        assert cited and exact[: len(cited)] == [one["quote"] for one in cited], tool


def test_prompts_lead_to_the_tools(site: Site) -> None:
    async def work(client: Any) -> None:
        listed = {one.name: one for one in (await client.list_prompts()).prompts}
        assert set(listed) == {"ask_documents", "check_my_text", "sum_up"}
        prompt = await client.get_prompt("ask_documents", {"question": QUESTION})
        text = prompt.messages[0].content.text
        assert "`answer`" in text and QUESTION in text

    over_http(site, work)


def test_progress_is_told_to_a_client_that_asks_for_it() -> None:
    heard: list[tuple[float, str | None]] = []
    service = ChatService(FakeAssistant(), "extractive")
    server = mcp_of(Tools(service, service.gates.of(), Listing))

    async def note(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, message))

    async def run() -> Any:
        async with Client(server) as client:
            return await client.call_tool("answer", {"question": QUESTION}, progress_callback=note)

    assert not asyncio.run(run()).is_error
    assert heard and heard == sorted(heard) and heard[0][1] == "the answer is being written"


def test_an_answer_is_that_of_the_other_routes(site: Site) -> None:
    found = call(site, "answer", question=QUESTION)
    other = httpx.post(f"{site.url}/api/answer", json={"question": QUESTION}).json()
    assert not found.is_error
    for name in ("text", "citations", "passages", "refused"):
        assert found.structured_content[name] == other[name]
    for citation in found.structured_content["citations"]:
        assert DOCUMENTS[citation["document_id"]].text[citation["start"] : citation["end"]] == citation["quote"]
    assert "Helwan" in found.content[0].text and "[1] Egypt offers Iraq" in found.content[0].text
    assert call(site, "answer", question="the moon").structured_content["refused"] is True


def test_passages_are_searched(site: Site) -> None:
    found = call(site, "search", question=QUESTION, k=2)
    other = httpx.post(f"{site.url}/api/search", json={"question": QUESTION, "k": 2}).json()
    assert found.structured_content == other
    assert found.content[0].text.startswith("1. Egypt offers Iraq production lines")


def test_documents_are_listed_without_their_paths(site: Site) -> None:
    every = call(site, "list_documents").structured_content
    assert every["found"] == len(every["documents"]) == 5
    assert str(ROOT) not in str(every)
    some = call(site, "list_documents", query="EGYPT").structured_content["documents"]
    assert some and len(some) < 5
    assert call(site, "list_documents", offset=4).structured_content["documents"] == every["documents"][4:]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("answer", {}, "question"),
        ("answer", {"question": 7}, "question"),
        ("answer", {"question": "unreachable"}, "did not answer"),
        ("search", {"question": "q", "k": 0}, "k"),
        ("delete", {"id": "chinese"}, "delete"),
    ],
)
def test_what_fails_is_told_and_no_more(site: Site, tool: str, arguments: dict[str, object], said: str) -> None:
    async def attempt(client: Any) -> str:
        try:
            found = await client.call_tool(tool, arguments)
        except Exception as error:  # noqa: BLE001 - an unknown tool may be an error of the protocol
            return str(error)
        assert found.is_error
        return str(found.content[0].text)

    assert said in over_http(site, attempt)


def test_a_crash_stays_in_the_log(site: Site) -> None:
    found = call(site, "answer", question="explode")
    assert found.is_error and "secret" not in found.content[0].text and "passwd" not in found.content[0].text


def test_many_agents_at_once_get_their_own_answers(site: Site) -> None:
    async def crowd() -> list[Any]:
        async def one(number: int) -> Any:
            async with Client(f"{site.url}/mcp") as client:
                return await client.call_tool("answer", {"question": f"Where is Factory {number}?"})

        return await asyncio.gather(*(one(number) for number in range(16)))

    found = asyncio.run(crowd())
    answered = [(number, one) for number, one in enumerate(found) if not one.is_error]
    assert answered
    for number, one in answered:
        assert one.structured_content["question"] == f"Where is Factory {number}?"
    # On a busy machine some may be told to come back, and nothing else.
    assert all("Too many questions" in one.content[0].text for one in found if one.is_error)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "rebound.example"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_other_sites_have_no_access(site: Site, headers: dict[str, str], status: int) -> None:
    answer = httpx.post(f"{site.url}/mcp", json=INITIALIZE, headers={**ACCEPT, **headers})
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_no_session_can_be_opened_or_guessed(site: Site) -> None:
    assert "mcp-session-id" not in httpx.post(f"{site.url}/mcp", json=INITIALIZE, headers=ACCEPT).headers
    assert httpx.get(f"{site.url}/mcp", headers=ACCEPT).status_code == 405
    assert httpx.delete(f"{site.url}/mcp", headers={"mcp-session-id": "x"}).status_code == 405


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"jsonrpc": "1.0"}', b"null"])
def test_what_is_no_message_is_refused(site: Site, content: bytes) -> None:
    headers = {**ACCEPT, "content-type": "application/json"}
    assert httpx.post(f"{site.url}/mcp", content=content, headers=headers).status_code in (400, 413, 415, 422)


def test_agents_sign_in_with_a_key(index_dir: Path) -> None:
    users = Users({"noor": hash_password("pass:word")})
    library = Library(index_dir, Rights(local=False))
    with chat_site(FakeAssistant(), users=users, host="0.0.0.0", library=library) as locked:
        assert httpx.post(f"{locked.url}/mcp", json=INITIALIZE, headers=ACCEPT).status_code == 401

        async def run() -> Any:
            import httpx2

            key = {"authorization": "Bearer noor:pass:word"}
            async with (
                httpx2.AsyncClient(headers=key) as http,
                Client(streamable_http_client(f"{locked.url}/mcp", http_client=http)) as client,
            ):
                return await client.call_tool("answer", {"question": QUESTION})

        assert "Helwan" in asyncio.run(run()).content[0].text


def test_rag_mcp_speaks_over_standard_input_and_output(index_dir: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "ui.cli", "mcp", "--index", str(index_dir)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    async def run() -> tuple[Any, Any]:
        async with Client(stdio_client(command)) as client:
            return await client.list_tools(), await client.call_tool("search", {"question": "Factory 200", "k": 1})

    listed, found = asyncio.run(run())
    assert len(listed.tools) == 4
    assert len(found.structured_content["passages"]) == 1


def test_a_missing_package_names_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from index.errors import ConfigError

    monkeypatch.setitem(sys.modules, "mcp.server.transport_security", None)
    monkeypatch.setitem(sys.modules, "ui.api.mcp.tools", None)
    routes, lifespan = mcp_over_http(
        ChatService(FakeAssistant(), "extractive"), Gate(1, 1.0), lambda: pytest.fail("nothing is listed")
    )
    assert lifespan is None

    async def ask() -> httpx.Response:
        from starlette.applications import Starlette

        transport = httpx.ASGITransport(app=Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.post("/mcp", json={})

    answer = asyncio.run(ask())
    assert answer.status_code == 501 and "babelquote[mcp]" in answer.json()["error"]["message"]
    with pytest.raises(ConfigError, match=r"babelquote\[mcp\]"):
        mcp_over_stdio(tmp_path, "extractive")
