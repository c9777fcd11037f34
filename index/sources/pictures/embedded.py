"""Words in the pictures of an archive, read where they stand: of office files and books."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from index.sources.office.archive import SafeZip
from index.sources.office.leftout import LeftOut
from index.sources.pictures.words import PictureWords
from index.sources.text.builder import TextBuilder
from index.sources.types import ReadContext

__all__ = ["EmbeddedPictures", "best_of"]

_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")


class EmbeddedPictures:
    """Reads the pictures in an archive, as `PictureWords` does.

    Args:
        context: of the file.
        archive: holds the pictures.
        left_out: counts those of which no words are in the text.
    """

    def __init__(self, context: ReadContext, archive: SafeZip, left_out: LeftOut) -> None:
        self._archive = archive
        total = sum(name.lower().endswith(_ENDINGS) for name in archive.names)
        self._words = PictureWords(context, left_out, total)
        self._digests: dict[str, bytes] = {}  # of each entry

    def write(self, name: str, builder: TextBuilder, *, described: bool = False) -> None:
        """Write the words of a picture as blocks of their own, marked as read by OCR.

        Args:
            name: its entry in the archive; `""` for one that lies elsewhere.
            builder: gets the words.
            described: whether its author said what it shows, which stands in the text already.
        """
        data = b""
        if name not in self._digests:
            data = self._archive.picture(name) if self._words.goes_on else b""
            self._digests[name] = sha256(data).digest()
        read = self._words.words(self._digests[name], lambda: self._words.lines_in(data), described=described)
        for paragraph in read:
            builder.recognised(paragraph)

    def put(self, data: bytes, builder: TextBuilder, *, described: bool = False) -> None:
        """Write the words of a picture that lies in the text itself, as `write` does; no bytes are no picture."""
        for paragraph in self._words.found_in(data, described=described) if data else ():
            builder.recognised(paragraph)

    def report(self) -> None:
        """Warn of words that may be read wrongly; why others could not be is noted."""
        self._words.report()


def best_of(names: Sequence[str]) -> str:
    """Return which entry to read where a picture is kept in several forms, drawn and as points; `""` for none."""
    return next((name for name in names if name.lower().endswith(_ENDINGS)), next(iter(names), ""))
