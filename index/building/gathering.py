"""Takes what the readers give into a new generation, and keeps the record of every source."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from index.building.homes.base import Kept
from index.building.inputs.changes import Task
from index.building.passages.preparing import EmbeddingQueue, Prepared, prepare
from index.building.passages.properties import with_properties
from index.config import ChunkingConfig
from index.disk.ledger import SourceRecord, State
from index.errors import SourceError, SourceSkippedError
from index.sources.reading import derived_id
from index.sources.types import ReadResult
from index.stores.base import DocumentWriter
from index.types import Document

__all__ = ["Gathering"]

# What is kept of a file; a table with a fault in every line has as many.
_MOST_WARNINGS = 20


@dataclass(slots=True)
class Gathering:
    """The reading part of a build.

    Attributes:
        writer: the generation in the making.
        queue: the texts to embed.
        count_tokens: of the embedder.
        chunking: how to cut.
        old: documents of the generation before, or `None`.
        fresh: whether the new generation starts empty, so that kept documents have to be put in again.
        taken: ids of documents in use.
        records: what became of each source so far.
        warnings: what the readers said.
        touched: whether anything was put in or removed.
    """

    writer: DocumentWriter
    queue: EmbeddingQueue
    count_tokens: Callable[[str], int]
    chunking: ChunkingConfig
    old: Kept | None
    fresh: bool
    taken: set[str]
    records: list[SourceRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    touched: bool = False

    def keep(self, record: SourceRecord) -> None:
        """Leave a source as it was in the generation before."""
        self.records.append(record)
        if not self.fresh or self.old is None:
            return
        for document_id in record.documents:
            self._put(prepare(self.old.document(document_id), self.count_tokens, self.chunking))

    def remove(self, record: SourceRecord, but: Collection[str] = ()) -> None:
        """Leave out a source that is gone, or all of its documents but some."""
        self.touched = self.touched or bool(record.documents)
        for document_id in record.documents:
            self.taken.discard(document_id)
            if document_id not in but:
                self.writer.delete(document_id)

    def take(self, task: Task, result: ReadResult | SourceError) -> SourceRecord:
        """Take in what was read of a file, or why it could not be read, and return its record."""
        if isinstance(result, SourceError):
            return self._refused(task, result)
        try:
            return self._indexed(task, result)
        except UnicodeEncodeError:
            return self._refused(task, SourceError(task.file.source, "holds half a character (a lone surrogate)"))

    def _refused(self, task: Task, error: SourceError) -> SourceRecord:
        file, before = task.file, task.before
        if before is not None and before.documents and not isinstance(error, SourceSkippedError):
            reason = f"{error.reason} (the index keeps the earlier text)"
            self.keep(replace(before, source=file.source, state="stale", reason=reason))
            return self.records[-1]
        if before is not None:
            self.remove(before)
        state: State = "skipped" if isinstance(error, SourceSkippedError) else "failed"
        self.records.append(replace(_looks(task), state=state, reason=error.reason))
        return self.records[-1]

    def _indexed(self, task: Task, result: ReadResult) -> SourceRecord:
        before = len(self.warnings)
        for document in result.documents:
            document.text.encode()  # what can't be stored is refused before anything of the file is changed
        if task.before is not None:
            self.taken.difference_update(task.before.documents)
        documents = [with_properties(self._with_free_id(document)) for document in result.documents]
        prepared = [prepare(document, self.count_tokens, self.chunking) for document in documents]
        if task.renamed and task.before is not None:
            pairs = zip(prepared, task.before.documents, strict=False)
            prepared = [self._carried(each, former) for each, former in pairs] + prepared[len(task.before.documents) :]
        same = self._unchanged(task, prepared)
        if task.before is not None:
            self.remove(task.before, but=same)
        self.taken.update(document.id for document in documents)
        for each in prepared:
            if each.document.id not in same:
                self._put(each)
        self.warnings += result.warnings
        ids = tuple(document.id for document in documents)
        name = task.file.source
        warned = tuple(each.removeprefix(f"{name}: ").removeprefix(name) for each in self.warnings[before:])
        more = (f"… and {len(warned) - _MOST_WARNINGS} more",) if len(warned) > _MOST_WARNINGS else ()
        self.records.append(replace(_looks(task), documents=ids, warnings=(*warned[:_MOST_WARNINGS], *more)))
        return self.records[-1]

    def _unchanged(self, task: Task, prepared: Sequence[Prepared]) -> set[str]:
        """Return the ids of a changed file's documents that are stored as they are now, and can stay."""
        if self.fresh or self.old is None or task.before is None:
            return set()
        known, found = frozenset(task.before.documents), set[str]()
        for each in prepared:
            name = each.document.id
            if name in known and _contents(self.old.document(name)) == _contents(each.document):
                found |= {name} if self.old.digests(name) == list(each.passage_digests) else set()
        return found

    def _with_free_id(self, document: Document) -> Document:
        """Give a document whose id another one has the id that follows from its source."""
        if document.id not in self.taken:
            self.taken.add(document.id)
            return document
        chosen = derived_id(document.source)
        if chosen in self.taken:
            chosen = document.source
        self.taken.add(chosen)
        warning = f"{document.source}: its id {document.id!r} is that of another document; it is {chosen!r} here"
        self.warnings.append(warning)
        return replace(document, id=chosen)

    def _carried(self, prepared: Prepared, former: str) -> Prepared:
        """Let a renamed document keep its vectors, though a title made from the file's name may have changed."""
        if self.old is None or self.old.document(former).text != prepared.document.text:
            return prepared
        digests = self.old.digests(former)
        same = len(digests) == len(prepared.passages)
        return replace(prepared, passage_digests=tuple(digests)) if same else prepared

    def _put(self, prepared: Prepared) -> None:
        self.touched = True
        digests = (prepared.passage_digests, prepared.sentences, prepared.sentence_digests)
        self.writer.put(prepared.document, prepared.passages, *digests)
        self.queue.add(prepared)


def _contents(document: Document) -> tuple[str, ...]:
    """Return everything that a document is made of."""
    metadata = json.dumps(dict(document.metadata), sort_keys=True, ensure_ascii=True)
    return (document.source, document.title, document.language, document.text, document.digest, metadata)


def _looks(task: Task) -> SourceRecord:
    """Return what is noted of a file before it is read."""
    file = task.file
    record = SourceRecord(file.source, str(file.path), file.size, file.mtime_ns, task.digest)
    return replace(record, ctime_ns=file.ctime_ns, inode=file.inode)
