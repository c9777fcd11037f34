"""Rows of tables marked on the pages of PDF files: those that are meant, cell by cell, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.sources.discovery import discover
from index.sources.pdf.places import Box, letters_of, words_under
from index.sources.pdf.rowplaces import RowCell, RowWords, row_boxes
from index.sources.reading import read
from index.types import Document
from tests.harness.pdf_files import Piece, hebrew, line, words
from tests.index.sources.pdf.test_pdf_tables import document_of, grid
from ui.service.library.page_rows import rows_marked

ROWS = [
    ["Meter", "Hall", "Reading", "Fault"],
    ["M-1", "North", "37", "3"],
    ["M-2", "North", "3", "37"],
    ["M-3", "", "37", "3"],
    ["M-3", "", "37", "3"],
    ["M-13", "3 North", "3", "-"],
]
HIGH, STEP, LEFT = 700.0, 20.0, 60.0


def ruled(rows: Sequence[Sequence[str]], width: float = 100) -> bytes:
    down, across = len(rows), len(rows[0])
    right, bottom = LEFT + width * across, HIGH - STEP * down
    drawn = b"".join(line(LEFT, HIGH - STEP * y, right, HIGH - STEP * y) for y in range(down + 1))
    drawn += b"".join(line(LEFT + width * x, HIGH, LEFT + width * x, bottom) for x in range(across + 1))
    pieces: list[Piece] = [
        (LEFT + width * x + 3, HIGH - STEP * y - 14, 10, text)
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
    ]
    return drawn + words(pieces)


def page_of(folder: Path) -> Any:
    from pypdfium2 import PdfDocument

    return PdfDocument(folder / "a.pdf")[0].get_textpage()


def marked(folder: Path, document: Document, quote: str, nth: int = 0) -> list[Box] | None:
    start = -1
    for _ in range(nth + 1):
        start = document.text.index(quote, start + 1)
    (row,) = rows_marked(document, start, start + len(quote), (0, len(document.text)))
    return row_boxes(page_of(folder), row)


def row_at(boxes: Sequence[Box] | None) -> set[int]:
    assert boxes is not None
    return {int((HIGH - (box[1] + box[3]) / 2) / STEP) for box in boxes}


def test_the_cells_of_the_row_that_is_meant_are_marked(tmp_path: Path) -> None:
    document = document_of(tmp_path, ruled(ROWS))
    for number, (record, *_) in enumerate(zip(document.text.split("\n"), ROWS[1:], strict=True), 1):
        boxes = marked(tmp_path, document, record, int(number == 4))
        assert row_at(boxes) == {number}
        assert boxes is not None
        assert words_under(page_of(tmp_path), boxes) == letters_of("".join(ROWS[number])).text


def test_a_cell_is_marked_alone(tmp_path: Path) -> None:
    document = document_of(tmp_path, ruled(ROWS))
    at = document.text.index("Fault: 37") + len("Fault: ")
    (row,) = rows_marked(document, at, at + 2, (0, len(document.text)))
    boxes = row_boxes(page_of(tmp_path), row)
    assert row_at(boxes) == {2}
    assert boxes is not None
    assert len(boxes) == 1
    assert boxes[0][0] > LEFT + 300, "the last column, not the same number in the one before"


def test_cells_of_several_lines_rows_and_columns_are_marked_where_they_stand(tmp_path: Path) -> None:
    document = document_of(tmp_path, grid())
    first, second, third = (marked(tmp_path, document, record) for record in document.text.split("\n"))
    page = page_of(tmp_path)
    assert first is not None
    assert second is not None
    assert third is not None
    expected = "Bergen North 12 m Replaced after the storm of January, checked by hydrophones"
    assert sorted(words_under(page, first)) == sorted(letters_of(expected).text)
    assert sorted(words_under(page, second)) == sorted(letters_of("Bergen North 3 m Ola Nord").text)
    assert sorted(words_under(page, third)) == sorted(letters_of("Southern stations Arendal Closed").text)


def test_a_row_that_is_read_from_right_to_left_is_marked(tmp_path: Path) -> None:
    rows = [["מונה", "קריאה"], ["צפון", "37"], ["דרום", "41"], ["מזרח", "37"]]
    right, bottom = 400.0, HIGH - STEP * len(rows)
    drawn = b"".join(line(200, HIGH - STEP * y, right, HIGH - STEP * y) for y in range(len(rows) + 1))
    drawn += b"".join(line(x, HIGH, x, bottom) for x in (200, 300, right))
    pieces: list[Piece] = [
        (right - 100 * x - 3, HIGH - STEP * y - 14, 10, text)
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
    ]
    document = document_of(tmp_path, drawn + hebrew(pieces))
    records = document.text.split("\n")
    assert len(records) == 3, document.text
    assert [row_at(marked(tmp_path, document, record)) for record in records] == [{1}, {2}, {3}]


def test_a_row_that_could_be_another_one_has_no_boxes(tmp_path: Path) -> None:
    document_of(tmp_path, ruled(ROWS))
    page = page_of(tmp_path)
    twice = RowWords((RowCell("M-3"), RowCell("37"), RowCell("3")))
    assert row_boxes(page, twice) is None, "two rows have these cells, and one is said to"
    assert row_at(row_boxes(page, replace(twice, alike=2, number=1))) == {4}
    assert row_boxes(page, RowWords((RowCell("M-1"), RowCell("41")))) is None
    assert row_boxes(page, RowWords((RowCell("M-1"), RowCell("37"), RowCell("7")))) is None, "7 is a part of 37"


@pytest.mark.parametrize("words_sent", [None, ("The ministry", "before it"), (RowWords((RowCell("a"),), 1, 2),)])
def test_what_is_marked_reaches_the_child_whole(words_sent: Any) -> None:
    import json

    from index.sources.sandbox.pictures import _sent
    from index.sources.sandbox.worker import _words

    assert _words(json.loads(json.dumps(_sent(words_sent)))) == words_sent


def test_the_page_of_a_quoted_row_has_its_marks(tmp_path: Path) -> None:
    from index.sources.pdf.picture import drawn

    document = document_of(tmp_path, ruled(ROWS))
    start = document.text.index("Meter: M-2")
    rows = rows_marked(document, start, document.text.index("\n", start), (0, len(document.text)))
    found = drawn((tmp_path / "a.pdf").read_bytes(), 0, 600, rows)
    assert found.marked == "all"
    assert len(found.boxes) == 4
    assert all(abs((box[1] + box[3]) / 2 - (800 - HIGH + 2.5 * STEP) / 800) < 0.01 for box in found.boxes)
    assert read(discover([tmp_path / "a.pdf"]).files[0]).documents[0].text == document.text
