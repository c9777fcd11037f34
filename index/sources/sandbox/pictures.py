"""Pages of PDF files drawn in a child process, with the limits of reading; nothing is drawn that nobody asked for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict
from queue import SimpleQueue
from typing import Any

from index.errors import SourceError
from index.language.hygiene import printable
from index.sources.pdf.picture import Drawn, Words
from index.sources.sandbox.pool import Child, SandboxLimits
from index.sources.types import ReadOptions, SourceFile

__all__ = ["LIMITS", "Pictures"]

LIMITS = SandboxLimits(seconds=20.0, cpu_seconds=10)
"""What one page may cost."""


class Pictures:
    """Draws pages, one after the other, in one child that is started at the first and kept for the next."""

    def __init__(self, limits: SandboxLimits = LIMITS) -> None:
        self._limits = limits
        self._guard = threading.Lock()
        self._child: Child | None = None

    def draw(self, file: SourceFile, digest: str, number: int, width: int, words: Words | None = None) -> Drawn:
        """Draw a page.

        Args:
            file: the PDF.
            digest: SHA-256 of the bytes that it must have, hexadecimal.
            number: of the page, from 0.
            width: of the picture, in pixels.
            words: what is marked.

        Raises:
            SourceError: the file is gone, another one by now, damaged, or too dear to draw.
        """
        wanted = {"digest": digest, "page": number, "width": width, "words": _sent(words)}
        with self._guard:
            answer = self._ready().ask(file, {"picture": wanted})
        if isinstance(answer, SourceError):
            raise answer
        if "problem" in answer:
            raise SourceError(printable(file.source), str(answer["problem"]), str(answer.get("fix", "")))
        return _drawn(answer["picture"])

    def prepare(self) -> None:
        """Start the child where there is none, without waiting for it: the first page comes sooner then."""
        if self._guard.acquire(blocking=False):  # held while a page is drawn, by a child that is there
            try:
                self._ready()
            finally:
                self._guard.release()

    def _ready(self) -> Child:
        if self._child is None or not self._child.alive:
            self._child = Child(ReadOptions(), self._limits, SimpleQueue())
        return self._child

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()


def _sent(words: Words | None) -> list[Any] | None:
    return [part if isinstance(part, str) else asdict(part) for part in words] if words else None


def _drawn(reply: Mapping[str, Any]) -> Drawn:
    boxes = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in reply["boxes"])
    width, height, pages = (int(reply[name]) for name in ("width", "height", "pages"))
    return Drawn(str(reply["image"]), width, height, pages, boxes, reply["marked"])
