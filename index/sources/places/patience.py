"""Waiting for places, but not for ever: their libraries may wait for a server that accepts and never answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TypeVar

from index.sources.types import RefusedError

__all__ = ["within"]

T = TypeVar("T")


class _Carried:
    """Hands whatever is raised in a thread over to whoever waits for its result."""

    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if error is not None:
            self._future.set_exception(error)
        return True


def within(seconds: float, work: Callable[[], T]) -> T:
    """Do one step with a place in a thread of its own and return its result.

    Args:
        seconds: for which it is waited for; the thread is left to itself then, and ends with the process at the latest.
        work: the step.

    Raises:
        RefusedError: it took longer. Whatever else it raises is raised here.
    """
    future: Future[T] = Future()

    def run() -> None:
        with _Carried(future):
            future.set_result(work())

    threading.Thread(target=run, name="place", daemon=True).start()
    try:
        error = future.exception(seconds)
    except TimeoutError:
        raise RefusedError(f"does not answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return future.result()
