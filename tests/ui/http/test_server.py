"""The web server against what browsers never send: foreign hosts and origins, huge bodies, closed routes, guesses."""

from __future__ import annotations

import asyncio
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.errors import ConfigError
from tests.conftest import ROOT
from tests.harness.ui_fakes import FakeAssistant, Silent
from tests.harness.ui_server import Site, chat_site, last_state
from ui.app.serve_options import ServeOptions
from ui.app.web import serve
from ui.http.admission import at_once
from ui.http.guard import is_loopback
from ui.http.sign_in.login import Users, hash_password, read_users
from ui.service.asking.asking import ChatService
from ui.service.asking.streams import Stop, pumped
from ui.view.cards import TurnCard


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(FakeAssistant(delay=0.05)) as served:
        yield served


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("users") / "users.txt"
    path.write_text(f"# who may read\nnoor:{hash_password('öffne dich')}\n", "utf-8")
    with chat_site(users=read_users(path), host="0.0.0.0") as served:
        yield served


def ask(url: str, question: object, session: str = "abc", **headers: str) -> httpx.Response:
    """Join the queue as the page does."""
    config = httpx.get(f"{url}/config").json()
    target = next(entry for entry in config["dependencies"] if entry["backend_fn"])
    sent = [question, "[]", "run1", "en", "", "", ""][: len(target["inputs"])]
    body = {"data": sent, "fn_index": target["id"], "session_hash": session}
    return httpx.post(f"{url}/gradio_api/queue/join", json=body, headers=headers)


def answers(url: str, session: str = "abc") -> list[dict[str, object]]:
    """Read the session's event stream to its end."""
    events = []
    with httpx.stream("GET", f"{url}/gradio_api/queue/data", params={"session_hash": session}, timeout=30) as stream:
        for line in stream.iter_lines():
            if line.startswith("data:"):
                events.append(json.loads(line[5:]))
                if events[-1]["msg"] in ("process_completed", "close_stream", "unexpected_error"):
                    break
    return events


