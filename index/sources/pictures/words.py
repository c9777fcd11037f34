"""Words in pictures that a document holds: screenshots, scanned pages, drawings with labels. Each picture once."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from index.sources.ocr.scans import Scans
from index.sources.office.leftout import LeftOut
from index.sources.pdf.layout import paragraphs
from index.sources.pictures.opened import check_size, kind_of, opened, upright
from index.sources.text.builder import TextBuilder
from index.sources.types import ReadContext, RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MOST_POINTS", "PictureWords"]

_MOST = 200  # pictures of one file that are read, each once
_LEAST_WIDTH, _LEAST_HEIGHT = 60, 20  # points; smaller ones are marks and lines
_LEAST_LETTERS = 4
MOST_POINTS = 9_000_000
"""Of a picture that is read, as a page of paper has them at 300 dpi: many are read in one process."""


class PictureWords:
    """Reads the pictures of one file. The same one in many places, such as a logo, is read once and stands once.

    Those that are not described are counted in `left_out` where no words of them are in the text.

    Args:
        context: of the file.
        left_out: counts pictures; its `report` says why nothing was read.
        total: how many there are, as far as that is known.
    """

    def __init__(self, context: ReadContext, left_out: LeftOut, total: int) -> None:
        self._context, self._left_out = context, left_out
        self._scans = Scans(context, total, "picture")
        self._seen: dict[bytes, int | None] = {}  # letters that were read; `None` where it can't be known
        self._tried = self._read = 0

    @property
    def goes_on(self) -> bool:
        """Whether another picture is read."""
        return len(self._seen) < _MOST

    def write(self, data: bytes, builder: TextBuilder) -> None:
        """Write the words of a picture as blocks of their own, marked as read by OCR.

        Args:
            data: the picture as it is kept; nothing where it can't be had.
            builder: gets the words.
        """
        for paragraph in self.found_in(data):
            builder.recognised(paragraph)

    def found_in(self, data: bytes, *, described: bool = False) -> list[str]:
        """Return the paragraphs in a picture as it is kept, as `words` does."""
        return self.words(sha256(data).digest(), lambda: self.lines_in(data), described=described)

    def words(self, key: bytes, lines: Callable[[], list[str] | None], *, described: bool = False) -> list[str]:
        """Return the paragraphs in a picture, none when it was read before.

        Args:
            key: its digest.
            lines: reads its lines, as `lines_in` and `lines_of` do; `None` where they can't be known.
            described: whether its author said what it shows.
        """
        found: list[str] = []
        if key not in self._seen:
            self._seen[key], found = self._letters_and_paragraphs(lines() if self.goes_on else None)
        letters = self._seen[key]
        if not described:
            self._left_out.pictures += letters is None
            self._left_out.wordless += letters == 0
        return found

    def lines_of(self, width: int, height: int, picture: Callable[[], Image]) -> list[str] | None:
        """Return the lines of a picture, `None` where they can't be known for sure: half-read ones would mislead.

        Args:
            width: in points, as it is kept.
            height: in points.
            picture: as Tesseract reads it.
        """
        if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
            return []
        self._tried += 1
        try:
            read = self._scans.read(self._tried - 1, picture)
        except RefusedError:
            return None
        return None if read is None or read.warning else read.lines

    def lines_in(self, data: bytes) -> list[str] | None:
        """Return the lines of a picture as it is kept, as `lines_of` does."""
        kind = kind_of(data)
        if not kind:
            return None
        try:
            with opened(data, kind) as image:
                check_size(image)
                return self.lines_of(image.width, image.height, lambda: upright(image, MOST_POINTS))
        except RefusedError:
            return None

    def report(self) -> None:
        """Warn of words that may be read wrongly; why others could not be is noted."""
        if self._read:
            self._context.warn(f"words in pictures were read by OCR: {self._read}")
        self._left_out.reason = self._scans.reason.removeprefix("a picture of text: ")

    def _letters_and_paragraphs(self, lines: list[str] | None) -> tuple[int | None, list[str]]:
        """Return how many letters some lines have, and their paragraphs where that is enough."""
        letters = None if lines is None else sum(map(str.isalpha, "".join(lines)))
        if lines is None or letters is None:
            return None, []
        if letters < _LEAST_LETTERS:
            return 0, []
        self._read += 1
        return letters, list(paragraphs(lines, {}))
