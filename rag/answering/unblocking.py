"""Reads a blocking iterator in a thread for an event loop, which goes on meanwhile."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["unblocked"]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _End:
    """The iterator has ended, by an error or as it should."""

    error: BaseException | None = None


class _Reading(Generic[Item]):
    def __init__(self, source: Callable[[], Iterator[Item]]) -> None:
        self._source = source
        self._loop = asyncio.get_running_loop()
        self.items: asyncio.Queue[Item | _End] = asyncio.Queue()
        self.left = threading.Event()

    def run(self) -> None:
        """Read to the end, or to the next item once nobody waits any more."""
        try:
            with closing(_generator(self._source())) as source:
                for item in source:
                    if self.left.is_set():
                        return
                    self._give(item)
        except BaseException as error:  # noqa: BLE001 - raised again where the items are awaited
            self._give(_End(error))
        else:
            self._give(_End())

    def _give(self, item: Item | _End) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.items.put_nowait, item)


def _generator(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Return the iterator as one that can be closed, and with it those that it reads."""
    yield from items


async def unblocked(source: Callable[[], Iterator[Item]]) -> AsyncGenerator[Item, None]:
    """Yield what a blocking iterator yields.

    Who stops waiting, or is cancelled, is free at once; the thread ends at the iterator's next item and closes it.

    Args:
        source: makes the iterator; called in the thread that reads it.

    Raises:
        BaseException: whatever the iterator raised, after the items before it.
    """
    reading = _Reading(source)
    work = asyncio.get_running_loop().run_in_executor(None, reading.run)
    try:
        while not isinstance(item := await reading.items.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
        await work
    finally:
        reading.left.set()
