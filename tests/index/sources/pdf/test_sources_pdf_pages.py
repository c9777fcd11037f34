"""Sentences go over the ends of pages: no note, running head, page number or hyphen stands inside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from index.sources.discovery import discover
from index.sources.pdf.notes import without_running_lines
from index.sources.reading import read
from index.types import Document, page_at
from tests.harness.pdf_files import Piece, pdf_of, words

FIRST = (
    "The water board repaired the pumps of the eastern district in spring, and",
    "the cost of it was shared between the district and the state, as agreed.",
    "The largest leak was found below Market Street, where an iron pipe of",
)
SECOND = ("1911 had burst. It lost ninety cubic metres of water in every hour.", "The next report appears in May.")


def _pdf(pages: Sequence[Sequence[Piece]]) -> bytes:
    """A PDF of pages in one font."""
    return pdf_of([words(pieces) for pieces in pages])


def _lines(lines: Sequence[str], top: float = 740.0, size: float = 11.0) -> list[Piece]:
    return [(60.0, top - 15 * n, size, line) for n, line in enumerate(lines)]


def _read(folder: Path, pages: Sequence[Sequence[Piece]]) -> Document:
    (folder / "a.pdf").write_bytes(_pdf(pages))
    (document,) = read(discover([folder]).files[0]).documents
    return document


def _numbered(page: list[Piece], number: str) -> list[Piece]:
    return [*page, (300.0, 30.0, 11.0, number)]


def test_a_note_stands_beside_the_sentence_that_goes_over_the_page(tmp_path: Path) -> None:
    note = [(60.0, 84.0, 5.0, "1"), (65.0, 80.0, 8.0, "Two of them for the second time.")]
    mark = [(470.0, 744.0, 6.0, "1")]
    pages = [[*_lines(FIRST), *mark, *note], _lines(SECOND), _lines(["Addresses follow."])]
    document = _read(tmp_path, [_numbered(page, str(n)) for n, page in enumerate(pages, 7)])
    assert "where an iron pipe of 1911 had burst." in document.text
    assert document.text.count("Two of them for the second time.") == 1
    assert document.text.index("second time.") < document.text.index("The largest leak") or "\n\n1" in document.text
    assert page_at(document, document.text.index("Two of them")) == 1
    assert page_at(document, document.text.index("an iron pipe")) == 1
    assert page_at(document, document.text.index("1911")) == 2
    assert page_at(document, document.text.index("The next report")) == 2
    assert page_at(document, document.text.index("Addresses")) == 3
    assert not any(line.strip() in "789" for line in document.text.split("\n") if line.strip())


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("they were counted by micro-", "phones that hang on lamp posts.", "counted by microphones that hang"),
        ("they read the long-", "term plan of the town.", "the long-term plan"),
        ("and the cost was shared by the town of", "Bergen and its neighbours.", "town of Bergen and its"),
    ],
)
def test_words_and_sentences_are_joined_over_the_page(tmp_path: Path, before: str, after: str, joined: str) -> None:
    first = [*FIRST[:2], f"The plan says, for the long run and for one term, that {before}"]
    document = _read(tmp_path, [_lines(first), _lines([after, "More follows."]), _lines(["The end."])])
    assert joined in document.text
    assert page_at(document, document.text.index("More follows")) == 2


def test_what_ends_with_its_page_stays_apart(tmp_path: Path) -> None:
    first = [*FIRST[:2], "Contents"]
    pages = [_lines(first), _lines(["Leaks are treated in this chapter.", "- first item"]), _lines(["- second item"])]
    document = _read(tmp_path, pages)
    assert "Contents Leaks" not in document.text
    assert "first item - second" not in document.text
    assert document.metadata["pages"] == [document.text.index(words) for words in ("The water", "Leaks", "- second")]


def test_running_heads_go_also_from_two_pages(tmp_path: Path) -> None:
    pages = [[*_lines(FIRST, 700.0)], [*_lines(SECOND, 700.0)]]
    document = _read(tmp_path, [_numbered(page, f"Page {n}") for n, page in enumerate(pages, 1)])
    assert "pipe of 1911 had burst." in document.text
    assert "Page" not in document.text


@pytest.mark.parametrize("foot", ["Page {} of 2", "{} / 2", "Seite {} von 2", "{}"])
def test_a_word_goes_on_over_the_number_of_a_page(foot: str) -> None:
    filler = "The weir and the long dry summer at the edge of the river are told of here at length."
    first = [*[filler] * 4, "In the end the engineers agreed on the recon-", foot.format(1)]
    second = ["struction of the eastern weir, to be finished in 2027.", *[filler] * 3, foot.format(2)]
    kept = without_running_lines([first, second])
    assert [page[-1] for page in kept] == [first[-2], filler]


@pytest.mark.parametrize(
    "last", [("12 May 2024", "13 May 2024"), ("3 of 4 pumps", "1 of 4 pumps"), ("2 von 5", "2 von 5")]
)
def test_a_last_line_with_numbers_that_count_no_pages_stays(last: tuple[str, str]) -> None:
    pages = [["The council met.", "It was late.", words] for words in last]
    assert without_running_lines(pages) == pages


def test_notes_at_the_end_of_a_document_stand_apart_from_numbers_and_each_other(tmp_path: Path) -> None:
    first, rest = _lines(("In that year the wells served", "homes on the island."))
    body = [first, (210.0, 740.0, 11.0, "212"), (228.6, 744.0, 6.0, "1"), rest]
    notes = ("Notes", "1 The number comes from the census of the parish.", "2 Measured at the tap of the school.")
    first, rest = _lines(("Each of them had", "litres of water."))
    second = [first, (155.0, 740.0, 11.0, "40"), (167.4, 744.0, 6.0, "2"), rest]
    text = _read(tmp_path, [body, second, _lines(notes)]).text
    assert "served 212 ¹ homes" in text
    assert "had 40 ²" in text
    assert text.endswith("\n\n".join(notes))
