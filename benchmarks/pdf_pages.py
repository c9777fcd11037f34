"""Pages of PDF files as the reader shows them: `python -m benchmarks.pdf_pages --data DIR`.

Marks: 300 sentences out of the PDF files of DIR/files/pdf are asked, and the pages of all quotes of the answers drawn
as the page draws them; the boxes are brought back onto the page, and the letters whose middle lies under them must be
those of the quote. Opening: a file of 500 pages, its quote opened over HTTP, far behind; told is how long the text and
the page took, and how many pages were drawn.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

import index
from benchmarks.tables import show
from index.errors import RagError
from index.language.sentences.splitting import sentences
from index.opening.listing import list_documents
from index.opening.originals import original_of
from index.sources.pdf.picture import Drawn, Words
from index.sources.pdf.places import letters_of, words_under
from index.sources.pdf.rowplaces import RowWords
from index.sources.sandbox.pictures import Pictures
from index.sources.types import SourceFile
from index.types import Document
from rag import AnswerConfig, Assistant, Citation
from tests.harness.ui_server import chat_site
from ui.service.library.pages import Asked, Pages, _words, has_pages

_ASKED, _PAGES = 300, 500
_FINE = 100_000  # steps of a page's side when boxes are brought back onto it
_WRONG = "WRONG: other letters are marked"
_LONG = "two_paragraphs.pdf"


def measure_marks(files: Path, most: int) -> None:
    """Print what becomes of the quotes."""
    with tempfile.TemporaryDirectory() as work:
        place = Path(work) / "index"
        index.build([files], index_dir=place)
        assistant, pages = Assistant(place, config=AnswerConfig(reader="none", min_confidence=0.0)), Pages()
        counts: Counter[str] = Counter()
        for question in _questions(assistant, place, most):
            for quote in assistant.answer(question).citations:
                counts[_outcome(assistant, place, pages, quote)] += 1
        pages.close()
    rows = [[what, str(number)] for what, number in counts.most_common()]
    show(f"Quotes of {most} questions over {len(list(files.glob('*.pdf')))} PDF files", ["quotes", ""], rows)


def _questions(assistant: Assistant, place: Path, most: int) -> list[str]:
    """Return sentences of all documents in turn."""
    documents = [assistant.document(one.id) for one in list_documents(place).documents if one.id]
    each = [[one for one in _said(document) if len(one) > 20] for document in documents if has_pages(document)]
    turns = max(map(len, each))
    return [some[at] for at in range(turns) for some in each if at < len(some)][:most]


def _said(document: Document) -> list[str]:
    found = sentences(document.text, document.language)
    return [" ".join(document.text[one.start : one.end].split())[:300] for one in found]


def _outcome(assistant: Assistant, place: Path, pages: Pages, quote: Citation) -> str:
    """Return what a reader sees of a quote, and whether it is right."""
    document, asked = assistant.document(quote.document_id), Asked(quote.start, quote.end)
    try:
        number, drawn = pages.look(assistant, document.id, asked)
    except RagError as error:
        return f"text, and why: {type(error).__name__}"
    if drawn.marked != "all":
        why = quote.location.rpartition(", ")[2]
        return f"text, and why: {why if 'properties' in why or 'OCR' in why else drawn.marked}"
    with assistant.reading() as opened:
        record = original_of(getattr(opened, "folder", place), opened.generation, document.id)
    assert record is not None, "it was drawn"
    under = _under(Path(record.path), number - 1, drawn)
    return _judged(under, _words(document, number, asked))


def _judged(under: str, words: Words) -> str:
    """Compare the letters under the boxes with those that were to be marked; a page may have cells in another order."""
    rows = [row for row in words if isinstance(row, RowWords)]
    if not rows:
        return "marked, the letters are the quote's" if under == letters_of(str(words[0])).text else _WRONG
    values = [cell.value for row in rows for cell in row.cells if cell.marked]
    apart = [value for at, value in enumerate(values) if at == 0 or values[at - 1] != value]  # one cell across columns
    right = any(Counter(under) == Counter(letters_of("".join(each)).text) for each in (values, apart))
    return "marked, the letters are those of the row's cells" if right else _WRONG


def _under(path: Path, number: int, drawn: Drawn) -> str:
    """Return the letters under the boxes of a picture."""
    from pypdfium2 import PdfDocument

    page = PdfDocument(path)[number]
    return words_under(page.get_textpage(), [_back(page, box) for box in drawn.boxes])


def _back(page: Any, box: tuple[float, ...]) -> tuple[float, float, float, float]:  # noqa: ANN401 - of pypdfium2
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    found = []
    for across, down in ((box[0], box[1]), (box[2], box[3])):
        raw.FPDF_DeviceToPage(page, 0, 0, _FINE, _FINE, 0, int(across * _FINE), int(down * _FINE), x, y)
        found.append((x.value, y.value))
    (x0, y0), (x1, y1) = found
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def measure_opening(files: Path) -> None:
    """Print how long a quote on a page far behind takes, and what is drawn for it."""
    with tempfile.TemporaryDirectory() as work:
        _long_file(files / _LONG, Path(work) / "long.pdf")
        place = Path(work) / "index"
        index.build([Path(work) / "long.pdf"], index_dir=place, embedder="hashing")
        (name,) = (one.id for one in list_documents(place).documents if one.id)
        assistant = Assistant(place, config=AnswerConfig(reader="none"))
        document = assistant.document(name)
        starts = document.metadata["pages"]
        assert isinstance(starts, list), "a PDF has pages"
        with _counting() as drawn, chat_site(assistant) as site, httpx.Client(base_url=site.url, timeout=60) as client:
            rows = list(_opened(client, name, [int(str(starts[at])) for at in (399, 449, 489)]))
    note = f"{len(starts)} pages, {len(document.text):,} characters; {len(drawn)} drawn; the first starts a process."
    show("A quote far behind in a long file, over HTTP", ["page", "text, ms", "page, ms"], rows, note)


def _opened(client: httpx.Client, name: str, starts: list[int]) -> Iterator[list[object]]:
    for start in starts:
        begun = time.perf_counter()
        client.get("/chat/document", params={"id": name, "marks": f"1-{start}-{start + 60}", "current": 1})
        text = time.perf_counter()
        reply = client.get("/chat/page", params={"id": name, "start": start, "end": start + 60}).json()
        page = time.perf_counter()
        yield [str(reply.get("page")), f"{1000 * (text - begun):.0f}", f"{1000 * (page - text):.0f}"]


@contextmanager
def _counting() -> Iterator[list[str]]:
    """Give the sources of the pages that are drawn meanwhile, one for each."""
    draw, drawn = Pictures.draw, list[str]()

    def noted(pictures: Pictures, file: SourceFile, digest: str, number: int, width: int, words: Words | None) -> Drawn:
        drawn.append(file.source)
        return draw(pictures, file, digest, number, width, words)

    with patch.object(Pictures, "draw", noted):
        yield drawn


def _long_file(source: Path, target: Path) -> None:
    from pypdfium2 import PdfDocument

    long, part = PdfDocument.new(), PdfDocument(source)
    while len(long) < _PAGES:
        long.import_pages(part, list(range(min(len(part), _PAGES - len(long)))))
    long.save(target)


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.pdf_pages", description=__doc__)
    parser.add_argument("--data", default=os.environ.get("RAG_BENCH_DATA", ""), help="folder of the benchmark data")
    parser.add_argument("--only", choices=("marks", "opening"), help="leave the other out")
    parser.add_argument("--most", type=int, default=_ASKED, help="questions")
    options = parser.parse_args()
    files = Path(options.data) / "files" / "pdf"
    if not files.is_dir():
        parser.error(f"no benchmark data in {options.data or 'no folder at all'}: name it by --data or RAG_BENCH_DATA")
    if options.only != "opening":
        measure_marks(files, options.most)
    if options.only != "marks":
        measure_opening(files)


if __name__ == "__main__":
    main()