def test_the_page_comes_with_its_headers(site: Site) -> None:
    for path in ("/", "/health", "/config", "/nothing"):
        headers = httpx.get(site.url + path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "connect-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "10.0.0.1"],
)
def test_only_its_own_names_are_answered(site: Site, host: str) -> None:
    assert httpx.get(site.url, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:7860", "127.9.9.9"])
def test_every_loopback_name_is_answered(site: Site, host: str) -> None:
    assert httpx.get(f"{site.url}/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_other_sites_can_not_post(site: Site, headers: dict[str, str]) -> None:
    for path in ("/chat/stop/x", "/chat/turns", "/gradio_api/queue/join"):
        assert httpx.post(site.url + path, content=b"[]", headers=headers).status_code == 403
    foreign = httpx.get(f"{site.url}/health", headers={**headers, "access-control-request-method": "POST"})
    assert "access-control-allow-origin" not in foreign.headers


def test_the_own_page_can_post(site: Site) -> None:
    headers = {"origin": site.url, "sec-fetch-site": "same-origin"}
    assert httpx.post(f"{site.url}/chat/turns", content=b"[]", headers=headers).status_code == 200


CLOSED = """
/gradio_api/file=/etc/passwd /gradio_api/file=https://example.org /gradio_api/proxy=https://example.org /gradio_api/info
/gradio_api/openapi.json /openapi.json /docs /redoc /monitoring /monitoring/summary /gradio_api/component_server
/gradio_api/custom_component/1/client/x/y /gradio_api/upload /gradio_api/run/predict /gradio_api/api/predict
/gradio_api/call/ask /gradio_api/vibe-edit /gradio_api/runs /gradio_api/stream/x /gradio_api/mcp/sse /file=/etc/passwd
/gradio_api/reset /gradio_api/user /gradio_api/token /gradio_api/deep_link /gradio_api/process_recording
/static/../../../etc/passwd /assets/..%2f..%2f..%2fetc%2fpasswd /chat/document/../../x //health
"""


@pytest.mark.parametrize("path", CLOSED.split())
def test_what_the_page_does_not_need_is_closed(site: Site, path: str) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    for method in ("GET", "POST"):
        with socket.create_connection((host, int(port))) as raw:  # httpx would tidy the path up
            head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close"
            raw.sendall(f"{head}\r\n\r\n".encode())
            answer = raw.makefile("rb").read()
        assert int(answer.split()[1]) in (403, 404, 405), (method, path)
        assert b"root:" not in answer


def test_a_body_over_the_limit_is_refused_declared_or_not(site: Site) -> None:
    assert httpx.post(f"{site.url}/chat/turns", content=b"x" * 4_000_001).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    try:
        status = httpx.post(f"{site.url}/chat/turns", content=endless(), timeout=20).status_code
    except httpx.TransportError:
        status = 413  # the server hung up in the middle, as it should
    assert status >= 400
    assert httpx.get(f"{site.url}/health").status_code == 200


def test_forwarded_headers_are_not_believed(site: Site) -> None:
    headers = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https", "forwarded": "host=evil.example"}
    assert "evil.example" not in httpx.get(f"{site.url}/config", headers=headers).text
    assert "evil.example" not in httpx.get(site.url, headers=headers).text


def test_the_page_loads_nothing_from_elsewhere(site: Site) -> None:
    page = httpx.get(site.url).text
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", page) == []
    assert "fonts.googleapis" not in page + httpx.get(f"{site.url}/theme.css").text


def test_a_question_goes_through_the_queue(site: Site) -> None:
    assert ask(site.url, "Where is Factory 200?").status_code == 200
    shown = json.dumps(answers(site.url))
    assert "Helwan" in shown and "data-record" in shown


@pytest.mark.parametrize("question", ["", "   ", None, "x" * 4_001, "y" * 1_000_000])
def test_what_is_no_question_gets_one_clear_sentence(site: Site, question: object) -> None:
    session = f"s{abs(len(str(question)))}{type(question).__name__}"
    asked = len(site.assistant.questions)
    assert ask(site.url, question, session).status_code == 200
    shown = json.dumps(answers(site.url, session), ensure_ascii=False)
    assert "Write a question first." in shown or "too long for a question" in shown
    assert len(shown) < 100_000  # a question is given back whole up to 20,000 characters, some four times
    assert len(site.assistant.questions) == asked


@pytest.mark.slow
def test_health_answers_at_once_while_others_ask(site: Site) -> None:
    for number in range(6):
        ask(site.url, "a slow one", f"busy{number}")
    waits = []
    for _ in range(10):
        start = time.perf_counter()
        assert httpx.get(f"{site.url}/health").json() == {"status": "ok"}
        waits.append(time.perf_counter() - start)
    assert max(waits) < 1.0


def test_the_words_that_answer_are_marked_where_the_page_asks_for_them(site: Site) -> None:
    script = (ROOT / "ui" / "static" / "reader.js").read_text("utf-8")
    (name,) = re.findall(r'here\.dataset\.answerWords\) query\.set\("(\w+)"', script)
    asked = {"id": "chinese", "marks": "1-0-5", "current": "1"}
    assert "bq-answer-words" not in httpx.get(f"{site.url}/chat/document", params=asked).text
    assert "bq-answer-words" in httpx.get(f"{site.url}/chat/document", params={**asked, name: "0-2"}).text


def test_documents_are_read_by_name_only(site: Site) -> None:
    good = httpx.get(f"{site.url}/chat/document", params={"id": "chinese", "marks": "1-0-5", "current": "1"})
    assert '<mark data-cite="1" aria-current="true" tabindex="-1">埃及愿意在</mark>' in good.text
    for name in ("../../etc/passwd", "", "/etc/passwd", "nothing", "\x00", "x" * 5_000):
        answer = httpx.get(f"{site.url}/chat/document", params={"id": name})
        assert answer.status_code == 404
        assert "root:" not in answer.text
    for marks in ("a-b-c", "1-2", "-1--2--3", "9" * 400, "1-0-5," * 500, "1-5-2,,,", "٣-٤-٥"):
        assert httpx.get(f"{site.url}/chat/document", params={"id": "chinese", "marks": marks}).status_code == 200


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{}", b"null", b'[{"id": 1}]', b"[" * 100_000, b"\xff\xfe", b'[{"state": "answered"}]']
)
def test_turns_of_another_shape_are_refused(site: Site, content: bytes) -> None:
    assert httpx.post(f"{site.url}/chat/turns", content=content).status_code == 422


def test_the_run_of_another_can_not_be_guessed(site: Site) -> None:
    assert httpx.post(f"{site.url}/chat/stop/{'0' * 32}").json() == {"stopped": False}


def test_nobody_gets_in_without_the_password(locked: Site) -> None:
    with httpx.Client(base_url=locked.url) as guest:
        assert guest.get("/").headers["location"] == "/login"
        for path in ("/config", "/chat/document?id=chinese", "/gradio_api/queue/data?session_hash=x", "/theme.css"):
            assert guest.get(path).status_code == 401, path
        assert guest.post("/gradio_api/queue/join", json={}).status_code == 401
        assert guest.get("/health").status_code == 200
        assert guest.get("/", cookies={"babelquote_session": "guess"}).status_code == 303
        page = guest.get("/login", headers={"accept-language": "ar"})
        assert 'dir="rtl"' in page.text and "كلمة المرور" in page.text
        assert guest.post("/login", data={"user": "noor", "password": "<script>"}).status_code == 401
        welcome = guest.post("/login", data={"user": "noor", "password": "öffne dich"})
        assert welcome.status_code == 303
        cookie = welcome.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        assert guest.get("/").status_code == 200
        assert guest.get("/chat/document", params={"id": "chinese"}).status_code == 200
        guest.get("/logout")
        assert guest.get("/config").status_code == 401


@pytest.mark.slow
def test_programs_are_told_what_is_wrong_and_known_ones_are_not_locked_out() -> None:
    with chat_site(users=Users({"noor": hash_password("right")}), host="0.0.0.0") as locked:
        right, wrong = ("noor", "right"), ("noor", "wrong")
        assert httpx.get(f"{locked.url}/v1/models", auth=right).status_code == 200
        refused = httpx.get(f"{locked.url}/v1/models", auth=wrong)
        assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")
        for _ in range(9):
            httpx.get(f"{locked.url}/v1/models", auth=wrong)
        slowed = httpx.post(f"{locked.url}/api/answer", json={}, auth=wrong)
        assert (slowed.status_code, slowed.json()["error"]["type"]) == (429, "rate_limit_error")
        assert 0 < int(slowed.headers["retry-after"]) <= 61
        assert httpx.get(f"{locked.url}/v1/models", auth=right).status_code == 200
        assert httpx.get(f"{locked.url}/v1/models", auth=("other", "right")).status_code == 429


def test_guessing_passwords_is_slowed_down(tmp_path: Path) -> None:
    (tmp_path / "users").write_text(f"noor:{hash_password('right')}", "utf-8")
    users = read_users(tmp_path / "users")
    assert users.check("noor", "right") and not users.check("", "right")
    for _ in range(10):
        assert not users.check("noor", "wrong")
    assert 0 < users.wait() <= 61


def test_served_to_others_it_answers_to_numbers_but_not_to_foreign_names(locked: Site) -> None:
    assert httpx.get(f"{locked.url}/health", headers={"host": "192.168.1.7:7860"}).status_code == 200
    assert httpx.get(f"{locked.url}/health", headers={"host": "rebound.example"}).status_code == 421


@pytest.mark.parametrize("text", ["", "# only\n", "noor\n", "noor:secret\n", "noor:scrypt$zz$zz\n", ":scrypt$aa$bb\n"])
def test_a_users_file_that_makes_no_sense_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "users").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="users"):
        read_users(tmp_path / "users")


