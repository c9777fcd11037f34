"""The engine of indexes whose documents lie in several databases: read as one, and never in part."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from index.disk.manifest import Manifest
from index.embedders.base import Embedder
from index.errors import IndexDamagedError, IndexIncompatibleError, IndexMissingError, StoreUnreachableError
from index.locations import Database, Location, beside
from index.opening import database_facts as facts
from index.opening.database import LOST_SECONDS, Generation, LiveDatabase
from index.opening.listing import Listing, listing_from
from index.opening.opened import Index, Loaded, check_embedder
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.shards.agreeing import finish
from index.stores.postgres.shards.sharded import ShardedStore

if TYPE_CHECKING:
    from index.building.homes.shards import ShardsHome
    from index.opening.health import IndexStatus

__all__ = ["LiveShards", "ShardsEngine"]

_Held: TypeAlias = tuple[Snapshot, Generation]
_PAUSE = 0.02
_STUCK_SECONDS = 1.0  # a build that commits in all shards takes some milliseconds; after that it has been stopped
_THREADS = 8  # for each shard: questions at once


class LiveShards:
    """Always the newest generation of all shards; each question reads in one snapshot of each of them.

    Args:
        location: of the index.
        wait: an index that isn't there yet, or holds nothing, may be filled later; until then readers get an error.

    Raises:
        StoreError: on making it, when there is no index that can be read, or a shard that doesn't answer.

    Attributes:
        problem: `None`: what can't be read is reported to whoever asks.
    """

    problem: str | None = None

    def __init__(self, location: Database, *, wait: bool = False) -> None:
        self._location = location
        self._wait = wait
        count = len(location.parts)
        self._shards: list[LiveDatabase] = []
        try:
            for number, part in enumerate(location.parts):
                self._shards.append(LiveDatabase(part, wait=wait, shard=(number, count)))
        except BaseException:
            self._close_shards()
            raise
        self._executor = ThreadPoolExecutor(_THREADS * count, thread_name_prefix="shards")

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """Give the newest generation; what is read of it until the block ends is one snapshot of each shard.

        Raises:
            IndexMissingError: there is none yet, or it was removed.
            StoreUnreachableError: a shard does not answer, or the shards do not come to show one generation.
        """
        with ExitStack() as stack:
            found = self._agreeing(stack)
            first = found[0][1]
            store = ShardedStore([generation.store(snapshot) for snapshot, generation in found], self._executor)
            about = (self._location, first.manifest, first.alignment, store, first.loaded, beside(self._location))
            index = Index(*about, release=lambda: None)
            if self._wait and not index.manifest.passages:
                problem = "there is nothing in the index; add documents with `rag index`"
                raise IndexMissingError(f"{self._location}: {problem}")
            yield index

    def _agreeing(self, stack: ExitStack) -> list[_Held]:
        """Hold snapshots of all shards that show the same generation."""
        started = time.monotonic()
        while True:
            with ExitStack() as trying:
                found = self._held(trying)
                names = {generation.pointer.name for _, generation in found}
                if len(names) == 1:
                    stack.push(trying.pop_all())
                    return found
            spent = time.monotonic() - started
            if spent > LOST_SECONDS:
                problem = "its shards show different generations"
                raise StoreUnreachableError(f"{self._location}: {problem}", "ask again in a moment, or run `rag index`")
            if spent > _STUCK_SECONDS:
                self._finish(found, max(names, key=lambda name: name[1]))
            time.sleep(_PAUSE)

    def _held(self, stack: ExitStack) -> list[_Held]:
        """Hold snapshots of all shards, taken side by side; none is held where one of them fails."""

        def enter(held: AbstractContextManager[_Held]) -> _Held:
            found = held.__enter__()
            stack.push(held)
            return found

        return list(self._executor.map(enter, [each.held() for each in self._shards]))

    def _finish(self, found: Sequence[_Held], name: tuple[int, int]) -> None:
        """Let shards go over to a generation that a stopped build prepared in them, since one of them shows it."""
        for snapshot, generation in found:
            if generation.pointer.name != name:
                finish(snapshot.location, name)

    def close(self) -> None:
        """Close what nobody uses, the rest when it comes back; twice is no error."""
        self._close_shards()
        self._executor.shutdown(wait=False)

    def _close_shards(self) -> None:
        for each in self._shards:
            each.close()


class ShardsEngine:
    """Keeps each index in several databases."""

    def home(self, location: Location) -> ShardsHome:
        """Return the place where an index is built."""
        from index.building.homes.shards import ShardsHome  # who only asks builds nothing

        return ShardsHome(_database(location))

    def open(self, location: Location, embedder: Embedder | None = None) -> Index:
        """Open the current generation, over a connection to each shard."""
        live = LiveShards(_database(location))
        stack = ExitStack()
        stack.callback(live.close)
        try:
            index = stack.enter_context(live.reading())
            if embedder is not None:
                check_embedder(location, index.manifest, embedder)
            about = (index.folder, index.manifest, index.alignment, index.store)
            loaded = Loaded(embedder)
            return Index(*about, loaded, index.beside, release=stack.close)
        except BaseException:
            stack.close()
            raise

    def follow(self, location: Location, *, wait: bool = False) -> LiveShards:
        """Open the newest generation, now and for each later reading."""
        return LiveShards(_database(location), wait=wait)

    def manifest(self, location: Location) -> Manifest:
        """Return the manifest of the current generation, which every shard has."""
        return facts.manifest_of_database(_database(location).parts[0])

    def listing(self, location: Location) -> Listing:
        """List the documents."""
        found = [facts.listed_of(part) for part in _database(location).parts]
        manifest, ledger, _ = found[0]
        rows = sorted((row for *_, rows in found for row in rows), key=lambda row: (row[2].encode(), row[0].encode()))
        return listing_from(manifest, ledger, rows)

    def stamp(self, location: Location) -> int:
        """Return a number that each generation has for itself."""
        return sum(facts.generation_of(part) for part in _database(location).parts)

    def status(self, location: Location) -> IndexStatus:
        """Describe an index."""
        from index.opening.health import damaged, described  # nor reads sources

        try:
            found = [facts.facts_of(part) for part in _database(location).parts]
        except (IndexDamagedError, IndexIncompatibleError) as error:
            return damaged(location, error)
        manifest, ledger, pointer, _ = found[0]
        problems = [low for each in found if (low := facts.recall_problem(each[2].search))]
        if any(each[2].name != pointer.name for each in found):
            problems.append(("its shards show different generations", "run `rag index`"))
        whole = described(location, sum(each[3] for each in found), manifest, ledger, problems)
        worst = min((each[2].search for each in found), key=lambda search: search.recall)
        return replace(whole, vectors=f"{len(found)} shards, {facts.search_line(worst)}")

    def problems(self, location: Location) -> tuple[str, ...]:
        """Compare what is stored with itself."""
        return tuple(problem for part in _database(location).parts for problem in facts.problems_of(part))


def _database(location: Location) -> Database:
    assert isinstance(location, Database), "a folder has another engine"
    return location
