"""Follows folders: each time something in them has settled, the index is brought up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from index.building.build import build
from index.building.report import BuildReport
from index.errors import IndexBusyError, RagError, SourceError
from index.locations import LocationLike, beside, location_of
from index.opening.health import sources_of

__all__ = ["watch"]

SETTLE_MS = 1000  # an editor or a copy writes a file in several steps
LOOK_AGAIN_MS = 2000  # after so long without a change, what an update could not see is looked for


def watch(
    index_dir: LocationLike,
    on_report: Callable[[BuildReport], None],
    on_error: Callable[[RagError], None],
    stop: threading.Event | None = None,
) -> None:
    """Update the index whenever what it was made of changes, until stopped.

    Args:
        index_dir: place of an index that was built before; its remembered files and folders are followed, pages stay.
        on_report: called with the report of every update that changed something.
        on_error: called when an update failed; the index stays as it was and watching goes on.
        stop: ends the watching when it is set; `None` goes on until the process is interrupted.

    Raises:
        IndexMissingError: nothing was built there yet.
        SourceError: nothing that it was made of is there any more.
    """
    from watchfiles import DefaultFilter
    from watchfiles import watch as changes

    own = str(beside(location_of(index_dir)).resolve())
    roots = _existing(sources_of(index_dir))
    stream = changes(
        *roots,
        watch_filter=DefaultFilter(ignore_paths=(own,)),
        debounce=SETTLE_MS,
        rust_timeout=LOOK_AGAIN_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=True,
    )
    behind = True  # what changed between the last build and the first look of the watcher was told to nobody
    busy = False
    for changed in stream:
        if changed or behind:
            busy = behind = _update(index_dir, on_report, on_error, reported=busy)


def _update(
    index_dir: LocationLike,
    on_report: Callable[[BuildReport], None],
    on_error: Callable[[RagError], None],
    *,
    reported: bool,
) -> bool:
    """Build once; `True` when another build was at work, so that this one has to be tried again.

    Args:
        index_dir: folder of the index.
        on_report: called when something changed.
        on_error: called when the build failed.
        reported: it was said before that another build is at work.
    """
    try:
        report = build(index_dir=index_dir, refetch=False)  # no page changes because a file did
    except IndexBusyError as error:
        if not reported:
            on_error(error)
        return True
    except RagError as error:
        on_error(error)
        return False
    if report.added or report.changed or report.renamed or report.removed or report.failed:
        on_report(report)
    return False


def _existing(sources: Sequence[str]) -> list[Path]:
    """Return the remembered sources that are there: a watcher can't follow a folder that is gone."""
    found = [Path(source) for source in sources if Path(source).exists()]
    if not found:
        names = ", ".join(sources) or "the index"
        raise SourceError(names, "no file or folder to follow", "name what to index")
    return found
