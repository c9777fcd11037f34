"""Nobody learns anything of a document that is closed to them: by no route, tool, stream, count, name or error.

The routes and tools are those of the running application: a new one without a case here fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.errors import StoreError
from index.opening.live import LiveIndex
from index.opening.scoped import ScopedLive, ScopedStore
from index.stores.collections import SEES_ALL, Collection, Collections, Viewer
from index.stores.embedded.store import EmbeddedStore
from index.stores.keeping import FILE, change_collections, read_collections
from rag import AnswerConfig, Assistant
from rag.receipts.judging import verdicts
from rag.receipts.receipt import make
from tests.harness.leaks import (
    CANARY,
    Case,
    House,
    asked,
    build_index,
    get,
    house,
    post,
    resource,
    resources_of,
    said,
    tool,
    tools_of,
)
from tests.harness.postgres_server import fresh_schema
from tests.harness.ui_server import running
from ui.app import web
from ui.app.serve_options import ServeOptions
from ui.app.web import offered_assistants
from ui.http.sign_in.proxied import behind_proxy
from ui.page import chat
from ui.service.library import suggested, topics
from ui.service.library.library import Library

WHO = "Who built the lighthouse?"
PAINTED = "What was painted, and by whom?"
HAVE = "What documents do I have?"
DRAFT = "The report says: “was built by”. The lighthouse was built in 1990. “forty barrels of oil for the tower”"
PICKED = {
    "documents": json.dumps({"documents": ["SECRET"]}),
    "collection": json.dumps({"collections": ["Tarnhook papers"]}),
    "open": json.dumps({"documents": ["SECRET"], "collections": ["Open ones"]}),
}
NARROW: list[dict[str, Any]] = [
    {},
    {"document": "SECRET"},
    {"document": "nobody"},
    {"folder": "texts/staff"},
    {"until": "1950"},
    {"where": {"author": "e"}},
    {"where": {"nothing": "e"}},
    {"language": "xx"},
    {"collection": "Open ones"},
    {"collection": "none"},
]
COMPLETION = {"messages": [{"role": "user", "content": WHO}]}


FRAMED = {"data": [WHO, "[]", "0" * 32, "en", "", "", ""], "fn_index": 0, "session_hash": "0" * 32}
"""As the page's framework takes a question without its queue."""


def turn(house: House, client: httpx.Client, secret: str) -> str:
    """Draw a turn that somebody sends, as a page does that keeps it."""
    return said(client.post("/chat/turns", json=[{"question": WHO, "document_id": secret}])).replace(secret, "")


def upload(house: House, client: httpx.Client, _: str) -> str:
    return said(client.post("/library/upload", params={"name": "x.md"}, content=b"text"))


