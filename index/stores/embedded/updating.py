"""Writes a generation that takes over the files of the one before as they are, and adds what changed since.

The files get a second name, which costs nothing, and keep their checksums: nothing is read of them that did not change.
What changed is written anew each time, so it must stay small; `TooMuchChangedError` says when it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.disk import files
from index.disk.files import FileStamp
from index.disk.ledger import LEDGER
from index.disk.manifest import ALIGNMENT, MEANS, Manifest, TakenOver
from index.disk.verifying import looks_kept
from index.errors import StoreError
from index.stores.embedded.arrays import read_array
from index.stores.embedded.keywords.postings import PostingsWriter
from index.stores.embedded.parts import GONE_KEYWORDS, SINCE, Gone
from index.stores.embedded.records import Records
from index.stores.embedded.sentences import RawVectors
from index.stores.embedded.together import Together
from index.stores.embedded.vectors.passage_vectors import Written
from index.stores.embedded.writing import DOCUMENTS, KEYS, VECTORS, Fetch, GenerationWriter
from index.types import Document, Passage, Sentence

__all__ = ["LEAST", "TooMuchChangedError", "UpdateWriter", "is_small"]

LEAST = 30_000
"""Passages of an index below which an update writes everything anew: that takes a second."""
_SHARE, _MOST = 0.05, 10_000  # passages that came and left since, at most: a search looks at each of them


class TooMuchChangedError(StoreError):
    """What changed since the files were written is no small part any more: the generation is written in one piece."""


def is_small(changed: float, manifest: Manifest) -> bool:
    """Tell whether a change is small enough to be written beside a large index, instead of writing all of it anew.

    Args:
        changed: how many passages came or left since its files were written in one piece.
        manifest: of a generation of it.
    """
    before = manifest.base.passages if manifest.base else manifest.passages
    return before >= LEAST and changed <= min(_SHARE * before, _MOST)


class UpdateWriter:
    """The counterpart of `GenerationWriter` for a small change to a large index.

    Args:
        folder: an empty folder.
        previous: folder of the generation before.
        manifest: of that generation.

    Attributes:
        base: numbers of what is taken over.
        vectors: how the vectors are searched.
    """

    def __init__(self, folder: Path, previous: Path, manifest: Manifest) -> None:
        self._folder, self._previous, self._manifest = folder, previous, manifest
        numbers = (manifest.documents, manifest.passages, manifest.sentences, manifest.languages)
        self.base = manifest.base or TakenOver(*numbers)
        self.vectors: Written | None = None
        former = previous / SINCE if manifest.base else None
        self._gone = set(Gone.read(former).documents.tolist()) if former else set[int]()
        self._gone_before = frozenset(self._gone)
        self._came_before = np.array(read_array(former / KEYS)) if former else np.empty(0, np.int64)
        (folder / SINCE).mkdir()
        listed = (previous / VECTORS).exists()
        self._part = GenerationWriter(folder / SINCE, former, listed=listed)
        self._all = Records(previous / DOCUMENTS)
        self._together: Together | None = None
        if former is None:
            self._part.records.go_on_from(previous / DOCUMENTS)

    @property
    def records(self) -> Together:
        """The documents, as they are now."""
        if self._together is None:
            self._together = Together(self._all.path, self._part.records, sorted(self._gone), self.base)
        return self._together

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        digests: Sequence[bytes],
        sentences: Sequence[Sentence] = (),
        sentence_digests: Sequence[bytes] = (),
    ) -> None:
        """Store a document in place of what is stored under its id."""
        self._hide(document.id)
        self._part.put(document, passages, digests, sentences, sentence_digests)

    def delete(self, document_id: str) -> None:
        """Remove a document; an unknown id is no error."""
        self._hide(document_id)
        self._part.delete(document_id)

    def _hide(self, document_id: str) -> None:
        self._together = None
        self._gone.update(self._all.keys_of(document_id))

    def changes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the keys of the passages that left since the generation before, and of those that came."""
        newly = Records(self._all.path, only=sorted(self._gone - self._gone_before))
        now, left = self._part.records.passage_keys(), newly.passage_keys()
        newly.close()
        return np.concatenate([left, np.setdiff1d(self._came_before, now)]), np.setdiff1d(now, self._came_before)

    def close(self) -> None:
        """Close the files; twice is no error."""
        self._all.close()
        self.records.close()

    def finish(
        self, fetch: Fetch, dimension: int, *, keep_vectors: bool, raw: RawVectors | None = None
    ) -> dict[str, FileStamp]:
        """Write what changed, take over the rest, sync everything and return the stamps by file name.

        Args:
            fetch: gives the vectors.
            dimension: of a vector.
            keep_vectors: whether those of the generation before are what `fetch` would give.
            raw: see `GenerationWriter.finish`.

        Raises:
            TooMuchChangedError: everything is to be written anew.
        """
        left = Records(self._all.path, only=sorted(self._gone))
        gone = Gone(np.array(sorted(self._gone), np.int64), left.passage_keys())
        _, came, _ = self._part.records.totals()
        if not (keep_vectors and is_small(came + len(gone.passages), self._manifest)):
            raise TooMuchChangedError(f"{self._folder}: too much has changed", "it is written in one piece")
        since = self._folder / SINCE
        stamps = self._part.finish(fetch, dimension, keep_vectors=True, raw=raw) | gone.write(since)
        stamps |= _count_terms(left, since / GONE_KEYWORDS, len(gone.passages))
        left.close()
        files.fsync_dir(since)
        self.vectors = Written({}, self._manifest.vectors, self._manifest.search)
        return self._taken_over() | {f"{SINCE}/{name}": stamp for name, stamp in stamps.items()}

    def _taken_over(self) -> dict[str, FileStamp]:
        """Give the files of the generation before that did not change their names here."""
        own = (ALIGNMENT, MEANS, LEDGER)
        kept = {n: stamp for n, stamp in self._manifest.files.items() if n not in own and not n.startswith(f"{SINCE}/")}
        folders = sorted({(self._folder / name).parent for name in kept} - {self._folder})
        for folder in folders:
            folder.mkdir()
        with looks_kept(self._previous):
            for name, stamp in kept.items():
                files.share(self._previous / name, self._folder / name, stamp)
        for folder in folders:
            files.fsync_dir(folder)
        return kept


def _count_terms(left: Records, folder: Path, count: int) -> dict[str, FileStamp]:
    """Write the keyword index of the passages that left."""
    folder.mkdir()
    writer = PostingsWriter(folder, count)
    for row, (_, text) in enumerate(left.texts()):
        writer.add(row, text)
    stamps = writer.finish()
    files.fsync_dir(folder)
    return {f"{folder.name}/{name}": stamp for name, stamp in stamps.items()}
