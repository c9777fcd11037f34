"""The nouns of the write side: what a source text becomes on its way into the index.

Every offset in the project counts Unicode code points of `Document.text`, the text that readers see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray: TypeAlias = NDArray[np.float32]

__all__ = ["Document", "FloatArray", "JsonValue", "Passage", "Sentence", "location_at", "page_at"]

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

_NOTHING: Mapping[str, JsonValue] = MappingProxyType({})


def __getattr__(name: str) -> object:
    """Return `FloatArray` to who asks for it: a process that only reads files need not wait for NumPy."""
    if name != "FloatArray":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import numpy as np
    from numpy.typing import NDArray

    return NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Document:
    """One source text.

    Attributes:
        id: unique in an index; from the source's own front matter or field where it has one, else derived from
            `source`.
        title: what a reader would call it; never empty.
        source: where it came from as the user knows it: a path relative to the indexed folder's parent, with `/`,
            or an address; for one of several texts of a file, `path#number`.
        language: BCP 47 code of most of the text (`"en"`, `"ar"`, `"zh"` …), `"und"` when it can't be known.
        text: what readers see and what every offset counts in.
        metadata: what else the source states, as JSON: `date` (ISO 8601, as precise as known), `author`, `outlet`,
            `topics`, `pages` (offsets in `text` at which page 1, 2, … start), `warnings` (sentences), `ocr` (from where
            to where it was read by OCR), `code` (from where to where it is code), `properties` (from where to where the
            file says about itself).
        digest: SHA-256 of the text, the title and the metadata, hexadecimal: equal digests need no new passages.
    """

    id: str
    title: str
    source: str
    language: str
    text: str
    metadata: Mapping[str, JsonValue] = field(default_factory=lambda: _NOTHING)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A cut of a document, the unit that is embedded and retrieved: `document.text[start:end] == text`, always.

    Attributes:
        id: `"<document id>:<number>"`, numbers from 0 in reading order.
        document_id: the document that it is cut from.
        start: first code point of the cut in `Document.text`.
        end: one past its last code point.
        text: the cut itself.
        language: BCP 47 code of this cut (a document may mix languages), `"und"` when it can't be known.
        heading: the nearest heading above the cut, or `""`; given to the embedder as context, no part of the offsets.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    language: str
    heading: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document by its offsets: the unit of a quote. Sentences never overlap.

    Attributes:
        start: first code point in `Document.text`.
        end: one past its last code point, trailing space left out.
    """

    start: int
    end: int


def page_at(document: Document, offset: int) -> int | None:
    """Return the page (from 1) on which the offset lies, or `None` for a source without pages."""
    pages = document.metadata.get("pages")
    if not isinstance(pages, Sequence) or isinstance(pages, str) or not pages:
        return None
    return max(1, sum(1 for start in pages if isinstance(start, int) and start <= offset))


def location_at(document: Document, offset: int) -> str:
    """Return where in its source an offset lies, for people: page, and what is no plain text of it; or `""`."""
    properties = document.metadata.get("properties")
    if _within(offset, properties):
        return "from the file's properties"
    page = page_at(document, offset)
    scanned = document.metadata.get("ocr")
    by_ocr = isinstance(scanned, Sequence) and any(_within(offset, span) for span in scanned)
    return ", ".join(part for part in (f"p. {page}" if page else "", "read by OCR" if by_ocr else "") if part)


def _within(offset: int, span: JsonValue) -> bool:
    if not isinstance(span, Sequence) or isinstance(span, str) or len(span) != 2:
        return False
    start, end = span
    return isinstance(start, int) and isinstance(end, int) and start <= offset < end
