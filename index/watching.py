"""Follows folders and places: each time something in them has settled, the index is brought up to date.

The system reports changes in folders; places are looked at from time to time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.building.build import build
from index.building.report import BuildReport
from index.errors import IndexBusyError, RagError, SourceError
from index.locations import LocationLike, beside, location_of
from index.opening.health import sources_of
from index.sources.places.addresses import is_place, is_remote

__all__ = ["watch"]

SETTLE_MS = 1000  # an editor or a copy writes a file in several steps
LOOK_AGAIN_MS = 2000  # after so long without a change, what an update could not see is looked for
VISIT_S = 60.0  # how often places are looked at: each look lists all of them


def watch(
    index_dir: LocationLike,
    on_report: Callable[[BuildReport], None],
    on_error: Callable[[RagError], None],
    stop: threading.Event | None = None,
) -> None:
    """Update the index whenever what it was made of changes, until stopped.

    Args:
        index_dir: place of an index that was built before; its remembered files and folders are followed, places are
            visited every minute, pages stay.
        on_report: called with the report of every update that changed something.
        on_error: called when an update failed; the index stays as it was and watching goes on.
        stop: ends the watching when it is set; `None` goes on until the process is interrupted.

    Raises:
        IndexMissingError: nothing was built there yet.
        SourceError: nothing that it was made of is there any more.
    """
    sources = sources_of(index_dir)
    places = [source for source in sources if is_place(source)]
    own = str(beside(location_of(index_dir)).resolve())
    roots = _existing(sources, among=places)
    updates = _Updates(index_dir, on_report, on_error)
    behind = True  # what changed between the last build and the first look of the watcher was reported to nobody
    visited = time.monotonic()
    for changed in _changes(roots, own, stop or threading.Event()):
        due = bool(places) and time.monotonic() - visited >= VISIT_S
        if changed or behind or due:
            behind = updates.run(revisit=due)
            visited = time.monotonic() if due and not behind else visited


def _changes(roots: Sequence[Path], own: str, stop: threading.Event) -> Iterator[bool]:
    """Tell every few moments whether something has changed below the roots, until stopped."""
    from watchfiles import DefaultFilter
    from watchfiles import watch as changes

    if not roots:
        while not stop.wait(LOOK_AGAIN_MS / 1000):
            yield False
        return
    stream = changes(
        *roots,
        watch_filter=DefaultFilter(ignore_paths=(own,)),
        debounce=SETTLE_MS,
        rust_timeout=LOOK_AGAIN_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=True,
    )
    yield from map(bool, stream)


@dataclass(slots=True)
class _Updates:
    """Builds, and says what they did, but nothing twice in a row.

    Attributes:
        index_dir: of the index.
        on_report: called when something changed.
        on_error: called when a build failed.
    """

    index_dir: LocationLike
    on_report: Callable[[BuildReport], None]
    on_error: Callable[[RagError], None]
    _busy: bool = False
    _failed: tuple[tuple[str, str], ...] = ()

    def run(self, *, revisit: bool) -> bool:
        """Build once; `True` when another build was at work, so that this one has to be tried again.

        Args:
            revisit: look at places; pages stay, for none changes because a file did.
        """
        try:
            report = build(index_dir=self.index_dir, refetch=False, revisit=revisit)
        except IndexBusyError as error:
            if not self._busy:
                self.on_error(error)
            self._busy = True
            return True
        except RagError as error:
            self.on_error(error)
            return self._done(())
        again = report.failed == self._failed
        if report.added or report.changed or report.renamed or report.removed or (report.failed and not again):
            self.on_report(report)
        return self._done(report.failed)

    def _done(self, failed: tuple[tuple[str, str], ...]) -> bool:
        self._busy, self._failed = False, failed
        return False


def _existing(sources: Sequence[str], among: Sequence[str]) -> list[Path]:
    """Return the remembered sources that are there: a watcher can't follow a folder that is gone.

    Raises:
        SourceError: none is, nor are there places (`among` the sources) to visit.
    """
    found = [Path(source) for source in sources if not is_remote(source) and Path(source).exists()]
    if not found and not among:
        names = ", ".join(sources) or "the index"
        raise SourceError(names, "no file or folder to follow", "name what to index")
    return found
