"""Attacks on a running server: guesses and uploads all at once, huge bodies, texts that cost time, closed routes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

import index
import ui.http.sign_in.login
from rag import Assistant
from tests.conftest import ROOT
from tests.harness.exfiltration import catching
from tests.harness.ui_server import chat_site, separate_server
from ui.http.bodies import Receive, Scope, Send
from ui.http.sign_in.login import USER, Login, Users, hash_password
from ui.service.library.library import Library, Rights
from ui.service.library.uploads import UploadError, Uploads

MEGABYTE = 1_000_000


@pytest.fixture
def users() -> Users:
    return Users({"noor": hash_password("right")})


@pytest.fixture
def looked_at(users: Users, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were compared to the right one."""
    seen: list[str] = []
    digest = ui.http.sign_in.login._digest

    def counted(password: str, salt: bytes) -> bytes:
        seen.append(password)
        return digest(password, salt)

    monkeypatch.setattr(ui.http.sign_in.login, "_digest", counted)
    return seen


@pytest.mark.slow
def test_guesses_at_the_same_time_count_like_guesses_in_a_row(users: Users, looked_at: list[str]) -> None:
    with chat_site(users=users, host="0.0.0.0") as site, ThreadPoolExecutor(40) as crowd:

        def guess(number: int) -> int:
            if number % 2:
                return httpx.get(f"{site.url}/v1/models", auth=("noor", f"guess {number}"), timeout=60).status_code
            form = {"user": "noor", "password": f"guess {number}"}
            return httpx.post(f"{site.url}/login", data=form, timeout=60).status_code

        statuses = list(crowd.map(guess, range(80)))
    assert set(statuses) <= {401, 429}
    assert len(looked_at) == 10
    assert users.wait() > 0


@pytest.mark.slow
def test_a_program_that_begins_with_many_requests_at_once_makes_one_attempt(users: Users, looked_at: list[str]) -> None:
    with chat_site(users=users, host="0.0.0.0") as site, ThreadPoolExecutor(40) as crowd:

        def ask(_: int) -> int:
            return httpx.get(f"{site.url}/v1/models", auth=("noor", "right"), timeout=60).status_code

        assert set(crowd.map(ask, range(80))) == {200}
    assert looked_at == ["right"]


@pytest.mark.parametrize("steps", range(8))
def test_a_request_just_after_a_password_turned_out_right_begins_no_second_attempt(
    steps: int, users: Users, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        signed_in.append(scope[USER])

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        raise AssertionError(f"turned away: {message}")

    async def two_requests() -> None:
        login, looked_up = Login(app, users), asyncio.Event()

        async def in_another_thread(check: Any, *what: str) -> bool:
            await looked_up.wait()
            return bool(check(*what))

        monkeypatch.setattr(asyncio, "to_thread", in_another_thread)
        scope: Scope = {"type": "http", "path": "/v1/models", "headers": [(b"authorization", b"Bearer noor:right")]}
        first = asyncio.ensure_future(login(scope, receive, send))
        await asyncio.sleep(0.01)
        looked_up.set()
        for _ in range(steps):  # of the event loop
            await asyncio.sleep(0)
        await asyncio.gather(first, login(scope, receive, send))

    asyncio.run(two_requests())
    assert signed_in == ["noor", "noor"]
    assert looked_at == ["right"]


def test_a_right_password_is_no_wrong_attempt(users: Users) -> None:
    assert all(users.check("noor", "right") for _ in range(15))
    assert users.wait() == 0


def test_uploads_at_the_same_time_share_what_room_is_left(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "files", file_bytes=10_000, total_bytes=25_000)

    async def blocks() -> asyncio.Any:
        for _ in range(9):
            await asyncio.sleep(0)  # the others go on in between
            yield b"x" * 1_000

    async def one(number: int) -> bool:
        try:
            await uploads.receive(f"{number}.txt", blocks())
        except UploadError as error:
            assert error.key == "upload_full"
            return False
        return True

    async def crowd() -> list[bool]:
        return await asyncio.gather(*(one(number) for number in range(20)))

    asyncio.run(crowd())
    kept = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(kept) <= 25_000


def test_what_a_killed_server_left_half_received_is_removed(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "files")
    old, new = (tmp_path / "incoming" / name for name in ("0" * 16, "1" * 16))
    for place in (old, new):
        place.mkdir(parents=True)
        (place / "x.txt").write_bytes(b"x")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)

    async def receive() -> Path:
        async def blocks() -> asyncio.Any:
            yield b"text"

        return await uploads.receive("a.txt", blocks())

    asyncio.run(receive())
    assert not old.exists() and new.exists()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


CARELESS = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def take(request):
    return PlainTextResponse(str(len(await request.body())))
app = Starlette(routes=[Route(path, take, methods=["POST", "GET"]) for path in ("/chat/turns", "/health")])
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


@contextmanager
def process(careless: bool) -> Iterator[tuple[str, psutil.Process]]:
    port = free_port()
    if careless:
        started = subprocess.Popen([sys.executable, "-c", CARELESS, str(port)], cwd=ROOT)
        wait_for(port)
    else:
        started = separate_server(port, 0.0)
    try:
        yield f"http://127.0.0.1:{port}", psutil.Process(started.pid)
    finally:
        started.kill()
        started.wait()


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def grown_by(url: str, server: psutil.Process, path: str, kind: str, *, declared: bool) -> tuple[int, int]:
    """Send 200 MB; returns the status (0: the server hung up) and by how many MB its memory had grown at most."""
    form = b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n'

    first = form if kind.startswith("multipart") else b'{"a": "'

    def body() -> Iterator[bytes]:
        yield first
        for _ in range(200):
            yield b"x" * MEGABYTE
            peak[0] = max(peak[0], server.memory_info().rss)

    headers = {"content-type": kind} | ({"content-length": str(len(first) + 200 * MEGABYTE)} if declared else {})
    before = server.memory_info().rss
    peak = [before]
    try:
        status = httpx.post(url + path, content=body(), headers=headers, timeout=60).status_code
    except httpx.TransportError:
        status = 0
    return status, (max(peak[0], server.memory_info().rss) - before) // MEGABYTE


MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.slow
def test_bodies_of_200_mb_are_refused_in_bounded_memory() -> None:
    with process(careless=False) as (url, server):
        httpx.get(url)
        statuses = set()
        for path in ("/chat/turns", "/gradio_api/queue/join", "/login", "/api/answer"):
            for kind in ("application/json", MULTIPART):
                for declared in (True, False):
                    status, grown = grown_by(url, server, path, kind, declared=declared)
                    assert status == 0 or 400 <= status < 500, (path, kind, declared)
                    assert grown < 40, (path, kind, declared)
                    statuses.add(status)
        assert 413 in statuses
        assert httpx.get(f"{url}/health").status_code == 200


def test_a_server_that_takes_any_body_is_caught() -> None:
    with process(careless=True) as (url, server):
        status, grown = grown_by(url, server, "/chat/turns", "application/json", declared=False)
    assert (status, grown > 150) == (200, True)


# Each a text of some 100 kB that is indexed, asked about and opened in the reader.
SLOW_TEXTS = {
    "word.txt": "a" * 100_000,
    "words.txt": "word " * 20_000,
    "marks.md": "The *bold_ [1](x) **" * 5_000,
    "brackets.txt": "([{" * 33_000,
    "stops.txt": "A. " * 33_000,
    "numbers.txt": "1,000.5 " * 12_000,
    "mixed.txt": "سلام world (1) 世界 " * 5_000,
    "zero.txt": "a\u200d" * 50_000,
    "accents.txt": "e" + "\u0301" * 50_000,
    "lines.txt": "x\n" * 50_000,
    "chinese.txt": "中文" * 50_000,
    "thai.txt": "กำลัง" * 20_000,
}
SLOW_QUESTIONS = [
    "a" * 4_000,
    "(a[b{" * 700,
    "1,0." * 1_000,
    "A. " * 1_300,
    "e" + "\u0301" * 3_900,
    "سلام (1) 世界 " * 250,
    "who " * 990,
]


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slow")
    (folder / "texts").mkdir()
    for name, text in SLOW_TEXTS.items():
        (folder / "texts" / name).write_text(text, "utf-8")
    begin = time.process_time()
    index.build([folder / "texts"], index_dir=folder / "index", embedder="hashing")
    assert time.process_time() - begin < 5 * len(SLOW_TEXTS)
    return folder


@pytest.mark.slow
def test_no_text_keeps_the_server_from_answering(slow: Path) -> None:
    library = Library(slow / "index", Rights(local=True))
    with chat_site(Assistant(index_dir=slow / "index"), library=library) as site, ThreadPoolExecutor(1) as asking:
        listed = httpx.get(f"{site.url}/library/documents", params={"limit": 50}).json()["documents"]
        assert len(listed) == len(SLOW_TEXTS)

        def work() -> list[int]:
            found = []
            for document in listed:
                place = {"id": document["id"], "marks": "1-0-500", "current": "1"}
                found.append(httpx.get(f"{site.url}/chat/document", params=place, timeout=20).status_code)
            for question in SLOW_QUESTIONS:
                asked = httpx.post(f"{site.url}/api/answer", json={"question": question}, timeout=20)
                found.append(asked.status_code)
            return found

        def longest() -> float:
            done = asking.submit(work)
            waits = [waited(site.url)]
            while not done.done():
                waits.append(waited(site.url))
                time.sleep(0.02)
            assert set(done.result()) == {200}
            return max(waits)

        begun, idle = time.monotonic(), [waited(site.url)]
        while time.monotonic() - begun < 1.0:
            idle.append(waited(site.url))
            time.sleep(0.02)
        # Others may be at work on this machine; a text that blocks the server does so each time.
        most = 1.0 + min(max(idle), 0.5)
        assert longest() < most or longest() < most


def waited(url: str) -> float:
    start = time.perf_counter()
    assert httpx.get(f"{url}/health", timeout=20).json() == {"status": "ok"}
    return time.perf_counter() - start


def test_no_route_fetches_an_address_for_a_stranger(tmp_path: Path) -> None:
    with catching() as catcher, chat_site() as site:
        for path in (
            "/gradio_api/file=URL", "/gradio_api/proxy=URL", "/file=URL", "/proxy=URL", "/chat/document?id=URL",
            "/gradio_api/upload?url=URL", "/static/URL", "/assets/URL", "/gradio_api/queue/data?session_hash=URL",
        ):  # fmt: skip
            for method in ("GET", "POST"):
                with httpx.stream(method, site.url + path.replace("URL", f"{catcher.origin}/x"), timeout=20) as answer:
                    assert answer.status_code in (403, 404, 405, 422) or "queue/data" in path, path
        places = {
            "question": f"{catcher.origin}/x",
            "index": f"{catcher.origin}/x",
            "llm": f"openai:x@{catcher.origin}",
        }
        httpx.post(f"{site.url}/api/answer", json=places, timeout=20)
        assert catcher.hits == set()
