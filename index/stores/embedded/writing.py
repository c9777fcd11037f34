"""The write side of the embedded store: a generation's files, made from scratch or from those of the one before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.disk import files
from index.disk.files import FileStamp
from index.disk.manifest import VectorSearch
from index.stores.embedded.arrays import read_array, write_array
from index.stores.embedded.keywords.postings import Postings, PostingsWriter
from index.stores.embedded.parts import SINCE, Gone, merge
from index.stores.embedded.records import Records
from index.stores.embedded.sentences import RawVectors, write_sentences
from index.stores.embedded.vectors.measuring import drawn_rows
from index.stores.embedded.vectors.passage_vectors import (
    Written,
    extend_vectors,
    is_kept_form,
    write_listed,
    write_vectors,
)
from index.stores.embedded.vectors.quantized import Quantized, quantize, write_quantized
from index.stores.embedded.vectors.shifts import Shifts, Slab
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["DOCUMENTS", "KEYS", "KEYWORDS", "SENTENCES", "VECTORS", "Fetch", "GenerationWriter"]

DOCUMENTS, KEYS, VECTORS = "documents.sqlite", "keys.npy", "passages.faiss"
KEYWORDS, SENTENCES = "keywords", "sentences"
_SLAB = 4096  # rows in memory at once

Fetch: TypeAlias = Callable[[Sequence[bytes], Sequence[str]], FloatArray]
"""(digests, languages of the texts) → their unit vectors as they are to be searched, shape (n, dimension)."""


@dataclass(frozen=True, slots=True)
class _Start:
    """What a generation takes over from the one before: its rows stay in their order, before all that are new.

    Attributes:
        folder: of the generation before.
        last_document: highest key of a document there; whatever is new has a higher one.
        last_passage: the same for passages.
        places: the new row of each passage there, -1 for one that is gone.
        documents: whether each document there is kept.
    """

    folder: Path
    last_document: int
    last_passage: int
    places: NDArray[np.int64]
    documents: NDArray[np.bool_]

    @classmethod
    def of(cls, folder: Path, passages: NDArray[np.int64], documents: NDArray[np.int64]) -> _Start:
        """Compare the keys of a new generation with those of the one before, whose folder is given."""
        before, known = read_array(folder / KEYS), read_array(folder / SENTENCES / "documents.npy")
        last_document, last_passage = (int(keys[-1]) if len(keys) else 0 for keys in (known, before))
        return cls(folder, last_document, last_passage, places(before, passages), places(known, documents) >= 0)


class GenerationWriter:
    """Writes the files of one generation into a folder that no reader knows yet.

    Args:
        folder: an empty folder.
        previous: folder of the generation that this one starts from and changes; `None` starts empty.
        keep_keywords: whether its keyword index was made by the same rules.
        search: how the vectors of that generation are searched.
        listed: whether it holds a few passages beside many, whose form its vectors have.

    Attributes:
        records: the documents.
        vectors: the vectors, once they are written.
    """

    def __init__(
        self,
        folder: Path,
        previous: Path | None = None,
        *,
        keep_keywords: bool = True,
        search: VectorSearch | None = None,
        listed: bool = False,
    ) -> None:
        self._folder = folder
        self._previous = previous
        self._keep_keywords = keep_keywords
        self._search = search
        self._listed = listed
        self.vectors: Written | None = None
        if previous is not None:
            shutil.copyfile(previous / DOCUMENTS, folder / DOCUMENTS)
            if (previous / SINCE).is_dir():
                gone = Gone.read(previous / SINCE).documents.tolist()
                merge(folder / DOCUMENTS, previous / SINCE / DOCUMENTS, gone)
        self.records = Records(folder / DOCUMENTS, writable=True)

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        digests: Sequence[bytes],
        sentences: Sequence[Sentence] = (),
        sentence_digests: Sequence[bytes] = (),
    ) -> None:
        """Store a document in place of what is stored under its id; see `Records.put`."""
        self.records.put(document, passages, digests, sentences, sentence_digests)

    def delete(self, document_id: str) -> None:
        """Remove a document; an unknown id is no error."""
        self.records.delete(document_id)

    def close(self) -> None:
        """Close the files; twice is no error."""
        self.records.close()

    def finish(
        self, fetch: Fetch, dimension: int, *, keep_vectors: bool = False, raw: RawVectors | None = None
    ) -> dict[str, FileStamp]:
        """Write vectors and keywords for all that is stored, sync everything and return the stamps by file name.

        Args:
            fetch: gives the vectors.
            dimension: of a vector.
            keep_vectors: whether those of the generation before are what `fetch` would give; only new ones are
                asked for then.
            raw: gives vectors as the embedder gave them, for a generation that is to be their only place; without it
                all are asked of `fetch`, and are compared as they are.
        """
        keys, documents = self.records.passage_keys(), self.records.document_keys()
        start = None if self._previous is None else _Start.of(self._previous, keys, documents)
        stamps = {KEYS: write_array(self._folder / KEYS, keys)}
        stamps |= self._write_keywords(keys, start if self._keep_keywords else None)
        kept = start if keep_vectors else None
        stamps |= self._write_sentences(fetch, raw, dimension, documents, start)
        self.vectors = self._write_vectors(fetch, raw, dimension, len(keys), kept)
        stamps |= self.vectors.stamps
        self.records.finish()
        files.fsync_file(self._folder / DOCUMENTS)
        stamps[DOCUMENTS] = files.sha256_file(self._folder / DOCUMENTS)
        return stamps

    def _write_keywords(self, keys: NDArray[np.int64], start: _Start | None) -> dict[str, FileStamp]:
        folder = self._folder / KEYWORDS
        folder.mkdir()
        writer = PostingsWriter(folder, len(keys))
        if start is not None:
            writer.keep(Postings(start.folder / KEYWORDS), start.places)
        added = self.records.texts(start.last_passage if start else 0)
        first = int((start.places >= 0).sum()) if start else 0
        for row, (_, text) in enumerate(added, first):
            writer.add(row, text)
        return _within(folder, writer.finish())

    def _write_sentences(
        self, fetch: Fetch, raw: RawVectors | None, dimension: int, documents: NDArray[np.int64], start: _Start | None
    ) -> dict[str, FileStamp]:
        folder = self._folder / SENTENCES
        folder.mkdir()
        if raw is not None:
            before = None if start is None else (start.folder / SENTENCES, start.documents, start.last_document)
            stamps = write_sentences(folder, self.records, raw, dimension, before)
        else:
            found = self.records.all_sentences()
            rows = (pair for digests, languages in found for pair in zip(digests, languages, strict=True))
            starts = np.concatenate([[0], np.cumsum(self.records.sentence_counts())]).astype(np.int64)
            stamps = write_quantized(folder, quantize(_slabs(rows, fetch)), dimension, starts)
        stamps["documents.npy"] = write_array(folder / "documents.npy", documents)
        return _within(folder, stamps)

    def _write_vectors(
        self, fetch: Fetch, raw: RawVectors | None, dimension: int, count: int, start: _Start | None
    ) -> Written:
        path, former = self._folder / VECTORS, None if start is None else start.folder / VECTORS
        if not self._listed and former is not None and not is_kept_form(former, count):
            start = former = None
        shifts = self._shifts(raw, former, dimension)

        def slabs(after: int) -> Iterator[Slab]:
            rows = ((digest, language) for _, digest, language in self.records.embedded(after))
            if raw is None:
                return (Slab(each, np.zeros(len(each), np.uint8)) for each in _slabs(rows, fetch))
            return _raw_slabs(rows, raw, shifts)

        after, moved = (0, np.empty(0, np.int64)) if start is None else (start.last_passage, start.places)
        if self._listed:
            return write_listed(path, former, moved, slabs(after), count, shifts)
        if former is None:
            return write_vectors(path, lambda: slabs(0), count, shifts, asked=self._some_sentences)
        every, asked = (lambda: slabs(0)), self._some_sentences
        return extend_vectors(
            path, former, moved, slabs(after), count, shifts, every=every, search=self._search, asked=asked
        )

    def _some_sentences(self) -> FloatArray:
        """Return the vectors of some sentences, which were written before those of passages are."""
        sentences = Quantized(self._folder / SENTENCES)
        return sentences.rows(drawn_rows(int(sentences.starts[-1])))

    def _shifts(self, raw: RawVectors | None, former: Path | None, dimension: int) -> Shifts:
        """Return what is subtracted from the vectors of each language: known ones stay where vectors do."""
        if raw is None:
            return Shifts.none(dimension)
        known = None if former is None else Shifts.read(former)
        known = known or Shifts((), np.empty((0, dimension), np.float32))
        return known.with_languages(sorted(self.records.counts()), raw.subtracted)


def places(keys: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each key stands in an ascending array of keys, -1 for those that don't."""
    if not len(among):
        return np.full(len(keys), -1, np.int64)
    found = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return np.where(among[found] == keys, found, -1)


def _within(folder: Path, stamps: dict[str, FileStamp]) -> dict[str, FileStamp]:
    files.fsync_dir(folder)
    return {f"{folder.name}/{name}": stamp for name, stamp in stamps.items()}


def _slabs(rows: Iterable[tuple[bytes, str]], fetch: Fetch) -> Iterator[FloatArray]:
    return (fetch(digests, languages) for digests, languages in _some_each(rows))


def _raw_slabs(rows: Iterable[tuple[bytes, str]], raw: RawVectors, shifts: Shifts) -> Iterator[Slab]:
    return (Slab(raw.raw(digests), shifts.places(languages)) for digests, languages in _some_each(rows))


def _some_each(rows: Iterable[tuple[bytes, str]]) -> Iterator[tuple[list[bytes], list[str]]]:
    """Go through (digest, language) of texts, many at a time."""
    waiting = iter(rows)
    while some := list(islice(waiting, _SLAB)):
        yield [digest for digest, _ in some], [language for _, language in some]
