"""Words in the pictures of a document: screenshots, scanned pages, drawings with labels, read where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from index.sources.ocr.scans import Scans
from index.sources.office.archive import SafeZip
from index.sources.office.leftout import LeftOut
from index.sources.pdf.layout import paragraphs
from index.sources.pictures.opened import check_size, kind_of, opened, upright
from index.sources.text.builder import TextBuilder
from index.sources.types import ReadContext, RefusedError

__all__ = ["EmbeddedPictures", "best_of"]

_MOST = 200  # pictures of one file that are read, each once
_LEAST_WIDTH, _LEAST_HEIGHT = 60, 20  # points; smaller ones are marks and lines
_LEAST_LETTERS = 4
_MOST_POINTS = 9_000_000  # as a page of paper at 300 dpi has them: many pictures are read in one process
_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")


class EmbeddedPictures:
    """Reads the pictures in an archive. The same one in many places, such as a logo, is read once and stands once.

    Those that are not described are counted in `left_out` where no words of them are in the text.

    Args:
        context: of the file.
        archive: holds the pictures.
        left_out: counts, and is told by `tell` why nothing was read.
    """

    def __init__(self, context: ReadContext, archive: SafeZip, left_out: LeftOut) -> None:
        self._context, self._archive, self._left_out = context, archive, left_out
        total = sum(name.lower().endswith(_ENDINGS) for name in archive.names)
        self._scans = Scans(context, total, "picture")
        self._named: dict[str, str] = {}  # digest of each entry
        self._seen: dict[str, int | None] = {}  # letters that were read; `None` where it can't be told
        self._tried = self._read = 0

    def write(self, name: str, builder: TextBuilder, *, described: bool = False) -> None:
        """Write the words of a picture as blocks of their own, marked as read by OCR.

        Args:
            name: its entry in the archive; `""` for one that lies elsewhere.
            builder: gets the words.
            described: whether its author said what it shows, which stands in the text already.
        """
        if name not in self._named:
            data = self._archive.picture(name) if len(self._seen) < _MOST else b""
            self._named[name] = sha256(data).hexdigest()
            if self._named[name] not in self._seen:
                self._seen[self._named[name]] = self._letters(data, builder)
        letters = self._seen[self._named[name]]
        if not described:
            self._left_out.pictures += letters is None
            self._left_out.wordless += letters == 0

    def tell(self) -> None:
        """Warn of words that may be read wrongly; why others could not be is noted."""
        if self._read:
            self._context.warn(f"words in pictures were read by OCR: {self._read}")
        self._left_out.reason = self._scans.reason.removeprefix("a picture of text: ")

    def _letters(self, data: bytes, builder: TextBuilder) -> int | None:
        """Write the words of a picture that was not seen before; return how many letters they have."""
        lines = self._lines(data)
        if lines is None:
            return None
        letters = sum(map(str.isalpha, "".join(lines)))
        if letters < _LEAST_LETTERS:
            return 0
        self._read += 1
        for paragraph in paragraphs(lines, {}):
            builder.recognised(paragraph)
        return letters

    def _lines(self, data: bytes) -> list[str] | None:
        """Return the lines of a picture, `None` where they can't be told for sure: half-read ones would mislead."""
        kind = kind_of(data)
        if not kind:
            return None
        try:
            with opened(data, kind) as image:
                if image.width < _LEAST_WIDTH or image.height < _LEAST_HEIGHT:
                    return []
                check_size(image)
                self._tried += 1
                read = self._scans.read(self._tried - 1, lambda: upright(image, _MOST_POINTS))
        except RefusedError:
            return None
        return None if read is None or read.warning else read.lines


def best_of(names: Sequence[str]) -> str:
    """Return which entry to read where a picture is kept in several forms, drawn and as points; `""` for none."""
    return next((name for name in names if name.lower().endswith(_ENDINGS)), next(iter(names), ""))
