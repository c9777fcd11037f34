"""What a build works with: what its caller chose, else what the index remembers, else the defaults."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from index.building.previous import Previous
from index.building.versions import cut_by_other_rules, written_by_other_rules
from index.config import ChunkingConfig, seeds_dir
from index.disk.manifest import Manifest
from index.embedders import DEFAULT, load
from index.embedders.base import Embedder
from index.errors import ConfigError, IndexDamagedError, SourceError
from index.language.lexicon import languages
from index.sizes import file_limit
from index.sources.ocr.models import is_choice
from index.sources.places.addresses import check_place, is_place, is_remote
from index.sources.types import MAX_BYTES, ReadOptions, WebPolicy
from index.sources.web.addresses import is_address, shown_address
from index.types import JsonValue

__all__ = ["BuildRequest", "Settings", "choose_settings"]

# Another limit of size lets files in or keeps them out; how one is read it does not change.
_ANY_SIZE = {"max_bytes": 0}


@dataclass(frozen=True, slots=True)
class Settings:
    """The decisions of a build.

    Attributes:
        roots: absolute paths to index.
        addresses: of pages and sitemaps to index.
        places: addresses of places elsewhere to index.
        guarded: those of them that visitors of the page named.
        web: what fetching may do.
        refetch: whether pages are fetched now, or stay as the last build found them.
        revisit: whether places are visited now, or stay likewise.
        by_content: whether files are compared by their content, however unchanged they look.
        remembered: whether roots and addresses come from the index and not from the caller.
        include: patterns of the only files to take.
        exclude: patterns of what to leave out.
        removed: absolute paths and addresses that were taken out of the index and stay out.
        may_be_empty: whether an index without documents is what was asked for.
        read_options: for the readers.
        embedder: gives the vectors.
        chunking: how documents are cut.
        rebuild: embed everything anew.
        all_anew: read every file.
        reasons: why documents that did not change are cut and embedded again, in sentences.
        rewritten: why the files of the index are written again, though their documents are not cut again.
    """

    roots: tuple[Path, ...]
    addresses: tuple[str, ...]
    places: tuple[str, ...]
    guarded: tuple[str, ...]
    web: WebPolicy
    refetch: bool
    revisit: bool
    by_content: bool
    remembered: bool
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    removed: tuple[str, ...]
    may_be_empty: bool
    read_options: ReadOptions
    embedder: Embedder
    chunking: ChunkingConfig
    rebuild: bool
    all_anew: bool
    reasons: tuple[str, ...]
    rewritten: tuple[str, ...]

    def root_names(self) -> tuple[str, ...]:
        """Return roots and addresses as the manifest keeps them."""
        return (*map(str, self.roots), *self.addresses, *self.places)

    def options(self) -> dict[str, JsonValue]:
        """Return patterns and reading options as the manifest keeps them."""
        options: dict[str, JsonValue] = {
            "include": list(self.include),
            "exclude": list(self.exclude),
            "read_options": dict(asdict(self.read_options)),
        }
        if self.removed:
            options["removed"] = list(self.removed)
        if self.guarded:
            options["guarded"] = list(self.guarded)
        return {**options, "web": dict(asdict(self.web))} if self.addresses or self.places else options


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What the caller of a build asked for; whatever is left open is as the index has it, else the default.

    Attributes:
        paths: files, folders, addresses of pages and sitemaps, and of places elsewhere; none: those of the last build,
            or the sample articles for a first one.
        embedder: its spec or the embedder itself; `None` means the one that the index has, else `"bundled"`.
        rebuild: read and embed everything anew.
        chunking: how documents are cut; `None` means as the index has it, else the default.
        include: patterns in `.gitignore` syntax of the only files to take; remembered.
        exclude: patterns of what to leave out; remembered.
        read_options: field names, size limit; remembered.
        max_file_bytes: the largest file that is read; `None` takes `RAG_MAX_FILE_SIZE`, else what is remembered, else
            that of `read_options`.
        web: what fetching pages may do: private addresses, limits; remembered.
        refetch: whether pages are fetched anew; `False` leaves them as the last build found them.
        revisit: whether places are visited; `False` leaves what is known of them likewise.
        by_content: compare every file by its content, however unchanged it looks.
        removed: absolute paths and addresses to leave out from now on, until they are named again; remembered.
        guarded: places that may lead to public addresses only, because visitors named them; those of the last build
            stay so as long as they are indexed.
    """

    paths: tuple[str | Path, ...] = ()
    embedder: str | Embedder | None = None
    rebuild: bool = False
    chunking: ChunkingConfig | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    read_options: ReadOptions | None = None
    max_file_bytes: int | None = None
    web: WebPolicy | None = None
    refetch: bool = True
    by_content: bool = False
    removed: tuple[str, ...] = ()
    revisit: bool = True
    guarded: tuple[str, ...] = ()


