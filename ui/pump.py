"""Reads a blocking iterator in another thread, so that who waits for its items can be stopped meanwhile."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

__all__ = ["pumped"]

Item = TypeVar("Item")
_WAIT_SECONDS = 0.05
_AHEAD = 256
# Pieces that come in a bunch are taken in a bunch: each waking of the other thread costs more than a piece.
_GATHER_SECONDS = 0.004


class _End:
    """Marks the end of the items; `error` is what the iterator raised, if it did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Crew:
    """Threads that are kept for the next task: what a library opens per thread is opened once, not for every task.

    They are daemons, since one may hang in a model that never answers, and grow with what runs at the same time.
    """

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._idle = 0
        self._lock = threading.Lock()

    def run(self, task: Callable[[], None]) -> None:
        with self._lock:
            spare = self._idle > 0
            self._idle -= spare
        if not spare:
            threading.Thread(target=self._work, name="answer", daemon=True).start()
        self._tasks.put(task)

    def _work(self) -> None:
        while True:
            self._tasks.get()()
            with self._lock:
                self._idle += 1


_CREW = _Crew()


class _Pump(Generic[Item]):
    def __init__(self, source: Callable[[], Iterator[Item]], stop: threading.Event) -> None:
        self._source = source
        self._stop = stop
        self.items: queue.Queue[Item | _End] = queue.Queue(maxsize=_AHEAD)

    def run(self) -> None:
        try:
            for item in self._source():
                if not self._put(item):
                    return
        except BaseException as error:  # noqa: BLE001 - handed to the reader's thread, which raises it
            self._put(_End(error))
        else:
            self._put(_End())

    def _put(self, item: Item | _End) -> bool:
        while not self._stop.is_set():
            try:
                self.items.put(item, timeout=_WAIT_SECONDS)
            except queue.Full:
                continue
            return True
        return False


def pumped(source: Callable[[], Iterator[Item]], stop: threading.Event) -> Iterator[list[Item]]:
    """Yield what the iterator gives, as many items at a time as have come; an empty list while nothing comes.

    Args:
        source: makes the iterator; called in the thread in which it is also read.
        stop: ends the reading at once, also in the middle of a wait. The other thread drops it at its next item.

    Raises:
        BaseException: whatever the iterator raised, after the items before it.
    """
    pump = _Pump(source, stop)
    _CREW.run(pump.run)
    try:
        while not stop.is_set():
            batch, end = _drain(pump.items)
            yield batch
            if end is None:
                continue
            if end.error is not None:
                raise end.error
            return
    finally:
        stop.set()


def _drain(items: queue.Queue[Item | _End]) -> tuple[list[Item], _End | None]:
    batch: list[Item] = []
    try:
        item = items.get(timeout=_WAIT_SECONDS)
        while True:
            if isinstance(item, _End):
                return batch, item
            if not batch:
                time.sleep(_GATHER_SECONDS)
            batch.append(item)
            item = items.get_nowait()
    except queue.Empty:
        return batch, None
