"""Pictures of text (PNG, JPEG, TIFF of many pages, BMP, GIF, WebP) by Pillow and Tesseract."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.sources.ocr.recognition import picture_of
from index.sources.ocr.scans import Scans, ocr_spans
from index.sources.pdf.layout import paragraphs
from index.sources.text.builder import TextBuilder
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["READER"]

_MARKS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"BM": "BMP",
}
_MOST_POINTS, _MOST_PAGES = 60_000_000, 1000
_FEW_LETTERS = 4


def _kind(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for mark, kind in _MARKS.items() if data.startswith(mark)), "")


def _sniff(head: Head) -> float:
    return 0.9 if _kind(head.data) and not head.text else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    from PIL import Image as Images
    from PIL import UnidentifiedImageError

    kind = _kind(data)
    try:
        with Images.open(io.BytesIO(data), formats=[kind]) as image:
            count = min(int(getattr(image, "n_frames", 1)), 1 if kind in ("GIF", "WEBP") else _MOST_PAGES)
            return [_extract(image, count, kind, context)]
    except UnidentifiedImageError as error:  # its own words name an object of this process
        raise RefusedError(f"damaged: no readable {kind} image") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise RefusedError(f"damaged: no readable {kind} image ({error})") from error
    except Images.DecompressionBombError as error:
        raise RefusedError("an image of far too many points", skipped=True) from error


def _extract(image: Image, count: int, kind: str, context: ReadContext) -> Extract:
    builder, scans = TextBuilder(), Scans(context, count)
    for number in range(count):
        image.seek(number)
        if image.width * image.height > _MOST_POINTS:
            raise RefusedError(f"an image of {image.width} by {image.height} points", "make it smaller", skipped=True)
        builder.page()
        for paragraph in paragraphs(scans.lines(number, lambda: _upright(image)), {}):
            builder.block(paragraph)
    extract = builder.extract()
    if sum(map(str.isalpha, extract.text)) < _FEW_LETTERS:
        reason = scans.reason or "no words were recognised in it"
        raise RefusedError(f"a {kind} image: {reason.removeprefix('a picture of text: ')}", skipped=True)
    extract.fields = {"ocr": ocr_spans(scans.pages, extract.pages, len(extract.text)), "date": _taken(image)}
    extract.pages = extract.pages if count > 1 else []
    return extract


def _upright(image: Image) -> Image:
    from PIL import ImageOps

    density = image.info.get("dpi") or (0, 0)
    dpi = float(density[0]) if isinstance(density, tuple) else 0.0
    return picture_of(ImageOps.exif_transpose(image), dpi if dpi > 96 else 0.0)  # 72 and 96 are what programs make up


def _taken(image: Image) -> str:
    """Return the day that a camera noted."""
    moment = str(image.getexif().get_ifd(0x8769).get(0x9003) or image.getexif().get(306) or "")
    return moment[:10].replace(":", "-")


READER = Reader("image", (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp"), _sniff, _read)
