"""Kills builds at random moments while a reader asks all along; run as a script, it prints what happened as JSON.

    python tests/harness/crash_harness.py FOLDER --subject ours --kills 20 --seed 1

A build is a forked child that is killed with SIGKILL: at a random moment of the time that such a build takes, every
other time in its last 15 %, where the switch happens. Its kinds take turns: an update to the other of two corpora, a
first build, a rebuild that also tidies the cache up. After each kill the index is opened by a fresh process and every
document of it looked up; all must be there, and all from one corpus. The subject `naive` writes in place, as most
programs do: a harness that does not catch it proves nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

import index
import index.building.build
import index.opening.live
import index.opening.opened
from index.errors import IndexBusyError, IndexMissingError, SourceError
from index.locations import location_of
from index.sources.reading import read
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadOptions

DOCUMENTS = 12
WORDS = ("harbour", "lantern", "meadow", "copper", "violin", "glacier", "saffron", "timber", "canal", "orchard",
         "magnet", "pepper")  # fmt: skip


def read_here(files: Any, options: ReadOptions | None = None, progress: object = None) -> Any:
    """Read in this process: child processes of a killed build would only slow the harness down."""
    for file in files:
        try:
            yield file, read(file, options)
        except SourceError as error:
            yield file, error


PLAIN, SMALL = frozenset({".txt", ".md"}), 1_000_000


def read_texts_here(files: Any, options: ReadOptions | None = None, progress: Any = None) -> Any:
    """Read small plain texts in this process; where there are other files among them, all in child processes."""
    found = list(files)
    if all(file.path.suffix in PLAIN and file.size <= SMALL for file in found):
        return read_here(found, options)
    return read_many(found, options=options, progress=progress)


def read_in_processes_that_build() -> None:
    """Let builds of this process and of those that it forks read files themselves."""
    index.building.build.read_many = read_here


def make_corpora(folder: Path) -> dict[str, Path]:
    corpora = {}
    for name in ("A", "B"):
        corpora[name] = folder / name / "texts"
        corpora[name].mkdir(parents=True)
        for number, word in enumerate(WORDS):
            text = f"Corpus {name} tells of the {word}. " + f"The {word} of {name} stands at place {number}. " * 12
            (corpora[name] / f"{word}.txt").write_text(text, encoding="utf-8")
    return corpora


class Ours:
    def __init__(self, folder: Path, corpora: dict[str, Path]) -> None:
        self.folder, self.corpora = folder / "index", corpora

    def build(self, corpus: str, *, rebuild: bool = False) -> None:
        index.build([self.corpora[corpus]], index_dir=self.folder, embedder="hashing", rebuild=rebuild)

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, opened: Any) -> str:
        """Return which corpus every document is from; raises when one is missing or they are mixed."""
        names = set()
        for word in WORDS:
            vector, _ = opened.embed_query(f"What is told of the {word}?")
            hits = opened.store.dense(vector, 3)
            assert opened.store.keyword(word, 3).hits
            passage = opened.store.passages([hits[0].key])[0]
            assert word in passage.text, f"asked for {word}, found {passage.text[:60]}"
            names.add("A" if " A " in opened.store.document(passage.document_id).text else "B")
        assert len(names) == 1, "documents of two corpora in one generation"
        return names.pop()

    def check(self) -> str:
        try:
            with index.open(self.folder) as opened:
                assert len(list(opened.store.document_ids())) == DOCUMENTS
                return self.ask(opened)
        except IndexMissingError:
            return "missing"

    def reader(self) -> Callable[[], str]:
        live = index.LiveIndex(self.folder)

        def ask() -> str:
            with live.reading() as opened:
                found = self.ask(opened)
            if live.problem:
                raise AssertionError(live.problem)
            return found

        return ask

    def leftovers(self) -> int:
        return sum(1 for each in self.folder.iterdir() if each.name.startswith("gen-")) - 1


class InParts(Ours):
    """Updates take over the files of the generation before, though it is small; now and then all becomes one again."""

    def build(self, corpus: str, *, rebuild: bool = False) -> None:
        from index.stores.embedded import updating

        updating.LEAST = 1 if time.monotonic_ns() % 4 else sys.maxsize  # type: ignore[misc]
        updating._SHARE = 10
        super().build(corpus, rebuild=rebuild)


class InDatabase(Ours):
    """An index in PostgreSQL; its server lives on when a builder is killed."""

    def __init__(self, folder: Path, corpora: dict[str, Path]) -> None:
        from tests.harness.postgres_server import fresh_schema

        self.folder, self.corpora = fresh_schema(), corpora  # type: ignore[assignment] # a URL

    def clear(self) -> None:
        import psycopg

        with psycopg.connect(str(self.folder), autocommit=True) as connection:
            (name,) = connection.execute("SELECT current_schema()").fetchone() or ("",)
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())
            connection.execute(f"CREATE SCHEMA {name}".encode())

    def leftovers(self) -> int:
        import psycopg

        with psycopg.connect(str(self.folder), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
                "AND relkind = 'r' AND relname ~ '^babelquote_documents_'"
            ).fetchall()
        return len(rows) - 1


class InShards(InDatabase):
    """The same in two databases, which switch together."""

    def __init__(self, folder: Path, corpora: dict[str, Path]) -> None:
        from tests.harness.postgres_server import fresh_schema

        self.shards = [fresh_schema(), fresh_schema()]
        self.folder, self.corpora = " ".join(self.shards), corpora  # type: ignore[assignment] # URLs

    def each(self) -> Iterator[InDatabase]:
        for address in self.shards:
            one = InDatabase.__new__(InDatabase)
            one.folder, one.corpora = address, self.corpora  # type: ignore[assignment] # a URL
            yield one

    def clear(self) -> None:
        import psycopg

        from index.stores.postgres.shards.agreeing import _left as prepared

        for one in self.each():
            with psycopg.connect(str(one.folder), autocommit=True) as connection:
                for _, name in prepared(location_of(str(one.folder)), connection):  # type: ignore[arg-type]
                    connection.execute(f"ROLLBACK PREPARED '{name}'".encode())
            one.clear()

    def leftovers(self) -> int:
        return max(one.leftovers() for one in self.each())


class Naive:
    """Texts in one file, vectors in another, both written in place."""

    def __init__(self, folder: Path, corpora: dict[str, Path]) -> None:
        self.folder, self.corpora = folder / "index", corpora

    def build(self, corpus: str, *, rebuild: bool = False) -> None:
        self.folder.mkdir(exist_ok=True)
        for old in self.folder.iterdir():
            old.unlink()
        texts = [path.read_text("utf-8") for path in sorted(self.corpora[corpus].iterdir())]
        with (self.folder / "texts.jsonl").open("w") as file:
            for text in texts:
                file.write(json.dumps(text) + "\n")
                file.flush()
                time.sleep(0.001)
        np.save(self.folder / "vectors.npy", np.ones((len(texts), 8)))

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def check(self) -> str:
        if not self.folder.exists():
            return "missing"
        texts = [json.loads(line) for line in (self.folder / "texts.jsonl").read_text().splitlines()]
        assert len(texts) == DOCUMENTS == len(np.load(self.folder / "vectors.npy"))
        names = {"A" if " A " in text else "B" for text in texts}
        assert len(names) == 1
        return names.pop()

    def reader(self) -> Callable[[], str]:
        return self.check

    def leftovers(self) -> int:
        return 0


def fork(work: Callable[[], object]) -> int:
    """Run in a child; its exit code says whether it went well."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except IndexBusyError as error:
        sys.stderr.write(f"{error}\n")
        code = 3
    except BaseException as error:  # noqa: BLE001 - the child must end here, whatever it was
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        os._exit(code)


