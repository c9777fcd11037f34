"""A `rag chat` of its own for a benchmark, on a free port of this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import httpx

__all__ = ["chat_server"]


@contextmanager
def chat_server(index_dir: Path, log: BinaryIO | None = None) -> Iterator[tuple[str, int]]:
    """Serve an index until the block ends.

    Args:
        index_dir: folder of the index.
        log: takes what the server says on standard error.

    Yields:
        Its address and the number of its process, once it answers.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "chat", "--index", str(index_dir), "--port", str(port)]
    process = subprocess.Popen(command, stderr=log or subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        while not _answers(url):
            if process.poll() is not None:
                raise SystemExit(f"the server ended with code {process.returncode}")
            time.sleep(0.2)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.TransportError:
        return False
