"""Does a server's memory stay flat? `python -m benchmarks.memory --index DIR [--total 5000] [--every 500]`.

Starts `rag chat` and asks it over HTTP what nobody asked before: each question has words, names and numbers of its own,
one in forty is as long as it may be, some go on with a conversation. Prints the resident memory after every so many
questions, and the slope of the second half: caches that are bounded fill in the first, what grows for ever grows on.
"""

from __future__ import annotations

import argparse
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import psutil

from benchmarks.chat_server import chat_server

FRAMES = (
    "Who is {a} {b}?",
    "When did {a} visit {b}, and for how many of the {n} days?",
    "Wer leitet {a} in {b} seit {n}?",
    "Combien de {b} ont été vus à {a} en {n} ?",
    "من هو {a} وأين يقع {b} عام {n}؟",
    "{a}和{b}在{n}年签署了什么协议？",
    "Где находится {a} и сколько стоит {b}, {n} рублей?",
)
ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзиклмнопрстуфх",
    "ابتثجحخدذرزسشصضطظعغ",
    "山水人口田中大小上下工程埃及伊拉克",
)
LONGEST = 4_000


def made(number: int) -> dict[str, object]:
    """Return the body of a request that no other number has."""
    dice = random.Random(number)
    letters = dice.choice(ALPHABETS)

    def word() -> str:
        return "".join(dice.choices(letters, k=dice.randint(3, 11))).capitalize()

    question = dice.choice(FRAMES).format(a=word(), b=word(), n=dice.randint(1, 99_999))
    if number % 40 == 0:
        question = " ".join(word() for _ in range(LONGEST // 7))[:LONGEST]
    body: dict[str, object] = {"question": question}
    if number % 5 == 0:
        body["history"] = [[f"Where is {word()}?", f"In {word()}, said {word()} in {dice.randint(1, 9999)}."]]
    return body


def resident(server: psutil.Process) -> float:
    """Return the megabytes that a process and its children hold."""
    return sum(one.memory_info().rss for one in (server, *server.children(recursive=True))) / 1e6


def measure(url: str, pid: int, total: int, every: int, clients: int) -> list[float]:
    """Ask, print the memory after every so many questions, and return it."""
    server, sizes = psutil.Process(pid), list[float]()
    with httpx.Client(base_url=url, timeout=300) as client, ThreadPoolExecutor(clients) as people:
        for begun in range(0, total, every):
            before = time.monotonic()
            answers = list(people.map(lambda n: client.post("/api/answer", json=made(n)), range(begun, begun + every)))
            refused = sum(answer.status_code != httpx.codes.OK for answer in answers)
            sizes.append(resident(server))
            took = time.monotonic() - before
            print(f"{begun + every:6d} questions: {sizes[-1]:.1f} MB, {refused} refused, {took:.0f} s", flush=True)
    return sizes


def slope(sizes: list[float], every: int) -> float:
    """Return the growth in the second half, in MB per 1,000 questions."""
    half = np.array(sizes[len(sizes) // 2 :])
    return float(np.polyfit(np.arange(len(half)) * every / 1000, half, 1)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--total", type=int, default=5000)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--clients", type=int, default=4)
    chosen = parser.parse_args()
    with chat_server(chosen.index) as (url, pid):
        sizes = measure(url, pid, chosen.total, chosen.every, chosen.clients)
    print(f"slope of the second half: {slope(sizes, chosen.every):.2f} MB per 1,000 questions")


if __name__ == "__main__":
    main()