ROUTES: dict[tuple[str, str], list[Case]] = {
    ("GET", "/health"): [get("/health")],
    ("GET", "/api/openapi.json"): [get("/api/openapi.json")],
    ("GET", "/chat/backends"): [get("/chat/backends", health=1)],
    ("GET", "/chat/document"): [get("/chat/document", id="SECRET", marks="1-0-20", current=1)],
    ("GET", "/chat/original"): [get("/chat/original", id="SECRET")],
    ("GET", "/chat/page"): [get("/chat/page", id="SECRET", page=1)],
    ("GET", "/chat/run/{run}"): [get("/chat/run/SECRET")],
    ("GET", "/chat/sentences"): [get("/chat/sentences", language="de")],
    ("GET", "/chat/suggestions"): [
        get("/chat/suggestions", language="en"),
        get("/chat/suggestions", language="en", after="SECRET"),
    ],
    ("GET", "/library/collections"): [get("/library/collections")],
    ("GET", "/library/documents"): [
        get("/library/documents"),
        get("/library/documents", query="o"),
        get("/library/documents", state="failed"),
        get("/library/documents", state="skipped"),
        get("/library/documents", topic="1-en-1"),
        get("/library/documents", topic="1-en-0"),
        get("/library/documents", collection="none"),
        get("/library/documents", folder="texts"),
        get("/library/documents", folder="texts/staff"),
        get("/library/documents", offset=7),
    ],
    ("GET", "/library/state"): [get("/library/state", since=0)],
    ("GET", "/library/topics"): [get("/library/topics", language="en")],
    ("GET", "/v1/models"): [get("/v1/models")],
    ("GET", "/v1/models/{name:path}"): [get("/v1/models/SECRET")],
    ("POST", "/api/answer"): [
        *(post("/api/answer", question=WHO, annotations=True, **more) for more in NARROW),
        post("/api/answer", question=PAINTED, stream=True),
        post("/api/answer", question=HAVE),
        post("/api/answer", question="Summarise the ledger"),
        post("/api/answer", question="And who paid for it?", history=[[WHO, "Somebody."]]),
    ],
    ("POST", "/api/check"): [post("/api/check", text=DRAFT), post("/api/check", text=DRAFT, document="SECRET")],
    ("POST", "/api/overview"): [post("/api/overview", document="SECRET"), post("/api/overview", document="nobody")],
    ("POST", "/api/search"): [
        *(post("/api/search", question=WHO, k=100, **more) for more in NARROW),
        post("/api/search", question=PAINTED, k=100),
    ],
    ("POST", "/chat/check"): [
        post("/chat/check", text=DRAFT),
        *(post("/chat/check", text=DRAFT, scope=scope) for scope in PICKED.values() if "Tarnhook" not in scope),
    ],
    ("POST", "/chat/feedback"): [post("/chat/feedback", record="{}", rating="good", reason="")],
    ("POST", "/chat/overview"): [post("/chat/overview", id="SECRET")],
    ("POST", "/chat/stop/{run}"): [post("/chat/stop/SECRET")],
    ("POST", "/chat/turns"): [turn],
    ("POST", "/library/add"): [post("/library/add", place="texts/staff")],
    ("POST", "/library/collection"): [
        post("/library/collection", name="Grab", documents=["SECRET"], matching={"query": "e"}),
        get("/library/collections"),
        get("/library/documents", collection="Grab"),
        post("/api/search", question=WHO, collection="Grab", k=100),
        post("/library/collection", name="Grab", places=["texts"]),
        post("/library/collection", name="Grab", without=["SECRET"], fresh=True),
        post("/library/collection", name="Folder", places=["texts/staff"], fresh=True),
        get("/library/collections"),
        get("/library/documents", collection="Folder"),
        post("/api/search", question=WHO, collection="Folder", k=100),
        post("/library/collection", name="Folder", uploads=["0" * 16], delete=True),
        post("/library/collection", name="Grab", to="group:staff"),
        post("/library/collection", name="Grab", closed=True),
        post("/library/collection", name="Grab", owner="group:staff"),
        post("/library/collection", name="Grab", owner="everyone"),
        post("/library/collection", name="Tarnhook papers", owner="group:staff", delete=True),
        post("/library/collection", name="Grab", delete=True),
    ],
    ("POST", "/library/remove"): [
        post("/library/remove", id="SECRET"),
        post("/library/remove", id="", source="texts/staff/x.pdf"),
        post("/library/remove", place="texts"),
    ],
    ("POST", "/library/restore"): [post("/library/restore", source="staff/x.md")],
    ("POST", "/library/samples"): [post("/library/samples")],
    ("POST", "/library/update"): [post("/library/update")],
    ("POST", "/library/upload"): [upload],
    ("POST", "/v1/chat/completions"): [
        post("/v1/chat/completions", **COMPLETION),
        post("/v1/chat/completions", **COMPLETION, stream=True, stream_options={"include_usage": True}),
    ],
    ("POST", "/mcp"): [],  # by its tools
    ("GET", "/mcp"): [get("/mcp")],
    ("DELETE", "/mcp"): [lambda _, client, secret: said(client.delete("/mcp"))],
    **{
        (method, "/v1/{rest:path}"): [lambda _, client, secret, m=method: said(client.request(m, "/v1/files"))]
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    },
}
TOOLS: dict[str, list[Case]] = {
    "answer": [tool("answer", question=WHO), tool("answer", question=WHO, document="SECRET")],
    "search": [tool("search", question=PAINTED, k=100), tool("search", question=WHO, folder="texts/staff")],
    "check_text": [tool("check_text", text=DRAFT), tool("check_text", text=DRAFT, document="SECRET")],
    "list_documents": [tool("list_documents"), tool("list_documents", query="e", offset=6)],
}
RESOURCES: dict[str, list[Case]] = {
    "babelquote://documents/{+document_id}": [resource("babelquote://documents/SECRET")]
}
ASKED: list[Case] = [
    asked(WHO),
    asked(PAINTED),
    asked(HAVE),
    asked("Summarise the ledger"),
    *(asked(WHO, scope) for scope in PICKED.values() if "Tarnhook" not in scope),
]


