"""Pages of PDF documents as they look, the quoted words marked, and the original files; all only when asked for."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from threading import Lock

from index.disk.ledger import SourceRecord
from index.errors import SourceError, StoreError
from index.locations import Database
from index.opening.originals import original_of, source_file
from index.sources.pdf.picture import Drawn, Words
from index.sources.reading import read_bytes
from index.sources.sandbox.pictures import Pictures
from index.types import Document, page_at
from rag import Assistant
from ui.service.asking.asking import Answerer
from ui.service.library.page_rows import rows_marked

__all__ = ["Asked", "Pages", "has_pages"]

_MOST_KEPT, _MOST_CHARACTERS = 32, 24_000_000  # pages that were looked at, and how large they are together
_WIDTHS = (900, 1400, 2100)  # pixels; a page is drawn in few sizes, so that it is kept
_MOST_TOGETHER = 200  # texts of one file
_CONTEXT = 20_000  # characters before the words that tell which of several places is meant


@dataclass(frozen=True, slots=True)
class Asked:
    """A look at a page.

    Attributes:
        start: first code point of the words to mark, in the document's text; no words where it is `end`.
        end: one past their last.
        page: number from 1; 0 is the page on which the words stand.
        zoom: 0 to 2.
    """

    start: int = 0
    end: int = 0
    page: int = 0
    zoom: int = 0


def has_pages(document: Document) -> bool:
    """Tell whether a document is a PDF, whose pages can be drawn."""
    return bool(_starts(document)) and document.source.lower().endswith(".pdf")


class Pages:
    """Draws pages of the documents that an assistant may find."""

    def __init__(self, pictures: Pictures | None = None) -> None:
        self._pictures = pictures or Pictures()
        self._kept: OrderedDict[tuple[str, str, Asked], tuple[int, Drawn]] = OrderedDict()
        self._guard = Lock()

    def look(self, assistant: Answerer, document_id: str, asked: Asked) -> tuple[int, Drawn]:
        """Return the number of a page, from 1, and the page.

        Raises:
            StoreError: there is no such document among those that may be found.
            SourceError: its file is gone, another one by now, or can't be drawn.
        """
        document, record = self._found(assistant, document_id)
        if not has_pages(document):
            raise SourceError(document.source, "it has no such page")
        key = (document_id, record.digest, asked)
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._draw(document, record, asked)
        self._keep(key, found)
        return found

    def original(self, assistant: Answerer, document_id: str) -> tuple[str, bytes]:
        """Return the name and the bytes of a document's file, the one that was indexed; errors are those of `look`."""
        _, record = self._found(assistant, document_id)
        data = read_bytes(source_file(record), record.size)
        if hashlib.sha256(data).hexdigest() != record.digest:
            raise SourceError(record.source, "has changed since it was indexed")
        return PurePath(record.source).name, data

    def has_original(self, assistant: Answerer, document_id: str) -> bool:
        """Tell whether the document was made of a file; whether it is still there is seen when it is asked for."""
        try:
            self._found(assistant, document_id)
        except (StoreError, SourceError):
            return False
        return True

    def prepare(self) -> None:
        """Start the process that draws, for somebody who opens a document that has pages."""
        self._pictures.prepare()

    def close(self) -> None:
        """End the process that draws."""
        self._pictures.close()

    def _found(self, assistant: Answerer, document_id: str) -> tuple[Document, SourceRecord]:
        document = assistant.document(document_id)
        if not isinstance(assistant, Assistant):
            raise SourceError(document.source, "its file is not known here")
        with assistant.reading() as opened:
            place = getattr(opened, "folder", None)
            record = original_of(place, opened.generation, document_id) if place is not None else None
        if record is None or isinstance(place, Database):  # whose files may lie on another machine
            raise SourceError(document.source, "its file is not known here")
        for other in record.documents[:_MOST_TOGETHER]:  # a file of several texts is shown to who may see all of them
            assistant.document(other)
        if len(record.documents) > _MOST_TOGETHER:
            raise SourceError(document.source, "its file is not known here")
        return document, record

    def _draw(self, document: Document, record: SourceRecord, asked: Asked) -> tuple[int, Drawn]:
        """Draw the page; of words that go on over a page's end, or were moved there, the pages beside it are tried."""
        own = page_at(document, asked.start) or 1
        number, width = asked.page or own, _WIDTHS[max(0, min(asked.zoom, len(_WIDTHS) - 1))]
        quoted = 0 <= asked.start < asked.end <= len(document.text)
        tried = [number] if asked.page else [own, own - 1, own + 1]
        first: tuple[int, Drawn] | None = None
        for page in tried:
            if not 1 <= page <= len(_starts(document)):
                continue
            words = _words(document, page, asked) if quoted and abs(page - own) <= 1 else None
            drawn = self._pictures.draw(source_file(record), record.digest, page - 1, width, words)
            if not quoted or drawn.marked != "not found":
                return page, drawn
            first = first or (page, drawn)
        if first is None:
            raise SourceError(document.source, "it has no such page")
        return first

    def _keep(self, key: tuple[str, str, Asked], found: tuple[int, Drawn]) -> None:
        with self._guard:
            self._kept[key] = found
            while len(self._kept) > 1 and (
                len(self._kept) > _MOST_KEPT
                or sum(len(drawn.image) for _, drawn in self._kept.values()) > _MOST_CHARACTERS
            ):
                self._kept.popitem(last=False)


def _starts(document: Document) -> list[int]:
    pages = document.metadata.get("pages")
    listed = pages if isinstance(pages, Sequence) and not isinstance(pages, str) else ()
    return [start for start in listed if isinstance(start, int)]


def _words(document: Document, page: int, asked: Asked) -> Words:
    """Return what of the words stands on a page by its offsets, else all of them, and the text before them there.

    Of a table those are its rows.
    """
    starts = _starts(document)
    low = starts[page - 1]
    high = starts[page] if page < len(starts) else len(document.text)
    start, end = max(asked.start, low), min(asked.end, high)
    if rows := rows_marked(document, start, end, (low, high)):
        return rows
    if start < end:
        return document.text[start:end], document.text[max(low, start - _CONTEXT) : start]
    return document.text[asked.start : asked.end], ""
