"""Pages that are pictures: which they are, and their lines by OCR, page by page, with reports of how far it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any

from index.sources.types import ReadContext, RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

    from index.sources.ocr.recognition import PageReader, ReadPage

__all__ = ["BY_OCR", "Scans", "is_scan", "ocr_spans", "rendered"]

BY_OCR = "is read by OCR"
"""Stands in the reports while a picture is read."""
_STAMP = 80  # visible characters that a scanner's stamp or a page number has at most
_COVERED = 0.5  # share of a page that a picture must cover to be the page
_DPI, _COARSE, _MOST_POINTS = 300, 100, 30_000_000
_MOST_OBJECTS = 2000


class Scans:
    """Reads the pictures of one file, mostly its scanned pages; models are loaded with the first of them.

    Attributes:
        reason: why no more pictures can be read (Tesseract is missing …), or `""`.
        pages: which pages were read, from 0.
    """

    def __init__(self, context: ReadContext, total: int, noun: str = "page") -> None:
        self._context = context
        self._total, self._noun = total, noun
        self._reader: PageReader | None = None
        self._label = ""
        self._seconds, self._done = 0.0, 0
        self.reason = "OCR is off (--ocr off)" if context.options.ocr == "off" else ""
        self.pages: list[int] = []

    def lines(self, number: int, picture: Callable[[], Image]) -> list[str]:
        """Return the lines of a page, numbered from 0; none when it can't be read, which is then a warning."""
        read = self.read(number, picture)
        if read is None:
            return []
        if read.warning:
            self._context.warn(f"page {number + 1} {read.warning}")
        if any(line.strip() for line in read.lines):
            self.pages.append(number)
        return read.lines

    def read(self, number: int, picture: Callable[[], Image]) -> ReadPage | None:
        """Return what is read of one picture; `None` when none can be read, for which `reason` is then given."""
        if self.reason:
            return None
        pace = f" ({self._seconds / self._done:.1f} s a {self._noun})" if self._done else ""
        self._label = f"{self._noun} {number + 1} of {self._total} {BY_OCR}{pace}"
        self._context.step(self._label)
        began = time.monotonic()
        try:
            read = self._ready().read(picture())
        except RefusedError as error:
            self.reason = error.reason
            return None
        self._seconds += time.monotonic() - began
        self._done += 1
        return read

    def _ready(self) -> PageReader:
        from index.sources.ocr.recognition import PageReader

        if self._reader is None:
            wordless = self._noun != "page"
            step, ocr = self._context.step, self._context.options.ocr
            self._reader = PageReader(ocr, lambda: step(self._label), may_be_wordless=wordless)
        return self._reader


def is_scan(page: Any, lines: list[str]) -> bool:  # noqa: ANN401 - pypdfium2 has no types
    """Say whether a page of a PDF shows words that its text layer lacks: it is drawn, with a stamp at most as text."""
    from pypdfium2 import raw

    written = sum(len(line.strip()) for line in lines)
    if written > _STAMP:
        return False
    width, height = page.get_size()
    for number, shape in enumerate(page.get_objects(max_depth=3)):
        if number > _MOST_OBJECTS or (not written and shape.type != raw.FPDF_PAGEOBJ_TEXT):
            return True
        if shape.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = shape.get_bounds()
            if (right - left) * (top - bottom) > _COVERED * width * height:
                return True
    return False


def rendered(page: Any) -> Image:  # noqa: ANN401 - pypdfium2 has no types
    """Return a page of a PDF as a picture in shades of grey."""
    from index.sources.ocr.recognition import picture_of

    width, height = page.get_size()
    kept = _kept(page)
    scale = min(_DPI / 72, kept if kept < _COARSE / 72 else math.inf, (_MOST_POINTS / max(1.0, width * height)) ** 0.5)
    return picture_of(page.render(scale=scale, grayscale=True).to_pil(), scale * 72)


def _kept(page: Any) -> float:  # noqa: ANN401 - pypdfium2 has no types
    """Return how many points for each of the page's the picture has that covers it; infinite without one.

    PDFium enlarges a coarse one less smoothly than it is done here (letters wrong at 72 dpi: English 6 -> 4, Russian
    4 -> 1 of 700; English at 100 dpi 2 -> 4, so finer ones are left to it).
    """
    from pypdfium2 import raw

    width, height = page.get_size()
    kept = 0.0
    for shape in islice(page.get_objects(max_depth=3), _MOST_OBJECTS):
        if shape.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = shape.get_bounds()
            if (right - left) * (top - bottom) > _COVERED * width * height:
                kept = max(kept, max(shape.get_px_size()) / max(right - left, top - bottom))
        elif shape.type != raw.FPDF_PAGEOBJ_TEXT:
            return math.inf
    return kept or math.inf


def ocr_spans(pages: list[int], starts: list[int], length: int) -> list[list[int]]:
    """Return from where to where a text was read by OCR: the pages that were, neighbours as one.

    Args:
        pages: which were, from 0, ascending.
        starts: where each page starts.
        length: of the whole text.
    """
    spans: list[list[int]] = []
    for number in pages:
        start = starts[number]
        end = starts[number + 1] if number + 1 < len(starts) else length
        if spans and spans[-1][1] == start:
            spans[-1][1] = end
        elif end > start:
            spans.append([start, end])
    return spans