def test_serving_refuses_what_makes_no_sense(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--auth"):
        serve(tmp_path, "extractive", ServeOptions(host="0.0.0.0", port=0))
    with pytest.raises(ConfigError, match="users"):
        serve(tmp_path, "extractive", ServeOptions(auth_file=tmp_path / "none"))
    with pytest.raises(ConfigError, match="port 70000"):
        serve(tmp_path, "extractive", ServeOptions(port=70_000))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} of 127.0.0.1 can't be used"):
            serve(tmp_path, "extractive", ServeOptions(port=port))


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("pc", False), ("", False)],
)
def test_loopback_is_known(host: str, local: bool) -> None:
    assert is_loopback(host) is local


async def read(source: Callable[[], Iterator[Any]], seen: list[Any], stop_after: float | None = None) -> None:
    """Read an iterator as the page does, and stop it after some seconds."""
    stop = Stop()
    if stop_after is not None:
        threading.Timer(stop_after, stop.set).start()  # a stop may come from any thread
    async for batch in pumped(source, stop):
        seen += batch


def test_a_stopped_run_ends_in_the_middle_of_a_wait() -> None:
    gate, seen = threading.Event(), list[str]()

    def source() -> Iterator[str]:
        yield "first"
        gate.wait(60)
        yield "never"

    start = time.perf_counter()
    asyncio.run(read(source, seen, stop_after=0.3))
    assert time.perf_counter() - start < 30
    assert seen == ["first"]
    gate.set()


