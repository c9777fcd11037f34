"""Builds of the index that the page starts: one at a time, each in a process of its own, with progress and report."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from index.background import build_behind
from index.building.report import BuildReport, Progress, merged
from index.errors import IndexBusyError, RagError
from index.locations import Location
from index.opening.listing import listing_of
from index.sources.places.addresses import is_place
from index.sources.types import ReadOptions, WebPolicy
from ui.service.library.roots import Change, settled

__all__ = ["BuildState", "Builds"]

logger = logging.getLogger(__name__)
_REPORTS = 100  # several builds may follow one upload of many files


@dataclass(frozen=True, slots=True)
class BuildState:
    """Where the last build stands.

    Attributes:
        number: counts the builds of this process, from 1; 0 before the first.
        running: whether it works.
        stage: what it does now.
        done: how many files, texts or steps of the stage are done.
        total: of how many.
        source: the file that was just done with.
        report: what it did; `None` until it is done, and when it failed.
        busy: another process builds this index.
        problem: why it failed, one sentence, or `""`.
    """

    number: int = 0
    running: bool = False
    stage: str = "reading"
    done: int = 0
    total: int = 0
    source: str = ""
    report: BuildReport | None = None
    busy: bool = False
    problem: str = ""


class Builds:
    """Runs builds of one index; safe to use from several threads.

    Args:
        index_dir: folder or database of the index.
        build: `build_behind`, or what stands in for it in a test.
        private_addresses: let web addresses lead into this machine's own network.
    """

    def __init__(
        self, index_dir: Location, build: Callable[..., BuildReport] | None = None, *, private_addresses: bool = False
    ) -> None:
        self._index_dir = index_dir
        self._web: dict[str, Any] = {"web": WebPolicy(allow_private=True)} if private_addresses else {}
        self._build = build or build_behind
        self._lock = threading.Lock()
        self._state = BuildState()
        self._again = False
        self._changes: list[Change] = []
        self._reports: deque[tuple[int, BuildReport]] = deque(maxlen=_REPORTS)

    @property
    def state(self) -> BuildState:
        """Where the last build stands now."""
        return self._state

    def since(self, number: int) -> BuildState:
        """Return where the last build stands, its report being that of all builds after the one of a number."""
        state = self._state
        reports = [report for each, report in list(self._reports) if each > number]
        return replace(state, report=merged(reports)) if state.report is not None and reports else state

    def start(self, *, add: Sequence[str] = (), drop: Sequence[str] = (), queue: bool = False) -> bool:
        """Start a build; says whether it will run.

        Args:
            add: paths or addresses to index besides what is indexed.
            drop: paths or addresses to leave out from now on.
            queue: while one runs, run another one after it instead of refusing.
        """
        with self._lock:
            if self._state.running and not queue:
                return False
            self._changes.append(Change(tuple(add), tuple(drop)))
            if self._state.running:
                self._again = True
                return True
            self._state = BuildState(number=self._state.number + 1, running=True)
        threading.Thread(target=self._run, name="build", daemon=True).start()
        return True

    def _run(self) -> None:
        while True:
            with self._lock:
                changes, self._changes, self._again = self._changes, [], False
            ended = self._once(changes)
            if ended.report is not None:
                self._reports.append((ended.number, ended.report))
            with self._lock:
                if not self._again:
                    self._state = ended
                    return
                self._state = BuildState(number=self._state.number + 1, running=True)

    def _once(self, changes: list[Change]) -> BuildState:
        ended = BuildState(number=self._state.number)
        try:
            report = self._build(index_dir=self._index_dir, progress=self._show, **self._web, **self._settings(changes))
        except IndexBusyError as error:
            return replace(ended, busy=True, problem=str(error))
        except RagError as error:
            return replace(ended, problem=str(error))
        except Exception:
            logger.exception("a build that the page started failed")
            return replace(ended, problem="the build stopped; the server's log says why")
        return replace(ended, report=report)

    def _show(self, step: Progress) -> None:
        with self._lock:
            number = self._state.number
            self._state = BuildState(number, running=True, **asdict(step))

    def _settings(self, changes: list[Change]) -> dict[str, Any]:
        """Return the arguments that keep everything as it is but what was added and taken out."""
        if not any(change.add or change.drop for change in changes):
            return {}
        listing = listing_of(self._index_dir)
        kept = listing.options
        before = (listing.roots, _names(kept, "removed"))
        roots, removed = settled(*before, changes)
        if (roots, removed) == before:
            return {}
        settings: dict[str, Any] = {"paths": list(roots), "removed": removed}
        named = [place for change in changes for place in change.add if is_place(place) and place not in before[0]]
        settings["guarded"] = tuple(named)
        for name in ("include", "exclude"):
            settings[name] = _names(kept, name)
        fields = kept.get("read_options")
        settings["read_options"] = ReadOptions(**fields) if isinstance(fields, dict) else None
        return settings


def _names(options: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = options.get(name)
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()