def run(house: House, who: str) -> dict[str, str]:
    """Send every request as somebody; returns what came back, by a name of the request."""
    client, replies = house.as_user(who), {}
    cases = {f"{method} {path}": each for (method, path), each in ROUTES.items()}
    cases |= {f"tool {name}": each for name, each in TOOLS.items()} | {"the page": ASKED}
    cases |= {f"resource {name}": each for name, each in RESOURCES.items()}
    for name, each in cases.items():
        for number, case in enumerate(each):
            for source, secret in house.hidden.items():
                if source == "vellmarch.pdf" or "SECRET" in repr(
                    case.__closure__ and [c.cell_contents for c in case.__closure__]
                ):
                    replies[f"{name} #{number} {source}"] = case(house, client, secret)
    for method, path in sorted(house.framework):
        for fill in ("x", "texts/staff/tarnhook.md", house.hidden["vellmarch.pdf"]):
            body = FRAMED if method == "POST" else None
            answer = said(client.request(method, re.sub(r"\{.*?\}", fill, path), json=body))
            replies[f"framework {method} {path} {fill}"] = answer.replace(fill, "")
    return replies


def leaks(replies: dict[str, str]) -> list[str]:
    """Return the requests whose answer holds a word of a hidden document."""
    return [name for name, answer in replies.items() if CANARY.search(answer)]


def test_what_counts_as_a_leak() -> None:
    replies = {
        **{f"leak {one}": one for one in ("Zorbit paid", "1887", '"date": "1887-03-04"', "in 1887.", "en 1887–1890")},
        **{f"id {one}": one for one in ("c0ffee18871a", "5c1887d2-0000-4000-8000-000000000000", "0.21887", "0.1887")},
        "uuid": "00000000-1887-4000-8000-000000000000",
        "front": "18870000-1111-4000-8000-000000000000",
    }
    assert [name for name in replies if name.startswith("leak")] == leaks(replies)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("leaks")
    return build_index(folder, folder / "index")


@pytest.fixture(scope="module")
def served(place: Path) -> Iterator[House]:
    with house(place.parent, place) as found:
        yield found


def test_every_route_and_tool_has_a_case(served: House) -> None:
    assert set(ROUTES) == served.routes
    assert set(TOOLS) == tools_of(served.as_user("ben"))
    assert set(RESOURCES) == resources_of(served.as_user("ben"))


def test_nothing_is_told_of_a_document_that_is_closed(served: House) -> None:
    seen = leaks(run(served, "ann"))  # first: what is kept for her is not his
    assert leaks(run(served, "ben")) == []
    for name in ("POST /api/answer", "POST /api/search", "GET /library/documents", "GET /library/topics",
                 "POST /v1/chat/completions", "GET /chat/document", "the page", "tool search",
                 "tool answer", "tool list_documents", "tool check_text", "POST /api/check", "POST /chat/check",
                 "POST /api/overview", "GET /library/collections", "GET /chat/original", "resource"):  # fmt: skip
        assert any(one.startswith(name) for one in seen), f"{name} shows her nothing either: no test"


