"""What an index is, in one small JSON file that lists and seals all others.

`CURRENT` holds the SHA-256 of the manifest, the manifest those of every file of its generation, so one changed bit
anywhere is noticed before anything is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.config import ChunkingConfig
from index.disk.files import FileStamp
from index.errors import ConfigError, IndexDamagedError, IndexIncompatibleError
from index.types import JsonValue

__all__ = [
    "ALIGNMENT",
    "FORMAT",
    "MANIFEST",
    "MEANS",
    "EmbedderInfo",
    "Manifest",
    "TakenOver",
    "VectorSearch",
    "manifest_from",
    "read_manifest",
    "salvage_manifest",
]

FORMAT, _READ = 6, (1, 2, 3, 4, 5, 6)
"""Version of the layout on disk; any change that older code can't read raises it. And those that this code reads."""

MANIFEST, ALIGNMENT, MEANS = "manifest.json", "alignment.npz", "means.npz"


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """The embedder whose vectors an index holds; the read side takes its embedder from here, never from a setting.

    Attributes:
        spec: what opens it again.
        fingerprint: names its vectors: equal fingerprints give interchangeable ones.
        dimension: length of a vector.
    """

    spec: str
    fingerprint: str
    dimension: int


@dataclass(frozen=True, slots=True)
class VectorSearch:
    """How much of many vectors a search looks at, and what it finds so.

    Attributes:
        probes: lists that are looked into.
        depth: rows of these that are compared by their values.
        recall: share of the true nearest passages that were found, 0 where that was not measured.
        measured: passages of the index when that was measured.
    """

    probes: int
    depth: int
    recall: float = 0.0
    measured: int = 0


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What a generation has taken over as it was from an earlier one: what changed since lies in a folder of its own.

    The numbers are those of the files taken over, with what has left since.

    Attributes:
        documents: how many.
        passages: how many.
        sentences: how many.
        languages: passages per language.
    """

    documents: int
    passages: int
    sentences: int
    languages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one generation is.

    Attributes:
        generation: its number, from 1.
        built_at: when it was finished, ISO 8601 in UTC.
        version: version of the program that built it.
        embedder: whose vectors it holds.
        chunking: how its documents were cut.
        chunking_version: by which rules.
        keywords_version: by which rules its terms were made.
        vectors: kind of the FAISS index (its factory string).
        alignment: digest of the language alignment of its vectors.
        roots: absolute paths that were indexed.
        options: patterns and reading options of the build, as JSON.
        documents: how many.
        passages: how many.
        sentences: how many.
        languages: passages per language, most first.
        files: SHA-256 and size of every other file of the generation, by its path in it.
        alignment_version: by which rules it was fitted; `""`: by those of a time before they were noted.
        search: how its vectors are searched; `None`: all of them are looked at, or a database decides.
        base: what was taken over as it was; `None`: the generation lies in one piece.
        format: version of the layout.
    """

    generation: int
    built_at: str
    version: str
    embedder: EmbedderInfo
    chunking: ChunkingConfig
    chunking_version: str
    keywords_version: str
    vectors: str
    alignment: str
    roots: tuple[str, ...]
    options: Mapping[str, JsonValue]
    documents: int
    passages: int
    sentences: int
    languages: Mapping[str, int]
    files: Mapping[str, FileStamp]
    alignment_version: str = ""
    search: VectorSearch | None = None
    base: TakenOver | None = None
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Return the file's content; equal manifests give equal bytes."""
        fields = asdict(self)
        if self.base is None:
            del fields["base"]  # older code doesn't know the name
        return json.dumps(fields, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "surrogateescape")


def read_manifest(folder: Path, digest: str | None = None) -> Manifest:
    """Read the manifest of a generation.

    Args:
        folder: the folder of the generation.
        digest: the SHA-256 that the file must have; `None` reads it unchecked, for repairs only.

    Raises:
        IndexDamagedError: it is missing, or is not what was written.
        IndexIncompatibleError: it was written in another format.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IndexDamagedError(f"{path}: can't be read ({error.strerror})", "rebuild with `rag index`") from error
    if digest is not None and sha256(content).hexdigest() != digest:
        raise IndexDamagedError(f"{path}: its checksum does not hold", "rebuild with `rag index`")
    return manifest_from(str(path), content)


def manifest_from(name: str, content: bytes) -> Manifest:
    """Read what `Manifest.to_json` gave; `name` says where it comes from.

    Raises:
        IndexDamagedError: it is no manifest.
        IndexIncompatibleError: it was written in another format.
    """
    try:
        fields = json.loads(content.decode("utf-8", "surrogateescape"))
        _check_format(name, fields)
        return _manifest(fields)
    except (ValueError, KeyError, TypeError, AttributeError, ConfigError) as error:
        raise IndexDamagedError(f"{name}: is not a manifest ({error})", "rebuild with `rag index`") from error


def salvage_manifest(folder: Path) -> Manifest | None:
    """Return the fields of a manifest of any format, unchecked, or `None`: for the settings of a build only."""
    try:
        fields = json.loads((folder / MANIFEST).read_bytes().decode("utf-8", "surrogateescape"))
        known = {name: fields[name] for name in Manifest.__slots__ if name in fields}
        return _manifest({"files": {}, **known})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigError):
        return None


def _check_format(name: str, fields: Mapping[str, Any]) -> None:
    found = fields["format"]
    if found in _READ:
        return
    if isinstance(found, int) and found > FORMAT:
        fix = "update this program, or rebuild with `rag index --rebuild`"
    else:
        fix = "rebuild with `rag index --rebuild`"
    raise IndexIncompatibleError(f"{name}: the index has format {found}, this program reads {FORMAT}", fix)


def _manifest(fields: dict[str, Any]) -> Manifest:
    return Manifest(
        **{
            **fields,
            "embedder": EmbedderInfo(**fields["embedder"]),
            "chunking": ChunkingConfig(**fields["chunking"]),
            "roots": tuple(fields["roots"]),
            "search": VectorSearch(**fields["search"]) if fields.get("search") else None,
            "base": TakenOver(**fields["base"]) if fields.get("base") else None,
            "files": {name: FileStamp(**stamp) for name, stamp in fields["files"].items()},
        }
    )
