"""Ends a program that has said everything, without taking its libraries down piece by piece.

A seventh of what a single question costs went into giving memory back that the system takes with the process anyway.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import NoReturn

__all__ = ["leave"]

_SAYS_GOODBYE = "psycopg"  # a server notes a connection that is only dropped


def leave(code: str | int | None) -> NoReturn:
    """End the process as `sys.exit(code)` does, at once where nothing is left to be done.

    What was registered for the end is called and the streams are written out first. Threads that are to be waited for,
    open connections, a message instead of a number and a stream that can't be written take the ordinary way.
    """
    working = any(not each.daemon for each in threading.enumerate() if each is not threading.main_thread())
    if working or not isinstance(code, int | None) or _SAYS_GOODBYE in sys.modules:
        sys.exit(code)
    atexit._run_exitfuncs()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except (OSError, ValueError):  # a pipe whose reader left: the interpreter says what it always says
        sys.exit(code)
    os._exit(code or 0)
