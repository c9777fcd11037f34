"""The same filters and models wherever one asks: command line, HTTP API, tools for agents, a server's own scope."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import index
import rag
from index.errors import ConfigError, StoreError
from index.stores.base import Filter
from index.stores.collections import Collection
from index.stores.keeping import change_collections
from index.stores.narrowing import narrowed
from rag import Assistant
from tests.harness.ui_server import Site, chat_site
from tests.ui.cli.test_cli import ARTICLE
from ui.app.web import offered_assistants
from ui.cli.commands import asking, checking, serving
from ui.service.asking.filters import FIELDS

DRAFT = "The report says: “wurde 1907 von Maria Kovach gebaut”, “Maria Kovach in 1907”."
GERMAN = """---
id: leuchtturm
language: de
date: 2019
---

Der Leuchtturm von Aral wurde 1907 von Maria Kovach gebaut. Die Lampe verbrauchte 40 Liter Öl in jeder Nacht.
"""
QUESTION = "Who built the lighthouse of Aral?"
WRONG = [
    ({"language": "English"}, "language English: the index has no language of that name; it has de, en"),
    ({"language": ["en", "English"]}, "language English"),
    ({"document": "nope"}, "document nope: the index has no document of that name; it has "),
    ({"since": "yesterday"}, "since yesterday: not a date"),
    ({"until": "2021-13"}, "until 2021-13: not a date"),
    ({"since": "2021-02-30"}, "since 2021-02-30: not a date"),
    ({"since": "2021", "until": "2020"}, "since 2021 is later than until 2020"),
    ({"folder": "nope"}, "folder nope: the index has no document below it"),
    ({"where": {"colour": "red"}}, "where colour=…: no document tells that"),
    ({"collection": "nope"}, "collection nope: there is none of that name"),
    ({"language": "\ud800"}, "language: holds half a character"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("narrowing")
    for name, text in (("en/lighthouse.md", ARTICLE), ("de/leuchtturm.md", GERMAN)):
        (folder / "notes" / name).parent.mkdir(parents=True)
        (folder / "notes" / name).write_text(text, "utf-8")
    index.build([folder / "notes"], index_dir=folder / "index", embedder="hashing")
    german = Collection("Deutsch", ("leuchtturm",))
    change_collections(folder / "index", lambda kept: kept.put(german))
    return folder / "index"


@pytest.fixture(scope="module")
def site(built: Path) -> Iterator[Site]:
    with chat_site(Assistant(index_dir=built)) as served:
        yield served


def post(site: Site, path: str, **body: object) -> httpx.Response:
    return httpx.post(site.url + path, json={"question": QUESTION, "text": DRAFT, **body}, timeout=60)


@pytest.mark.parametrize("path", ["/api/answer", "/api/search", "/api/check"])
@pytest.mark.parametrize(("wanted", "expected"), WRONG)
def test_the_api_refuses_by_name_what_can_not_match(
    site: Site, path: str, wanted: dict[str, Any], expected: str
) -> None:
    import json

    content = json.dumps({"question": QUESTION, "text": DRAFT, **wanted}).encode()
    refused = httpx.post(site.url + path, content=content, headers={"content-type": "application/json"}, timeout=60)
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].startswith(expected)


@pytest.mark.parametrize("name", ["languages", "filters", "where", "date_from", "source"])
def test_a_filter_by_another_name_is_not_passed_over(site: Site, name: str) -> None:
    refused = post(site, "/api/search", **{name: "en"})
    assert refused.status_code == 422 and refused.json()["error"]["message"].startswith(f"{name}: ")


@pytest.mark.parametrize("wrong", [{"language": 7}, {"document": [1]}, {"since": 2021}, {"folder": ["x"]}])
def test_a_filter_of_another_kind_is_refused(site: Site, wrong: dict[str, Any]) -> None:
    assert post(site, "/api/answer", **wrong).status_code == 422


@pytest.mark.parametrize(
    "wanted",
    [
        *({"language": "de"}, {"language": ["de"]}, {"document": "leuchtturm"}, {"until": "2020"}),
        *({"folder": "notes/de"}, {"collection": "deutsch"}, {"where": {"source": "leuchtturm"}}),
    ],
)
def test_the_api_finds_what_a_filter_lets_through_and_nothing_else(site: Site, wanted: dict[str, Any]) -> None:
    found = post(site, "/api/search", **wanted).json()["passages"]
    assert {one["document_id"] for one in found} == {"leuchtturm"}
    answer = post(site, "/api/answer", **wanted).json()
    assert {one["document_id"] for one in answer["passages"]} == {"leuchtturm"}
    every = post(site, "/api/search").json()["passages"]
    assert {one["document_id"] for one in every} == {"leuchtturm", "lighthouse"}
    assert [one["verdict"] for one in post(site, "/api/check", **wanted).json()["quotations"]] == ["exact", "absent"]


def test_a_text_is_checked_within_a_filter_in_python(built: Path) -> None:
    for where, verdicts in (
        (None, ["exact", "exact"]),
        (Filter(collections=("Deutsch",)), ["exact", "absent"]),
        ({"source": "lighthouse"}, ["absent", "exact"]),
    ):
        found = rag.check_draft(DRAFT, built, where=where, claims=False)
        assert [one.verdict for one in found.quotations] == verdicts


def test_an_answer_takes_a_number_of_passages(site: Site) -> None:
    assert len(post(site, "/api/answer", k=1).json()["passages"]) >= 1
    assert post(site, "/api/answer", k=0).status_code == 422


def test_agents_have_the_same_filters(built: Path) -> None:
    pytest.importorskip("mcp", reason="needs the extra babelquote[mcp]")
    from mcp import Client

    from ui.api.mcp.tools import Tools, mcp_of
    from ui.http.admission import Gate
    from ui.service.asking.asking import ChatService

    async def run() -> None:
        service = ChatService(Assistant(index_dir=built), "extractive")
        server = mcp_of(Tools(service, Gate.before("extractive"), lambda: index.list_documents(built)))
        async with Client(server) as client:
            for tool in ("answer", "search", "check_text"):
                asked = {"text": DRAFT} if tool == "check_text" else {"question": QUESTION}
                for wanted, expected in WRONG[:-1]:
                    refused = await client.call_tool(tool, {**asked, **wanted})
                    assert refused.is_error and expected in refused.content[0].text, (tool, wanted)
            empty = {"language": [], "document": "", "since": "", "until": None, "folder": "", "where": {"author": ""}}
            for wanted, verdicts in ((empty, ["exact", "exact"]), ({"collection": "Deutsch"}, ["exact", "absent"])):
                checked = await client.call_tool("check_text", {"text": DRAFT, **wanted})
                assert [one["verdict"] for one in checked.structured_content["quotations"]] == verdicts
            for tool in ("answer", "search"):
                every = await client.call_tool(tool, {"question": QUESTION, **empty})
                assert {one["document_id"] for one in every.structured_content["passages"]} > {"leuchtturm"}
                found = await client.call_tool(tool, {"question": QUESTION, "language": "de"})
                assert {one["document_id"] for one in found.structured_content["passages"]} == {"leuchtturm"}

    asyncio.run(run())


@pytest.mark.parametrize(
    "command",
    [asking.ask, asking.search, asking.eval_command, checking.check, serving.chat, serving.mcp],
)
def test_every_command_that_asks_has_the_same_options(command: Any) -> None:
    taken = set(inspect.signature(command).parameters)
    judging = set() if command is asking.search else {"reader", "nli"}  # a search writes no answer, and says so
    assert taken >= {"index_dir", "reranker", *FIELDS, *judging}


def test_a_server_keeps_to_its_scope(built: Path) -> None:
    scope = Filter(languages=("de",))
    made = offered_assistants(built, "extractive", where=scope)["extractive"]
    assert isinstance(made, Assistant)
    assert {hit.passage.document_id for hit in made.retrieve(QUESTION)} == {"leuchtturm"}
    assert made.answer(QUESTION, where=Filter(date_to="2018")).refused
    assert made.document("leuchtturm").language == "de"
    with pytest.raises(StoreError, match="lighthouse"):
        made.document("lighthouse")
    with pytest.raises(ConfigError, match="language en: is not among"):
        made.retrieve(QUESTION, where=Filter(languages=("en",)))
    with pytest.raises(ConfigError, match="--language English"):
        offered_assistants(built, "extractive", where=Filter(languages=("English",)))
    with pytest.raises(ConfigError, match="reranker"):
        offered_assistants(built, "extractive", reranker="bert")


def test_two_filters_let_through_what_both_do() -> None:
    both = narrowed(
        Filter(("en", "de"), (), "2020", "2021-05", "a"), Filter(("de", "fr"), ("x",), "2020-03", "2021", "a/b")
    )
    assert both == Filter(("de",), ("x",), "2020-03", "2021-05", "a/b")
    assert narrowed(None, Filter(folder="a")) == narrowed(Filter(folder="a"), None) == Filter(folder="a")
    for wrong in (Filter(("fr",)), Filter(folder="ab")):
        with pytest.raises(ConfigError):
            narrowed(Filter(("en",), folder="a"), wrong)
