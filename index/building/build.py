"""Builds and updates an index: the new generation grows beside the old one and takes its place in one step.

Whatever stops a build, at whatever moment, the generation before it stays current and whole.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from index.building.aligning import align
from index.building.finishing import Sealed, VectorsLostError
from index.building.following import keep_rights
from index.building.gathering import Gathering
from index.building.homes.base import Beginning, Home, NextGeneration, Sizes, UnsoundError
from index.building.homes.choosing import home_of
from index.building.inputs.changes import Plan
from index.building.inputs.finding import find_sources
from index.building.passages.preparing import EmbeddingQueue
from index.building.previous import Previous
from index.building.report import BuildReport, Progress, ProgressCallback, Stage
from index.building.settings import BuildRequest, Settings, choose_settings
from index.building.workers import EmbedPieces, Workers, embedding_on
from index.config import ChunkingConfig
from index.disk.ledger import Ledger, SourceRecord
from index.disk.scratch import sweep
from index.embedders.base import Embedder
from index.errors import SourceError, StoreError
from index.locations import Location, LocationLike, location_of
from index.sources.sandbox.pool import read_many
from index.sources.types import ReadOptions, WebPolicy
from index.stores.base import KeptVectors
from index.stores.embedded.updating import TooMuchChangedError
from index.stores.terms import KEYWORDS_VERSION
from index.stores.vector_cache import DamagedCacheError

__all__ = ["build"]

_LOST = "the kept vectors were lost or damaged; what they lack is embedded again"


def build(
    paths: Sequence[str | Path] | None = None,
    *,
    index_dir: LocationLike = None,
    embedder: str | Embedder | None = None,
    rebuild: bool = False,
    progress: ProgressCallback | None = None,
    chunking: ChunkingConfig | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    read_options: ReadOptions | None = None,
    max_file_bytes: int | None = None,
    web: WebPolicy | None = None,
    refetch: bool = True,
    by_content: bool = False,
    removed: Sequence[str] = (),
    workers: Workers = None,
    revisit: bool = True,
    guarded: Sequence[str] = (),
) -> BuildReport:
    """Bring an index to what `paths` name, all of it and nothing else: reads what changed, embeds what is new.

    `BuildRequest` says what the arguments mean; besides them, `index_dir` is the folder or `postgresql://` address of
    the index (`None`: `RAG_INDEX`, else the default place), `progress` is called as the build goes on, and `workers`
    say who embeds: so many processes, a Dask scheduler's address, an executor (`None`: this process).

    Raises:
        SourceError: a path doesn't exist, or there is nothing to index at all.
        IndexBusyError: another build of this index is running.
        IndexDamagedError: the index doesn't say any more what it was made of: name the paths.
        EmbedderError: the embedder can't be loaded, or the workers are lost.
        StoreError: the disk is full or can't be written to. The index stays as it was after any of these.
    """
    making = (embedder, rebuild, chunking, tuple(include), tuple(exclude), read_options, max_file_bytes)
    looking = (web, refetch, by_content, tuple(removed), revisit, tuple(guarded))
    request = BuildRequest(tuple(paths or ()), *making, *looking)
    return _build(home_of(location_of(index_dir)), request, progress, workers)


def _build(home: Home, request: BuildRequest, progress: ProgressCallback | None, workers: Workers) -> BuildReport:
    def run() -> BuildReport:
        previous = home.find_previous()
        settings = choose_settings(previous, request)
        with embedding_on(workers, settings.embedder) as embed:
            return _Build(home, previous, settings, progress, embed).run()

    started = time.monotonic()
    with _disk_named(home.location), home.claimed():
        try:
            report = run()
        except UnsoundError:
            report = run()
    return replace(report, seconds=time.monotonic() - started)


def _sizes(previous: Previous) -> Sizes:
    """Return how many passages and sentences the generation before has."""
    return Sizes(previous.manifest.passages, previous.manifest.sentences) if previous.manifest else Sizes(0, 0)


@contextmanager
def _disk_named(location: Location) -> Iterator[None]:
    """Raise trouble with the disk as an error of the program's own."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        problem = f"{location}: the build stopped ({error}); what was indexed before still answers"
        raise StoreError(problem, "check the space and the permissions there and run again") from error


