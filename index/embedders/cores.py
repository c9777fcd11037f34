"""How many cores a question's embedding takes: all of them for one who asks alone, one each in a crowd.

Shared out over cores, a question of ten tokens costs half as much processor time again, since the cores wait for each
other some two hundred times. Alone that is well spent; in a crowd it is taken from the others.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Crowd", "OpenMP"]

# A question that came so shortly before, in another thread, tells that more of them are on their way.
_SECONDS = 0.1


class Crowd:
    """Tells whether other threads ask as well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[int, float] = {}

    def joined(self) -> bool:
        """Count the caller in; tells whether there are others."""
        now, me = time.monotonic(), threading.get_ident()
        with self._lock:
            self._seen[me] = now
            self._seen = {thread: moment for thread, moment in self._seen.items() if now - moment < _SECONDS}
            return len(self._seen) > 1


class OpenMP:
    """The OpenMP runtime under a library, whose number of threads each calling thread has for itself.

    Args:
        library: the shared library that was built with it.

    Raises:
        OSError: the library can't be loaded.
        AttributeError: it has no OpenMP.
    """

    def __init__(self, library: Path) -> None:
        loaded = ctypes.CDLL(str(library))
        self._set = loaded.omp_set_num_threads
        self._set.argtypes, self._set.restype = [ctypes.c_int], None
        self._get = loaded.omp_get_max_threads
        self._most = self.threads()

    def threads(self) -> int:
        """Return how many threads the calling thread's next parallel part takes."""
        return max(1, int(self._get()))

    @contextmanager
    def one_core(self) -> Iterator[None]:
        """Keep the calling thread's parallel parts on its own core."""
        self._set(1)
        try:
            yield
        finally:
            self._set(self._most)
