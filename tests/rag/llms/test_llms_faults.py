from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from rag.assistant import Assistant
from rag.config import AnswerConfig
from rag.errors import LLMError
from rag.llms.base import LLM, load_llm
from rag.llms.calls.guard import LateError, Limits
from rag.llms.events import Withdrawn, glued
from rag.llms.extractive import Extractive
from rag.llms.failover import Failover, create
from rag.llms.openai_compatible import create_compatible, create_ollama, create_openai
from rag.testing.doubles import document, tiny_index
from tests.harness.fault_server import FAULTS, OK_TEXT, PIECES, FaultServer, fault_server
from tests.harness.llm_contract import prompt, spoken, wait_for_readers
from tests.harness.needs import needs

pytestmark = needs("openai", "anthropic")


LIMITS = Limits(total=0.8, first=0.4, idle=0.3, backoff=0.01, longest_pause=0.2, max_characters=100_000)
PATIENT = replace(LIMITS, total=20, first=10, idle=10)
KEY = "sk-test-Zq8Yw3Xk5Vn7Tm2Rj4"
Make = Callable[[str, Limits], LLM]


@pytest.fixture(scope="module")
def shared() -> Iterator[FaultServer]:
    with fault_server() as running:
        yield running


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with fault_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "RAG_OPENAI_COMPATIBLE_API_KEY", "OLLAMA_API_KEY"):
        monkeypatch.setenv(variable, KEY)


def backend(kind: str, server: FaultServer, mode: str, limits: Limits = LIMITS) -> LLM:
    if kind == "anthropic":
        from rag.llms.anthropic import Anthropic

        return Anthropic("anthropic:m", "m", server.url(mode).removesuffix("/v1"), limits)
    return replace(create_compatible("m@" + server.url(mode)), limits=limits)


BOTH = pytest.mark.parametrize("kind", ["openai", "anthropic"])
# What servers of the OpenAI protocol do that is no fault: the answer is whole.
READ_BY_OPENAI = ("no-finish", "json-reply")


