"""Web pages as sources of a build: fetched when it is told to, each into a file that is then read like any other.

What an address gives is not lost by a bad connection: a page that can't be fetched any more keeps its earlier text
and is named with the reason, and so do the pages of a sitemap that can't be fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.disk.ledger import Ledger
from index.errors import SourceError
from index.sources.types import SourceFile, WebPolicy
from index.sources.web.addresses import is_address, shown_address

__all__ = ["PAGES", "Fetched", "fetch_pages"]

PAGES = "pages"
"""Folder of an index that holds what was fetched last, by digest of the address; only a build reads it."""

_OURS = re.compile(r"([0-9a-f]{24})(\.\w{1,9}|\.http\.json)")
_SITEMAPS = (".xml", ".xml.gz")


@dataclass(slots=True)
class Fetched:
    """What became of the addresses.

    Attributes:
        files: pages that were fetched.
        refused: pages that were not, and why.
        left_out: (source, reason) of what was left out on purpose.
    """

    files: list[SourceFile] = field(default_factory=list)
    refused: list[tuple[SourceFile, SourceError]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Fetched) -> None:
        """Take in what became of others."""
        self.files += other.files
        self.refused += other.refused
        self.left_out += other.left_out


def fetch_pages(
    addresses: Sequence[str], folder: Path, policy: WebPolicy, ledger: Ledger, progress: Callable[[int, int, str], None]
) -> Fetched:
    """Fetch pages, and those that sitemaps among the addresses list, one after the other.

    Args:
        addresses: of pages and sitemaps.
        folder: where pages are kept; made when it isn't there.
        policy: what fetching may do.
        ledger: what the last build found.
        progress: called with (pages done, pages in all, address).
    """
    if not addresses and not folder.exists():
        return Fetched()
    from index.sources.web import fetching as web
    from index.sources.web import webfiles

    folder.mkdir(exist_ok=True)
    fetched, waiting, stranded = Fetched(), dict[str, bool](), dict[str, SourceError]()
    for address in dict.fromkeys(map(web.without_fragment, addresses)):
        try:
            listed = _listed(address, policy)
            waiting |= {address: True} if listed is None else {each: each in waiting for each in listed}
        except SourceError as error:
            stranded |= _stranded(address, error, ledger)
    for done, (address, named) in enumerate(waiting.items(), 1):
        try:
            fetched.files.append(webfiles.fetch_file(address, folder, policy))
        except SourceError as error:
            reason = error.of(address) if named else error
            fetched.refused.append((_unfetched(address, folder), reason))
        progress(done, len(waiting), address)
    left = {address: error for address, error in stranded.items() if address not in waiting}
    fetched.refused += [(_unfetched(address, folder), error) for address, error in left.items()]
    _tidy(folder, fetched)
    return fetched


def _listed(address: str, policy: WebPolicy) -> list[str] | None:
    """Return the pages of a sitemap; `None` for an address that is no sitemap."""
    from index.sources.web import fetching as web

    if not web.path_of(address).lower().endswith(_SITEMAPS):
        return None
    try:
        return [web.without_fragment(shown_address(each)) for each in web.sitemap_addresses(address, policy)]
    except web.NoSitemapError:
        return None


def _stranded(sitemap: str, error: SourceError, ledger: Ledger) -> dict[str, SourceError]:
    """Return why a sitemap and the pages known of its host, the only ones it may list, are not to be had."""
    from index.sources.web.fetching import host_of

    known = [record.source for record in ledger.files if is_address(record.source)]
    theirs = [source for source in known if source != sitemap and host_of(source) == host_of(sitemap)]
    reason = f"its sitemap {sitemap} can't be read: {error.reason}"
    return {sitemap: error.of(sitemap)} | {each: SourceError(each, reason) for each in theirs}


def _unfetched(address: str, folder: Path) -> SourceFile:
    return SourceFile(folder, address, 0, 0, folder)


def _tidy(folder: Path, fetched: Fetched) -> None:
    """Remove the files and notes of pages that no address gives any more, and no other file."""
    wanted = {file.path.name for file in fetched.files}
    noted = {name[:24] for name in wanted}
    for path in folder.iterdir():
        ours = _OURS.fullmatch(path.name)
        kept = path.name in wanted or (ours and ours[2] == ".http.json" and ours[1] in noted)
        if ours and not kept:
            path.unlink(missing_ok=True)
