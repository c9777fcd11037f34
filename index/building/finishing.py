"""The last steps of a build: vectors, manifest, switch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from index.building.aligning import Aligned, CorpusMeans
from index.building.chunking import CHUNKING_VERSION
from index.building.previous import Earlier
from index.building.report import Stage
from index.building.settings import Settings
from index.building.versions import alignment_version
from index.config import APP
from index.disk import files
from index.disk.files import FileStamp
from index.disk.generations import commit
from index.disk.ledger import LEDGER, Ledger, write_ledger
from index.disk.manifest import ALIGNMENT, MANIFEST, MEANS, EmbedderInfo, Manifest
from index.embedders.alignment import Alignment
from index.errors import StoreError
from index.stores.embedded.vectors import kind_for
from index.stores.embedded.writing import GenerationWriter
from index.stores.terms import KEYWORDS_VERSION
from index.stores.vector_cache import VectorCache
from index.types import FloatArray

__all__ = ["Sealed", "VectorsLostError", "seal"]


class VectorsLostError(StoreError):
    """The cache lacks vectors that the generation before had; they have to be embedded again."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The generation that is current after a build.

    Attributes:
        folder: its folder.
        generation: its number.
        passages: how many it has.
    """

    folder: Path
    generation: int
    passages: int

    @classmethod
    def of(cls, earlier: Earlier) -> Sealed:
        """Return the generation that was there before, for a build with nothing to do."""
        assert earlier.folder is not None
        assert earlier.manifest is not None
        return cls(earlier.folder, earlier.manifest.generation, earlier.manifest.passages)


def seal(
    index_dir: Path,
    folder: Path,
    number: int,
    writer: GenerationWriter,
    ledger: Ledger,
    cache: VectorCache,
    aligned: Aligned,
    settings: Settings,
    tell: Callable[[Stage, int, int], None],
) -> Sealed:
    """Write what a generation lacks besides its documents, and make it current.

    Raises:
        VectorsLostError: the cache lacks a vector; nothing was switched.
    """

    def fetch(digests: Sequence[bytes], languages: Sequence[str]) -> FloatArray:
        vectors, missing = cache.get(digests)
        if missing:
            raise VectorsLostError(f"{folder}: {len(missing)} vectors are not in the cache; run `rag index` again")
        return aligned.alignment.align_passages(vectors, languages)

    totals, languages = writer.records.totals(), writer.records.counts()
    stamps = writer.finish(fetch, settings.embedder.dimension, keep_vectors=aligned.kept)
    stamps[ALIGNMENT] = _saved(aligned.alignment, folder / ALIGNMENT)
    stamps[MEANS] = _saved(aligned.means, folder / MEANS)
    stamps[LEDGER] = write_ledger(folder, ledger)
    manifest = _manifest(number, settings, aligned.alignment, totals, languages, stamps)
    content = manifest.to_json()
    files.write_file(folder / MANIFEST, content)
    tell("writing", 1, 1)
    tell("switching", 0, 1)
    final = commit(index_dir, folder, sha256(content).hexdigest())
    tell("switching", 1, 1)
    return Sealed(final, number, manifest.passages)


def _saved(fitted: Alignment | CorpusMeans, path: Path) -> FileStamp:
    fitted.save(path)
    files.fsync_file(path)
    return files.sha256_file(path)


def _manifest(
    number: int,
    settings: Settings,
    alignment: Alignment,
    totals: tuple[int, int, int],
    languages: dict[str, int],
    stamps: dict[str, FileStamp],
) -> Manifest:
    embedder = settings.embedder
    return Manifest(
        generation=number,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        version=_version(),
        embedder=EmbedderInfo(embedder.spec, embedder.fingerprint, embedder.dimension),
        chunking=settings.chunking,
        chunking_version=str(CHUNKING_VERSION),
        keywords_version=KEYWORDS_VERSION,
        vectors=kind_for(totals[1]),
        alignment=alignment.digest,
        roots=settings.root_names(),
        options=settings.options(),
        documents=totals[0],
        passages=totals[1],
        sentences=totals[2],
        languages=languages,
        files=dict(sorted(stamps.items())),
        alignment_version=alignment_version(embedder.fingerprint),
    )


def _version() -> str:
    try:
        return version(APP)
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"
