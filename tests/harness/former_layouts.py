"""Makes an index look as an earlier version of the program wrote it, to see that it is read and brought along."""

from __future__ import annotations

import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest

from index.disk import files
from index.embedders.hashing import HashingEmbedder
from index.stores import kept_rows
from index.stores.embedded.arrays import write_array
from index.stores.embedded.keywords.postings import Postings
from index.stores.embedded.records import Records
from index.stores.embedded.vectors import flat
from index.stores.embedded.vectors.twelve_bits import Rows
from index.stores.vector_cache import VectorCache
from tests.harness.index_helpers import CountingEmbedder

PARTS = ("", "since/")


def newest(folder: Path) -> Path:
    return folder / (folder / "CURRENT").read_text().split()[0]


def as_layout_five(folder: Path, embedder: CountingEmbedder | None = None) -> None:
    """Bring the newest generation, and what lies beside it, to how layout 5 had them.

    Args:
        folder: of the index.
        embedder: gave the vectors; without it, those kept are what is stored now.
    """
    generation = newest(folder)
    parts = [part for part in PARTS if (generation / part).is_dir()]
    about = embedder or HashingEmbedder()
    with VectorCache(folder / "embeddings.sqlite", about.fingerprint, about.dimension) as cache:
        for part in parts:
            _keep_vectors(generation / part, cache, embedder)
    listed = (generation / "passages.faiss").exists()
    for part in parts:
        _align(generation / part, listed=listed)
        for each in ("", "gone/"):
            if (generation / part / each / "keywords").is_dir():
                _unpack(generation / part / each / "keywords")
            if each and (generation / part / each).is_dir():
                _unpack(generation / part / each)
    _seal(folder, generation)


def _keep_vectors(folder: Path, cache: VectorCache, embedder: CountingEmbedder | None) -> None:
    """Keep vectors of passages in half precision, as they came, without rounding them to 12 bits."""
    with closing(Records(folder / "documents.sqlite")) as records:
        digests = list(records.passage_digests())
    raw = vectors = Rows(folder / "passages.faiss").raw(np.arange(len(digests)))
    if embedder and digests:
        exact = embedder.embed_passages(embedder.texts)
        vectors = exact[np.argmax(raw @ exact.T, axis=1)]
        assert np.allclose(vectors, raw, atol=1e-3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_rows, "rounded", lambda rows: rows)
        cache.put(digests, vectors)


def _align(folder: Path, *, listed: bool) -> None:
    """Write vectors of passages as they are compared."""
    path = folder / "passages.faiss"
    rows = Rows(path)
    aligned = rows.fine(slice(None))
    for each in folder.glob("passages_*"):
        each.unlink()
    if not listed:
        index: Any = faiss.index_factory(aligned.shape[1], flat.KIND, faiss.METRIC_INNER_PRODUCT)
        index.add(np.ascontiguousarray(aligned))
        flat.save(path, index, len(aligned))
        return
    largest = np.abs(aligned).max(axis=1, initial=0.0)
    values = np.rint(aligned * (2039 / largest)[:, None]).astype(np.int16)
    upper = (values + 8) >> 4
    lower = (values - (upper << 4) + 8).astype(np.uint8)
    write_array(folder / "passages_values.npy", upper.astype(np.int8))
    write_array(folder / "passages_rests.npy", lower[:, ::2] | (lower[:, 1::2] << 4))
    lengths = np.linalg.norm(values.astype(np.float32), axis=1)
    write_array(folder / "passages_scales.npy", (1 / lengths).astype(np.float32))


def _unpack(folder: Path) -> None:
    """Write a number for each row and count of the postings."""
    piece = Postings(folder).piece(0, 2**64 - 1)
    for each in folder.glob("*.bin"):
        each.unlink()
    write_array(folder / "rows.npy", piece.rows.astype("<u4"))
    write_array(folder / "counts.npy", piece.counts)
    write_array(folder / "starts.npy", np.cumsum(np.concatenate([[0], piece.holders])).astype(np.int64))
    write_array(folder / "lengths.npy", np.load(folder / "lengths.npy").astype(np.uint32))


def _seal(folder: Path, generation: Path) -> None:
    """Note the files as they are now."""
    path = generation / "manifest.json"
    manifest = json.loads(path.read_bytes())
    names = [each.relative_to(generation).as_posix() for each in generation.rglob("*") if each.is_file()]
    beside = ("manifest.json", "in-use", "verified.json")
    stamps = {name: files.sha256_file(generation / name) for name in sorted(names) if name not in beside}
    manifest["files"] = {name: _as_noted(manifest, stamp) for name, stamp in stamps.items()}
    path.write_text(json.dumps({**manifest, "format": 5}))
    (folder / "CURRENT").write_text(f"{generation.name} {sha256(path.read_bytes()).hexdigest()}\n")


def _as_noted(manifest: dict[str, Any], stamp: files.FileStamp) -> Any:
    """Return a stamp in the form that the manifest has."""
    (some, *_) = manifest["files"].values()
    return [stamp.sha256, stamp.size] if isinstance(some, list) else {"sha256": stamp.sha256, "size": stamp.size}
