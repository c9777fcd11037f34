"""What there is to say about an index without asking it anything: what it holds, how old it is, what needs a hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from index.building.versions import cut_by_other_rules, written_by_other_rules
from index.disk.generations import read_current
from index.disk.ledger import Ledger, read_ledger
from index.disk.manifest import Manifest, read_manifest
from index.disk.verifying import verify as verify_files
from index.embedders.profile import profile_of
from index.errors import IndexDamagedError, IndexIncompatibleError, StoreError
from index.locations import Location, LocationLike, location_of
from index.sources.places.addresses import is_remote
from index.stores.recall import low_recall, recall_line
from index.types import JsonValue

__all__ = ["IndexStatus", "damaged", "described", "sources_of", "status", "status_of_folder", "taken_out", "verify"]

_REBUILD = "rebuild with `rag index --rebuild`"
_FIX_RECALL = "run `rag index --rebuild`: its lists are made anew"
_FIX_PAGE = "check the address and run `rag index`, or leave it out when you name what to index"


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of an index; every field is plain JSON.

    Attributes:
        index_dir: its folder, or the address of its database without what is secret in it.
        documents: how many.
        passages: how many.
        languages: passages per language, most first.
        size_bytes: of the whole folder, kept vectors and older generations included.
        generation: number of the current generation.
        built_at: when it was finished, ISO 8601 in UTC.
        age_seconds: how long ago that was.
        embedder: its spec and fingerprint, and the profile whose numbers rank and refuse.
        chunking: the settings by which documents were cut.
        vectors: kind of the vector index; where it does not look at every vector, what share of the nearest it finds.
        sources: the paths that a bare `rag index` updates.
        stale: (source, reason) of files that can't be read any more; the index keeps their earlier text.
        failed: (source, reason) of files that could never be read.
        skipped: (source, reason) of what was left out on purpose.
        warned: (source, warning) of files that were read with a doubt.
        problems: (problem, fix) of everything that needs a hand.
    """

    index_dir: str
    documents: int = 0
    passages: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    size_bytes: int = 0
    generation: int = 0
    built_at: str = ""
    age_seconds: float = 0.0
    embedder: Mapping[str, JsonValue] = field(default_factory=dict)
    chunking: Mapping[str, JsonValue] = field(default_factory=dict)
    vectors: str = ""
    sources: tuple[str, ...] = ()
    stale: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    warned: tuple[tuple[str, str], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


def status(index_dir: LocationLike = None) -> IndexStatus:
    """Describe an index; a damaged one is described as far as it can be, with its problems.

    Raises:
        IndexMissingError: nothing was built there yet.
    """
    from index.opening.engine import reading_engine

    location = location_of(index_dir)
    return reading_engine(location).status(location)


def damaged(location: Location, error: StoreError, size: int = 0) -> IndexStatus:
    """Describe an index of which only this can be said."""
    return IndexStatus(str(location), size_bytes=size, problems=(_problem_and_fix(error),))


def status_of_folder(folder: Path) -> IndexStatus:
    """Describe an index in a folder; see `status`."""
    size = _size(folder)
    try:
        current = read_current(folder)
        manifest = read_manifest(current.folder, current.digest)
    except (IndexDamagedError, IndexIncompatibleError) as error:
        return damaged(folder, error, size)
    found, ledger = list[tuple[str, str]](), Ledger()
    try:
        verify_files(current.folder, manifest)
        ledger = read_ledger(current.folder)
    except IndexDamagedError as error:
        found.append(_problem_and_fix(error))
    return described(folder, size, manifest, ledger, found)


def described(
    location: Location, size: int, manifest: Manifest, ledger: Ledger, found: list[tuple[str, str]]
) -> IndexStatus:
    """Describe an index.

    Args:
        location: of the index.
        size: in bytes.
        manifest: of its current generation.
        ledger: record of its sources.
        found: (problem, fix) of what is wrong already; more is added.
    """
    found += _wants_a_hand(manifest, ledger)
    age = (datetime.now(UTC) - datetime.fromisoformat(manifest.built_at)).total_seconds()
    return IndexStatus(
        index_dir=str(location),
        documents=manifest.documents,
        passages=manifest.passages,
        languages=dict(manifest.languages),
        size_bytes=size,
        generation=manifest.generation,
        built_at=manifest.built_at,
        age_seconds=max(0.0, age),
        embedder={
            "spec": manifest.embedder.spec,
            "fingerprint": manifest.embedder.fingerprint,
            "profile": _profile(manifest.embedder.fingerprint),
        },
        chunking={
            "max_tokens": manifest.chunking.max_tokens,
            "overlap_sentences": manifest.chunking.overlap_sentences,
        },
        vectors=_search_line(manifest),
        sources=manifest.roots,
        stale=ledger.in_state("stale"),
        failed=ledger.in_state("failed"),
        skipped=(*ledger.in_state("skipped"), *ledger.left_out),
        warned=ledger.warned,
        problems=tuple(found),
    )


def _wants_a_hand(manifest: Manifest, ledger: Ledger) -> list[tuple[str, str]]:
    """Return what is wrong with an index whose files are sound, and what to do about each."""
    stale, failed = ledger.in_state("stale"), ledger.in_state("failed")
    fix = "fix or remove the file and run `rag index`, or leave it out with `--exclude`"
    found = [(f"{each}: {why}", _FIX_PAGE if is_remote(each) else fix) for each, why in (*stale, *failed)]
    if written_by_other_rules(manifest) or cut_by_other_rules(manifest):
        found.append(("it was made by another version of the program", "run `rag index`; it writes again what it must"))
    low = low_recall(manifest.search.recall, _FIX_RECALL) if manifest.search else None
    found += [low] if low else []
    missing = [root for root in manifest.roots if not is_remote(root) and not Path(root).exists()]
    found += [(f"{root}: is not there any more", "bring it back, or name what to index") for root in missing]
    return found


def _search_line(manifest: Manifest) -> str:
    """Return for people how vectors are searched and what that finds."""
    search = manifest.search
    if search is None:
        return manifest.vectors
    way = f"{manifest.vectors}, {search.probes} lists, {search.depth} passages compared"
    return recall_line(way, search.recall, search.measured)


def verify(index_dir: LocationLike = None) -> tuple[str, ...]:
    """Read every file of the current generation against its checksum and return a sentence for each problem.

    Raises:
        IndexMissingError: nothing was built there yet.
    """
    from index.opening.engine import reading_engine

    location = location_of(index_dir)
    try:
        return reading_engine(location).problems(location)
    except (IndexDamagedError, IndexIncompatibleError) as error:
        return (str(error),)


def sources_of(index_dir: LocationLike = None) -> tuple[str, ...]:
    """Return the paths that a bare `rag index` updates.

    Raises:
        StoreError: there is no index, or none whose manifest can be trusted.
    """
    return _manifest(location_of(index_dir)).roots


def taken_out(index_dir: LocationLike = None) -> tuple[str, ...]:
    """Return the paths below those sources that were taken out of the index and stay out.

    Raises:
        StoreError: there is no index, or none whose manifest can be trusted.
    """
    found = _manifest(location_of(index_dir)).options.get("removed")
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _manifest(location: Location) -> Manifest:
    from index.opening.engine import reading_engine

    return reading_engine(location).manifest(location)


def _profile(fingerprint: str) -> str:
    """Return whose numbers rank and refuse here, for people."""
    profile = profile_of(fingerprint)
    return profile.name if profile.calibrated else f"{profile.name}, not calibrated for this model"


def _size(folder: Path) -> int:
    """Return the bytes of all files; one that two generations share, under a name in each, counts once."""
    sizes: dict[tuple[int, int], int] = {}
    for path in folder.rglob("*"):
        try:
            found = path.stat()
            if path.is_file():
                sizes[found.st_dev, found.st_ino] = found.st_size
        except OSError:  # gone while a build sweeps
            continue
    return sum(sizes.values())


def _problem_and_fix(error: StoreError) -> tuple[str, str]:
    """Return what is wrong, and what to do about it."""
    return error.problem, error.fix or _REBUILD
