"""What of an office file is no text and is left out: counted, and reported at the end."""

from __future__ import annotations

from index.sources.types import ReadContext

__all__ = ["LeftOut"]


class LeftOut:
    """Counts what is left out.

    Attributes:
        pictures: pictures that nobody has described and whose words, if there are any, were not read.
        wordless: pictures that nobody has described and in which no words were found.
        objects: files of other programs, sounds and films.
        reason: why no words were read, or `""`.
    """

    def __init__(self) -> None:
        self.pictures = 0
        self.wordless = 0
        self.objects = 0
        self.reason = ""

    def report(self, context: ReadContext) -> None:
        """Warn of what was left out."""
        if self.pictures:
            suffix = f"; {self.reason}" if self.reason else ""
            context.warn(f"pictures without a description are left out, words in them too: {self.pictures}{suffix}")
        if self.wordless:
            context.warn(f"pictures without a description in which no words were found are left out: {self.wordless}")
        if self.objects:
            context.warn(f"embedded objects are left out: {self.objects}")
