"""An index in several databases: one build writes all of them, and they switch together.

A document goes into the shard that its id names. What is fitted to the corpus, such as its alignment, is fitted to all
of it; the keys of passages and documents are numbered over all shards, and the record of sources lies in the first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

from index.building.aligning import Aligned, Rows
from index.building.finishing import Sealed, manifest_of
from index.building.homes.base import Beginning, OnProgress, Sizes
from index.building.homes.database import DatabaseFormer, DatabaseGeneration, DatabaseHome
from index.building.previous import Previous
from index.building.settings import Settings
from index.disk.ledger import Ledger
from index.locations import Database, beside
from index.stores.base import KeptVectors
from index.stores.postgres.cache import DatabaseCache
from index.stores.postgres.parts import Part
from index.stores.postgres.searching.records import Records
from index.stores.postgres.shards.agreeing import (
    allowed,
    commit_prepared,
    forget_prepared,
    prepare_commit,
    settle,
    shard_of,
)
from index.stores.postgres.shards.sharded_cache import ShardedCache
from index.stores.postgres.tables.pointer import Pointer, Search
from index.stores.postgres.writing.generation import DatabaseWriter
from index.types import Document, Passage, Sentence

__all__ = ["ShardsHome"]


class ShardsHome:
    """The databases of an index, as a build sees them.

    Args:
        location: where they are.
    """

    def __init__(self, location: Database) -> None:
        self.location = location
        self.beside: Path = beside(location)
        self.homes = [DatabaseHome(part) for part in location.parts]

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the locks of all shards."""
        with ExitStack() as held:
            for home in self.homes:
                held.enter_context(home.claimed())
                allowed(home.location, home.connection)
            yield

    def find_previous(self) -> Previous:
        """Look for the generation to start from; what a stopped build left prepared is committed or rolled back."""
        self._look()
        if settle(
            [(home.location, home.connection) for home in self.homes], [each.pointer.name for each in self.homes]
        ):
            self._look()
        first, count = self.homes[0].previous, len(self.homes)
        fit = all(
            home.previous.sound and home.lineage.shard == (number, count) and home.pointer.name == self._name
            for number, home in enumerate(self.homes)
        )
        if fit:
            return first
        if any(home.lineage.names or home.previous.problem for home in self.homes):
            own = next((home.previous.problem for home in self.homes if home.previous.problem), "")
            problem = own or f"{self.location}: the shards do not fit together; all is written anew"
            return self._start_anew(Previous(manifest=first.manifest, problem=problem))
        return self._start_anew(Previous())

    @property
    def _name(self) -> tuple[int, int]:
        return self.homes[0].pointer.name

    def _look(self) -> None:
        for home in self.homes:
            home.look()

    def _start_anew(self, previous: Previous) -> Previous:
        """Trust nothing that is there, and go on after the highest number of a generation."""
        highest = max(home.pointer.generation for home in self.homes)
        for home in self.homes:
            home.previous = Previous()
            home.pointer = replace(home.pointer, generation=highest)
        return previous

    def tidy(self) -> None:
        """Drop the tables of every writing but the current ones that no reader holds."""
        for home in self.homes:
            home.tidy()

    def kept_vectors(self, fingerprint: str, dimension: int) -> tuple[KeptVectors, str]:
        """Open the tables of kept vectors, each of which is lost with its whole database only."""
        return ShardedCache([DatabaseCache(home.location, fingerprint, dimension) for home in self.homes]), ""

    def begin(self, beginning: Beginning) -> ShardsGeneration:
        """Begin the next generation."""
        return ShardsGeneration(self, beginning)

    def prune(self, cache: KeptVectors, sizes: Sizes) -> None:
        """Drop kept vectors that the current generation does not need."""
        needed = (Records(home.location, home.ask, home.pointer.tables).all_digests() for home in self.homes)
        cache.prune(chain.from_iterable(needed), sizes.passages + sizes.sentences)