class _Build:
    """One run, under the lock."""

    def __init__(
        self,
        home: Home,
        previous: Previous,
        settings: Settings,
        progress: ProgressCallback | None,
        embed: EmbedPieces,
    ) -> None:
        self._embed = embed
        self._home = home
        self._previous = previous
        self._settings = settings
        self._progress = progress
        self._started_ns = time.time_ns()
        self._in_one_piece = False

    def run(self) -> BuildReport:
        """Plan, read, embed, write, switch; a second time when vectors that were counted on are lost."""
        plan, left_out = find_sources(
            self._settings,
            self._home.beside,
            self._previous.ledger,
            lambda *done: self._report_progress("fetching", *done),
        )
        self._home.tidy()
        sweep()
        embedder = self._settings.embedder
        cache, lost = self._home.kept_vectors(embedder.fingerprint, embedder.dimension)
        with closing(cache):
            if self._settings.rebuild:
                cache.clear()
            if not lost:
                try:
                    return self._attempt(plan, left_out, cache, [])
                except VectorsLostError:
                    cache.drop_unsound()
                except DamagedCacheError as error:
                    cache.restart(str(error))
            return self._attempt(plan, left_out, cache, [lost or _LOST])

    def _report_progress(self, stage: Stage, done: int, total: int, source: str = "") -> None:
        if self._progress is not None:
            self._progress(Progress(stage, done, total, source))

    def _attempt(
        self, plan: Plan, left_out: tuple[tuple[str, str], ...], cache: KeptVectors, lost: list[str]
    ) -> BuildReport:
        settings = self._settings
        fresh = not self._previous.sound or settings.all_anew or bool(settings.reasons or lost)
        reasons = [*settings.reasons, *settings.rewritten, *lost]
        named = settings.root_names(), settings.options()
        busy = fresh or reasons or plan.tasks or plan.removed or plan.refused
        if not busy and self._previous.is_of(*named, left_out):
            self._home.prune(cache, _sizes(self._previous))  # a build that was killed at its end left that to do
            return self._report(plan, [], self._previous.ledger, Sealed.of(self._previous), [], reasons)
        manifest = self._previous.manifest
        keep_keywords = manifest is not None and manifest.keywords_version == KEYWORDS_VERSION
        changed = math.inf if self._in_one_piece or settings.rewritten else plan.touched()
        dimension = settings.embedder.dimension
        coming = self._home.begin(Beginning(fresh, keep_keywords, dimension, changed))
        try:
            return self._write(plan, left_out, cache, reasons, coming, fresh=fresh)
        except BaseException as error:
            coming.discard()
            if not isinstance(error, TooMuchChangedError):
                raise
            self._in_one_piece = True
            return self._attempt(plan, left_out, cache, lost)

    def _write(
        self,
        plan: Plan,
        left_out: tuple[tuple[str, str], ...],
        cache: KeptVectors,
        reasons: list[str],
        coming: NextGeneration,
        *,
        fresh: bool,
    ) -> BuildReport:
        embedder, previous = self._settings.embedder, self._previous
        queue = EmbeddingQueue(self._embed, cache, lambda done, total: self._report_progress("embedding", done, total))
        taken = {name for record in previous.ledger.files for name in record.documents}
        tokens, chunking = embedder.count_tokens, self._settings.chunking
        gathering = Gathering(coming.writer, queue, tokens, chunking, coming.old, fresh, taken)
        try:
            self._gather(plan, gathering)
            queue.flush()
            ledger = Ledger(tuple(sorted(gathering.records, key=lambda each: each.source)), left_out, self._started_ns)
            untouched = previous.sound and not (gathering.touched or reasons)
            if untouched and previous.tells_the_same(self._settings.root_names(), ledger):
                coming.discard()
                sealed = Sealed.of(previous)
            else:
                gathering.warnings += keep_rights(self._home.location, previous.ledger, ledger, coming.old)
                sealed = self._seal(coming, ledger, cache)
            return self._report(plan, gathering.records, ledger, sealed, gathering.warnings, reasons, queue.embedded)
        finally:
            coming.close()

    def _gather(self, plan: Plan, gathering: Gathering) -> None:
        missing = [root for root in self._settings.roots if not root.exists()]
        for record in plan.removed:
            root = next((root for root in missing if Path(record.path).is_relative_to(root)), None)
            if root is None:
                gathering.remove(record)
                continue
            reason = f"{root} is not there (the index keeps the earlier text)"
            gathering.keep(replace(record, state="stale", reason=reason))
        for record in plan.unchanged:
            gathering.keep(record)
        for task, error in plan.refused:
            gathering.take(task, error)
        tasks = {task.file.source: task for task in plan.tasks}
        self._report_progress("reading", 0, len(tasks))
        results = read_many(
            (task.file for task in plan.tasks),
            options=self._settings.read_options,
            progress=lambda file, part: self._report_progress("reading", done, len(tasks), f"{file.source}: {part}"),
        )
        done = 0
        for done, (file, result) in enumerate(results, 1):
            gathering.take(tasks[file.source], result)
            self._report_progress("reading", done, len(tasks), file.source)

    def _seal(self, coming: NextGeneration, ledger: Ledger, cache: KeptVectors) -> Sealed:
        documents, passages, sentences = coming.records().totals()
        if not documents and not self._settings.may_be_empty:
            self._refuse_empty(ledger)
        self._report_progress("writing", 0, 1)
        coming.make_room()
        embedder = self._settings.embedder
        former = None if self._settings.rewritten else coming.former()
        aligned = align(embedder.fingerprint, cache, coming.records(), former, embedder.dimension)
        sealed = coming.seal(ledger, cache, aligned, self._settings, self._report_progress)
        self._home.tidy()
        sweep()
        self._home.prune(cache, Sizes(passages, sentences))
        return sealed

    def _refuse_empty(self, ledger: Ledger) -> None:
        names = ", ".join(self._settings.root_names())
        refused = [*ledger.in_state("failed", "skipped"), *ledger.left_out]
        examples = f" ({len(refused)} left out, such as {refused[0][0]}: {refused[0][1]})" if refused else ""
        raise SourceError(names, f"holds nothing that could be indexed{examples}; the index stays as it was")

    def _report(
        self,
        plan: Plan,
        records: list[SourceRecord],
        ledger: Ledger,
        sealed: Sealed,
        warnings: list[str],
        reasons: list[str],
        embedded: int = 0,
    ) -> BuildReport:
        good = {record.source for record in records if record.state == "indexed"}
        tasks = [task for task in plan.tasks if task.file.source in good]
        same = [task for task in tasks if task.before and not task.renamed and task.before.digest == task.digest]
        changed = [task for task in tasks if task.before and not task.renamed and task not in same]
        stale = {record.source for record in ledger.files if record.state == "stale"}
        unchanged = [record.source for record in plan.unchanged if record.documents]
        return BuildReport(
            added=tuple(task.file.source for task in tasks if task.before is None),
            changed=tuple(task.file.source for task in changed),
            renamed=tuple(task.file.source for task in tasks if task.renamed),
            removed=tuple(each.source for each in plan.removed if each.documents and each.source not in stale),
            unchanged=tuple(sorted([*unchanged, *(task.file.source for task in same)])),
            skipped=(*ledger.in_state("skipped"), *ledger.left_out),
            failed=ledger.in_state("failed", "stale"),
            passages=sealed.passages,
            embedded=embedded,
            generation=sealed.generation,
            seconds=0.0,
            reasons=tuple(reasons),
            warnings=tuple(warnings),
        )