NAIVE = {
    "the view of the index is forgotten": (ScopedLive, "seen", lambda self, *_: None),
    "the list is not filtered": (Library, "seen", lambda self, *_: None),
    "topics are kept for everyone": (topics, "view_of", lambda index: (index.generation, None)),
    "suggestions are kept for everyone": (suggested, "view_of", lambda index: (index.generation, None)),
    "the queue forgets who asks": (chat, "viewer_of", lambda scope: SEES_ALL),
    "vectors are searched unfiltered": (ScopedStore, "dense", lambda self, *rest: self.whole.dense(*rest)),
    "words are searched unfiltered": (ScopedStore, "keyword", lambda self, *rest: self.whole.keyword(*rest)),
    "an id opens a document": (ScopedStore, "document", lambda self, name: self.whole.document(name)),
    "ids are listed unfiltered": (ScopedStore, "document_ids", lambda self: self.whole.document_ids()),
    "collections are known to all": (Collections, "of", lambda self, viewer: self.each),
}


@pytest.mark.slow
@pytest.mark.parametrize("careless", NAIVE)
def test_a_careless_server_is_caught(served: House, monkeypatch: pytest.MonkeyPatch, careless: str) -> None:
    where, name, instead = NAIVE[careless]
    run(served, "ann")
    if where is ScopedStore and name in ("dense", "keyword", "document_ids"):  # the next check would hold it back
        monkeypatch.setattr(ScopedStore, "_sees", lambda self, name: True)
    monkeypatch.setattr(where, name, instead)
    assert leaks(run(served, "ben"))


def test_what_is_hidden_is_as_if_it_were_not_there(served: House) -> None:
    """Every request that names a hidden document gets what one gets that names none: its id can't be tried out."""
    client, hidden = served.as_user("ben"), served.hidden["vellmarch.pdf"]
    unknown = "vellmarch-00000000"
    named = [("GET", "/chat/document"), ("GET", "/chat/original"), ("GET", "/chat/page"), ("POST", "/api/overview")]
    named += [("POST", "/chat/overview"), ("POST", "/library/remove")]
    cases = [case for route in named for case in ROUTES[route]]
    cases += [post("/api/search", question=WHO, document="SECRET"), tool("search", question=WHO, document="SECRET")]
    cases += RESOURCES["babelquote://documents/{+document_id}"]
    for case in (*cases, get("/chat/suggestions", language="en", after="SECRET")):
        replies = [
            re.sub(r"'(date|content-length)', '[^']*'", "", case(served, client, one)) for one in (hidden, unknown)
        ]
        assert replies[0] == replies[1]


class Counted:
    """Notes each call of a store: its name, and how much it was asked for and of what length the answer is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[str, int]] = []
        for name in (
            "dense",
            "keyword",
            "passages",
            "vectors",
            "sentences",
            "headers",
            "document",
            "keys",
            "languages",
        ):
            monkeypatch.setattr(EmbeddedStore, name, self._noting(name, getattr(EmbeddedStore, name)))

    def _noting(self, name: str, call: Any) -> Any:
        def noted(store: Any, *args: Any) -> Any:
            self.calls.append((name, len(args[0]) if args and isinstance(args[0], list | tuple) else 1))
            found = call(store, *args)
            if name in ("dense", "passages", "keys"):
                self.calls.append((f"{name} gave", len(found)))
            return found

        return noted

    def of(self, ask: Any) -> list[tuple[str, int]]:
        self.calls.clear()
        ask()
        return list(self.calls)


def test_as_much_is_done_for_a_hidden_document_as_for_none(served: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time can't be tested, the work can: the index is asked the same, and gives as much, for both names."""
    counted, client, hidden = Counted(monkeypatch), served.as_user("ben"), served.hidden["vellmarch.pdf"]
    named = [("GET", "/chat/document"), ("GET", "/chat/original"), ("GET", "/chat/page"), ("POST", "/api/overview")]
    cases = [case for route in named for case in ROUTES[route]]
    cases += [post("/api/search", question=WHO, document="SECRET"), tool("search", question=WHO, document="SECRET")]
    cases += [post("/api/check", text=DRAFT, document="SECRET"), *RESOURCES["babelquote://documents/{+document_id}"]]
    cases += [get("/chat/suggestions", language="en", after="SECRET")]
    worked = 0
    for case in cases:
        calls = [
            counted.of(lambda one=one, case=case: case(served, client, one))  # type: ignore[misc]
            for one in ("vellmarch-00000000", hidden, "vellmarch-00000001")
        ]
        assert calls[1] == calls[2], case
        worked += len(calls[1])
    assert worked >= len(cases) - 2, "the work was not counted"
    seen = served.as_user("ann")  # of a document that is there, more is read: the count would tell it
    assert counted.of(lambda: cases[0](served, seen, hidden)) != counted.of(lambda: cases[0](served, seen, "none"))


