"""Reads a blocking iterator in a thread for the event loop; who waits for its items can be stopped meanwhile."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Generic, TypeVar

from rag.llms.calls.callers import Caller, CallerLeftError, calling

__all__ = ["FRAME_SECONDS", "Stop", "pumped"]

Item = TypeVar("Item")
# A reader's eye follows some twelve updates a second; more only costs.
FRAME_SECONDS = 0.08
_AHEAD = 256
_BEHIND_SECONDS = 0.05


class Stop:
    """Ends a run from any thread. To be made and awaited in one event loop.

    Attributes:
        caller: the one for whom the run is made.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        self.caller = Caller()
        self._woken = asyncio.Event()

    def set(self) -> None:
        """End the run."""
        self._stopped = True
        self.wake()
        self.caller.leave()

    def is_set(self) -> bool:
        """Tell whether the run was ended."""
        return self._stopped

    def wake(self) -> None:
        """Let the one who awaits look what has come."""
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._woken.set)

    async def woken(self, seconds: float | None = None) -> None:
        """Wait until `wake` or `set` was called, or for so many seconds."""
        timer = None if seconds is None else self._loop.call_later(seconds, self._woken.set)
        try:
            await self._woken.wait()
        finally:
            if timer is not None:
                timer.cancel()
        self._woken.clear()


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
    def __init__(self, source: Callable[[], Iterator[Item]], stop: Stop) -> None:
        self._source = source
        self._stop = stop
        self._items: deque[Item] = deque()
        self.ended = False
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with calling(self._stop.caller):
                self._read()
        except CallerLeftError:  # who ended the run knows that
            pass
        except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it
            self.error = error
        self.ended = True
        self._stop.wake()

    def _read(self) -> None:
        for item in self._source():
            self._items.append(item)
            if len(self._items) == 1:
                self._stop.wake()
            if not self._wanted():
                break

    def _wanted(self) -> bool:
        """Wait while the reader is far behind; tell whether the next item is still wanted."""
        while len(self._items) >= _AHEAD and not self._stop.is_set():
            time.sleep(_BEHIND_SECONDS)
        return not self._stop.is_set()

    def take(self) -> tuple[list[Item], bool]:
        """Return what has come, and whether it is the rest."""
        batch, ended = [], self.ended
        while self._items:  # to the last one, since only one that comes into an empty queue wakes the reader
            batch.append(self._items.popleft())
        return batch, ended


async def pumped(
    source: Callable[[], Iterator[Item]], stop: Stop, seconds: float = FRAME_SECONDS
) -> AsyncGenerator[list[Item], None]:
    """Yield what the iterator gives, in bunches: each wakes the loop once, however many pieces it holds.

    Args:
        source: makes the iterator; called in the thread in which it is also read.
        stop: ends the reading at once, also in the middle of a wait, and lets a model go that has said nothing yet.
        seconds: how long pieces are gathered from the first of a bunch on; the end is not waited for.

    Raises:
        BaseException: whatever the iterator raised, after the items before it.
    """
    pump = _Pump(source, stop)
    _CREW.run(partial(copy_context().run, pump.run))  # what the task knows of who asks, and nothing of others
    try:
        while not stop.is_set():
            await stop.woken()
            if not pump.ended:
                await stop.woken(seconds)
            batch, ended = pump.take()
            if batch and not stop.is_set():
                yield batch
            if ended and pump.error is not None:
                raise pump.error
            if ended:
                return
    finally:
        stop.set()
