"""The last steps of a build: vectors, manifest, switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from index.building.aligning import Aligned, CorpusMeans
from index.building.passages.chunking import CHUNKING_VERSION
from index.building.previous import Previous
from index.building.report import Stage
from index.building.settings import Settings
from index.building.versions import alignment_version
from index.config import APP
from index.disk import files
from index.disk.files import FileStamp
from index.disk.generations import commit
from index.disk.ledger import LEDGER, Ledger, write_ledger
from index.disk.manifest import ALIGNMENT, MANIFEST, MEANS, EmbedderInfo, Manifest, VectorSearch
from index.disk.verifying import note_written
from index.embedders.alignment.language_table import bundled_table
from index.embedders.alignment.vectors import Alignment
from index.errors import StoreError
from index.language.codes import canonical
from index.stores.base import KeptVectors
from index.stores.embedded.updating import UpdateWriter
from index.stores.embedded.writing import GenerationWriter
from index.stores.terms import KEYWORDS_VERSION
from index.types import FloatArray

__all__ = ["Aligning", "Sealed", "VectorsLostError", "manifest_of", "seal"]


class VectorsLostError(StoreError):
    """The cache lacks vectors that the generation before had; they have to be embedded again."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The generation that is current after a build.

    Attributes:
        generation: its number.
        passages: how many it has.
    """

    generation: int
    passages: int

    @classmethod
    def of(cls, previous: Previous) -> Sealed:
        """Return the generation that was there before, for a build with nothing to do."""
        assert previous.manifest is not None
        return cls(previous.manifest.generation, previous.manifest.passages)


def seal(
    index_dir: Path,
    folder: Path,
    number: int,
    writer: GenerationWriter | UpdateWriter,
    ledger: Ledger,
    cache: KeptVectors,
    aligned: Aligned,
    settings: Settings,
    progress: Callable[[Stage, int, int], None],
) -> Path:
    """Write what a generation lacks besides its documents, make it current and return its folder.

    Raises:
        VectorsLostError: the cache lacks a vector; nothing was switched.
    """
    fetch = Aligning(folder, cache, aligned.alignment, settings.embedder.fingerprint)
    totals, languages = writer.records.totals(), writer.records.counts()
    stamps = writer.finish(fetch, settings.embedder.dimension, keep_vectors=aligned.kept, raw=fetch)
    stamps[ALIGNMENT] = _saved(aligned.alignment, folder / ALIGNMENT)
    stamps[MEANS] = _saved(aligned.means, folder / MEANS)
    stamps[LEDGER] = write_ledger(folder, ledger)
    kind, search = (writer.vectors.kind, writer.vectors.search) if writer.vectors else ("", None)
    manifest = manifest_of(number, settings, aligned.alignment, totals, languages, stamps, kind, search)
    if isinstance(writer, UpdateWriter):
        manifest = replace(manifest, base=writer.base)
    content = manifest.to_json()
    files.write_file(folder / MANIFEST, content)
    note_written(folder, manifest)
    progress("writing", 1, 1)
    progress("switching", 0, 1)
    final = commit(index_dir, folder, sha256(content).hexdigest())
    progress("switching", 1, 1)
    return final


class Aligning:
    """Gives a generation its vectors: those of the cache, aligned, or as the embedder gave them.

    Args:
        where: names the generation in errors.
        cache: has the vectors as the embedder gave them.
        alignment: of the generation.
        fingerprint: of the embedder; `""` where no centres are asked for.
    """

    def __init__(self, where: object, cache: KeptVectors, alignment: Alignment, fingerprint: str = "") -> None:
        self._where, self._cache, self._alignment = where, cache, alignment
        table = bundled_table(fingerprint)
        self._table = table if table and table.passages.shape[1] == alignment.dimension else None

    def __call__(self, digests: Sequence[bytes], languages: Sequence[str]) -> FloatArray:
        """Return the unit vectors of some texts as they are to be compared, shape (len(digests), dimension)."""
        return self._alignment.align_passages(self.raw(digests), languages)

    def raw(self, digests: Sequence[bytes]) -> FloatArray:
        """Return them as the embedder gave them.

        Raises:
            VectorsLostError: the cache lacks one.
        """
        vectors, missing = self._cache.get(digests)
        if missing:
            problem = f"{self._where}: {len(missing)} vectors are not in the cache"
            raise VectorsLostError(problem, "run `rag index` again")
        return vectors

    def centres(self, languages: Sequence[str]) -> FloatArray | None:
        """Return the shipped vector of each language, shape (len(languages), dimension), `None` for other models."""
        if self._table is None:
            return None
        codes = map(canonical, languages)
        rows = [self._table.row_of.get(code, self._table.stand_in(code)) for code in codes]
        return self._table.passages[rows].astype(np.float32)

    def subtracted(self, languages: Sequence[str]) -> FloatArray:
        """Return what the alignment subtracts from vectors of each language."""
        return self._alignment.subtracted(languages)


def _saved(fitted: Alignment | CorpusMeans, path: Path) -> FileStamp:
    fitted.save(path)
    files.fsync_file(path)
    return files.sha256_file(path)


def manifest_of(
    number: int,
    settings: Settings,
    alignment: Alignment,
    totals: tuple[int, int, int],
    languages: Mapping[str, int],
    stamps: Mapping[str, FileStamp],
    vectors: str,
    search: VectorSearch | None = None,
) -> Manifest:
    """Return the manifest of a generation.

    `totals` are its documents, passages and sentences, `languages` its passages by BCP 47 code, `stamps` the checksums
    and lengths of its files by name. `vectors` is the kind of vector index, for people, `search` how it is searched
    (`None`: every vector is looked at, or a database decides).
    """
    embedder = settings.embedder
    return Manifest(
        generation=number,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=_version(),
        embedder=EmbedderInfo(embedder.spec, embedder.fingerprint, embedder.dimension),
        chunking=settings.chunking,
        chunking_version=str(CHUNKING_VERSION),
        keywords_version=KEYWORDS_VERSION,
        vectors=vectors,
        alignment=alignment.digest,
        roots=settings.root_names(),
        options=settings.options(),
        documents=totals[0],
        passages=totals[1],
        sentences=totals[2],
        languages=dict(languages),
        files=dict(sorted(stamps.items())),
        alignment_version=alignment_version(embedder.fingerprint),
        search=search,
    )


def _version() -> str:
    try:
        return version(APP)
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"
