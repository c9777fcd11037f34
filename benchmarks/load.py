"""Many people at once in the web chat, over HTTP as their browsers do it: `python -m benchmarks.load --index DIR`.

Starts `rag chat` in a process of its own. First USERS people ask five questions each, all beginning at the same
moment; every answer must quote the document that its question names. Then so many questions one after the other, and
the memory that the server has taken after each thousand.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

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


def start(index_dir: Path, log: BinaryIO | None = None) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server for an index and return its process and address, once it answers; `log` takes what it says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "chat", "--index", str(index_dir), "--port", str(port)]
    process = subprocess.Popen(command, stderr=log or subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    while True:
        try:
            httpx.get(f"{url}/health")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return process, url


async def ask(client: httpx.AsyncClient, fn: int, session: str, question: str) -> str:
    """Return the HTML of the answer, or why there was none."""
    body = {"data": [question, "[]", session, "en", ""], "fn_index": fn, "session_hash": session}
    joined = await client.post("/gradio_api/queue/join", json=body)
    if joined.status_code != 200:
        return f"refused {joined.status_code}"
    shown = ""
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        async for line in stream.aiter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line[5:])
            if event["msg"] == "process_completed":
                shown += json.dumps(event["output"], ensure_ascii=False)
            elif event["msg"] in ("process_generating", "process_starts"):
                shown += json.dumps(event.get("output", ""), ensure_ascii=False)
            if event["msg"] in ("close_stream", "unexpected_error"):
                break
    return shown


async def crowd(url: str, users: int) -> None:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        config = (await client.get("/config")).json()
        fn = next(entry["id"] for entry in config["dependencies"] if entry["backend_fn"])
        times: list[float] = []
        tally = {"right": 0, "wrong": 0, "refused": 0, "error": 0}

        async def person(number: int) -> None:
            for place in range(len(QUESTIONS)):
                question, word = QUESTIONS[(number + place) % len(QUESTIONS)]
                began = time.perf_counter()
                try:
                    answer = await ask(client, fn, f"user{number}x{place}", question)
                except httpx.HTTPError:
                    tally["error"] += 1
                    continue
                times.append(time.perf_counter() - began)
                refused = answer.startswith("refused") or "queue is full" in answer.lower()
                right = question in answer and word in answer
                tally["refused" if refused else "right" if right else "wrong"] += 1

        await asyncio.gather(*(person(number) for number in range(users)))
        p50, p95, most = np.percentile(times, (50, 95, 100))
        print(f"{users} users x {len(QUESTIONS)}: {tally}; p50 {p50:.2f} s, p95 {p95:.2f} s, longest {most:.2f} s")


async def endurance(url: str, process: psutil.Process, total: int) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        config = (await client.get("/config")).json()
        fn = next(entry["id"] for entry in config["dependencies"] if entry["backend_fn"])
        sizes = []
        for number in range(total + 1):
            if number % 500 == 0:
                sizes.append(process.memory_info().rss / 1e6)
                print(f"{number:6d} questions: {sizes[-1]:.1f} MB", flush=True)
            await ask(client, fn, f"long{number}", QUESTIONS[number % len(QUESTIONS)][0])
        half = sizes[len(sizes) // 2 :]
        slope = np.polyfit(np.arange(len(half)) * 0.5, half, 1)[0]
        print(f"slope of the second half: {slope:.2f} MB per 1,000 questions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--questions", type=int, default=3_000)
    chosen = parser.parse_args()
    process, url = start(chosen.index)
    try:
        httpx.post(f"{url}/api/search", json={"question": "warm"}, timeout=120)
        asyncio.run(crowd(url, chosen.users))
        if chosen.questions >= 2_000:  # fewer tell no slope
            asyncio.run(endurance(url, psutil.Process(process.pid), chosen.questions))
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