def _is_emptied(manifest: Manifest | None) -> bool:
    return manifest is not None and not manifest.documents


def choose_settings(previous: Previous, request: BuildRequest) -> Settings:
    """Settle what the caller left open.

    Raises:
        ConfigError: the environment's largest size of a file, choice for OCR or folder of languages makes no sense.
        IndexDamagedError: the index is damaged, so that it isn't known what it was made of.
        EmbedderError: the embedder can't be loaded.
    """
    languages()  # what is wrong with a file of a language is no fault of the documents, which are read in children
    manifest = previous.manifest
    chosen_ocr = request.read_options.ocr if request.read_options else ""
    request = _completed(request, previous)
    options = _with_ocr(_limited(request), chosen_ocr)
    other_reading = _reads_otherwise(manifest, options)
    embedder = _embedder(request.embedder, manifest)
    chunking = request.chunking or (manifest.chunking if manifest else ChunkingConfig())
    roots, addresses = _roots(request.paths, manifest, request.removed)
    places = tuple(each for each in addresses if is_place(each))
    return Settings(
        roots=roots,
        addresses=tuple(each for each in addresses if is_address(each)),
        places=places,
        guarded=_guarded(places, request, manifest),
        web=request.web or WebPolicy(),
        refetch=request.refetch,
        revisit=request.revisit,
        by_content=request.by_content,
        remembered=not request.paths,
        include=request.include,
        exclude=request.exclude,
        removed=tuple(each for each in request.removed if any(map(Path(each).is_relative_to, roots))),
        may_be_empty=bool(request.removed) or (_is_emptied(manifest) and not request.paths),
        read_options=options,
        embedder=embedder,
        chunking=chunking,
        rebuild=request.rebuild,
        all_anew=request.rebuild or other_reading,
        reasons=_reasons(previous, embedder, chunking, rebuild=request.rebuild, other_reading=other_reading),
        rewritten=written_by_other_rules(manifest) if manifest and not previous.problem else (),
    )


def _completed(request: BuildRequest, previous: Previous) -> BuildRequest:
    """Return the request; one that names no paths with what the index remembers."""
    if request.paths:
        return request
    if previous.manifest is not None:
        return _with_remembered(request, previous.manifest)
    if previous.problem:
        raise IndexDamagedError(f"{previous.problem}; what was indexed is not known any more", "name the paths")
    return request


def _reads_otherwise(manifest: Manifest | None, options: ReadOptions) -> bool:
    """Tell whether files would be read by other choices than those of an index, the largest size left aside."""
    old = manifest.options.get("read_options") if manifest else None
    return isinstance(old, dict) and {**old, **_ANY_SIZE} != {**asdict(options), **_ANY_SIZE}


def _limited(request: BuildRequest) -> ReadOptions:
    """Return the reading options with the limit of a file's size that counts."""
    options = request.read_options or ReadOptions()
    limit = request.max_file_bytes
    if limit is None and (request.read_options is None or not request.paths or options.max_bytes == MAX_BYTES):
        limit = file_limit()
    return options if limit is None else replace(options, max_bytes=limit)


