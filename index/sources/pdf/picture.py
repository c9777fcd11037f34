"""A page of a PDF as it looks, with the places of some words on it."""

from __future__ import annotations

import base64
import ctypes
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from index.sources.pdf.places import Box, boxes_of
from index.sources.pdf.rowplaces import RowWords, row_boxes
from index.sources.types import RefusedError

__all__ = ["Drawn", "Marked", "Words", "drawn"]

_FINER = 64  # places on a picture are whole numbers: those of a finer one, since a full stop is no wider than a pixel

Words: TypeAlias = tuple[str, str] | tuple[RowWords, ...]
"""Words to mark, and what stands before them in the text of their page; or rows of a table."""
Marked: TypeAlias = Literal["", "all", "not found", "scan"]

_MOST_PIXELS = 12_000_000
_QUALITY = 82  # of WebP: letters stay sharp, a page takes some 100 kB


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page.

    Attributes:
        image: WebP, base64.
        width: of the image, in pixels.
        height: of the image.
        pages: how many the file has.
        boxes: left, top, right, bottom of each mark, as shares of width and height.
        marked: whether the words are marked: `"all"`, `"not found"`, `"scan"` (the page has no words of its own), `""`
            when none were asked for.
    """

    image: str
    width: int
    height: int
    pages: int
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    marked: Marked = ""


def drawn(data: bytes, number: int, width: int, words: Words | None = None) -> Drawn:
    """Draw a page.

    Args:
        data: the file.
        number: of the page, from 0.
        width: of the image in pixels; a very long page is drawn narrower.
        words: what is marked on it.

    Raises:
        RefusedError: it is no PDF that can be read, or has no such page.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data)
        if document.get_formtype():
            document.init_forms()
        if not 0 <= number < len(document):
            raise RefusedError("it has no such page")
        page = document[number]
        across, down = page.get_size()
        scale = min(width / max(across, 1.0), (_MOST_PIXELS / max(across * down, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, may_draw_forms=True)
        picture = bitmap.to_pil().convert("RGB")
        boxes, marked = _marks(page, words, picture.size)
    except PdfiumError as error:
        raise RefusedError(f"damaged: {error}") from error
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=2)
    image = base64.b64encode(out.getvalue()).decode("ascii")
    return Drawn(image, picture.width, picture.height, len(document), boxes, marked)


def _marks(
    page: Any,  # noqa: ANN401 - pypdfium2 has no types
    words: Words | None,
    size: tuple[int, int],
) -> tuple[tuple[tuple[float, float, float, float], ...], Marked]:
    if words is None:
        return (), ""
    textpage = page.get_textpage()
    if not textpage.count_chars():
        return (), "scan"
    boxes = _boxes(textpage, words)
    if boxes is None:
        return (), "not found"
    return tuple(_on_picture(page, boxes, size)), "all"


def _boxes(textpage: Any, words: Words) -> list[Box] | None:  # noqa: ANN401
    match words:
        case (str(text), str(before)):
            return boxes_of(textpage, text, before)
        case rows:
            found = [row_boxes(textpage, row) for row in rows if isinstance(row, RowWords)]
            return [box for boxes in found for box in boxes or ()] if all(found) else None


def _on_picture(page: Any, boxes: Sequence[Box], size: tuple[int, int]) -> list[tuple[float, float, float, float]]:  # noqa: ANN401
    """Return boxes as shares of the picture, as the page is turned and cut there."""
    from pypdfium2 import raw

    width, height = (_FINER * side for side in size)
    x, y = ctypes.c_int(), ctypes.c_int()
    found = []
    for left, bottom, right, top in boxes:
        corners = []
        for across, up in ((left, bottom), (right, top)):
            raw.FPDF_PageToDevice(page, 0, 0, width, height, 0, across, up, x, y)
            corners.append((x.value, y.value))
        (x0, y0), (x1, y1) = corners
        low, high = sorted((x0, x1)), sorted((y0, y1))
        found.append((low[0] / width, high[0] / height, low[1] / width, high[1] / height))
    return found