def well(work: Callable[[], object]) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(fork(work), 0)[1]) == 0


def keep_asking(subject: Any, log: Path) -> None:
    """Ask until killed, or left alone; writes the number of questions and the failures after each."""
    asked, failed, parent = 0, list[str](), os.getppid()
    ask = subject.reader()
    while os.getppid() == parent:
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - any failure counts
            failed.append(f"{type(error).__name__}: {error}")
        asked += len(WORDS)
        log.with_suffix(".new").write_text(json.dumps({"asked": asked, "failed": len(failed), "first": failed[:3]}))
        log.with_suffix(".new").replace(log)
        time.sleep(0.05)


def seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    assert well(work)
    return time.monotonic() - started


def run(subject: Any, side: Any, kills: int, seed: int, log: Path, until: float = float("inf")) -> dict[str, Any]:
    """`subject` is read all along; `side` is a second index for first builds, which have nothing to read before.

    No further build is begun when the monotonic clock shows `until`.
    """
    dice = random.Random(seed)
    assert well(lambda: subject.build("A"))
    lengths = {"update": min(seconds(lambda c=c: subject.build(c)) for c in "BABA")}
    lengths["tidy"] = seconds(lambda: subject.build("A", rebuild=True))
    side.clear()
    lengths["first"] = seconds(lambda: side.build("A"))
    reader = fork(lambda: keep_asking(subject, log))
    counts = {"kills": 0, "late": 0, "lost": 0, "unfinished": 0, "leftovers": 0}
    for number in range(4 * kills):
        if counts["kills"] >= kills or time.monotonic() > until:
            break
        kind = ("update", "update", "first", "tidy")[number % 4]
        target = side if kind == "first" else subject
        if kind == "first":
            side.clear()
        corpus = "AB"[(number // 2) % 2]
        low = 0.85 if number % 2 else 0.0
        child = fork(lambda t=target, c=corpus, k=kind: t.build(c, rebuild=k == "tidy"))
        time.sleep(lengths[kind] * dice.uniform(low, 1.03))
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        counts["kills"] += os.WIFSIGNALED(status)
        counts["late"] += not os.WIFSIGNALED(status)  # it had just finished
        allowed = {"A", "B", "missing"} if kind == "first" else {"A", "B"}
        counts["lost"] += not well(lambda t=target, a=allowed: check_in(t, a))
        if number % 5 == 4:
            counts["unfinished"] += not well(lambda t=target, c=corpus: t.build(c))
            counts["unfinished"] += not well(lambda t=target, c=corpus: check_in(t, {c}))
    counts["unfinished"] += not well(lambda: subject.build("B"))
    counts["lost"] += not well(lambda: check_in(subject, {"B"}))
    time.sleep(0.3)
    os.kill(reader, signal.SIGKILL)
    os.waitpid(reader, 0)
    assert well(lambda: subject.build("A"))
    counts["leftovers"] = subject.leftovers()
    return {**counts, **{f"questions_{key}": value for key, value in json.loads(log.read_text()).items()}}


def check_in(subject: Any, allowed: set[str]) -> None:
    found = subject.check()
    assert found in allowed, f"{found} is none of {allowed}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--subject", choices=("ours", "parts", "postgres", "shards", "naive"), default="ours")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop then, with fewer kills if need be")
    options = parser.parse_args()
    read_in_processes_that_build()
    options.folder.mkdir(parents=True, exist_ok=True)
    corpora = make_corpora(options.folder)
    kinds = {"ours": Ours, "parts": InParts, "postgres": InDatabase, "shards": InShards, "naive": Naive}
    kind: Any = kinds[options.subject]
    (options.folder / "side").mkdir()
    subject, side = kind(options.folder, corpora), kind(options.folder / "side", corpora)
    started = time.monotonic()
    log, until = options.folder / "questions.json", started + options.seconds
    result = run(subject, side, options.kills, options.seed, log, until)
    sys.stdout.write(json.dumps({**result, "seconds": round(time.monotonic() - started, 1)}) + "\n")


if __name__ == "__main__":
    main()
