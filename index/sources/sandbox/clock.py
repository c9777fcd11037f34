"""The time that a child process has for a part of a file, and for all of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Ends a process that takes too long for a part of a file, or for all of it."""

    def __init__(self, end: Callable[[], None], total: float) -> None:
        self._end = end
        self._total = total
        self._began = time.monotonic()
        self._timer: threading.Timer | None = None
        self.late = False
        self.seconds = 0.0

    def start(self, seconds: float) -> None:
        """Give the part that begins now so many seconds, or what is left of all."""
        self.stop()
        left = self._began + self._total - time.monotonic()
        self.seconds = seconds if seconds < left else self._total
        self._timer = threading.Timer(max(0.0, min(seconds, left)), self._expire)
        self._timer.start()

    def stop(self) -> None:
        """Let the process be."""
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self) -> None:
        self.late = True
        self._end()
