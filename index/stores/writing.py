"""The write side of the embedded store: a generation's files, made from scratch or from those of the one before."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index import files
from index.files import FileStamp
from index.stores.arrays import read_array, write_array
from index.stores.postings import Postings, PostingsWriter
from index.stores.quantized import write_quantized
from index.stores.records import Records
from index.stores.vectors import write_vectors
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["DOCUMENTS", "KEYS", "KEYWORDS", "SENTENCES", "VECTORS", "Fetch", "GenerationWriter"]

DOCUMENTS, KEYS, VECTORS = "documents.sqlite", "keys.npy", "passages.faiss"
KEYWORDS, SENTENCES = "keywords", "sentences"
_SLAB = 4096  # rows in memory at once

Fetch: TypeAlias = Callable[[Sequence[bytes], Sequence[str]], FloatArray]
"""(digests, languages of the texts) → their unit vectors as they are to be searched, shape (n, dimension)."""


class GenerationWriter:
    """Writes the files of one generation into a folder that no reader knows yet.

    Args:
        folder: an empty folder.
        previous: folder of the generation that this one starts from, unchanged unless told; `None` starts empty.
        keep_keywords: whether its keyword index was made by the same rules.
    """

    def __init__(self, folder: Path, previous: Path | None = None, *, keep_keywords: bool = True) -> None:
        self._folder = folder
        self._previous = previous if keep_keywords else None
        if previous is not None:
            shutil.copyfile(previous / DOCUMENTS, folder / DOCUMENTS)
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

    def finish(self, fetch: Fetch, dimension: int) -> dict[str, FileStamp]:
        """Write vectors and keywords for all that is stored, sync everything and return the stamps by file name."""
        keys = np.array([row[0] for row in self.records.all_passages()], np.int64)
        stamps = {KEYS: write_array(self._folder / KEYS, keys)}
        stamps |= self._write_keywords(keys)
        stamps |= self._write_sentences(fetch, dimension)
        path = self._folder / VECTORS
        stamps[VECTORS] = write_vectors(path, lambda: self._passage_slabs(fetch), len(keys), dimension)
        self.records.finish()
        files.fsync_file(self._folder / DOCUMENTS)
        stamps[DOCUMENTS] = files.sha256_file(self._folder / DOCUMENTS)
        return stamps

    def _write_keywords(self, keys: NDArray[np.int64]) -> dict[str, FileStamp]:
        folder = self._folder / KEYWORDS
        folder.mkdir()
        writer, kept = PostingsWriter(folder, len(keys)), np.empty(0, np.int64)
        if self._previous is not None:
            old = read_array(self._previous / KEYS)
            writer.keep(Postings(self._previous / KEYWORDS), places(old, keys))
            kept = np.intersect1d(old, keys)
        known = set(kept.tolist())
        for row, (key, _, _, _, text) in enumerate(self.records.all_passages()):
            if key not in known:
                writer.add(row, text)
        return _within(folder, writer.finish())

    def _write_sentences(self, fetch: Fetch, dimension: int) -> dict[str, FileStamp]:
        folder = self._folder / SENTENCES
        folder.mkdir()
        starts = np.concatenate([[0], np.cumsum(self.records.sentence_counts())]).astype(np.int64)
        rows = (
            pair for digests, languages in self.records.all_sentences() for pair in zip(digests, languages, strict=True)
        )
        stamps = write_quantized(folder, _slabs(rows, fetch), dimension, starts)
        stamps["documents.npy"] = write_array(folder / "documents.npy", self.records.document_keys())
        return _within(folder, stamps)

    def _passage_slabs(self, fetch: Fetch) -> Iterator[FloatArray]:
        return _slabs(((digest, language) for _, _, digest, language, _ in self.records.all_passages()), fetch)


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
    digests, languages = list[bytes](), list[str]()
    for digest, language in rows:
        digests.append(digest)
        languages.append(language)
        if len(digests) == _SLAB:
            yield fetch(digests, languages)
            digests, languages = [], []
    if digests:
        yield fetch(digests, languages)