def test_a_receipt_of_hers_tells_him_nothing(served: House, place: Path, tmp_path: Path) -> None:
    """Checked over what he sees, what she was shown is as gone as what never was; his own holds nothing of it."""
    live = LiveIndex(place)
    ann, ben = Viewer("ann", frozenset({"staff"})), Viewer("ben")
    hers, his_own = ScopedLive(live, lambda: ann), ScopedLive(live, lambda: ben)
    with hers.reading() as opened:
        mine = make(Assistant(index=hers, config=AnswerConfig(reader="none")).answer(WHO), opened)
    assert any(CANARY.search(one["quote"]) for one in mine["citations"])
    never = [{**one, "document_id": f"never-{place}"} for place, one in enumerate(mine["citations"])]
    with his_own.reading() as opened:
        his = make(Assistant(index=his_own, config=AnswerConfig(reader="none")).answer(WHO), opened)
        hidden = [one for one in verdicts(mine["citations"], opened) if one.document_id in served.hidden.values()]
        gone = verdicts(never, opened)
    live.close()
    assert hidden and {(one.state, one.found_in, one.start, one.reason) for one in hidden} == {
        (one.state, one.found_in, one.start, one.reason) for one in gone if CANARY.search(one.quote)
    }
    assert {one.state for one in hidden} == {"gone"}
    assert not CANARY.search(json.dumps(his)) and his["passages"]


def test_the_name_of_a_hidden_collection_is_free(served: House, place: Path) -> None:
    """A refusal would tell that there is one."""
    client, mine = served.as_user("ben"), {"name": "Mine", "documents": list(served.visible[:1])}
    before = read_collections(place)
    for body in (mine, {"name": "Mine", "rename": "Tarnhook papers"}, {"name": "Tarnhook papers", "delete": True}):
        assert client.post("/library/collection", json=body).status_code == 200
    assert read_collections(place) == before


@pytest.mark.slow
def test_nothing_is_told_over_a_database(tmp_path: Path) -> None:
    place = build_index(tmp_path, fresh_schema())
    with house(tmp_path, place) as served:
        assert set(served.hidden) == {"tarnhook.md", "zorbit.txt", "vellmarch.pdf"}
        seen = leaks(run(served, "ann"))
        assert leaks(run(served, "ben")) == []
        for name in ("POST /api/answer", "POST /api/search", "GET /library/documents", "GET /chat/document", "the page",
                     "tool search", "POST /api/check", "resource"):  # fmt: skip
            assert any(one.startswith(name) for one in seen), f"{name} shows her nothing either: no test"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ScopedStore, "dense", lambda self, *rest: self.whole.dense(*rest))
            patch.setattr(ScopedStore, "_sees", lambda self, name: True)
            assert leaks(run(served, "ben"))


def test_counts_are_those_of_the_documents_that_are_seen(served: House) -> None:
    reply = served.as_user("ben").get("/library/documents").json()
    assert reply["total"] == reply["found"] == len(served.visible) == reply["states"]["indexed"]
    assert {one["id"] for one in reply["documents"]} == set(served.visible)
    assert reply["passages"] == sum(one["passages"] for one in reply["documents"])
    assert sum(reply["languages"].values()) == reply["total"]
    assert set(reply["states"]) == {"indexed"} and reply["places"] == []
    have = served.as_user("ben").post("/api/answer", json={"question": HAVE}).json()["text"]
    assert have.startswith(f"Documents: {len(served.visible)}\n")
    every = served.as_user("admin").get("/library/documents").json()
    assert every["total"] == len(served.visible) + len(served.hidden) and "failed" in every["states"]


