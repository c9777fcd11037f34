"""Places elsewhere as sources of a build: what changed in them is fetched, each thing into a file that is then read.

When a place can't be reached, or a folder in it can't be listed, nothing is lost: the texts that are known from there
stay as they were, and are reported with the reason.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pathspec import GitIgnoreSpec

from index.building.inputs.pages import Fetched
from index.disk.ledger import Ledger
from index.errors import SourceError, SourceSkippedError
from index.language.hygiene import printable
from index.sources.places.addresses import belongs, shown_place
from index.sources.places.base import Entry, LeftOut
from index.sources.types import RefusedError, SourceFile, WebPolicy

__all__ = ["PLACES", "Visit", "fetch_places"]

PLACES = "places"
"""Folder of an index that holds the copies of what lies in places; only a build reads it."""
_GIVE_UP = 5  # failures in a row: the place is gone, and each further one would cost its full time


@dataclass(frozen=True, slots=True)
class Visit:
    """What visits to places may do.

    Attributes:
        policy: of private addresses, time and number.
        guarded: places that visitors named: they may lead to public addresses only.
        most_bytes: of one file.
        include: patterns of the only files to take.
        exclude: patterns of what to leave out.
    """

    policy: WebPolicy = field(default_factory=WebPolicy)
    guarded: Sequence[str] = ()
    most_bytes: int = 100 * 1024 * 1024
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def reason_against(self, path: str) -> str:
        """Return why a file is left out by its name, or `""`."""
        if printable(path) != path:
            return "its name is no valid text or holds control characters; rename it to have it read"
        if any(part.startswith(".") for part in path.split("/")):
            return "hidden"
        if _patterns(tuple(self.exclude)).match_file(path):
            return "excluded by a pattern"
        if self.include and path and not _patterns(tuple(self.include)).match_file(path):
            return "not among the included patterns"
        return ""


@lru_cache(maxsize=4)
def _patterns(lines: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(lines)


def fetch_places(
    places: Sequence[str], folder: Path, visit: Visit, ledger: Ledger, progress: Callable[[int, int, str], None]
) -> Fetched:
    """Visit places, one after the other.

    Args:
        places: their addresses.
        folder: where copies are kept; made when it isn't there.
        visit: what visits may do.
        ledger: what the last build found.
        progress: called with (files done, files in all, source).
    """
    fetched = Fetched()
    if not places and not folder.exists():
        return fetched
    folder.mkdir(exist_ok=True)
    for place in dict.fromkeys(places):
        _Visiting(place, folder, visit, ledger, fetched, progress).run()
    _tidy(folder, fetched)
    return fetched


@dataclass(slots=True)
class _Visiting:
    """One place."""

    place: str
    folder: Path
    visit: Visit
    ledger: Ledger
    fetched: Fetched
    progress: Callable[[int, int, str], None]
    failures: int = 0

    def run(self) -> None:
        from index.sources.places.opening import opened

        public = self.place in self.visit.guarded and not self.visit.policy.allow_private
        seen = len(self.fetched.files), len(self.fetched.refused)
        try:
            with opened(self.place, self.visit.policy.seconds, self.visit.most_bytes, public=public) as place:
                entries = self._wanted(place.entries())
                for done, entry in enumerate(entries, 1):
                    source = self._source(entry.tail)
                    self._take(entry, source)
                    self.progress(done, len(entries), source)
        except RefusedError as error:
            self._lose(self.place, error, *seen)
        except SourceError as error:  # an address that was never one
            self.fetched.refused.append((self._unfetched(self.place), error))

    def _wanted(self, found: Iterator[Entry | LeftOut]) -> list[Entry]:
        """List the whole place before anything of it is fetched."""
        entries, limit = dict[str, Entry](), self.visit.policy.max_files
        taken = {file.source for file in self.fetched.files}
        for each in found:
            source = self._source(each.tail)
            if isinstance(each, LeftOut):
                self._leave_out(source, each)
            elif reason := self.visit.reason_against(each.path):
                self.fetched.left_out.append((printable(source), reason))
            elif source in entries:
                self.fetched.left_out.append((source, "another file has the same name in other code points"))
            elif source not in taken:  # a place within another one
                entries[source] = each
            if len(entries) > limit:
                raise RefusedError(f"holds more than {limit:,} files", "name a folder within it")
        return sorted(entries.values(), key=lambda entry: entry.tail)

    def _leave_out(self, source: str, left: LeftOut) -> None:
        if left.lost:
            self._lose(source, RefusedError(left.reason), 0, 0)
        self.fetched.left_out.append((printable(source), left.reason))

    def _take(self, entry: Entry, source: str) -> None:
        from index.sources.places.copies import current, fetched

        if file := current(entry, source, self.folder):
            self.fetched.files.append(file)
            return
        try:
            if self.failures >= _GIVE_UP:
                raise RefusedError("the place stopped answering")
            file = fetched(entry, source, self.folder, self.visit.most_bytes)
        except RefusedError as error:
            self.failures += 0 if error.skipped else 1
            self.fetched.refused.append((self._unfetched(source), error.of(printable(source))))
            return
        self.failures = 0
        self.fetched.files.append(file)

    def _lose(self, below: str, error: RefusedError, files: int, refused: int) -> None:
        """Note that what is known below an address stays as it is, and why; nothing known: the address itself failed.

        What this visit did up to then (behind so many files and refusals) does not count.
        """
        if below == self.place:
            del self.fetched.files[files:], self.fetched.refused[refused:]
        found = {file.source for file in self.fetched.files} | {file.source for file, _ in self.fetched.refused}
        known = [each.source for each in self.ledger.files if belongs(each.source, below) and each.source not in found]
        if below == self.place and not known:
            known = [below]
        reason = error.reason if below == self.place else f"{below}: {error.reason}"
        for source in known:
            self.fetched.refused.append((self._unfetched(source), self._error(source, reason, error)))

    def _error(self, source: str, reason: str, error: RefusedError) -> SourceError:
        # A place that is refused for good (a private address) takes what it gave along only when it gave nothing.
        kind = SourceSkippedError if error.skipped and source == self.place else SourceError
        return kind(printable(source), f"{shown_place(self.place)} {reason}" if source != self.place else reason)

    def _source(self, tail: str) -> str:
        inner = self.place if self.place.endswith("://") or not tail else self.place.rstrip("/")
        return unicodedata.normalize("NFC", f"{inner}{tail.removeprefix('/') if inner.endswith('://') else tail}")

    def _unfetched(self, source: str) -> SourceFile:
        return SourceFile(self.folder, source, 0, 0, self.folder)


def _tidy(folder: Path, fetched: Fetched) -> None:
    """Remove the copies of what nothing lists any more; what could not be fetched now keeps its copy."""
    from index.sources.places.copies import is_ours, stem_of

    sources = [file.source for file in fetched.files] + [file.source for file, _ in fetched.refused]
    wanted = set(map(stem_of, sources))
    for path in folder.iterdir():
        if is_ours(path.name) and (path.name[:24] not in wanted or path.name.endswith((".part", ".new"))):
            path.unlink(missing_ok=True)
