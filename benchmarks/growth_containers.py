"""Files in formats that are no text and no single part of XML, around a text, for `benchmarks.growth_files`.

A format stands twice where a file can be long in two ways: one long part, or many parts ("messages.mbox").
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping

from index.language.words import visible
from tests.harness.compound_file import outlook_message
from tests.harness.hostile_files import zipped
from tests.harness.pdf_files import pdf_of, words
from tests.harness.table_files import pptx, sheet, xlsx

__all__ = ["CONTAINERS"]

_LINE, _LINES_OF_PAGE = 80, 60
_CELL, _CELLS_OF_ROW = 24, 5
_SHAPE, _CHAPTER, _MESSAGE = 200, 800, 200
_CONTAINER = (
    b'<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    b'<rootfile full-path="book.opf"/></rootfiles></container>'
)
_HEAD = "From a@b.example Thu Jan  1 00:00:00 2026\nFrom: a@b.example\nSubject: Ship {number}\n\n"


def _pieces(text: str, length: int) -> Iterator[str]:
    return (text[at : at + length] for at in range(0, len(text), length))


def _drawn(text: str) -> str:
    """Return a text as a string of a PDF in a Latin font: what has no letter there is a question mark."""
    plain = visible(text).encode("latin-1", "replace").decode("latin-1")
    plain = "".join(sign if sign.isprintable() else " " for sign in plain)
    return plain.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("ascii", "replace").decode()


def _pdf(text: str) -> bytes:
    """Lines one below the other, sixty a page."""
    lines = [_drawn(line) for line in _pieces(text, _LINE)]
    pages = [lines[at : at + _LINES_OF_PAGE] for at in range(0, len(lines), _LINES_OF_PAGE)]
    return pdf_of([words([(40, 780 - 12 * n, 10, line) for n, line in enumerate(page)]) for page in pages])


def _crowded_pdf(text: str) -> bytes:
    """One page of many small pieces, each at a place of its own, as drawings and tables have them."""
    pieces = [
        (20 + 60 * (n % 9), 790 - 0.5 * (n // 9 % 1_500), 6, _drawn(piece)) for n, piece in enumerate(_pieces(text, 8))
    ]
    return pdf_of([words(pieces)])


def _xlsx(text: str) -> bytes:
    return xlsx({"One": sheet([[visible(text)]])})


def _rows_xlsx(text: str) -> bytes:
    cells = list(_pieces(visible(text), _CELL))
    return xlsx({"One": sheet([cells[at : at + _CELLS_OF_ROW] for at in range(0, len(cells), _CELLS_OF_ROW)])})


def _shape(text: str) -> str:
    said = f"<a:p><a:r><a:t>{html.escape(text)}</a:t></a:r></a:p>"
    return f"<p:sp><p:txBody>{said}</p:txBody></p:sp>"


def _slide(shapes: Iterator[str]) -> bytes:
    return pptx(f"<p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld>")


def _pptx(text: str) -> bytes:
    return _slide(iter([_shape(visible(text))]))


def _shapes_pptx(text: str) -> bytes:
    return _slide(_shape(piece) for piece in _pieces(visible(text), _SHAPE))


def _book(chapters: list[str]) -> bytes:
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>{spine}</spine></package>'
    )
    pages = {
        f"c{n}.xhtml": f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{html.escape(one)}</p></body></html>"
        for n, one in enumerate(chapters)
    }
    parts = {"META-INF/container.xml": _CONTAINER, "book.opf": package.encode()}
    return zipped(parts | {name: page.encode() for name, page in pages.items()})


def _epub(text: str) -> bytes:
    return _book([visible(text)])


def _chapters_epub(text: str) -> bytes:
    return _book(list(_pieces(visible(text), _CHAPTER)))


def _msg(text: str) -> bytes:
    person = ("A", "a@b.example")
    return outlook_message(subject="Ship", sender=person, body=visible(text), to=[person], sent=1_767_225_600)


def _mbox(text: str) -> bytes:
    return (_HEAD.format(number=1) + text + "\n").encode()


def _messages_mbox(text: str) -> bytes:
    return "\n".join(_HEAD.format(number=n) + piece for n, piece in enumerate(_pieces(text, _MESSAGE), 1)).encode()


CONTAINERS: Mapping[str, Callable[[str], bytes]] = {
    "pdf": _pdf,
    "crowded.pdf": _crowded_pdf,
    "xlsx": _xlsx,
    "rows.xlsx": _rows_xlsx,
    "pptx": _pptx,
    "shapes.pptx": _shapes_pptx,
    "epub": _epub,
    "chapters.epub": _chapters_epub,
    "msg": _msg,
    "mbox": _mbox,
    "messages.mbox": _messages_mbox,
}
"""What makes a file of each of these names from a text."""