def test_rights_hold_from_the_moment_they_change(served: House, place: Path) -> None:
    def found() -> bool:
        reply = served.as_user("ben").post("/api/search", json={"question": WHO, "k": 100}).text
        return "zorbit" in reply.casefold()

    paper = Collection("Tarnhook papers", tuple(served.hidden.values()), ("texts/staff",), "group:staff", closed=True)
    assert not found()
    change_collections(place, lambda kept: kept.put(replace(paper, closed=False)))
    assert found()
    change_collections(place, lambda kept: kept.put(paper))
    assert not found()


def test_where_rights_can_not_be_read_nothing_is_shown(served: House, place: Path) -> None:
    kept = (place / FILE).read_bytes()
    try:
        (place / FILE).write_bytes(kept[:-9])
        client, replies = served.as_user("ben"), run(served, "ben")
        assert leaks(replies) == []
        assert not any("maria kovach" in answer.casefold() for answer in replies.values())  # nor of what is everyone's
        refused = client.post("/api/answer", json={"question": WHO})
        assert refused.status_code == 500 and "Traceback" not in refused.text and str(place) not in refused.text
        assert client.get("/library/documents").status_code == 503
        with pytest.raises(StoreError, match="nothing is shown") as error:
            offered_assistants(place, "extractive", reader="none")
        assert "\n" not in str(error.value)
    finally:
        (place / FILE).write_bytes(kept)


def test_nobody_takes_what_is_not_theirs(served: House, place: Path) -> None:
    """A collection of one's own opens nothing, and nobody changes another's or closes anything."""
    client, secret = served.as_user("ben"), served.hidden["vellmarch.pdf"]
    before = read_collections(place)
    for body in (
        {"name": "X", "owner": "everyone"},
        {"name": "X", "owner": "group:staff"},
        {"name": "X", "owner": "user:ann"},
        {"name": "X", "closed": True},
        {"name": "Open ones", "owner": "everyone", "delete": True},
    ):
        assert client.post("/library/collection", json=body).status_code == 403
    assert read_collections(place) == before
    mine = {"name": "Mine", "documents": [secret, served.visible[0]]}
    assert client.post("/library/collection", json=mine).status_code == 200
    (kept,) = [one for one in read_collections(place).each if one.owner == "user:ben"]
    assert kept.documents == (served.visible[0],)
    assert "Mine" not in served.as_user("ann").get("/library/collections").text
    assert client.post("/library/collection", json={"name": "Mine", "delete": True}).status_code == 200
    assert read_collections(place) == before


def test_who_is_nobody_sees_what_is_everyones(place: Path) -> None:
    assistant = offered_assistants(place, "extractive", reader="none")["extractive"]
    result = " ".join(hit.passage.text for hit in assistant.retrieve(WHO, k=100))
    assert "Kovach" in result and "Zorbit" not in result


def test_the_picture_of_a_page_is_for_those_who_may_see_it(served: House) -> None:
    wanted = {"id": served.hidden["vellmarch.pdf"], "page": "1"}
    assert served.as_user("ann").get("/chat/page", params=wanted).json()["image"]
    assert served.as_user("ben").get("/chat/page", params=wanted).status_code == 404


def test_people_whom_a_proxy_names_see_what_is_theirs_and_no_more(tmp_path: Path) -> None:
    """Nobody is this machine's own user where a proxy on it says who asks."""
    place = build_index(tmp_path, tmp_path / "index")
    (staff,) = (one for one in read_collections(place).each if one.closed)
    ann = replace(staff, owner="user:ann")
    change_collections(place, lambda kept: kept.without(staff.name, staff.owner).put(ann))
    options = ServeOptions(reader="none", auth_header="X-Remote-User", trusted_proxies=("127.0.0.1",))
    with running(
        behind_proxy(web._app(place, "extractive", options, None), options.auth_header, options.trusted_proxies)
    ) as url:
        for name, sees in (("ann", True), ("ben", False), ("admin", True)):
            with httpx.Client(base_url=url, headers={"X-Remote-User": name}, timeout=120) as client:
                listed = client.get("/library/documents").text.casefold()
                answer = client.post("/api/answer", json={"question": WHO}).text.casefold()
            assert [word in listed + answer for word in ("vellmarch", "zorbit")] == [sees, sees], name