class ShardsGeneration:
    """A generation in the making: a transaction in each shard."""

    def __init__(self, home: ShardsHome, beginning: Beginning) -> None:
        self._home = home
        self._fresh = beginning.fresh
        self._parts = [DatabaseGeneration(each, beginning) for each in home.homes]
        kept = [part.old for part in self._parts if part.old is not None]
        self.old: ShardsKept | None = ShardsKept(kept) if len(kept) == len(self._parts) else None
        self.writer = ShardsWriter([part.writer for part in self._parts])

    def records(self) -> ShardsRecords:
        """Return what is stored so far."""
        return ShardsRecords(self._parts)

    def former(self) -> ShardsFormer | None:
        """Return the generation that this one started from."""
        found = [each for part in self._parts if (each := part.former()) is not None]
        return None if self._fresh or self.old is None else ShardsFormer(found)

    def make_room(self) -> None:
        """Do nothing: the servers keep what readers still see."""

    def seal(
        self, ledger: Ledger, cache: KeptVectors, aligned: Aligned, settings: Settings, progress: OnProgress
    ) -> Sealed:
        """Write vectors, keywords, ledger and manifest in all shards, prepare them, and commit."""
        written = [each.written(ledger, cache, aligned, settings.embedder.dimension) for each in self._parts]
        pointers = [self.writer.numbered(each) for each in written]
        whole = _together(pointers)
        totals, search = (whole.documents, whole.passages, whole.sentences), whole.search.method or "exact"
        made = manifest_of(whole.generation, settings, aligned.alignment, totals, whole.languages, {}, search)
        progress("writing", 1, 1)
        progress("switching", 0, 1)
        count = len(pointers)
        for number, (part, pointer) in enumerate(zip(self._parts, pointers, strict=True)):
            own = ledger if number == 0 else Ledger(started_ns=ledger.started_ns)
            part.point(pointer, own, aligned, made, (number, count))
        self._switch(whole.name)
        for part, pointer in zip(self._parts, pointers, strict=True):
            part.current(pointer)
        progress("switching", 1, 1)
        return Sealed(whole.generation, whole.passages)

    def _switch(self, name: tuple[int, int]) -> None:
        """Commit in all shards: none before all are prepared."""
        homes = self._home.homes
        try:
            for home in homes:
                prepare_commit(home.location, home.connection, name)
        except BaseException:
            for home in homes:
                forget_prepared(home.location, home.connection, name)
            raise
        for home in homes:
            commit_prepared(home.location, home.connection, name)

    def discard(self) -> None:
        """Roll back; nothing of it was ever seen."""
        for each in self._parts:
            each.discard()

    def close(self) -> None:
        """End the snapshots of the generation before; twice is no error."""
        for each in self._parts:
            each.close()


def _together(pointers: Sequence[Pointer]) -> Pointer:
    """Return the counts of all shards in one."""
    languages: dict[str, int] = {}
    for each in pointers:
        for name, count in each.languages.items():
            languages[name] = languages.get(name, 0) + count
    totals = {name: sum(getattr(each, name) for each in pointers) for name in ("documents", "passages", "sentences")}
    indexed: list[Search] = [each.search for each in pointers if each.search.method]
    found = replace(pointers[0], **totals, search=indexed[0] if indexed else pointers[0].search)
    return replace(found, languages=dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))))


class ShardsKept:
    """Documents of the generation before, each in its shard."""

    def __init__(self, kept: Sequence[Records]) -> None:
        self._kept = kept

    def _of(self, document_id: str) -> Records:
        return self._kept[shard_of(document_id, len(self._kept))]

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        return self._of(document_id).document(document_id)

    def digests(self, document_id: str) -> list[bytes]:
        """Return the digests of a document's passages in reading order."""
        return self._of(document_id).digests(document_id)


class ShardsWriter:
    """Sends each document to its shard, with keys that no other shard gives."""

    def __init__(self, writers: Sequence[DatabaseWriter]) -> None:
        self._writers = writers
        self._documents = max(each.pointer.last_document for each in writers)
        self._passages = max(each.pointer.last_passage for each in writers)

    def _of(self, document_id: str) -> DatabaseWriter:
        return self._writers[shard_of(document_id, len(self._writers))]

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        digests: Sequence[bytes],
        sentences: Sequence[Sentence] = (),
        sentence_digests: Sequence[bytes] = (),
    ) -> None:
        """Store a document in place of what is stored under its id."""
        writer = self._of(document.id)
        writer.number_from(self._documents, self._passages)
        writer.put(document, passages, digests, sentences, sentence_digests)
        self._documents, self._passages = writer.pointer.last_document, writer.pointer.last_passage

    def delete(self, document_id: str) -> None:
        """Remove a document; an unknown id is no error."""
        self._of(document_id).delete(document_id)

    def numbered(self, pointer: Pointer) -> Pointer:
        """Return a pointer that knows the highest keys of all shards."""
        return replace(pointer, last_document=self._documents, last_passage=self._passages)


class ShardsRecords:
    """What is stored so far in all shards."""

    def __init__(self, parts: Sequence[DatabaseGeneration]) -> None:
        self._written = [part.records() for part in parts]

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, passages and sentences."""
        documents, passages, sentences = map(sum, zip(*(each.totals() for each in self._written), strict=True))
        return documents, passages, sentences

    def embedded(self) -> Rows:
        """Go through (key, digest, language) of all passages, by ascending key."""
        return heapq.merge(*(each.embedded() for each in self._written))


class ShardsFormer:
    """The generation that another one started from."""

    def __init__(self, formers: Sequence[DatabaseFormer]) -> None:
        self._formers = formers

    def changes(self) -> tuple[Rows, Rows]:
        """Return the passages that left since, and those that came."""
        changes = [each.changes() for each in self._formers]
        left: Iterable[Rows] = [some for some, _ in changes]
        return chain.from_iterable(left), chain.from_iterable(some for _, some in changes)

    def part(self, name: str) -> Part:
        """Return its alignment or its means, which every shard has."""
        return self._formers[0].part(name)
