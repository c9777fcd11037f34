"""The benchmarks say what they need, and their helpers measure what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.data import Asked, Text, thinned
from benchmarks.growth_containers import CONTAINERS
from benchmarks.kept import Kept
from benchmarks.pools import Bench, mixed
from benchmarks.retrieval import Tally
from benchmarks.variants import VARIANTS
from index.sources.reading import read
from index.sources.types import SourceFile

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, env={"PATH": ""})


def test_missing_data_and_unknown_tables_are_reported(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path))
    assert done.returncode == 2
    assert "RAG_BENCH_DATA" in done.stderr
    (tmp_path / "xquad").mkdir()
    done = run("--data", str(tmp_path), "nonsense")
    assert done.returncode == 2
    assert "translations" in done.stderr


def test_help_names_the_other_benchmarks() -> None:
    output = run("--help").stdout
    for path in (ROOT / "benchmarks").glob("*.py"):
        if "def main" in path.read_text(encoding="utf-8") and path.stem != "__main__":
            assert f"benchmarks.{path.stem} " in output, path


def test_a_text_is_embedded_once(tmp_path: Path) -> None:
    kept = Kept("hashing", tmp_path / "kept.sqlite")
    first = kept.embed_passages(["Factory 200", "a bridge", "Factory 200"])
    again = Kept("hashing", tmp_path / "kept.sqlite")
    again._inner = None  # nothing is left to ask
    np.testing.assert_array_equal(again.embed_passages(["a bridge", "Factory 200"]), first[[1, 0]])
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1.0, atol=1e-5)


def test_pools_hold_each_text_once_and_every_variant_ranks_it(tmp_path: Path) -> None:
    words = {"en": "The bridge number {} is red.", "de": "Die Brücke Nummer {} ist rot."}
    corpus = {c: [Text(f"p-{n}", c, "", line.format(100 + n)) for n in range(8)] for c, line in words.items()}
    texts = mixed(corpus, 0)
    assert [text.id for text in texts] == [f"p-{n}" for n in range(8)]
    assert {text.language for text in texts} == {"en", "de"}
    bench = Bench(tmp_path, tmp_path / "work")
    bench.embedder = Kept("hashing", tmp_path / "hashed.sqlite")
    asked = [Asked("q", "en", "What colour is bridge number 103?", (), frozenset({"p-3"}))]
    with bench.pool(texts) as pool:
        names = {text.name for text in texts}
        for ranker in VARIANTS.values():
            found = ranker(pool, asked[0].text, 8)
            assert set(found) <= names
            assert len(found) == len(set(found))
        tally = Tally()
        tally.add(pool, VARIANTS["babelquote"], [*asked, Asked("r", "en", "x", (), frozenset({"gone"}))])
    assert tally.hit_1() in (0.0, 1.0)
    assert sum(map(len, tally.first.values())) == 1
    assert list(tmp_path.glob("work/tmp*")) == []
    without = Bench(tmp_path, tmp_path / "work", reader="none")
    without.embedder = bench.embedder
    with without.pool(texts) as pool:
        passages = pool.assistant.answer(asked[0].text).passages
        assert passages and all(hit.reading is None for hit in passages)


def test_thinning_is_even() -> None:
    asked = [Asked(str(n), "en", "?", (), frozenset()) for n in range(10)]
    assert [q.id for q in thinned(asked, 4)] == ["0", "2", "5", "7"]
    assert thinned(asked, 0) == asked


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_files_of_the_growth_table_are_read_whole(suffix: str, tmp_path: Path) -> None:
    words = [f"w{number:06}" for number in range(300)]  # with its blank, eight signs: no cut goes through one
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(CONTAINERS[suffix]("".join(f"{word} " for word in words)))
    read_as = read(SourceFile(path, path.name, path.stat().st_size, 0, tmp_path)).documents
    found = re.findall(r"w\d{6}", " ".join(one.text for one in read_as))
    assert set(found) == set(words)
