"""Servers as people run them: what they refuse is left out, what they send is read, and every error names its fix."""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.config import AnswerConfig
from rag.errors import LLMError
from rag.llms.base import load_llm
from rag.llms.calls.dialects import Dialect, adapted
from rag.llms.calls.guard import LateError, Limits
from rag.llms.events import glued
from rag.llms.failover import Failover
from rag.llms.openai_compatible import _learned, create_compatible, create_ollama, create_openai
from rag.testing.doubles import FakeLLM, MemoryLive, document, tiny_index
from tests.harness.llm_contract import prompt
from tests.harness.needs import needs

pytestmark = needs("openai")


ANSWER = "Toni Rivas founded the bakery in Lisbon in 1987 [1]."
REFUSALS = {
    "heat": (400, "Unsupported value: 'temperature' does not support 0 with this model."),
    "rules": (400, "System role not supported"),
    "roles": (422, "Only user and assistant roles are supported!"),
    "jinja": (500, "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/..."),
    "longest": (400, "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent: list[tuple[str, dict[str, str], dict[str, object]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Behaves as the model's name says."""

    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def reply(self, status: int, body: bytes, kind: str, packed: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if packed:
            self.send_header("Content-Encoding", packed)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.sent.append((self.path, headers, body))
        model = body["model"]
        if not self.path.partition("?")[0].endswith("/v1/chat/completions"):
            return self.reply(404, b"404 page not found", "text/plain")
        heard = {
            "heat": "temperature" in body,
            "rules": any(message["role"] == "system" for message in body["messages"]),
            "longest": "max_tokens" in body,
        }
        heard["roles"] = heard["jinja"] = heard["rules"]
        for name in model.split("+"):
            if heard.get(name):
                status, said = REFUSALS[name]
                return self.reply(status, json.dumps({"error": {"message": said}}).encode(), "application/json")
        if model == "absent":
            said = {"error": {"message": 'model "absent" not found, try pulling it first'}}
            return self.reply(404, json.dumps(said).encode(), "application/json")
        if model == "whole":
            choice = {"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}
            return self.reply(200, json.dumps({"choices": [choice]}).encode(), "application/json; charset=utf-8")
        if model == "no-answer":
            return self.reply(200, b'{"detail": "ok"}', "application/json")
        pack = {"gzip": gzip.compress, "deflate": zlib.compress}.get(model, bytes)
        return self.reply(200, pack(self.events(model)), "text/event-stream", "" if pack is bytes else model)

    def events(self, model: str) -> bytes:
        def event(delta: dict[str, object], reason: str | None = None) -> str:
            return "data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}) + "\n\n"

        said = event({"role": "assistant", "content": ""})
        if model == "thinking":
            said += event({"reasoning_content": "Passage [2] says 1899?"}) + event({"reasoning": "Hm [3]."})
        if model == "parts":
            thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Passage [2]?"}]}
            said += event({"content": [thought]}) + event({"content": [{"type": "text", "text": ANSWER}]})
        else:
            said += "".join(event({"content": ANSWER[start : start + 9]}) for start in range(0, len(ANSWER), 9))
        if model.startswith("read-"):
            usage = {"prompt_tokens": int(model[5:]), "completion_tokens": 1, "total_tokens": 1}
            said += "data: " + json.dumps({"choices": [], "usage": usage}) + "\n\n"
        end = "" if model in ("no-reason", "broken") else event({}, "stop")
        return (said + end + ("" if model == "broken" else "data: [DONE]\n\n")).encode()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for variable in ("RAG_OPENAI_COMPATIBLE_API_KEY", "RAG_LLM_HEADERS", "RAG_LLM_TIMEOUT", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    _learned.clear()
    running = Server()
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def said(spec: str) -> str:
    return glued(load_llm(spec).stream(prompt()))


@pytest.mark.parametrize(
    "model",
    [
        "plain",
        "heat",
        "rules",
        "roles",
        "jinja",
        "heat+rules",
        "whole",
        "no-reason",
        "thinking",
        "parts",
        "gzip",
        "deflate",
    ],
)
def test_the_answer_is_read(model: str, server: Server) -> None:
    assert said(f"openai-compatible:{model}@{server.url}/v1") == ANSWER


def test_what_was_refused_is_not_sent_again(server: Server) -> None:
    spec = f"openai-compatible:heat+rules@{server.url}/v1"
    assert said(spec) == said(spec) == ANSWER
    assert len(server.sent) == 4
    last = server.sent[-1][2]
    assert "temperature" not in last
    messages = last["messages"]
    assert isinstance(messages, list)
    assert [message["role"] for message in messages] == ["user"]
    assert "Put the number of its source" in messages[0]["content"]
    assert "Who founded the bakery?" in messages[0]["content"]


def test_the_longest_reply_goes_by_either_name(server: Server) -> None:
    llm = replace(create_compatible(f"longest@{server.url}/v1"), most_tokens=99)
    assert "".join(llm.stream(prompt())) == ANSWER
    assert server.sent[-1][2]["max_completion_tokens"] == 99


def test_an_address_without_its_version_is_completed(server: Server) -> None:
    assert said(f"openai-compatible:plain@{server.url}") == ANSWER
    assert said(f"openai-compatible:plain@{server.url}/") == ANSWER
    assert [path for path, _, _ in server.sent] == ["/chat/completions", "/v1/chat/completions", "/v1/chat/completions"]


@pytest.mark.parametrize("tail", ["/v1/chat/completions", "/v1/chat/completions/", "/chat/completions"])
def test_an_address_with_the_path_of_chats_is_read_without_it(tail: str, server: Server) -> None:
    assert said(f"openai-compatible:plain@{server.url}{tail}") == ANSWER
    assert server.sent[-1][0] == "/v1/chat/completions"


def test_a_model_that_is_absent_is_told_as_that(server: Server) -> None:
    with pytest.raises(LLMError, match="try pulling it first"):
        said(f"openai-compatible:absent@{server.url}/v1")
    with pytest.raises(LLMError, match="ends with /v1"):
        said(f"openai-compatible:plain@{server.url}/v2")


@pytest.mark.parametrize("model", ["broken", "no-answer"])
def test_what_is_broken_stays_an_error(model: str, server: Server) -> None:
    with pytest.raises(LLMError, match=r"broke off|holds no answer"):
        said(f"openai-compatible:{model}@{server.url}/v1")


def test_the_version_of_an_api_is_sent_and_no_other_parameter(server: Server) -> None:
    spec = f"openai-compatible:plain@{server.url}/v1?api-version=2024-06-01"
    assert load_llm(spec).spec == spec
    assert said(spec) == ANSWER
    assert server.sent[-1][0].endswith("/chat/completions?api-version=2024-06-01")


def test_headers_go_along_and_are_never_shown(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("RAG_LLM_HEADERS", "api-key: hunter2-Zq8Yw3\nX-Team: docs\n\n")
    llm = load_llm(f"openai-compatible:plain@{server.url}/v1")
    assert "".join(llm.stream(prompt())) == ANSWER
    sent = server.sent[-1][1]
    assert (sent["api-key"], sent["x-team"]) == ("hunter2-Zq8Yw3", "docs")
    assert "authorization" not in sent
    assert "hunter2" not in f"{caplog.text} {llm!r} {llm.spec}"


def test_a_key_and_a_header_of_its_own_kind(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_OPENAI_COMPATIBLE_API_KEY", "sk-abc")
    assert said(f"openai-compatible:plain@{server.url}/v1") == ANSWER
    assert server.sent[-1][1]["authorization"] == "Bearer sk-abc"
    monkeypatch.setenv("RAG_LLM_HEADERS", "Authorization: Basic xyz")
    monkeypatch.delenv("RAG_OPENAI_COMPATIBLE_API_KEY")
    assert said(f"openai-compatible:plain@{server.url}/v1") == ANSWER
    assert server.sent[-1][1]["authorization"] == "Basic xyz"


def test_headers_for_a_gateway_are_not_sent_to_openai_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert not create_openai("m").extra_headers
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example/v1")
    assert create_openai("m").extra_headers


@pytest.mark.parametrize("line", ["hunter2", "a b: hunter2", "Host: hunter2", "X: hunter2\x00", ": hunter2", "X: "])
def test_a_header_that_cannot_be_sent_is_refused_and_not_repeated(
    line: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "\x00" in line:
        line = line.replace("\x00", "\x7f")
    monkeypatch.setenv("RAG_LLM_HEADERS", line)
    with pytest.raises(LLMError, match="Name: value") as caught:
        said(f"openai-compatible:plain@{server.url}/v1")
    assert "hunter2" not in str(caught.value)
    assert server.sent == []


def test_a_certificate_that_is_not_trusted_is_named_with_its_mend(server: Server, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            key,
            "-out",
            cert,
            "-days",
            "1",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    spec = f"openai-compatible:plain@{server.url.replace('http:', 'https:')}/v1"
    with pytest.raises(LLMError, match=r"certificate.*SSL_CERT_FILE"):
        said(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(cert))
        assert said(spec) == ANSWER


@pytest.mark.parametrize(("read", "warned"), [(90, True), (1_400, False), (0, False)])
def test_a_prompt_that_ollama_cut_is_reported(
    read: int, warned: bool, server: Server, monkeypatch: pytest.MonkeyPatch, live: MemoryLive
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    rye = "It grinds rye. " * 40
    text = "\n\n".join(f"The {name} was built in 1871 by Ada Brandt. {rye}" for name in ("mill", "inn"))
    index = tiny_index([document("mill", text)])
    talk = Assistant(llm=f"ollama:read-{read}", index=index, config=AnswerConfig(min_confidence=0.0))
    warnings = talk.answer("Who built the mill?").warnings
    assert server.sent[-1][2]["stream_options"] == {"include_usage": True}
    assert any("OLLAMA_CONTEXT_LENGTH" in warning for warning in warnings) is warned


def test_only_what_a_refusal_names_is_given_up() -> None:
    plain = Dialect()
    assert adapted(plain, 401, "temperature", "http://h/v1") is None
    assert adapted(plain, 400, {"message": "context too long"}, "http://h/v1") is None
    assert adapted(replace(plain, temperature=False), 400, "temperature", "http://h/v1") is None
    assert adapted(plain, 404, "page not found", "http://h/openai/deployments/x") is None
    assert adapted(plain, 404, "page not found", "http://h/api") == replace(plain, path="/v1")


@pytest.mark.parametrize(
    ("spec", "patient"),
    [
        ("openai-compatible:m@http://127.0.0.1:8000/v1", True),
        ("openai-compatible:m@http://localhost:8000/v1", True),
        ("openai-compatible:m@https://far.example/v1", False),
    ],
)
def test_a_model_of_ones_own_machine_has_time(spec: str, patient: bool) -> None:
    limits = create_compatible(spec.partition(":")[2]).limits
    assert (limits.total >= 1_800) is patient
    assert limits.total >= 300


def test_the_time_of_a_reply_is_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAG_LLM_TIMEOUT", raising=False)
    live = tiny_index([document("a", "b")])

    def total(**settings: float) -> float:
        chain = Assistant(llm="ollama:m,extractive", index=live, config=AnswerConfig(**settings)).llm  # type: ignore[arg-type]
        assert isinstance(chain, Failover)
        return float(chain._backends[0].limits.total)  # type: ignore[attr-defined]

    assert total() == create_ollama("m").limits.total
    assert total(llm_timeout=7) == 7
    monkeypatch.setenv("RAG_LLM_TIMEOUT", "90")
    assert (total(), total(llm_timeout=7)) == (90, 7)
    assert Limits().within(500) == replace(Limits(), total=500, first=500, idle=250)


@pytest.fixture(scope="module")
def live() -> MemoryLive:
    text = "The mill was built in 1871 by Ada Brandt.\n\nThe inn was opened by Bob Stone."
    return tiny_index([document("mill", text)])


class Late(FakeLLM):
    """Says something, then its time is over."""

    spec = "late"

    def stream(self, messages: object) -> Iterator[str]:
        yield from super().stream(messages)  # type: ignore[arg-type]
        raise LateError("late did not finish within 3 s; the answer is incomplete")


WAYS: list[Callable[[FakeLLM], object]] = [lambda llm: llm, lambda llm: Failover([llm, FakeLLM("Never asked [1].")])]


@pytest.mark.parametrize("way", WAYS)
def test_what_has_arrived_is_kept_checked_and_marked(way: Callable[[FakeLLM], object], live: MemoryLive) -> None:
    model = way(Late("The mill was built in 1871 by Ada Brandt [1]. It was built in 1999 [1]. And th"))
    answer = Assistant(llm=model, index=live, config=AnswerConfig(min_confidence=0.0)).answer("Who built the mill?")  # type: ignore[arg-type]
    assert answer.llm == "late"
    assert answer.text.startswith("The mill was built in 1871 by Ada Brandt [1]. It was built in 1999 [2]. ⚠")
    assert "And th …" in answer.text
    assert any("incomplete" in warning for warning in answer.warnings)


@pytest.mark.parametrize("reply", ["", "The moon is made of cheese [1]", "<think>The mill was built"])
def test_nothing_worth_keeping_gives_way_to_the_sources(reply: str, live: MemoryLive) -> None:
    late = Assistant(llm=Late(reply), index=live, config=AnswerConfig(min_confidence=0.0))
    answer = late.answer("Who built the mill?")
    assert answer.llm == "extractive"
    assert "1871" in answer.text


def test_a_reply_that_keeps_coming_is_waited_for(server: Server) -> None:
    llm = replace(create_compatible(f"plain@{server.url}/v1"), limits=Limits(total=0.001, first=0.001, idle=0.001))
    with pytest.raises(LateError, match="--llm-timeout"):
        list(llm.stream(prompt()))
    begun = time.monotonic()
    assert "".join(llm.within(30).stream(prompt())) == ANSWER
    assert time.monotonic() - begun < 30
