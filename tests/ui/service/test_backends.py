"""Which backends the page offers, what visitors learn of them, and that none can be had that is not offered."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from index.errors import ConfigError
from rag import Assistant
from rag.llms.kinds import KINDS
from rag.llms.llamacpp.gguf import Header
from rag.types import Answer
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import last_state
from ui.page.picker import picker_routes
from ui.service.asking.asking import ChatService
from ui.service.asking.backend_health import Health, State, state_of
from ui.service.asking.backends import describe, offered, public
from ui.view import strings

SECRET = "/home/someone/private models/tiny.gguf"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("spec", "name", "places"),
    [
        ("extractive", "extractive", ()),
        ("local", "local", ()),
        (f"local:{SECRET}", "local:tiny.gguf", ()),
        ("ollama:qwen3", "ollama:qwen3", ()),
        ("openai:gpt-x", "openai:gpt-x", ("api.openai.com",)),
        ("anthropic:claude-x", "anthropic:claude-x", ("api.anthropic.com",)),
        (
            "openai-compatible:m@https://llm.example:8000/inside/v1",
            "openai-compatible:m@llm.example:8000",
            ("llm.example",),
        ),
        ("openai-compatible:m@http://127.0.0.1:8000/v1", "openai-compatible:m@127.0.0.1:8000", ()),
        ("openai:gpt-x,ollama:qwen3", "openai:gpt-x,ollama:qwen3", ("api.openai.com",)),
    ],
)
def test_each_says_where_the_words_go_and_no_path(spec: str, name: str, places: tuple[str, ...]) -> None:
    backend = describe(spec)
    assert (backend.spec, backend.name, backend.places) == (spec, name, places)


class _Foreign:
    """A backend of another package whose spec may hold whatever its author takes."""

    base_url = ""


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("foreign:m@http://user:pw-1@host:8000/v1", "foreign:m@host:8000"),
        ("foreign:m@https://user:p/pw-1@host/v1?key=pw-1", "foreign:m@host"),
        ("foreign:http://user:pw-1@host/m", "foreign:host"),
        ("foreign:https://user:pw-1@[::1]:8000/v1", "foreign:[::1]:8000"),
        ("foreign:a@b@grpc://user:pw-1@host", "foreign:a@b@host"),
        ("foreign:m@http://host/v1#pw-1", "foreign:m@host"),
    ],
)
def test_no_name_and_password_of_an_address_is_shown(spec: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as refused:
        describe(spec)  # no such kind
    assert "user:" not in str(refused.value)
    monkeypatch.setattr("ui.service.asking.backends.load_llm", lambda _: _Foreign())
    backend = describe(f"{spec},extractive")
    assert backend.name == f"{name},extractive"
    for shown in (backend.name, backend.model, *backend.places, describe(spec).name, describe(spec).model):
        assert "pw-1" not in shown and "user" not in shown


def test_places_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "gpu.example:11434")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example/v1")
    assert describe("ollama:qwen3").places == ("gpu.example",)
    assert describe("openai:gpt-x").places == ("proxy.example",)


def test_the_operator_chooses_what_is_offered() -> None:
    names = [one.name for one in offered("ollama:qwen3", ["openai:a, anthropic:b", "openai:a"])]
    assert names[:3] == ["ollama:qwen3", "openai:a", "anthropic:b"]
    assert "extractive" in names
    assert offered("extractive")[0].name == "extractive"
    with pytest.raises(ConfigError, match="unknown language model"):
        offered("extractive", ["gpt"])
    with pytest.raises(ConfigError, match="look the same"):
        offered("local:/a/m.gguf", ["local:/b/m.gguf"])


def test_warnings_and_names_lose_the_folders() -> None:
    answer = Answer("q", "a", (), (), True, "en", f"local:{SECRET}", 1, warnings=(f"{SECRET} can't be loaded",))
    shown = public(answer, f"local:{SECRET}")
    assert shown.llm == "local:tiny.gguf"
    assert shown.warnings == ("tiny.gguf can't be loaded",)


def _service() -> ChatService:
    others = {spec: FakeAssistant(llm=spec) for spec in (f"local:{SECRET}", "openai:gpt-x")}
    return ChatService(FakeAssistant(llm="extractive"), "extractive", others=others)


def _listed(service: ChatService, query: str = "") -> dict[str, Any]:
    with TestClient(Starlette(routes=picker_routes(service))) as client:
        return dict(client.get(f"/chat/backends{query}").json())


@pytest.mark.parametrize("name", ["", "extractive", "openai:gpt-x", "local:tiny.gguf"])
def test_the_chosen_one_answers_and_the_answer_says_so(name: str) -> None:
    last = asyncio.run(last_state(_service(), "Where is Factory 200?", "r", name))
    assert (last.state, last.llm) == ("answered", name or "extractive")
    assert last.receipt is not None
    assert last.receipt["llm"] == last.llm
    assert SECRET not in str(last)


@pytest.mark.parametrize(
    "name",
    ["openai:gpt-y", f"local:{SECRET}", "openai-compatible:m@http://169.254.169.254/latest", "ollama:x", "extractive "],
)
def test_what_is_not_offered_is_refused_and_nothing_else_takes_its_place(name: str) -> None:
    service = _service()
    only = asyncio.run(last_state(service, "Where is Factory 200?", "r", name))
    assert (only.state, only.text) == ("failed", strings.text("en", "backend_refused"))
    assert all(not one.questions for one in service._answerers.values() if isinstance(one, FakeAssistant))


def test_the_list_tells_the_local_user_what_is_missing_and_others_nothing() -> None:
    mine = _listed(_service())
    assert mine["default"] == "extractive"
    assert [one["name"] for one in mine["offered"]] == ["extractive", "local:tiny.gguf", "openai:gpt-x"]
    assert {one["state"] for one in mine["offered"]} == {"checking"}  # nothing is looked at before the list is open
    assert mine["offered"][2]["places"] == ["api.openai.com"]
    assert "OPENAI_API_KEY=…" in mine["offered"][2]["needs"]
    assert {one["kind"] for one in mine["others"]} == {"ollama", "llama-server", "openai-compatible", "anthropic"}
    assert "rag chat --offer ollama:MODEL" in mine["others"][0]["needs"]
    assert "private models" not in str(mine)
    theirs = _listed(ChatService(FakeAssistant(), "openai:gpt-x", tell_all=False), "?health=1")
    assert theirs["default"] == "openai:gpt-x"
    assert all(one["needs"] == [] for one in theirs["offered"] + theirs["others"])


class _Ollama(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, str(self.headers.get("authorization"))))
        body = b'{"data": [{"id": "qwen3:latest"}, 7]}'
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Ollama)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def test_health_of_an_ollama_server(ollama: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "a-secret-key")
    assert state_of("ollama:qwen3") == "ready"
    assert state_of("ollama:llama9") == "no_model"
    assert _Ollama.asked[-1] == ("/v1/models", "None")  # no key goes along
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{free.getsockname()[1]}")
    assert state_of("ollama:qwen3") == "unreachable"


def test_health_of_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert state_of("extractive") == "ready"
    assert state_of("openai:gpt-x") == "no_key"
    assert state_of("openai:gpt-x,extractive") == "ready"
    assert state_of(f"local:{tmp_path}/none.gguf") == "no_file"
    (tmp_path / "there.gguf").write_bytes(b"GGUF")
    assert state_of(f"local:{tmp_path}/there.gguf") == "ready"
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        assert state_of(f"openai-compatible:m@{address}") == "ready"
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        monkeypatch.setenv("OPENAI_BASE_URL", address)
        assert state_of("openai:gpt-x") == "ready"
    assert state_of("openai:gpt-x") == "unreachable"
    monkeypatch.setattr("rag.llms.kinds.find_spec", lambda _name: None)
    assert state_of("openai:gpt-x") == "no_package"
    assert KINDS["openai"].needs() == ['pip install "babelquote[openai]"']


def test_nobody_waits_for_a_look() -> None:
    held, looks = threading.Event(), []

    def slow(spec: str) -> State:
        looks.append(spec)
        held.wait(60)
        return "ready"

    health = Health(slow, fresh_seconds=30)
    started = time.perf_counter()
    assert {health.state("a") for _ in range(50)} == {"checking"}
    assert time.perf_counter() - started < 30
    held.set()
    deadline = time.monotonic() + 30
    while health.state("a") == "checking" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert health.state("a") == "ready"
    assert looks == ["a"]  # fifty questions, one look


def test_every_text_of_a_state_and_a_kind_exists() -> None:
    for state in ("ready", "checking", "no_package", "no_key", "no_file", "no_model", "unreachable"):
        assert strings.text("en", f"backend_{state}")
    for kind in (*KINDS, "chain", "other"):
        assert strings.text("en", f"backend_{kind.replace('openai-', '')}_detail")


def test_an_assistant_for_each_asks_one_open_index(tmp_path: Path, seeds: Path) -> None:
    import index
    from ui.app.web import offered_assistants

    index.build([seeds / "egypt-iraq-defense-industry.md"], index_dir=tmp_path / "index", embedder="hashing")
    made = offered_assistants(tmp_path / "index", "extractive", ["ollama:qwen3"])
    assert list(made)[:2] == ["extractive", "ollama:qwen3"]
    shared = {id(one._live) for one in made.values() if isinstance(one, Assistant)}
    assert len(shared) == 1


def test_a_model_that_is_too_small_to_be_trusted_is_not_called_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr("rag.llms.kinds.BackendKind.needs", lambda _: [])
    monkeypatch.setattr("rag.llms.llamacpp.gguf.bundled_model", lambda: tmp_path / "m.gguf")
    for parameters, state in ((135_000_000, "weak"), (7_000_000_000, "ready")):
        monkeypatch.setattr("rag.llms.llamacpp.gguf.read_header", lambda _, n=parameters: Header("llama", 2048, n))
        assert state_of("local") == state_of(f"local:{tmp_path / 'm.gguf'}") == state
    assert state_of(f"local:{tmp_path / 'none.gguf'}") == "no_file"
