"""Quotes marked on the pages of PDF files: under the boxes stand the words of the quote and no others."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.errors import SourceError
from index.language.sentences.splitting import sentences
from index.sources.discovery import discover
from index.sources.pdf.picture import drawn
from index.sources.pdf.places import boxes_of, letters_of, words_under
from index.sources.reading import read
from index.sources.sandbox.pictures import Pictures
from index.sources.sandbox.pool import SandboxLimits
from index.sources.types import ReadOptions, RefusedError
from index.types import Document, page_at
from tests.index.sources.pdf.test_sources_pdf_pages import _pdf

LINES = (
    "The minister resigned on Monday after the long vote in the",
    "council, which had been post-",
    "poned twice. The council met again on Monday.",
)
QUOTES = 6  # of each document


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    pages = [[(72.0, 700.0 - 16 * at, 11.0, line) for at, line in enumerate(LINES)] for _ in range(3)]
    (tmp_path / "news.pdf").write_bytes(_pdf(pages))
    return tmp_path / "news.pdf"


def page_of(data: bytes, number: int) -> Any:
    from pypdfium2 import PdfDocument

    return PdfDocument(data)[number].get_textpage()


def test_words_are_marked_line_by_line_over_hyphens_and_line_ends(pdf: Path) -> None:
    textpage = page_of(pdf.read_bytes(), 0)
    quote = "the long vote in the council, which had been postponed twice."
    boxes = boxes_of(textpage, quote, "The minister resigned on Monday after ")
    assert boxes is not None
    assert len(boxes) == 3
    assert words_under(textpage, boxes) == letters_of(quote).text


def test_of_the_same_words_those_are_marked_that_are_meant(pdf: Path) -> None:
    textpage = page_of(pdf.read_bytes(), 0)
    before = "The minister resigned on "
    first = boxes_of(textpage, "on Monday", "The minister resigned ")
    second = boxes_of(textpage, "on Monday", before + "Monday after the long vote. The council met again ")
    assert first is not None
    assert second is not None
    assert first[0][1] > second[0][1]  # higher on the page


def test_words_that_are_not_on_a_page_have_no_boxes(pdf: Path) -> None:
    textpage = page_of(pdf.read_bytes(), 0)
    assert boxes_of(textpage, "The president resigned", "") is None
    assert boxes_of(textpage, " \n", "") is None


def test_a_page_is_drawn_with_its_marks_within_it(pdf: Path) -> None:
    found = drawn(pdf.read_bytes(), 1, 600, ("The council met again", ""))
    assert (found.width, found.pages, found.marked) == (600, 3, "all")
    assert base64.b64decode(found.image)[8:12] == b"WEBP"
    (box,) = found.boxes
    assert 0 < box[0] < box[2] < 1
    assert 0 < box[1] < box[3] < 0.5
    assert drawn(pdf.read_bytes(), 0, 600, ("Nothing of it", "")).marked == "not found"
    assert drawn(pdf.read_bytes(), 0, 600).boxes == ()
    with pytest.raises(RefusedError):
        drawn(pdf.read_bytes(), 3, 600)


def test_a_full_stop_lies_under_its_mark_although_it_is_smaller_than_a_pixel(tmp_path: Path) -> None:
    words = "In all, I see a lot of it."
    data = _pdf([[(72.3, 700.7 - 9 * line, 4.0, f"Line {line}: {words}") for line in range(20)]])
    for line in range(20):
        found = drawn(data, 0, 300, (f"Line {line}: {words}", ""))
        assert found.marked == "all"
        textpage = page_of(data, 0)
        width, height = textpage.page.get_size()
        boxes = [(a * width, (1 - d) * height, c * width, (1 - b) * height) for a, b, c, d in found.boxes]
        assert words_under(textpage, boxes) == letters_of(f"Line {line}: {words}").text


def test_a_child_draws_the_file_that_was_indexed_and_no_other(pdf: Path) -> None:
    (file,) = discover([pdf]).files
    digest = hashlib.sha256(pdf.read_bytes()).hexdigest()
    pictures = Pictures(SandboxLimits(seconds=60, cpu_seconds=20))
    pictures.prepare()
    waiting = pictures._child
    try:
        assert pictures.draw(file, digest, 0, 600, ("on Monday after", "")).marked == "all"
        assert pictures._child is waiting is not None, "the one that was started before"
        drew = pictures._child
        pictures.prepare()
        assert pictures._child is drew is not None, "one child draws all"
        with pytest.raises(SourceError, match="no such page"):
            pictures.draw(file, digest, 9, 600)
        with pytest.raises(SourceError, match="changed since"):
            pictures.draw(file, "0" * 64, 0, 600)
        pdf.write_bytes(pdf.read_bytes().replace(b"minister", b"monister"))
        with pytest.raises(SourceError, match="changed since"):
            pictures.draw(file, digest, 0, 600)
        pdf.unlink()
        with pytest.raises(SourceError):
            pictures.draw(file, digest, 0, 600)
    finally:
        pictures.close()


def reference() -> Path:
    folder = Path(os.environ.get("RAG_BENCH_DATA", "")) / "files" / "pdf"
    if not os.environ.get("RAG_BENCH_DATA") or not folder.is_dir():
        pytest.skip("needs the PDF files of the benchmark data; name their folder by RAG_BENCH_DATA")
    return folder


def quotes_of(document: Document) -> Iterator[tuple[int, int, int]]:
    """Yield some sentences and the page of each."""
    found = sentences(document.text, document.language)
    for sentence in found[:: max(1, len(found) // QUOTES)][:QUOTES]:
        yield sentence.start, sentence.end, (page_at(document, sentence.start) or 1) - 1


@pytest.mark.slow
def test_under_the_boxes_of_real_files_stand_the_words_of_the_quotes() -> None:
    from pypdfium2 import PdfDocument

    marked = asked = 0
    for file in discover([reference()]).files:
        try:
            documents = read(file, ReadOptions(ocr="off")).documents
        except SourceError:
            continue
        pages = PdfDocument(file.path)
        for document in documents:
            for start, end, number in quotes_of(document):
                textpage = pages[number].get_textpage()
                quote = document.text[start:end]
                boxes = boxes_of(textpage, quote, "")
                asked += 1
                if boxes is not None:  # else the text is shown, and why
                    marked += 1
                    assert words_under(textpage, boxes) == letters_of(quote).text, file.source
    assert asked > 100
    assert marked > 0.75 * asked
