"""Opens pictures of the kinds that are read: PNG, JPEG, TIFF, BMP, GIF and WebP, by Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from index.sources.ocr.recognition import picture_of
from index.sources.types import RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["check_size", "kind_of", "opened", "upright"]

_MARKS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"BM": "BMP",
}
_MOST_POINTS = 60_000_000


def kind_of(data: bytes) -> str:
    """Return which kind of picture some bytes are, or `""`."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for mark, kind in _MARKS.items() if data.startswith(mark)), "")


@contextmanager
def opened(data: bytes, kind: str) -> Iterator[Image]:
    """Open a picture of a kind; its points are unpacked when they are first used.

    Raises:
        RefusedError: it is of no known kind, damaged, or has far too many points.
    """
    from PIL import Image as Images
    from PIL import UnidentifiedImageError

    try:
        with Images.open(io.BytesIO(data), formats=[kind]) as image:
            yield image
    except UnidentifiedImageError as error:  # its own words name an object of this process
        raise RefusedError(f"damaged: no readable {kind} image") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise RefusedError(f"damaged: no readable {kind} image ({error})") from error
    except Images.DecompressionBombError as error:
        raise RefusedError("an image of far too many points", skipped=True) from error


def check_size(image: Image) -> None:
    """Refuse a picture of too many points to be unpacked.

    Raises:
        RefusedError: says how many.
    """
    if image.width * image.height > _MOST_POINTS:
        raise RefusedError(f"an image of {image.width} by {image.height} points", "make it smaller", skipped=True)


def upright(image: Image, most_points: int = 30_000_000) -> Image:
    """Return a picture as a person holds it, in grey and in a size that Tesseract reads well.

    Args:
        image: as it was opened.
        most_points: of what is returned.
    """
    from PIL import ImageOps

    resolution = image.info.get("dpi") or (0, 0)
    dpi = float(resolution[0]) if isinstance(resolution, tuple) else 0.0
    known = dpi if dpi > 96 else 0.0  # 72 and 96 are what programs make up
    return picture_of(ImageOps.exif_transpose(image), known, most_points)
