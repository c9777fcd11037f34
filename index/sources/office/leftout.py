"""What of an office file is no text and is left out: counted, and told at the end."""

from __future__ import annotations

from index.sources.types import ReadContext

__all__ = ["LeftOut"]


class LeftOut:
    """Counts what is left out.

    Attributes:
        pictures: pictures that nobody has described.
        objects: files of other programs, sounds and films.
    """

    def __init__(self) -> None:
        self.pictures = 0
        self.objects = 0

    def tell(self, context: ReadContext) -> None:
        """Warn of what was left out."""
        if self.pictures:
            context.warn(f"pictures without a description are left out, words in them too: {self.pictures}")
        if self.objects:
            context.warn(f"embedded objects are left out: {self.objects}")