@BOTH
@pytest.mark.parametrize("mode", FAULTS)
def test_every_fault_is_an_llm_error_in_time_and_without_the_key(
    kind: str, mode: str, shared: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    if kind == "openai" and mode in READ_BY_OPENAI:
        mode = "cut"
    caplog.set_level(logging.DEBUG)
    llm = backend(kind, shared, mode)
    begun = time.monotonic()
    with pytest.raises(LLMError) as caught:
        list(llm.stream(prompt()))
    assert time.monotonic() - begun < LIMITS.total + 20  # slack for a busy machine
    shown = f"{caught.value} {caught.value!r} {llm!r} {llm.spec} {caught.value.__context__!r} {caplog.text}"
    assert KEY not in shown
    assert KEY[8:16] not in shown
    assert all(letter.isprintable() for letter in str(caught.value))
    assert llm.spec in str(caught.value)


@BOTH
def test_debug_logs_of_the_packages_are_seen_by_these_tests(
    kind: str, shared: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    list(backend(kind, shared, "ok", PATIENT).stream(prompt()))
    assert "POST" in caplog.text, "else the test above would prove nothing"
    assert KEY not in caplog.text


@BOTH
@pytest.mark.parametrize("mode", ["401", "stall-first", "cut", "bad-utf8", "blank", "in-band-late", "drip-headers"])
def test_failover_answers_whatever_the_first_one_does(kind: str, mode: str, shared: FaultServer) -> None:
    first = backend(kind, shared, mode)
    chain = Failover([first, backend(kind, shared, "ok", PATIENT), Extractive()])
    assert spoken(chain.stream(prompt())) == ([first.spec, chain.spec.split(",")[1]], OK_TEXT)


@BOTH
def test_a_chain_keeps_what_was_said_when_a_limit_passes(kind: str, shared: FaultServer) -> None:
    chain = Failover([backend(kind, shared, "stall"), backend(kind, shared, "ok", PATIENT)])
    pieces: list[str] = []
    with pytest.raises(LateError, match="incomplete"):
        for piece in chain.stream(prompt()):
            pieces.append(piece)
    assert glued(pieces).strip()
    assert sum(isinstance(piece, Withdrawn) for piece in pieces) == 1


@BOTH
def test_a_good_reply_is_whole(kind: str, shared: FaultServer) -> None:
    assert "".join(backend(kind, shared, "ok", PATIENT).stream(prompt())) == OK_TEXT


@BOTH
@pytest.mark.parametrize("mode", ["flaky-429", "flaky-500", "flaky-reset"])
def test_a_passing_fault_is_tried_three_times(kind: str, mode: str, server: FaultServer) -> None:
    assert glued(backend(kind, server, mode, PATIENT).stream(prompt())) == OK_TEXT
    assert len(server.requests) == 3


@BOTH
@pytest.mark.parametrize("mode", ["429", "500", "502", "529", "reset-at-once"])
def test_never_more_than_three_tries(kind: str, mode: str, server: FaultServer) -> None:
    with pytest.raises(LLMError):
        list(backend(kind, server, mode, PATIENT).stream(prompt()))
    assert len(server.requests) == 3


@BOTH
@pytest.mark.parametrize(
    "mode", ["400", "401", "403", "404", "413", "redirect", "html", "empty", "429-long", "in-band"]
)
def test_a_lasting_fault_is_not_tried_again(kind: str, mode: str, server: FaultServer) -> None:
    with pytest.raises(LLMError):
        list(backend(kind, server, mode, PATIENT).stream(prompt()))
    assert len(server.requests) == 1


@BOTH
def test_no_retry_once_something_was_said_and_the_text_is_kept(kind: str, server: FaultServer) -> None:
    pieces = []
    with pytest.raises(LLMError, match="incomplete"):
        for piece in backend(kind, server, "flaky-late", PATIENT).stream(prompt()):
            pieces.append(piece)
    assert pieces == PIECES[:1]
    assert len(server.requests) == 1


@BOTH
@pytest.mark.parametrize("mode", ["cut", "stall", "endless", "bad-json-late", "reset-in-stream", "huge"])
def test_a_reply_that_was_cut_says_that_it_is_incomplete(kind: str, mode: str, shared: FaultServer) -> None:
    pieces = []
    with pytest.raises(LLMError, match="incomplete"):
        for piece in backend(kind, shared, mode, replace(LIMITS, first=5, total=1.5)).stream(prompt()):
            pieces.append(piece)
    assert glued(pieces)
    assert len(glued(pieces)) <= LIMITS.max_characters


@BOTH
def test_a_redirect_is_not_followed(kind: str, server: FaultServer) -> None:
    with pytest.raises(LLMError, match="redirect"):
        list(backend(kind, server, "redirect").stream(prompt()))
    assert [request.path.split("/")[1] for request in server.requests] == ["redirect"]


@BOTH
@pytest.mark.parametrize("mode", ["stall", "slow-ok", "endless"])
def test_closing_hangs_up(kind: str, mode: str, server: FaultServer) -> None:
    stream = backend(kind, server, mode, PATIENT).stream(prompt())
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert server.hung_up.wait(2), "the server still holds the connection"
    assert wait_for_readers(2) == []


@BOTH
@pytest.mark.parametrize("mode", ["slow-headers", "drip-headers", "drip-body", "stall-first", "endless-line"])
def test_a_deadline_hangs_up(kind: str, mode: str, server: FaultServer) -> None:
    with pytest.raises(LLMError):
        list(backend(kind, server, mode).stream(prompt()))
    assert server.hung_up.wait(2), "the server still holds the connection"
    assert wait_for_readers(2) == []


@BOTH
def test_no_proxy_between_a_machine_and_itself(kind: str, shared: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert "".join(backend(kind, shared, "ok", PATIENT).stream(prompt())) == OK_TEXT


@BOTH
@pytest.mark.parametrize(
    "mode", ["401", "429", "500", "cut", "stall", "empty", "bad-json", "redirect", "reset-at-once"]
)
def test_the_reader_always_gets_an_answer_and_its_passages(kind: str, mode: str, shared: FaultServer) -> None:
    bakery = document("bakery", "Toni Rivas founded the bakery in Lisbon in 1987.\n\nIts oven was built in Graz.")
    index = tiny_index([bakery, document("tower", "The tower is 84 metres high.\n\nIt burnt down in 1702.")])
    llm = backend(kind, shared, mode)
    config = AnswerConfig(min_confidence=0.0)
    for chosen in (llm, Failover([llm, Extractive()])):
        answer = Assistant(index=index, llm=chosen, config=config).answer("Who founded the bakery in Lisbon?")
        assert answer.llm == "extractive"
        assert "Toni Rivas" in answer.text
        assert answer.citations
        assert answer.passages
        assert any(llm.spec in warning for warning in answer.warnings)
        assert KEY not in repr(answer)


@BOTH
@pytest.mark.parametrize(
    ("mode", "said"), [("endless-error", "more than 1,160,000 bytes"), ("gzip-bomb", "more than 1,160,000 bytes")]
)
def test_bytes_are_bounded_before_anything_is_decoded(kind: str, mode: str, said: str, server: FaultServer) -> None:
    with pytest.raises(LLMError, match=said) as caught:
        list(backend(kind, server, mode, replace(PATIENT, max_characters=10_000)).stream(prompt()))
    assert str(caught.value).startswith(backend(kind, server, mode).spec)
    assert {request.headers["accept-encoding"] for request in server.requests} == {"identity"}


def test_a_server_that_speaks_no_tls_is_an_llm_error(server: FaultServer) -> None:
    address = server.url("ok").replace("http://", "https://")
    with pytest.raises(LLMError):  # it waits for the end of what it takes for a request
        list(replace(create_compatible(f"m@{address}"), limits=LIMITS).stream(prompt()))
    assert KEY not in str(server.requests)


def test_refused_connection_names_the_backend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    llm = replace(create_compatible(f"m@http://127.0.0.1:{port}/v1"), limits=PATIENT)
    with pytest.raises(LLMError, match="can't be reached"):
        list(llm.stream(prompt()))


def test_a_server_that_never_accepts_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        llm = replace(create_compatible(f"m@http://127.0.0.1:{deaf.getsockname()[1]}/v1"), limits=LIMITS)
        with pytest.raises(LLMError):
            list(llm.stream(prompt()))


@pytest.mark.parametrize(
    ("make", "variable"),
    [(create_openai, "OPENAI_API_KEY"), (lambda m: load_llm(f"anthropic:{m}"), "ANTHROPIC_API_KEY")],
)
@pytest.mark.parametrize("key", [None, "", "  ", "sk-\n-broken", "sk-schlüssel"])
def test_a_missing_or_broken_key_names_its_variable(
    make: Callable[[str], LLM], variable: str, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable)
    if key is not None:
        monkeypatch.setenv(variable, key)
    with pytest.raises(LLMError, match=variable) as caught:
        list(make("m").stream(prompt()))
    assert not key or not key.strip() or key not in str(caught.value)


def test_the_key_goes_by_header_and_only_its_own(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_OPENAI_COMPATIBLE_API_KEY", "sk-compatible-1")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    list(backend("openai", server, "ok", PATIENT).stream(prompt()))
    (request,) = server.requests
    assert request.headers["authorization"] == "Bearer sk-compatible-1"
    sent = f"{request.path} {request.headers} {request.body}"
    assert KEY not in sent
    assert "org-secret" not in sent
    assert "proj-secret" not in sent


def test_ollama_needs_no_key(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_API_KEY")
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{server.port}/ok")
    with pytest.raises(LLMError):  # a host without a port at its end gets Ollama's own
        list(replace(create_ollama("m"), limits=LIMITS).stream(prompt()))
    monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{server.port}/ok")
    assert "".join(create_ollama("m").stream(prompt())) == OK_TEXT
    assert KEY not in str(server.requests)


def test_all_at_once_mixes_nothing_up(shared: FaultServer) -> None:
    results: dict[int, str] = {}

    def ask(number: int) -> None:
        mode = "ok" if number % 2 else "cut"
        chain = create([backend("openai", shared, mode, PATIENT)])
        results[number] = spoken(chain.stream(prompt()))[1]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    quoted = glued(Extractive().stream(prompt()))
    assert results == {number: OK_TEXT if number % 2 else quoted for number in range(12)}


@pytest.mark.parametrize(("spec", "sent"), [("llama-server", True), ("openai-compatible", False)])
def test_only_llama_cpps_own_server_is_sent_a_grammar(spec: str, sent: bool, server: FaultServer) -> None:
    llm = load_llm(f"{spec}:m@{server.url('ok')}")
    assert glued(llm.stream(prompt())) == OK_TEXT
    assert llm.spec.startswith(f"{spec}:m@http://127.0.0.1")
    assert ("grammar" in server.requests[0].body) is sent
