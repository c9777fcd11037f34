"""What an index is made of, after something was added to it or taken out of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from index.config import seeds_dir
from index.opening.listing import Listing
from index.sources.places.addresses import belongs, is_place, is_remote
from index.sources.uploaded import own_name

__all__ = ["Change", "Root", "roots_of", "settled"]

Kind: TypeAlias = Literal["samples", "uploads", "folder", "file", "address"]


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody adds and takes out.

    Attributes:
        add: paths or addresses to index; what was taken out below them comes back.
        drop: paths or addresses to leave out from now on. No file is deleted.
    """

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Root:
    """One of the places that an index is made of.

    Attributes:
        place: the path or the address; not for others' eyes.
        kind: what it is.
        documents: how many come from there; of a sitemap, 0.
    """

    place: str
    kind: Kind
    documents: int

    def name(self, others: Sequence[Root]) -> str:
        """Return as much of the path as parts it from the others', or the address."""
        if self.kind == "address":
            return self.place
        parts = Path(self.place).parts
        tails = [Path(other.place).parts for other in others if other != self]
        depth = 1
        while depth < len(parts) and any(tail[-depth:] == parts[-depth:] for tail in tails):
            depth += 1
        return "/".join(parts[-depth:])

    @property
    def key(self) -> str:
        """Name by which the page speaks of it without knowing the path."""
        return hashlib.sha256(self.place.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def settled(
    roots: Sequence[str], removed: Sequence[str], changes: Iterable[Change]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths and addresses to name to a build, and what it is to leave out of them.

    Args:
        roots: what the index is made of now.
        removed: what is left out of that now.
        changes: in the order in which they were asked for.
    """
    places, out = list(roots), [one for one in removed if not _gone_upload(one)]
    for change in changes:
        for place in change.add:
            back = [one for one in out if _within(one, place)]
            out = [one for one in out if one not in back]
            if place not in places and not (place in back and any(_within(place, root) for root in places)):
                places.append(place)
        out += [place for place in change.drop if place not in out]
    left = [place for place in places if place not in out]
    if not left:
        return tuple(places), tuple(out)  # naming nothing would mean what was indexed before
    return tuple(left), tuple(one for one in out if one not in places)


def roots_of(listing: Listing, uploads: Path) -> tuple[Root, ...]:
    """Return the places that an index is made of, with how many documents come from each."""
    paths = [one.path for one in listing.documents if one.id and not is_remote(one.source)]
    pages = [one.source for one in listing.documents if one.id and is_remote(one.source)]
    return tuple(_root(place, paths, pages, uploads) for place in listing.roots)


def _root(place: str, paths: Sequence[str], pages: Sequence[str], uploads: Path) -> Root:
    if is_place(place):
        return Root(place, "address", sum(belongs(page, place) for page in pages))
    if is_remote(place):
        return Root(place, "address", pages.count(place))
    real = os.path.realpath(place)
    inside = real.rstrip(os.sep) + os.sep
    count = sum(path == real or path.startswith(inside) for path in paths)
    return Root(place, _kind(Path(place), uploads), count)


def _kind(path: Path, uploads: Path) -> Kind:
    if path == seeds_dir():
        return "samples"
    if path == uploads:
        return "uploads"
    return "file" if path.is_file() else "folder"


def _within(one: str, place: str) -> bool:
    return one == place or (not (is_remote(one) or is_remote(place)) and Path(one).is_relative_to(place))


def _gone_upload(path: str) -> bool:
    return not is_remote(path) and own_name(Path(path)) is not None and not Path(path).exists()