def test_threads_are_kept_for_the_next_question() -> None:
    used: set[int | None] = set()
    before = sum(thread.name == "answer" for thread in threading.enumerate())
    for _ in range(50):
        seen: list[str] = []
        asyncio.run(read(lambda: iter("ab"), seen))
        assert seen == ["a", "b"]
        time.sleep(0.002)
        used |= {thread.ident for thread in threading.enumerate() if thread.name == "answer"}
    assert len(used) <= before + 5


def test_no_piece_is_lost_or_late_whatever_the_rhythm() -> None:
    pauses = random.Random(7)

    def source() -> Iterator[int]:
        for number in range(1500):  # more than are read ahead
            if pauses.random() < 0.02:
                time.sleep(pauses.random() / 200)
            yield number

    for _ in range(3):
        seen: list[int] = []
        asyncio.run(asyncio.wait_for(read(source, seen), 20))
        assert seen == list(range(1500))


def test_what_the_iterator_raises_reaches_the_reader() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise LookupError("gone")

    seen: list[int] = []
    with pytest.raises(LookupError, match="gone"):
        asyncio.run(read(source, seen))
    assert seen == [1]


def test_on_the_page_too_a_silent_model_keeps_nobody_else_waiting() -> None:
    silent = Silent()
    service = ChatService(FakeAssistant(), "extractive", others={"ollama:silent": silent})

    async def scene() -> None:
        waiting = [asyncio.create_task(last_state(service, "x", f"r{number}", "ollama:silent")) for number in range(9)]
        mine = await last_state(service, "Where is Factory 200?", "mine")
        assert mine.state == "answered" and not any(task.done() for task in waiting)
        for number in range(9):  # who waits for a turn can be stopped as well as who waits for the model
            service.stop(f"r{number}")
        done = await asyncio.wait_for(asyncio.gather(*waiting), 20)
        assert {turn.state for turn in done} == {"stopped"}

    asyncio.run(scene())
    silent.go.set()


def test_whoever_leaves_the_line_takes_no_place_with_them() -> None:
    service = ChatService(FakeAssistant(delay=0.002), "extractive")

    async def scene() -> None:
        for leaving in range(1, 40, 3):
            asked = [asyncio.create_task(last_state(service, "Where?", f"r{number}")) for number in range(12)]
            for _ in range(leaving):
                await asyncio.sleep(0)
            for task in asked[::2]:
                task.cancel()
            for number in range(1, 12, 4):
                service.stop(f"r{number}")
            await asyncio.gather(*asked, return_exceptions=True)
        assert all(gate.places._free == at_once("extractive") for gate in service.gates._gates.values())

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_turns_come_in_the_order_of_asking() -> None:
    service, ended = ChatService(FakeAssistant(delay=0.002), "extractive"), []

    async def one(number: int) -> None:
        await last_state(service, "Where is Factory 200?", f"r{number}")
        ended.append(number)

    async def scene() -> None:
        await asyncio.gather(*map(one, range(40)))

    asyncio.run(scene())
    places = at_once("extractive")  # those at work together may overtake each other
    assert all(abs(number - place) < 2 * places for place, number in enumerate(ended))


def test_users_do_not_mix_up() -> None:
    service = ChatService(FakeAssistant(delay=0.002), "extractive")
    questions = [f"Where is Factory {number}?" for number in range(40)]

    async def scene() -> list[TurnCard]:
        return await asyncio.gather(*(last_state(service, question, f"r{question}") for question in questions))

    assert [turn.question for turn in asyncio.run(scene())] == questions