def _with_ocr(options: ReadOptions, chosen: str) -> ReadOptions:
    """Settle how pictures of text are read: as asked, by `RAG_OCR`, as the index remembers, or by itself."""
    ocr = chosen or os.environ.get("RAG_OCR", "") or options.ocr or "auto"
    if not is_choice(ocr):
        raise ConfigError(f"ocr: {ocr!r} is no choice", "name models of Tesseract such as deu+eng, or auto, or off")
    return replace(options, ocr=ocr)


def _roots(
    paths: Sequence[str | Path], manifest: Manifest | None, removed: Sequence[str]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Return the paths, and the addresses of pages and places, to index, without those that are taken out."""
    if not paths and not manifest:
        return (seeds_dir(),), ()
    named: Sequence[str | Path] = paths or (manifest.roots if manifest else ())
    addresses = [each for each in named if isinstance(each, str) and is_remote(each)]
    for each in addresses:
        if is_place(each):
            check_place(each)
        elif shown_address(each) != each:
            raise SourceError(shown_address(each), "an address has no line ends and no name or password in it")
    others = [Path(each).expanduser() if paths else Path(each) for each in named if each not in addresses]
    roots = (path for path in dict.fromkeys(path.absolute() for path in others) if str(path) not in removed)
    return tuple(roots), tuple(each for each in dict.fromkeys(addresses) if each not in removed)


def _guarded(places: Sequence[str], request: BuildRequest, manifest: Manifest | None) -> tuple[str, ...]:
    """Return the places that visitors named: to name them again does not make them others'."""
    before = manifest.options.get("guarded") if manifest else None
    known = {*request.guarded, *(map(str, before) if isinstance(before, list) else ())}
    return tuple(each for each in places if each in known)


def _with_remembered(request: BuildRequest, manifest: Manifest) -> BuildRequest:
    """Return the request with what the last build noted wherever they say nothing."""
    kept = manifest.options
    include, exclude, removed = (
        tuple(map(str, found)) if isinstance(found := kept.get(name), list) else ()
        for name in ("include", "exclude", "removed")
    )
    reading, fetching = kept.get("read_options"), kept.get("web")
    return replace(
        request,
        include=request.include or include,
        exclude=request.exclude or exclude,
        removed=request.removed or removed,
        read_options=request.read_options or (ReadOptions(**reading) if isinstance(reading, dict) else None),
        web=request.web or (WebPolicy(**fetching) if isinstance(fetching, dict) else None),
    )


def _embedder(chosen: str | Embedder | None, manifest: Manifest | None) -> Embedder:
    if chosen is None:
        return load(manifest.embedder.spec if manifest else DEFAULT)
    return load(chosen) if isinstance(chosen, str) else chosen


def _reasons(
    previous: Previous, embedder: Embedder, chunking: ChunkingConfig, *, rebuild: bool, other_reading: bool
) -> tuple[str, ...]:
    if previous.problem:
        return (f"built whole again: {previous.problem}",)
    if previous.manifest is None:
        return ()
    before = previous.manifest
    reasons = []
    if rebuild:
        reasons.append("everything was read and embedded again, as asked")
    if before.embedder.fingerprint != embedder.fingerprint:
        reasons.append(f"embedded again: the embedder is now {embedder.spec}, it was {before.embedder.spec}")
    if before.chunking != chunking:
        now, then = chunking, before.chunking
        numbers = f"{now.max_tokens} tokens and {now.overlap_sentences} sentences of overlap"
        reasons.append(f"cut again: passages have {numbers} now, {then.max_tokens} and {then.overlap_sentences} before")
    elif cut_by_other_rules(before):
        reasons.append("cut again: this version of the program cuts passages by other rules")
    if other_reading:
        reasons.append("read again: the reading options changed")
    return tuple(reasons)
