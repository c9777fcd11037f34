"""Follows folders: each time something in them has settled, the index is brought up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from index.building import build
from index.errors import RagError, SourceError
from index.health import sources_of
from index.report import BuildReport

__all__ = ["watch"]

SETTLE_MS = 1000  # an editor or a copy writes a file in several steps


def watch(
    index_dir: Path,
    on_report: Callable[[BuildReport], None],
    on_error: Callable[[RagError], None],
    stop: threading.Event | None = None,
) -> None:
    """Update the index whenever what it was made of changes, until stopped.

    Args:
        index_dir: folder of an index that was built before; its remembered files and folders are followed, pages stay.
        on_report: called with the report of every update that changed something.
        on_error: called when an update failed; the index stays as it was and watching goes on.
        stop: ends the watching when it is set; `None` goes on until the process is interrupted.

    Raises:
        IndexMissingError: nothing was built there yet.
        SourceError: nothing that it was made of is there any more.
    """
    from watchfiles import DefaultFilter
    from watchfiles import watch as changes

    own = str(index_dir.resolve())
    roots = _existing(sources_of(index_dir))
    keep = DefaultFilter(ignore_paths=(own,))
    for _ in changes(*roots, watch_filter=keep, debounce=SETTLE_MS, stop_event=stop, raise_interrupt=True):
        try:
            report = build(index_dir=index_dir, refetch=False)  # no page changes because a file did
        except RagError as error:
            on_error(error)
            continue
        if report.added or report.changed or report.renamed or report.removed or report.failed:
            on_report(report)


def _existing(sources: Sequence[str]) -> list[Path]:
    """Return the remembered sources that are there: a watcher can't follow a folder that is gone."""
    found = [Path(source) for source in sources if Path(source).exists()]
    if not found:
        told = ", ".join(sources) or "the index"
        raise SourceError(told, "no file or folder to follow; name what to index")
    return found
