"""Pictures on the pages of a PDF that have words of their own: which may hold more words, and how they look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

from index.sources.ocr.recognition import picture_of

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Figure", "figures"]

_MOST_OBJECTS = 2000
_MOST = 40  # of a page: more are the pieces of one drawing
_LEAST_WIDTH, _LEAST_HEIGHT = 60.0, 12.0  # of the page, in 1/72 inch: in less stands no line of words
_LEAST_DOTS, _MOST_DOTS = 20, 60_000_000  # fewer across are lines and colours
_WRITTEN_OVER = 3  # letters of the page over a picture: then it is a ground, or a scan whose words are in the text


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture on a page.

    Attributes:
        key: the same for the same picture on other pages.
        width: as it is kept, in dots.
        height: as it is kept, in dots.
        across: width on the page, in 1/72 inch.
        shape: of pypdfium2.
    """

    key: bytes
    width: int
    height: int
    across: float
    shape: Any

    def seen(self, most_points: int) -> Image:
        """Return how it looks, turned and masked as on its page, in grey, for OCR."""
        drawn = self.shape.get_bitmap(render=True).to_pil()
        return picture_of(drawn, 72 * drawn.width / self.across, most_points)


def figures(page: Any, textpage: Any) -> Iterator[Figure]:  # noqa: ANN401 - pypdfium2 has no types
    """Yield the pictures of a page on which words may stand that its text doesn't hold, in the order of drawing."""
    from pypdfium2 import raw

    shapes = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    found = (_figure(shape, page.get_size(), textpage) for shape in islice(shapes, _MOST_OBJECTS))
    yield from islice((figure for figure in found if figure is not None), _MOST)


def _figure(shape: Any, size: tuple[float, float], textpage: Any) -> Figure | None:  # noqa: ANN401
    """Return a picture if words may stand on it."""
    left, bottom, right, top = _bounds(shape)
    left, bottom, right, top = max(left, 0.0), max(bottom, 0.0), min(right, size[0]), min(top, size[1])
    if right - left < _LEAST_WIDTH or top - bottom < _LEAST_HEIGHT:
        return None
    width, height = shape.get_px_size()
    if min(width, height) < _LEAST_DOTS or width * height > _MOST_DOTS:
        return None
    words = textpage.get_text_bounded(left, bottom, right, top)
    if sum(map(str.isalpha, words)) > _WRITTEN_OVER:
        return None
    key = sha256(b"%d %d " % (width, height) + bytes(shape.get_data())).digest()
    return Figure(key, width, height, right - left, shape)


def _bounds(shape: Any) -> tuple[float, float, float, float]:  # noqa: ANN401
    """Return where a picture lies on its page, also within a drawing that is placed there as one."""
    box = tuple(shape.get_bounds())
    around = shape.container
    while around is not None:
        box = around.get_matrix().on_rect(*box)
        around = around.container
    left, bottom, right, top = box
    return left, bottom, right, top
