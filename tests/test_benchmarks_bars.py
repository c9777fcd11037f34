"""The list of bars reads what the benchmarks print, and starts what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import bars
from benchmarks.bar_list import LONG, RUNS, Output, lines_of

ROOT = Path(__file__).parents[1]
PLACES = {"data": "d", "index": "i", "place": "p", "database": "a", "shards": "b c", "filtered": "f"}

_SIZE = {
    "passages": 100_000,
    "generation_mb": 300,
    "kept_vectors_mb": 330,
    "build_cpu_seconds": 80.0,
    "recall_at_10": 0.99,
    "dense": {"p95_ms": 4.0},
    "whole_search": {"p95_ms": 51.0, "cpu_ms": 10.0},
    "search_peak_mb": 400,
    "one_added_seconds": 1.0,
    "one_changed_seconds": 3.5,
    "one_removed_seconds": 0.2,
}
_MANY = {**_SIZE, "passages": 400_000, "build_cpu_seconds": 400.0, "whole_search": {"p95_ms": 51.0, "cpu_ms": 19.0}}
_FAR = {"same_five": 600, "same_first": 597, "ratio": 1.05, "per_second": 50.0}
_PRINTED = {
    "build": [{"way": name, "ours_is": 1.5} for name in ("sentence-transformers float32", "OpenVINO bfloat16")],
    "cold": "| rag ask, with the reader | 0.70 + 0.30 | 1.1 | 240 |\n"
    "| importing sentence-transformers | 9.0 + 2.0 | 11 | 900 |",
    "warm": [{"embedding_ms": 7.5, "retrieve_ms": 10.0, "answer_ms": 44.0, "speed_up": 1.9, "other_answers": 0}],
    "page": "page   1 x 20: {'right': 20}; p50 0.04 s, p95 0.05 s, longest 0.1 s; 20.0 questions/s\n"
    "page 100 x 5: {'right': 499, 'wrong': 1}; p50 1.10 s, p95 1.95 s, longest 2.4 s, p95 39 times",
    "scale": [_MANY, _SIZE],
    "postgres": [
        {"search": search, "questions": 600, "folder": {**_FAR, "per_second": 60.0}, "database": _FAR, "shards": _FAR}
        for search in ("exact", "index")
    ],
    "filters": [{"share": 1.0, "recall": 0.99}, {"share": 0.02, "recall": 0.97}],
    "kills": [{"kills": 999, "lost": 0, "questions_failed": 0}],
    "failovers": "20 kills: 900 questions, 0 failed, 0 wrong\n.\n19 kills: 9 questions, 2 failed, 0 wrong, slowest 1 s",
}
_REACHED = {
    "build": "-?r",
    "cold": "-r??r",
    "warm": "r-rrr",
    "page": "r-",
    "scale": "rr-rr--r",
    "postgres": "rrrrr--",
    "filters": "r?-??",
    "kills": "-rr",
    "failovers": "--r",
}


@pytest.mark.parametrize("name", [name for name in RUNS if name != "million"])
def test_figures_are_read_and_judged(name: str) -> None:
    printed = _PRINTED[name]
    text = printed if isinstance(printed, str) else "\n".join(map(json.dumps, printed))
    rows = [bars.row_of(bar, Output(f"loading …\n{text}\n", lines_of(text))) for bar in RUNS[name].bars]
    signs = {"reached": "r", "missed": "-", "not measured": "?"}
    assert "".join(signs[str(row[-1])] for row in rows) == _REACHED[name], rows


@pytest.mark.parametrize("name", list(RUNS))
def test_what_is_started_is_there_and_knows_its_options(name: str) -> None:
    for command in RUNS[name].commands:
        first = command[1].replace(".", "/") + ".py" if command[0] == "-m" else command[0]
        if command[1] == "pytest":
            tests = "".join(path.read_text() for path in (ROOT / "tests/index").rglob("test_postgres_replicas.py"))
            assert all(re.search(rf"def test_\w*{word}", tests) for word in command[-1].split(" or "))
            continue
        code = (ROOT / first).read_text()
        for option in filter(re.compile("--").match, command):
            assert f'"{option}"' in code, f"{first} has no {option}"
        assert "{" not in "".join(part.format(**PLACES) for part in command)


def test_unknown_names_and_missing_places_are_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RAG_BENCH_DATA", raising=False)
    for given, expected in ((["nonsense"], "nothing is called nonsense"), (["build"], "--data is needed for build")):
        monkeypatch.setattr("sys.argv", ["bars", *given])
        with pytest.raises(SystemExit, match="2"):
            bars.main()
        assert expected in capsys.readouterr().err


def test_long_ones_are_runs() -> None:
    assert set(LONG) < set(RUNS)
