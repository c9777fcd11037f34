"""The documents of a generation for a build: those of its files, less what left since, and those that came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.disk.manifest import TakenOver
from index.stores.embedded.parts import SINCE, Gone, summed
from index.stores.embedded.records import Records
from index.stores.embedded.writing import DOCUMENTS
from index.types import Document

__all__ = ["Together", "records_of"]


def records_of(folder: Path) -> Records | Together:
    """Open the documents of a finished generation for reading."""
    if not (folder / SINCE).is_dir():
        return Records(folder / DOCUMENTS)
    gone = Gone.read(folder / SINCE).documents.tolist()
    return Together(folder / DOCUMENTS, Records(folder / SINCE / DOCUMENTS), gone)


class Together:
    """Both parts as one, as far as a build asks.

    Args:
        path: the file that was taken over as it was.
        since: documents that came since.
        gone: keys of the documents of the file that left.
        base: numbers of what is in the file; `None`: they are counted when somebody asks.

    Attributes:
        path: that file.
    """

    def __init__(self, path: Path, since: Records, gone: Sequence[int], base: TakenOver | None = None) -> None:
        self.path = path
        self._since = since
        self._kept = Records(path, without=gone)
        self._left = Records(path, only=gone)
        self._base = base

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        return self._holder(document_id).document(document_id)

    def digests(self, document_id: str) -> list[bytes]:
        """Return the digests of a document's passages in reading order."""
        return self._holder(document_id).digests(document_id)

    def _holder(self, document_id: str) -> Records:
        return self._since if self._since.known([document_id]) else self._kept

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, passages and sentences."""
        since = self._since.totals()
        if self._base is None:
            kept, left = self._kept.totals(), (0, 0, 0)
        else:
            kept, left = (self._base.documents, self._base.passages, self._base.sentences), self._left.totals()
        documents, passages, sentences = (a - b + c for a, b, c in zip(kept, left, since, strict=True))
        return documents, passages, sentences

    def counts(self) -> dict[str, int]:
        """Return how many passages there are in each language."""
        if self._base is None:
            return summed([self._kept.counts(), self._since.counts()])
        return summed([self._base.languages, self._since.counts()], self._left.counts())

    def passage_keys(self) -> NDArray[np.int64]:
        """Return the keys of all passages, ascending."""
        return np.concatenate([self._kept.passage_keys(), self._since.passage_keys()])

    def embedded(self) -> Iterator[tuple[int, bytes, str]]:
        """Go through (key, digest, language) of all passages, by ascending key."""
        return chain(self._kept.embedded(), self._since.embedded())

    def embedded_under(self, keys: Sequence[int]) -> Iterator[tuple[int, bytes, str]]:
        """Go through (key, digest, language) of the passages under these keys, in no order."""
        return chain(self._kept.embedded_under(keys), self._since.embedded_under(keys))

    def listed(self) -> list[tuple[str, str, str, str, str, int]]:
        """Return (id, title, source, language, date, passages) of all documents, in order of their sources."""
        return sorted([*self._kept.listed(), *self._since.listed()], key=lambda row: (row[2], row[0]))

    def close(self) -> None:
        """Close the files; twice is no error."""
        for each in (self._kept, self._left, self._since):
            each.close()
