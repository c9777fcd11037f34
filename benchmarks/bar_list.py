"""What is to be reached, and which benchmark tells it; `bars` runs them."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

__all__ = ["LONG", "RUNS", "Bar", "Output", "Run", "lines_of", "names_in"]


@dataclass(frozen=True, slots=True)
class Output:
    """What the commands of a run printed.

    Attributes:
        text: all of it.
        lines: the JSON objects among its lines.
    """

    text: str
    lines: list[dict[str, Any]]

    def line(self, **fields: object) -> dict[str, Any]:
        """Return the first object with these fields; raises `LookupError` where there is none."""
        for each in self.lines:
            if all(each.get(name) == value for name, value in fields.items()):
                return each
        raise LookupError(fields)

    def numbers(self, pattern: str) -> list[float]:
        """Return the numbers that a regular expression finds; raises `LookupError` where there are none."""
        found = re.findall(pattern, self.text, re.MULTILINE)
        if not found:
            raise LookupError(pattern)
        return [float(each) for each in found]


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure that is to be reached.

    Attributes:
        what: for people.
        limit: the bar.
        value: finds the figure.
        most: the figure may be no higher, else no lower.
    """

    what: str
    limit: float
    value: Callable[[Output], float]
    most: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """Commands of Python whose output tells some figures; words in braces are places.

    Attributes:
        commands: arguments of the interpreter.
        bars: what they tell.
        environment: variables that they are started with.
    """

    commands: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def lines_of(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects among the lines of a text."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def names_in(run: Run) -> set[str]:
    """Return the places that the commands of a run name."""
    parts = [part for command in run.commands for part in command]
    return {name for part in parts for _, name, _, _ in string.Formatter().parse(part) if name}


def _faster(way: str, limit: float) -> Bar:
    what = f"tokens a processor second, to {way}"
    return Bar(what, limit, lambda output: float(output.line(way=way)["ours_is"]), most=False)


_READER = "rag ask, with the reader"


def _cold(output: Output, name: str, column: int) -> float:
    """Return a column of the table of `benchmarks.cold`: 1 is the least seconds, 3 the megabytes."""
    for line in output.text.splitlines():
        if line.startswith(f"| {name}"):
            return sum(float(part) for part in line.split("|")[1 + column].split("+"))
    raise LookupError(name)


def _importing(output: Output) -> float:
    return _cold(output, _READER, 1) / _cold(output, "importing sentence-transformers", 1)


def _sizes(output: Output) -> list[dict[str, Any]]:
    return sorted((each for each in output.lines if "generation_mb" in each), key=lambda one: one["passages"])


def _disk(output: Output) -> float:
    one = _sizes(output)[-1]
    return float((one["generation_mb"] + one["kept_vectors_mb"]) / 1024 * 1e6 / one["passages"])


def _growth(output: Output) -> float:
    """Return how much more a question costs than the square root of the passages says, from the last size but one."""
    less, more = _sizes(output)[-2:]
    cost = more["whole_search"]["cpu_ms"] / less["whole_search"]["cpu_ms"]
    return float(cost / sqrt(more["passages"] / less["passages"]))


def _flat(output: Output) -> float:
    each = [one["build_cpu_seconds"] / one["passages"] for one in _sizes(output)]
    return float(max(each) / min(each))


def _slowest_update(output: Output) -> float:
    return max(float(_sizes(output)[-1][f"one_{name}_seconds"]) for name in ("added", "changed", "removed"))


def _compared(output: Output, search: str, name: str, field: str) -> float:
    line = output.line(search=search)
    share = line["questions"] if field.startswith("same") else 1
    return float(line[name][field]) / share


def _clients(output: Output, search: str) -> float:
    return _compared(output, search, "database", "per_second") / _compared(output, search, "folder", "per_second")


def _kills(output: Output, field: str) -> float:
    return float(output.line()[field])


_SCALE = (
    Bar("nearest 10 of all, recall", 0.98, lambda output: _sizes(output)[-1]["recall_at_10"], most=False),
    Bar("nearest by vectors, p95, ms", 10, lambda output: _sizes(output)[-1]["dense"]["p95_ms"]),
    Bar("whole search, p95, ms", 50, lambda output: _sizes(output)[-1]["whole_search"]["p95_ms"]),
    Bar("memory of a search, MB", 1000, lambda output: _sizes(output)[-1]["search_peak_mb"]),
    Bar("disk for a million passages, GB", 2.5, _disk),
    Bar("update of one document, s", 3, _slowest_update),
    Bar("build cost a passage, highest to lowest", 1.1, _flat),
    Bar("cost of a question, to the square root of the size", 1, _growth),
)


def _found(share: float, label: str) -> Bar:
    what = f"the 100 nearest, recall, {label}"
    return Bar(what, 0.98, lambda found: float(found.line(share=share)["recall"]), most=False)


_FOUND = tuple(
    _found(share, label)
    for share, label in ((1.0, "no filter"), (0.001, "0.1 %"), (0.02, "2 %"), (0.1, "10 %"), (0.5, "50 %"))
)
_PYTEST = ("-m", "pytest", "-q", "-s", "-m", "slow", "tests/index", "-k")
_OF_KILLS = r"^\d+ kills: \d+ questions, "

RUNS: Mapping[str, Run] = {
    "build": Run(
        (("-m", "benchmarks.bulk", "--data", "{data}"),),
        (
            _faster("sentence-transformers float32", 6),
            _faster("sentence-transformers bfloat16", 2),
            _faster("OpenVINO bfloat16", 1.3),
        ),
    ),
    "cold": Run(
        (("-m", "benchmarks.cold"),),
        (
            Bar("processor seconds of `rag ask`, with the reader", 0.9, lambda t: _cold(t, _READER, 1)),
            Bar("MB", 250, lambda t: _cold(t, _READER, 3)),
            Bar("processor seconds without", 0.5, lambda t: _cold(t, "rag ask, without", 1)),
            Bar("MB", 120, lambda t: _cold(t, "rag ask, without", 3)),
            Bar("share of importing sentence-transformers", 0.1, _importing),
        ),
    ),
    "warm": Run(
        (("-m", "benchmarks.warm"),),
        (
            Bar("embedding a question, ms", 8, lambda t: t.line()["embedding_ms"]),
            Bar("finding, to the embedding alone", 1.2, lambda t: t.line()["retrieve_ms"] / t.line()["embedding_ms"]),
            Bar("answer with the reader, ms", 45, lambda t: t.line()["answer_ms"]),
            Bar("8 threads to one", 1.8, lambda t: t.line()["speed_up"], most=False),
            Bar("other answers of 8 threads", 0, lambda t: t.line()["other_answers"]),
        ),
    ),
    "page": Run(
        (("-m", "benchmarks.load", "--index", "{index}", "--way", "page"),),
        (
            Bar("100 people, 500 questions, p95, s", 2, lambda t: max(t.numbers(r"^page 100 x 5.* p95 ([\d.]+) s,"))),
            Bar("right answers", 500, lambda t: max(t.numbers(r"^page 100 x 5:.*'right': (\d+)")), most=False),
        ),
    ),
    "scale": Run((("-m", "benchmarks.scale", "--place", "{place}"),), _SCALE),
    "million": Run(
        (("-m", "benchmarks.scale", "--place", "{place}", "--passages", "100000", "1000000", "--queries", "100"),),
        _SCALE,
    ),
    "postgres": Run(
        (("-m", "benchmarks.postgres", "{database}", "--data", "{data}/xquad", "--shards", "{shards}"),),
        (
            Bar("same five, exact", 1, lambda t: _compared(t, "exact", "database", "same_five"), most=False),
            Bar("same first, HNSW", 0.99, lambda t: _compared(t, "index", "database", "same_first"), most=False),
            Bar("same five, two shards", 1, lambda t: _compared(t, "exact", "shards", "same_five"), most=False),
            Bar("finding, to a folder, exact", 1.3, lambda t: _compared(t, "exact", "database", "ratio")),
            Bar("finding, to a folder, HNSW", 1.3, lambda t: _compared(t, "index", "database", "ratio")),
            Bar("8 clients, to a folder, exact", 0.9, lambda t: _clients(t, "exact"), most=False),
            Bar("8 clients, to a folder, HNSW", 0.9, lambda t: _clients(t, "index"), most=False),
        ),
    ),
    "filters": Run((("-m", "benchmarks.filters", "{filtered}", "--place", "{place}"),), _FOUND),
    "kills": Run(
        (("tests/harness/crash_harness.py", "{place}/kills", "--subject", "postgres", "--kills", "1000"),),
        (
            Bar("builders killed", 1000, lambda t: _kills(t, "kills"), most=False),
            Bar("lost", 0, lambda t: _kills(t, "lost")),
            Bar("failed questions", 0, lambda t: _kills(t, "questions_failed")),
        ),
    ),
    "failovers": Run(
        ((*_PYTEST, "killed_and_starts or primary_that_is_killed"),),
        (
            Bar("servers killed", 20, lambda t: min(t.numbers(r"^(\d+) kills: ")), most=False),
            Bar("failed questions", 0, lambda t: max(t.numbers(_OF_KILLS + r"(\d+) failed"))),
            Bar("wrong answers", 0, lambda t: max(t.numbers(_OF_KILLS + r"\d+ failed, (\d+) wrong"))),
        ),
        {"RAG_RESTARTS": "20", "RAG_FAILOVERS": "20"},
    ),
}  # fmt: skip
LONG = ("million", "kills", "failovers")
"""What takes longer than ten minutes, and is run when it is named."""
