"""Writes a generation in one transaction: what is current stays so, for everybody else, until it is committed.

An update changes the tables of the generation before in place, row by row; the server keeps the rows that readers of it
still see. What writes every vector anew goes into tables of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from index.locations import Database
from index.stores.embedded.vectors.quantized import quantize
from index.stores.embedded.writing import Fetch
from index.stores.postgres.connection import Connection, trouble_named
from index.stores.postgres.searching.filters import facts_of
from index.stores.postgres.searching.records import Records
from index.stores.postgres.tables.copying import copy_embeddings, copy_postings, copy_rows
from index.stores.postgres.tables.pointer import Pointer
from index.stores.postgres.tables.rows import passage_row, row_of, utf8
from index.stores.postgres.tables.schema import Tables, indexes_of, tables_of
from index.stores.postgres.writing.recall import indexed
from index.stores.postgres.writing.terms_writing import TermsGathered
from index.stores.rows import check_passages, found_by, sentence_languages
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["DatabaseWriter", "Written"]

_WAITING = 2000  # passages that are sent together
_SLAB = 4096  # vectors in memory at once
_SENT = 8 << 20  # bytes of sentence vectors that are sent together
_DEAD = 5  # one passage in so many gone: keywords are written anew


class DatabaseWriter:
    """Writes one generation; the transaction is begun and ended by its caller.

    Args:
        location: of the index.
        connection: within a transaction.
        before: the generation that this one starts from and changes; or, with `fresh`, only its number.
        fresh: start empty, in new tables.
        dimension: length of every vector.
        keep_keywords: whether the terms of the generation before were made by the same rules.

    Attributes:
        pointer: of the generation, as far as it is written.
        died: keys of the passages that were removed.
    """

    def __init__(
        self,
        location: Database,
        connection: Connection,
        before: Pointer,
        *,
        fresh: bool,
        dimension: int,
        keep_keywords: bool = True,
    ) -> None:
        self._location = location
        self._connection = connection
        self._fresh = fresh
        self._keep_keywords = keep_keywords
        self._start = before
        self.pointer = replace(before, generation=before.generation + 1)
        if fresh:
            self.pointer = Pointer(before.generation + 1, self._next_epoch(), dimension)
            self._start = self.pointer
            self._run(tables_of(self.pointer.epoch, dimension))
        self._terms = TermsGathered()
        self._waiting: dict[str, list[tuple[Any, ...]]] = {"documents": [], "facts": [], "passages": []}
        self._put_now = set[str]()
        self._languages = dict(self.pointer.languages)
        self.died = list[int]()

    @property
    def records(self) -> Written:
        """What is stored so far."""
        self._flush()
        return Written(self._location, self._ask, self.pointer.tables, self)

    def _next_epoch(self) -> int:
        """Return a number that no tables have, those of a damaged index included."""
        ((last,),) = self._ask(
            "SELECT coalesce(max(substring(relname FROM '[0-9]+$')::integer), 0) FROM pg_class "
            "WHERE relnamespace = current_schema()::regnamespace AND relname ~ '^babelquote_documents_[0-9]+$'"
        )
        return int(last) + 1

    def _run(self, statement: str, values: Sequence[object] = ()) -> None:
        with trouble_named(self._location):
            self._connection.execute(statement.encode(), values or None)

    def _ask(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with trouble_named(self._location):
            return self._connection.execute(statement.encode(), values or None, binary=True).fetchall()

    def _count(self, **more: int) -> None:
        self.pointer = replace(self.pointer, **{name: getattr(self.pointer, name) + by for name, by in more.items()})

    # Documents

    def number_from(self, documents: int, passages: int) -> None:
        """Give keys above these; those of shards must not meet."""
        self.pointer = replace(self.pointer, last_document=documents, last_passage=passages)

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        digests: Sequence[bytes],
        sentences: Sequence[Sentence] = (),
        sentence_digests: Sequence[bytes] = (),
    ) -> None:
        """Store a document in place of what is stored under its id; see `embedded.records.Records.put`."""
        check_passages(document, passages)
        row = row_of(document, sentences, sentence_digests)
        self.delete(document.id)
        self._put_now.add(document.id)
        key = self.pointer.last_document + 1
        self._waiting["documents"].append((key, *row))
        self._waiting["facts"] += [(key, *fact) for fact in facts_of(document)]
        places = np.array([(each.start, each.end) for each in sentences], np.int64).reshape(-1, 2)
        first = self.pointer.last_passage + 1
        found = zip(passages, digests, strict=True)
        for at, (each, digest) in enumerate(found):
            length = self._terms.add(first + at, found_by(each.text, document.source))
            place = (first + at, key, at)
            self._waiting["passages"].append((*place, *passage_row(each, digest, places), length))
            self._count(terms=length)
        self._count(documents=1, passages=len(passages), sentences=len(sentences))
        self._count(last_document=1, last_passage=len(passages))
        self._count_languages([each.language for each in passages], 1)
        if len(self._waiting["passages"]) > _WAITING or self._terms.full:
            self._flush()

    def _count_languages(self, languages: Sequence[str], by: int) -> None:
        for language in languages:
            self._languages[language] = self._languages.get(language, 0) + by

    def delete(self, document_id: str) -> None:
        """Remove a document; an unknown id is no error."""
        if self._fresh and document_id not in self._put_now:
            return
        if document_id in self._put_now:
            self._flush()
        statement = "DELETE FROM {documents} WHERE sha256(id) = sha256(%s) RETURNING key, octet_length(spans) / 8"
        for key, sentences in self._ask(self.pointer.tables.fill(statement), (utf8(document_id),)):
            self._count(documents=-1, sentences=-sentences)
            self._delete_rest(key)

    def _delete_rest(self, document: int) -> None:
        """Remove what belongs to a document, and note which passages died."""
        tables = self.pointer.tables
        gone = self._ask(
            tables.fill("DELETE FROM {passages} WHERE document = %s RETURNING key, terms, language"), (document,)
        )
        for kind in ("facts", "sentences"):
            self._run(f"DELETE FROM {tables[kind]} WHERE document = %s", (document,))
        keys = [key for key, *_ in gone]
        self._run(tables.fill("DELETE FROM {embeddings} WHERE key = ANY(%s)"), (keys,))
        self._run(tables.fill("INSERT INTO {dead} SELECT unnest(%s::integer[])"), (keys,))
        self.died += keys
        self._count(passages=-len(gone), terms=-sum(terms for _, terms, _ in gone))
        self._count_languages([language.decode() for *_, language in gone], -1)

    def _flush(self) -> None:
        """Send what waits."""
        columns = {
            "documents": "key, id, title, source, language, text, metadata, digest, date, spans, sentence_digests",
            "facts": "document, name, value",
            "passages": 'key, document, number, id, start, "end", language, heading, text, digest, first, count, terms',
        }
        with trouble_named(self._location):
            for kind, rows in self._waiting.items():
                if rows:
                    copy_rows(self._connection, self.pointer.tables[kind], columns[kind], rows)
                    rows.clear()
            if self._terms.full:
                self._write_terms()
        self.pointer = replace(self.pointer, languages=self._counted())

    def _counted(self) -> Mapping[str, int]:
        found = {name: count for name, count in self._languages.items() if count > 0}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def _write_terms(self) -> None:
        with trouble_named(self._location):
            copy_postings(self._connection, self.pointer.tables["postings"], self._terms.rows(self.pointer.generation))

    # Vectors, keywords, indexes

    def finish(self, fetch: Fetch, dimension: int, *, keep_vectors: bool = False) -> Pointer:
        """Write vectors and keywords for all that is stored and return what the pointer is to say.

        Args:
            fetch: gives the vectors.
            dimension: of a vector.
            keep_vectors: whether those of the generation before are what `fetch` would give; only new ones are
                asked for then.
        """
        self._flush()
        new = self._fresh
        after = (0, 0) if new else (self._start.last_document, self._start.last_passage)
        if not new and not (keep_vectors and self._keep_keywords and self._few_dead()):
            new, after = True, self._move(dimension, after, keep_vectors=keep_vectors)
        self._write_terms()
        self._write_vectors(fetch, after[1])
        self._write_sentences(fetch, after[0])
        if new:
            self._run(indexes_of(self.pointer.epoch))
            self._run("; ".join(f"ANALYZE {name}" for name in self.pointer.tables.names()))
        with trouble_named(self._location):
            search = indexed(self._connection, self.pointer, new=new)
        self.pointer = replace(self.pointer, search=search)
        return self.pointer

    def _few_dead(self) -> bool:
        ((dead,),) = self._ask(self.pointer.tables.fill("SELECT count(*) FROM {dead}"))
        return bool(dead * _DEAD <= max(self.pointer.passages, 100))

    def _move(self, dimension: int, after: tuple[int, int], *, keep_vectors: bool) -> tuple[int, int]:
        """Take everything over into new tables; returns the keys of document and passage after which vectors lack."""
        old = self.pointer.tables
        self.pointer = replace(self.pointer, epoch=self._next_epoch())
        new = self.pointer.tables
        self._run(tables_of(new.epoch, dimension))
        kept = ["documents", "facts", "passages", *(("embeddings", "sentences") if keep_vectors else ())]
        again = not (self._keep_keywords and self._few_dead_in(old))
        for kind in [*kept, *(() if again else ("postings", "dead"))]:
            self._run(f"INSERT INTO {new[kind]} SELECT * FROM {old[kind]}")
        if again:
            self._gather_again(new)
        return after if keep_vectors else (0, 0)

    def _few_dead_in(self, tables: Tables) -> bool:
        ((dead,),) = self._ask(tables.fill("SELECT count(*) FROM {dead}"))
        return not dead

    def _gather_again(self, tables: Tables) -> None:
        """Make the terms of all passages anew."""
        self._terms, length = TermsGathered(), 0
        for key, text, source in Records(self._location, self._ask, tables).texts():
            length += self._terms.add(key, found_by(text, source))
            if self._terms.full:
                self._write_terms()
        self.pointer = replace(self.pointer, terms=length)

    def _write_vectors(self, fetch: Fetch, after: int) -> None:
        def slabs() -> Iterator[tuple[Sequence[int], FloatArray]]:
            for some in iter(lambda: self._some_embedded(last[0]), []):
                last[0] = some[-1][0]
                yield [key for key, *_ in some], fetch([row[1] for row in some], [row[2].decode() for row in some])

        last = [after]
        with trouble_named(self._location):
            for slab in slabs():  # each on its own: while a COPY runs nothing else can be asked
                copy_embeddings(self._connection, self.pointer.tables["embeddings"], [slab])

    def _some_embedded(self, after: int) -> list[tuple[Any, ...]]:
        statement = "SELECT key, digest, language FROM {passages} WHERE key > %s ORDER BY key LIMIT %s"
        return self._ask(self.pointer.tables.fill(statement), (after, _SLAB))

    def _write_sentences(self, fetch: Fetch, after: int) -> None:
        rows, size = list[tuple[int, bytes, bytes]](), 0
        for key, spans, digests, starts, languages in self.records.sentences(after):
            codes = sentence_languages(spans, starts, languages)
            pieces = [fetch(digests[at : at + _SLAB], codes[at : at + _SLAB]) for at in range(0, len(digests), _SLAB)]
            packed = [(values.tobytes(), scales.astype("<f4").tobytes()) for values, scales in quantize(pieces)]
            rows.append((key, b"".join(values for values, _ in packed), b"".join(scales for _, scales in packed)))
            size += len(rows[-1][1])
            if size > _SENT:
                self._send_sentences(rows)
                rows, size = [], 0
        self._send_sentences(rows)

    def _send_sentences(self, rows: list[tuple[int, bytes, bytes]]) -> None:
        with trouble_named(self._location):
            copy_rows(self._connection, self.pointer.tables["sentences"], "document, vectors, scales", rows)


class Written(Records):
    """What a writer has stored so far, with what it counted on the way."""

    def __init__(self, location: Database, rows: Any, tables: Tables, writer: DatabaseWriter) -> None:  # noqa: ANN401
        super().__init__(location, rows, tables)
        self._writer = writer

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, passages and sentences."""
        pointer = self._writer.pointer
        return pointer.documents, pointer.passages, pointer.sentences

    def counts(self) -> dict[str, int]:
        """Return how many passages there are in each language."""
        return dict(self._writer.pointer.languages)
