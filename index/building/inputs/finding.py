"""What there is to index now, and what a build has to do with each file and page."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from index.building.inputs.changes import Plan, Task, make_plan
from index.building.inputs.pages import PAGES, Fetched, fetch_pages
from index.building.inputs.places import PLACES, Visit, fetch_places
from index.building.settings import Settings
from index.disk.ledger import Ledger, SourceRecord
from index.errors import SourceError, SourceSkippedError
from index.sources.discovery import discover
from index.sources.places.addresses import is_place
from index.sources.types import Discovery
from index.sources.web.addresses import is_address

__all__ = ["TAKEN_OUT", "find_sources"]

TAKEN_OUT = "taken out of the index"
"""Why a file that is there is not indexed: somebody said so."""


def find_sources(
    settings: Settings, index_dir: Path, ledger: Ledger, progress: Callable[[int, int, str], None]
) -> tuple[Plan, tuple[tuple[str, str], ...]]:
    """Walk the roots, fetch the addresses, and compare what is there with what the last build found.

    Args:
        settings: of the build.
        index_dir: folder of the index, or of what belongs to it; what lies in it is never indexed.
        ledger: what the last build found.
        progress: called with (pages done, pages in all, address).

    Returns:
        The plan, and (source, reason) of what was not looked into.

    Raises:
        SourceError: a path that was named doesn't exist, or nothing that was remembered is there.
    """
    found = _discover(settings, index_dir)
    if settings.by_content:
        ledger = replace(ledger, started_ns=0)  # whatever looks unchanged may have changed since: all are compared
    fetched, kept = _fetch(settings, index_dir.resolve(), ledger, progress)
    plan = _plan(found, fetched, kept, ledger, all_anew=settings.all_anew)
    left_out = [(error.source, error.reason) for error in found.skipped]
    return plan, tuple(left_out + sorted(dict.fromkeys(fetched.left_out)))


def _fetch(
    settings: Settings, beside: Path, ledger: Ledger, progress: Callable[[int, int, str], None]
) -> tuple[Fetched, list[SourceRecord]]:
    """Fetch pages and visit places; returns what came of it, and the records of what was not to be looked at now."""
    fetched, kept = Fetched(), list[SourceRecord]()
    if settings.addresses and not settings.refetch:
        kept += [record for record in ledger.files if is_address(record.source)]
    else:
        fetched.add(fetch_pages(settings.addresses, beside / PAGES, settings.web, ledger, progress))
    if settings.places and not settings.revisit:
        kept += [record for record in ledger.files if is_place(record.source)]
    else:
        patterns = (settings.include, settings.exclude)
        visit = Visit(settings.web, settings.guarded, settings.read_options.max_bytes, *patterns)
        fetched.add(fetch_places(settings.places, beside / PLACES, visit, ledger, progress))
    return fetched, kept


def _plan(found: Discovery, fetched: Fetched, kept: list[SourceRecord], ledger: Ledger, *, all_anew: bool) -> Plan:
    before = {record.source: record for record in ledger.files}
    known = _without(ledger, {file.source for file, _ in fetched.refused} | {record.source for record in kept})
    plan = make_plan([*found.files, *fetched.files], known, all_anew=all_anew)
    plan.unchanged += kept
    plan.refused = [(Task(file, "", before.get(file.source)), error) for file, error in fetched.refused]
    return plan


def _without(ledger: Ledger, sources: set[str]) -> Ledger:
    return replace(ledger, files=tuple(record for record in ledger.files if record.source not in sources))


def _discover(settings: Settings, index_dir: Path) -> Discovery:
    present = [root for root in settings.roots if root.exists() or not settings.remembered]
    elsewhere = settings.addresses or settings.places
    if not present and not elsewhere and not settings.may_be_empty:
        gone = ", ".join(map(str, settings.roots))
        raise SourceError(gone, "nothing is there any more; the index keeps what it has", "name what to index")
    limit = settings.read_options.max_bytes
    found = discover(present, include=settings.include, exclude=settings.exclude, max_bytes=limit)
    return _kept(_outside(found, index_dir.resolve()), frozenset(settings.removed))


def _kept(found: Discovery, removed: frozenset[str]) -> Discovery:
    """Leave out what was taken out of the index, alone or with its folder."""

    def taken_out(path: Path) -> bool:
        return bool(removed) and not removed.isdisjoint(map(str, (path, *path.parents)))

    out = [SourceSkippedError(file.source, TAKEN_OUT) for file in found.files if taken_out(file.path)]
    kept = tuple(file for file in found.files if not taken_out(file.path))
    return Discovery(kept, tuple(sorted((*found.skipped, *out), key=lambda each: each.source)))


def _outside(found: Discovery, index_dir: Path) -> Discovery:
    """Leave the index itself out where it lies within what is indexed."""
    inside = f"{index_dir}{os.sep}"
    own = [file for file in found.files if str(file.path).startswith(inside)]
    if not own:
        return found
    depth = len(own[0].path.relative_to(index_dir).parts)
    source = "/".join(own[0].source.split("/")[:-depth]) or str(index_dir)
    refusal = SourceSkippedError(source, "the index itself")
    files_left = tuple(file for file in found.files if not str(file.path).startswith(inside))
    skipped = tuple(each for each in found.skipped if not each.source.startswith(f"{source}/"))
    return Discovery(files_left, tuple(sorted((*skipped, refusal), key=lambda each: each.source)))
