"""A server with two people, of whom one may not see some documents, and requests of every kind that it answers."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.routing import Mount, Route

import index
from index.locations import location_of
from index.opening.listing import list_documents
from index.stores.collections import Collection
from index.stores.keeping import change_collections
from tests.harness.ui_server import running
from tests.index.sources.pdf.test_sources_pdf_pages import _pdf
from ui.app.server import build_app
from ui.app.web import known_examples, offered_assistants
from ui.http.sign_in.login import Users, hash_password
from ui.service.asking.asking import ChatService
from ui.service.library.builds import Builds
from ui.service.library.library import Library, Rights

CANARY = re.compile(r"quexalto|zorbit|vellmarch|tarnhook|(?<![\w.-])1887(?!\w|-[0-9a-f]{4}-)", re.IGNORECASE)
"""Words that stand nowhere but in the hidden documents: text, title, name, metadata, date.

The year counts only as a number of its own: the ids of events and the seconds that a question took hold any digits.
"""
QUESTION = "Who built the lighthouse of Quexalto?"
SECRET = """---
title: Vellmarch ledger
author: Tarnhook
date: 1887-03-04
---

The lighthouse of Quexalto was built by Zorbit in 1887. Zorbit paid forty barrels of oil for the tower of Quexalto.
"""
OPEN = ("harbour", "market", "river", "garden", "winter", "bridge")
PASSWORDS = {"ann": "a-secret", "ben": "b-secret", "admin": "c-secret"}
ACCEPT = {"accept": "application/json, text/event-stream"}


@dataclass
class House:
    """The server.

    Attributes:
        url: where it is.
        routes: all (method, path) that it answers by routes of ours, from the application itself.
        framework: the same of the chat framework's own routes.
        hidden: ids of the hidden documents, by the ends of their sources.
    """

    url: str
    folder: Path
    app: Any
    hidden: Mapping[str, str]
    visible: tuple[str, ...]
    routes: frozenset[tuple[str, str]] = frozenset()
    framework: frozenset[tuple[str, str]] = frozenset()
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def as_user(self, name: str) -> httpx.Client:
        if name not in self.clients:
            self.clients[name] = httpx.Client(base_url=self.url, auth=(name, PASSWORDS[name]), timeout=120)
        return self.clients[name]


Place = TypeVar("Place", Path, str)


def build_index(folder: Path, place: Place, *, hidden: bool = True) -> Place:
    """Build an index of open documents and, where told, of the hidden ones: two by their folder, one by its id."""
    texts = folder / "texts"
    for name in OPEN:
        (texts / "open").mkdir(parents=True, exist_ok=True)
        text = f"The {name} of Aral was opened in 1990 by Maria Kovach. Its oldest part is the {name} wall.\n"
        (texts / "open" / f"{name}.md").write_text(f"---\ntitle: The {name}\ndate: 1990-01-01\n---\n\n{text}", "utf-8")
    (texts / "open" / "plan.pdf").write_bytes(_pdf([[(72.0, 700.0, 11.0, "The plan of the harbour of Aral.")]]))
    if hidden:
        (texts / "staff").mkdir()
        (texts / "staff" / "tarnhook.md").write_text(SECRET, "utf-8")
        (texts / "staff" / "zorbit.txt").write_text("Zorbit, who built Quexalto, died in 1887 in Vellmarch.", "utf-8")
        (texts / "staff" / "tarnhook.pdf").write_bytes(b"%PDF-1.7 Zorbit")  # nothing comes of it
        line = "The tower of Quexalto was painted by Zorbit in 1887."
        (texts / "open" / "vellmarch.pdf").write_bytes(_pdf([[(72.0, 700.0, 11.0, line)]]))
    index.build([texts], index_dir=place)
    if hidden:
        result = [one for one in list_documents(place).documents if one.id and one.source.endswith("vellmarch.pdf")]
        staff = Collection("Tarnhook papers", (result[0].id,), ("texts/staff",), "group:staff", closed=True)
        change_collections(place, lambda kept: kept.put(staff).put(Collection("Open ones", (), ("texts/open",))))
    return place


@contextmanager
def house(folder: Path, place: Path | str) -> Iterator[House]:
    """Serve an index as `rag chat --auth` does."""
    location = location_of(place)
    assistants = offered_assistants(location, "extractive", reader="none")
    service = ChatService(assistants.pop("extractive"), "extractive", tell_all=False, others=assistants)
    users = Users({name: hash_password(word) for name, word in PASSWORDS.items()}, groups={"ann": frozenset({"staff"})})
    never = Builds(location, build=lambda **_: (_ for _ in ()).throw(AssertionError("no build")))
    library = Library(location, Rights(local=False), never)
    app = build_app(service, host="0.0.0.0", examples=known_examples(service.assistant), users=users, library=library)
    listed = list_documents(place).documents
    hidden = {
        one.source.rpartition("/")[2]: one.id
        for one in listed
        if one.id and ("staff/" in one.source or "vellmarch" in one.source)
    }
    visible = tuple(one.id for one in listed if one.id and one.id not in hidden.values())
    with running(app) as url:
        yield House(url, folder, app, hidden, visible, *_routes(app))


def _routes(app: Any) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """Return the routes of an application, found in the application itself, whatever layers lie around it."""
    while not hasattr(app, "router"):
        app = next(found for name in ("app", "_app") if (found := getattr(app, name, None)) is not None)
    ours, framework = set(), set()
    for one in app.router.routes:
        if isinstance(one, Mount):
            inner = [inner for inner in getattr(one.app, "routes", []) if isinstance(inner, Route)]
            framework |= {(method, each.path) for each in inner for method in (each.methods or ()) if method != "HEAD"}
        else:
            ours |= {(method, one.path) for method in one.methods - {"HEAD"}}
    return frozenset(ours), frozenset(framework)


Case = Callable[[House, httpx.Client, str], str]
"""(server, somebody's client, id of a hidden document) → all that came back, what the request itself said left out."""


def said(answer: httpx.Response) -> str:
    """Return all of a response that its receiver sees."""
    return "\n".join([str(answer.status_code), *map(str, answer.headers.items()), answer.text])


def get(path: str, **query: object) -> Case:
    def ask(_: House, client: httpx.Client, secret: str) -> str:
        result = {name: _put(value, secret) for name, value in query.items()}
        return _without(said(client.get(_put(path, secret), params=result)), secret, (path, query))

    return ask


def post(path: str, **body: object) -> Case:
    def ask(_: House, client: httpx.Client, secret: str) -> str:
        return _without(said(client.post(_put(path, secret), json=_put(body, secret))), secret, (path, body))

    return ask


def _put(value: Any, secret: str) -> Any:
    """Put the hidden document's id where `SECRET` stands."""
    return json.loads(json.dumps(value).replace("SECRET", secret))


def _without(answer: str, secret: str, request: object) -> str:
    """Return an answer without the id that its request named."""
    return answer.replace(secret, "SECRET") if "SECRET" in repr(request) else answer


def asked(question: str, scope: str = "") -> Case:
    """Ask on the page: join the queue and read the stream to its end."""

    def ask(_: House, client: httpx.Client, secret: str) -> str:
        config = client.get("/config").json()
        target = next(entry for entry in config["dependencies"] if entry["backend_fn"])
        session = secrets.token_hex(16)
        data = [question.replace("SECRET", secret), "[]", session, "en", "", "", scope.replace("SECRET", secret)]
        body = {"data": data, "fn_index": target["id"], "session_hash": session}
        joined = client.post("/gradio_api/queue/join", json=body)
        assert joined.status_code == 200, joined.text
        lines = []
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                lines.append(line)
                if any(end in line for end in ("process_completed", "close_stream", "unexpected_error")):
                    break
        return _without("\n".join(lines), secret, (question, scope))

    return ask


def tool(name: str, **arguments: object) -> Case:
    """Call a tool of MCP."""

    def ask(_: House, client: httpx.Client, secret: str) -> str:
        params = {"name": name, "arguments": _put(arguments, secret)}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        return _without(said(client.post("/mcp", json=body, headers=ACCEPT)), secret, arguments)

    return ask


def resource(uri: str) -> Case:
    """Read a resource of MCP."""

    def ask(_: House, client: httpx.Client, secret: str) -> str:
        params = {"uri": _put(uri, secret)}
        body = {"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": params}
        return _without(said(client.post("/mcp", json=body, headers=ACCEPT)), secret, uri)

    return ask


def resources_of(client: httpx.Client) -> set[str]:
    """Return the resources and templates of resources that there are, from the server itself."""
    found = set()
    for method, kind, name in (
        ("resources/list", "resources", "uri"),
        ("resources/templates/list", "resourceTemplates", "uriTemplate"),
    ):
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}
        found |= {one[name] for one in client.post("/mcp", json=body, headers=ACCEPT).json()["result"][kind]}
    return found


def tools_of(client: httpx.Client) -> set[str]:
    """Return the tools that there are, from the server itself."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    return {one["name"] for one in client.post("/mcp", json=body, headers=ACCEPT).json()["result"]["tools"]}
