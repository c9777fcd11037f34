"""Many people at once, over HTTP as browsers and programs do it: `python -m benchmarks.load --index DIR`.

Starts `rag chat` in a process of its own. One person alone first, to know what the machine gives just then; next USERS
people who ask five questions each, all beginning at the same moment, by the page's queue and by `/api/answer`. Every
answer must quote the document that its question names. With `--questions N`, N more one after the other by the page,
and the memory that the server has taken after each 500. With `--servers 2` the same people are then shared out over so
many servers of the same index: what more processes could give at most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil

QUESTIONS = (
    ("Where is Factory 200 located?", "Helwan"),
    ("Who heads the AOI?", "el-Terras"),
    ("Which defense ministers met in Cairo?", ""),
    ("Wer empfing den irakischen Verteidigungsminister?", "السيسي"),
    ("What did Iranian officers suggest to Iraq?", ""),
)
REFUSED = "refused"


@dataclass
class Server:
    """A `rag chat` in a process of its own; `target` is the number of the page's event that asks."""

    process: psutil.Process
    url: str
    target: int = -1
    inputs: int = 0

    def cpu(self) -> float:
        """Return the seconds of processor time spent so far."""
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)


@dataclass
class Tally:
    """What a crowd saw: seconds of each answer, and how many were what."""

    seconds: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, answer: str, word: str, question: str, seconds: float) -> None:
        """Judge an answer by the word that its source holds."""
        if answer == REFUSED:
            self.counts[REFUSED] += 1
            return
        self.counts["right" if word in answer and question in answer else "wrong"] += 1
        self.seconds.append(seconds)


def start(index_dir: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "chat", "--index", str(index_dir), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            httpx.get(f"{url}/health")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return process, url
    raise SystemExit(f"rag chat ended at once; run it by hand: {' '.join(command)}")


def find_page(server: Server) -> None:
    config = httpx.get(f"{server.url}/config").json()
    asking = next(entry for entry in config["dependencies"] if entry["backend_fn"])
    server.target, server.inputs = asking["id"], len(asking["inputs"])


async def ask_page(client: httpx.AsyncClient, server: Server, session: str, question: str) -> str:
    """Return what the page shows of the answer, as its own script asks for it."""
    data = [question, "[]", session, "en", "", "", ""][: server.inputs]
    body = {"data": data, "fn_index": server.target, "session_hash": session}
    joined = await client.post("/gradio_api/queue/join", json=body)
    if joined.status_code == 503:
        return REFUSED
    joined.raise_for_status()
    shown = ""
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        async for line in stream.aiter_lines():
            event = json.loads(line[5:]) if line.startswith("data:") else {"msg": ""}
            if event["msg"] in ("process_completed", "process_generating"):
                shown += json.dumps(event["output"], ensure_ascii=False)
            if event["msg"] in ("close_stream", "unexpected_error"):
                break
    return shown


async def ask_api(client: httpx.AsyncClient, _server: Server, _session: str, question: str) -> str:
    answer = await client.post("/api/answer", json={"question": question})
    if answer.status_code == 503 and "retry-after" in answer.headers:
        return REFUSED
    answer.raise_for_status()
    return json.dumps(answer.json(), ensure_ascii=False)


WAYS = {"page": ask_page, "api": ask_api}


async def crowd(servers: Sequence[Server], way: str, users: int, each: int) -> Tally:
    """Let people ask at the same time, each one question after the other, always of the same server."""
    tally = Tally()

    async def person(client: httpx.AsyncClient, server: Server, number: int) -> None:
        session = f"{way}{users}person{number}"
        for place in range(each):
            question, word = QUESTIONS[(number + place) % len(QUESTIONS)]
            began = time.perf_counter()
            try:
                answer = await WAYS[way](client, server, session, question)
            except httpx.HTTPError:
                tally.counts["error"] += 1
                continue
            tally.add(answer, word, question, time.perf_counter() - began)

    limits = httpx.Limits(max_connections=None)
    async with AsyncExitStack() as opened:
        clients = [
            await opened.enter_async_context(httpx.AsyncClient(base_url=each.url, timeout=60, limits=limits))
            for each in servers
        ]
        share = len(servers)
        await asyncio.gather(*(person(clients[n % share], servers[n % share], n) for n in range(users)))
    return tally


def measure(servers: Sequence[Server], way: str, users: int, each: int, alone: float = 0.0) -> float:
    """Print a line for a crowd; returns the median seconds."""
    began, cpu, own = time.perf_counter(), sum(one.cpu() for one in servers), time.process_time()
    tally = asyncio.run(crowd(servers, way, users, each))
    wall, own = time.perf_counter() - began, time.process_time() - own
    cpu = sum(one.cpu() for one in servers) - cpu
    asked = users * each
    p50, p95, most = np.percentile(tally.seconds or [0.0], (50, 95, 100))
    times = f"p50 {p50:.2f} s, p95 {p95:.2f} s, longest {most:.2f} s"
    ratio = f", p95 {p95 / alone:.0f} times that of one alone" if alone else ""
    print(f"{way:4s} {users:3d} x {each}: {dict(tally.counts)}; {times}{ratio}; {asked / wall:.1f} questions/s")
    spent = f"server {1000 * cpu / asked:.1f} ms, this script {1000 * own / asked:.1f} ms"
    print(f"     processor time a question: {spent}", flush=True)
    return float(p50)


async def endurance(server: Server, total: int) -> None:
    sizes = []
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        for number in range(total + 1):
            if number % 500 == 0:
                sizes.append(server.process.memory_info().rss / 1e6)
                print(f"{number:6d} questions: {sizes[-1]:.1f} MB", flush=True)
            await ask_page(client, server, f"long{number}", QUESTIONS[number % len(QUESTIONS)][0])
    half = sizes[len(sizes) // 2 :]
    slope = np.polyfit(np.arange(len(half)) * 0.5, half, 1)[0]
    print(f"slope of the second half: {slope:.2f} MB per 1,000 questions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--questions", type=int, default=0, help="questions of the endurance run; 10000 for a slope")
    parser.add_argument("--way", choices=tuple(WAYS), action="append", help="page or api; both when left out")
    parser.add_argument("--servers", type=int, default=1, help="share the people out over so many, too")
    chosen = parser.parse_args()
    with ExitStack() as running:
        servers = [running.enter_context(serving(chosen.index)) for _ in range(chosen.servers)]
        for way in chosen.way or tuple(WAYS):
            for some in [servers[:1], servers][: min(chosen.servers, 2) if chosen.users else 0]:
                if chosen.servers > 1:
                    print(f"with {len(some)} servers:")
                measure(some, way, chosen.users, chosen.each, measure(some, way, 1, 20))
        if chosen.questions:
            asyncio.run(endurance(servers[0], chosen.questions))


@contextmanager
def serving(index_dir: Path) -> Iterator[Server]:
    """Start a server, warm, and end it with the block."""
    process, url = start(index_dir)
    server = Server(psutil.Process(process.pid), url)
    try:
        httpx.post(f"{url}/api/search", json={"question": "warm"}, timeout=120)
        find_page(server)
        yield server
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
