"""While a model gives a hostile answer over a real index, others are answered: by page, API, OpenAI's and MCP."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

import index
from benchmarks.load import Server, ask_page, find_page
from tests.conftest import ROOT, SEEDS
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_server import free_port, reached

QUESTION = "Who heads the AOI in Egypt?"
PROSE = "The factory 200 of Helwan produces 30 tanks [1] and the minister visited Iraq in 2021 [2]. "
HOSTILE = {
    "prose": PROSE * 220,
    "table": "| a | b | c |\n|---|---|---|\n" + "| Helwan 200 [1] | 30 tanks of Iraq [2] | visited 2021 [3] |\n" * 330,
    "markers": "[1] " * 5_000,
    "stars": "**a** _b_ `c` [1] " * 1_100,
}
# The server: everything as `rag chat` has it, but for the model.
SERVE = """
import socket, sys
from pathlib import Path
from rag import Assistant
from ui.app.server import build_app
from ui.app.web import server_of
from ui.service.asking.asking import ChatService
from ui.service.library.library import Library, Rights

class Hostile:
    spec = "hostile"
    def stream(self, messages):
        text = Path(sys.argv[3]).read_text("utf-8")
        for at in range(0, len(text), 400):
            yield text[at : at + 400]

folder = Path(sys.argv[2])
service = ChatService(Assistant(index_dir=folder, llm=Hostile()), "extractive")
app = build_app(service, library=Library(folder, Rights(local=True)))
server_of(app).run(sockets=[socket.create_server(("127.0.0.1", int(sys.argv[1])))])
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    index.build([SEEDS], index_dir=folder / "index", embedder="hashing")
    return folder


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[Server]:
    """Start the server; its model reads what to say from a file."""
    answer = built / "answer.txt"
    answer.write_text(PROSE, "utf-8")
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port), str(built / "index"), str(answer)], cwd=ROOT)
    try:
        reached(port)
        url = f"http://127.0.0.1:{port}"
        httpx.post(f"{url}/api/search", json={"question": QUESTION}, timeout=120)  # models are loaded once
        yield Server(psutil.Process(process.pid), url)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module", params=partly_slow(HOSTILE))
def served(server: Server, built: Path, request: pytest.FixtureRequest) -> Server:
    """Let the model give one of the answers."""
    (built / "answer.txt").write_text(HOSTILE[request.param], "utf-8")
    return server


def slowest(url: str, done: threading.Event) -> float:
    """Return the longest wait for `/health` until the event is set."""
    longest = 0.0
    with httpx.Client(timeout=60) as client:
        while not done.is_set():
            begun = time.perf_counter()
            assert client.get(f"{url}/health").status_code == 200
            longest = max(longest, time.perf_counter() - begun)
            time.sleep(0.02)
    return longest


def by_page(served: Server) -> str:
    async def ask() -> str:
        async with httpx.AsyncClient(base_url=served.url, timeout=120) as client:
            return await ask_page(client, served, "hostile", QUESTION)

    find_page(served)
    return asyncio.run(ask())


def by(path: str, body: dict[str, object]) -> Callable[[Server], str]:
    def ask(served: Server) -> str:
        headers = {"accept": "application/json, text/event-stream"}
        said = httpx.post(f"{served.url}{path}", json=body, headers=headers, timeout=120)
        assert said.status_code == 200, said.text[:300]
        return said.text

    return ask


MESSAGES = [{"role": "user", "content": QUESTION}]
CALL = {"name": "answer", "arguments": {"question": QUESTION}}
WAYS: dict[str, Callable[[Server], str]] = {
    "page": by_page,
    "api": by("/api/answer", {"question": QUESTION}),
    "openai": by("/v1/chat/completions", {"messages": MESSAGES}),
    "mcp": by("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL}),
}


def waits(served: Server, way: str) -> tuple[float, float]:
    """Return the longest wait of others while nothing is asked, and while the question is."""
    rest, done = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        idle = pool.submit(slowest, served.url, rest)
        time.sleep(0.5)
        rest.set()
        idle_wait = idle.result()
        watching = pool.submit(slowest, served.url, done)
        try:
            assert len(WAYS[way](served)) > 100
        finally:
            done.set()
        return idle_wait, watching.result()


@pytest.mark.parametrize("way", partly_slow(WAYS, now=2))
def test_others_are_answered_within_a_second(served: Server, way: str) -> None:
    # What keeps the server busy does so each time; other work on the machine doesn't.
    rounds = (waits(served, way) for _ in range(3))
    assert any(wait < 1.0 + idle for idle, wait in rounds)
