"""Who waits for a reply may go before the first word of it: then nobody waits any more, and the model is let go.

The one who serves callers says so by `calling`; what waits for a model asks by `tell`. Between them lies the whole way
of a question, which need not know of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Caller", "CallerLeftError", "caller", "calling", "still_wanted"]


class CallerLeftError(BaseException):
    """Nobody waits for the reply any more. No error of the work's own, so that nothing steps in for it."""


class Caller:
    """One who waits; several threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = False
        self._tell: dict[object, Callable[[], None]] = {}

    @property
    def left(self) -> bool:
        """Whether the caller has gone."""
        return self._left

    def leave(self) -> None:
        """Note that the caller has gone, and tell it to whatever waits for a reply."""
        with self._lock:
            self._left = True
            callbacks = list(self._tell.values())
        for tell in callbacks:
            tell()

    @contextmanager
    def telling(self, tell: Callable[[], None]) -> Iterator[None]:
        """Have `tell` called within the block when the caller goes, or at once if it has gone."""
        key = object()
        with self._lock:
            self._tell[key] = tell
            left = self._left
        try:
            if left:
                tell()
            yield
        finally:
            with self._lock:
                del self._tell[key]


_CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)


def caller() -> Caller:
    """Return who waits for what is done here; one who never leaves where nobody was named."""
    return _CALLER.get() or Caller()


def still_wanted() -> None:
    """Return where somebody still waits for what is done here, to stop work that nobody wants.

    Raises:
        CallerLeftError: nobody does.
    """
    if caller().left:
        raise CallerLeftError


@contextmanager
def calling(who: Caller) -> Iterator[None]:
    """Name who waits for what is done in the block, and in the threads that it starts with its context."""
    before = _CALLER.set(who)
    try:
        yield
    finally:
        _CALLER.reset(before)
