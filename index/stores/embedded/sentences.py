"""Writes the sentence vectors of a generation: those of the one before as they are stored, new ones behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.stores.embedded.records import Records
from index.stores.embedded.vectors.codes import coded
from index.stores.embedded.vectors.quantized import Centres, KeptPiece, Quantized, write_kept
from index.types import FloatArray

__all__ = ["RawVectors", "write_sentences"]

_SLAB = 4096  # rows in memory at once
_FINE, _SMALL = 8, 4  # bits a dimension


class RawVectors(Protocol):
    """Gives vectors as the embedder gave them, and what is known of it."""

    def raw(self, digests: Sequence[bytes]) -> FloatArray:
        """Return the vectors of some texts, shape (len(digests), dimension)."""
        ...

    def centres(self, languages: Sequence[str]) -> FloatArray | None:
        """Return about where vectors of each language lie, the same at all times; `None` where that is not known."""
        ...

    def subtracted(self, languages: Sequence[str]) -> FloatArray:
        """Return what the alignment of the generation subtracts from vectors of each language."""
        ...


def write_sentences(
    folder: Path,
    records: Records,
    vectors: RawVectors,
    dimension: int,
    before: tuple[Path, NDArray[np.bool_], int] | None,
) -> dict[str, FileStamp]:
    """Write the vectors of all sentences, those of one document behind those of another.

    Four bits are enough beside a centre that is known (measured: `docs/retrieval.md`), else it is eight.

    Args:
        folder: where the files go.
        records: the documents of the generation.
        vectors: gives those that are new.
        dimension: of a vector.
        before: folder of those of the generation before, which of its documents are kept, and the highest key of one.

    Returns:
        The stamps of the files by name.
    """
    form = (_FINE if vectors.centres(()) is None or dimension % 2 else _SMALL), dimension
    former = Quantized(before[0]) if before else None
    if former is not None and (former.centres is None or former.form != form):
        former = None  # what it holds is asked for like all else
    after = before[2] if before and former else 0
    counts = records.sentence_counts(after)
    kept: Iterable[KeptPiece] = ()
    known = former.centres if former else None
    if before and former:
        counts = np.concatenate([np.diff(former.starts)[before[1]], counts])
        kept = former.pieces(before[1])
    centres = _centres(known, sorted(records.counts()), vectors, dimension)
    found = records.all_sentences(after)
    rows = (pair for digests, languages in found for pair in zip(digests, languages, strict=True))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return write_kept(folder, chain(kept, _pieces(rows, vectors, centres, form[0])), form, starts, centres)


def _centres(known: Centres | None, languages: Sequence[str], vectors: RawVectors, dimension: int) -> Centres:
    """Return the centres of all languages: known ones stay, for they are what vectors were stored relative to."""
    names = known.names if known else ()
    further = [language for language in languages if language not in names]
    added = vectors.centres(further)
    rows = np.zeros((len(further), dimension), np.float16) if added is None else added.astype(np.float16)
    if known:
        rows = np.concatenate([known.rows, rows])
    names = (*names, *further)
    return Centres(names, rows, rows.astype(np.float32) - vectors.subtracted(names))


def _pieces(rows: Iterable[tuple[bytes, str]], vectors: RawVectors, centres: Centres, bits: int) -> Iterator[KeptPiece]:
    waiting = iter(rows)
    while some := list(islice(waiting, _SLAB)):
        digests, languages = zip(*some, strict=True)
        places = centres.places(languages)
        codes, scales = coded(vectors.raw(digests) - centres.rows[places].astype(np.float32), bits)
        yield codes, scales, places
