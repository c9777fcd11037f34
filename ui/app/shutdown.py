"""Ends the process of a server soon after it was told to."""

from __future__ import annotations

import os
import sys
import threading
import time

__all__ = ["leave"]


def leave(seconds: float = 0.5) -> None:
    """End the process though a thread still waits for a model that says nothing; Python itself would wait for it.

    Nothing is lost: builds run in processes of their own, and files are replaced in one step.
    """
    waiting = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    until = time.monotonic() + seconds
    for one in waiting:
        one.join(max(0.0, until - time.monotonic()))
    if any(one.is_alive() for one in waiting):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
