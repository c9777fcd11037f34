"""Pictures of text (PNG, JPEG, TIFF of many pages, BMP, GIF, WebP) by Pillow and Tesseract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.sources.ocr.scans import Scans, ocr_spans
from index.sources.pdf.layout import paragraphs
from index.sources.pictures.opened import check_size, kind_of, opened, upright
from index.sources.text.builder import TextBuilder
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["READER"]

_MOST_PAGES = 1000
_FEW_LETTERS = 4


def _sniff(head: Head) -> float:
    return 0.9 if kind_of(head.data) and not head.text else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    kind = kind_of(data)
    with opened(data, kind) as image:
        count = min(int(getattr(image, "n_frames", 1)), 1 if kind in ("GIF", "WEBP") else _MOST_PAGES)
        return [_extract(image, count, kind, context)]


def _extract(image: Image, count: int, kind: str, context: ReadContext) -> Extract:
    builder, scans = TextBuilder(), Scans(context, count)
    for number in range(count):
        image.seek(number)
        check_size(image)
        builder.page()
        for paragraph in paragraphs(scans.lines(number, lambda: upright(image)), {}):
            builder.block(paragraph)
    extract = builder.extract()
    if sum(map(str.isalpha, extract.text)) < _FEW_LETTERS:
        reason = scans.reason or "no words were recognised in it"
        raise RefusedError(f"a {kind} image: {reason.removeprefix('a picture of text: ')}", skipped=True)
    extract.fields = {"ocr": ocr_spans(scans.pages, extract.pages, len(extract.text)), "date": _taken(image)}
    extract.pages = extract.pages if count > 1 else []
    return extract


def _taken(image: Image) -> str:
    """Return the day that a camera noted."""
    moment = str(image.getexif().get_ifd(0x8769).get(0x9003) or image.getexif().get(306) or "")
    return moment[:10].replace(":", "-")


READER = Reader("image", (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp"), _sniff, _read)
