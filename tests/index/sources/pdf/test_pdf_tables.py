"""Tables of PDF pages: cells between lines, of several lines, merged and empty, rows between lines, over pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from index.records import location, tables_of
from index.sources.discovery import discover
from index.sources.pdf.characters import without_false_line_ends
from index.sources.pdf.lines.segments import Char
from index.sources.reading import read
from index.types import Document
from tests.harness.pdf_files import Piece, box, hebrew, line, pdf_of, words


def document_of(folder: Path, *pages: bytes) -> Document:
    (folder / "a.pdf").write_bytes(pdf_of(pages))
    (document,) = read(discover([folder / "a.pdf"]).files[0]).documents
    return document


def placed(cells: Sequence[tuple[float, float, str]], size: float = 10) -> list[Piece]:
    return [(x + 3, y - 12, size, text) for x, y, text in cells]


def grid() -> bytes:
    """A table with a cell over two rows, one over two columns, a band, empty cells, and cells of several lines."""
    lines = [line(60, y, 500, y) for y in (700, 680, 600, 580, 560)]
    lines += [line(160, 640, 500, 640), line(60, 700, 60, 560), line(500, 700, 500, 560)]
    lines += [line(x, 680, x, 600) for x in (160, 220, 400)] + [line(160, 700, 160, 680), line(400, 700, 400, 680)]
    lines += [line(x, 580, x, 560) for x in (160, 220, 400)]
    heads = [(60.0, 700.0, "Station"), (160.0, 700.0, "Mast"), (400.0, 700.0, "Deputy")]
    cells = [
        (60.0, 680.0, "Bergen"),
        (160.0, 680.0, "12 m"),
        (220.0, 680.0, "Replaced after the storm of"),
        (220.0, 668.0, "January, checked by hydro-"),
        (220.0, 656.0, "phones"),
        (160.0, 640.0, "3 m"),
        (400.0, 640.0, "Ola Nord"),
        (60.0, 668.0, "North"),
        (60.0, 600.0, "Southern stations"),
        (60.0, 580.0, "Arendal"),
        (220.0, 580.0, "Closed"),
    ]
    return b"".join(lines) + words(placed(heads), "F2") + words(placed(cells))


def test_cells_between_lines(tmp_path: Path) -> None:
    above = words([(60, 740, 10, "Table 1. Stations and their hydrophones")])
    document = document_of(tmp_path, above + grid() + words([(60, 500, 10, "What follows is no table.")]))
    assert document.text == (
        "Table 1. Stations and their hydrophones\n\n"
        "Station: Bergen North | Mast: 12 m | Mast: Replaced after the storm of January, checked by hydrophones"
        " | Deputy: –\n"
        "Station: Bergen North | Mast: 3 m | Mast: – | Deputy: Ola Nord\n"
        "Southern stations | Station: Arendal | Mast: – | Mast: Closed | Deputy: –\n\n"
        "What follows is no table."
    )
    assert tables_of(document.metadata)[0].title == "Table 1. Stations and their hydrophones"
    at = document.text.index("Ola")
    assert location(document, at, at + 3) == "p. 1, table, row 3, column Deputy"


def test_a_grid_drawn_as_areas_and_frames_is_one(tmp_path: Path) -> None:
    rows = [["Meter", "Reading"], ["M-1", "37"], ["M-2", ""], ["M-3", "41"]]
    drawn, pieces = b"0.9 g ", []
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            left, top = 60 + 100 * x, 700 - 20 * y
            drawn += box(left, top - 20, left + 100, top, "S" if y % 2 else "f")
            pieces += [(left + 3, top - 14, 10, text)] if text else []
    document = document_of(tmp_path, drawn + b"0 g " + words(pieces))
    assert document.text == "Meter: M-1 | Reading: 37\nMeter: M-2 | Reading: –\nMeter: M-3 | Reading: 41"


def test_rows_between_level_lines(tmp_path: Path) -> None:
    lines = b"".join(line(60, y, 460, y) for y in (720, 700, 660, 640, 600))
    cells = [
        (60.0, 720.0, "Item"),
        (160.0, 720.0, "Description"),
        (400.0, 720.0, "Price"),
        (60.0, 700.0, "Pump"),
        (160.0, 700.0, "Cast iron, with two valves for"),
        (160.0, 688.0, "use under water"),
        (400.0, 688.0, "120 EUR"),
        (60.0, 660.0, "Hose"),
        (160.0, 660.0, "Rubber"),
        (60.0, 640.0, "Coupling"),
        (60.0, 628.0, "of brass"),
        (400.0, 628.0, "7 EUR"),
    ]
    document = document_of(tmp_path, lines + words(placed(cells)))
    assert document.text == (
        "Item: Pump | Description: Cast iron, with two valves for use under water | Price: 120 EUR\n"
        "Item: Hose | Description: Rubber | Price: –\n"
        "Item: Coupling of brass | Description: – | Price: 7 EUR"
    )


def test_three_level_lines_part_header_and_rows(tmp_path: Path) -> None:
    lines = b"".join(line(60, y, 460, y) for y in (720, 700, 620))
    cells = [
        (60.0, 718.0, "Town"),
        (200.0, 718.0, "2020"),
        (300.0, 718.0, "2021"),
        (60.0, 698.0, "Bergen"),
        (200.0, 698.0, "380"),
        (300.0, 698.0, "395"),
        (60.0, 682.0, "Oslo"),
        (300.0, 682.0, "417"),
        (60.0, 666.0, "Narvik"),
        (200.0, 666.0, "12"),
    ]
    text = document_of(tmp_path, lines + words(placed(cells))).text
    assert text == (
        "Town: Bergen | 2020: 380 | 2021: 395\nTown: Oslo | 2020: – | 2021: 417\nTown: Narvik | 2020: 12 | 2021: –"
    )


def test_a_cell_of_two_lines_without_rules_is_no_second_row(tmp_path: Path) -> None:
    rows = [
        ["Item", "Kept in", "Used for", "Number"],
        ["Pump", "the northern hall", "wells and other", "120"],
        ["", "behind the gate", "deep shafts"],
        ["Hose", "the yard", "water", "40"],
        ["Valve", "the yard", "", "41"],
    ]
    left = (60.0, 140.0, 240.0, 340.0)
    pieces = [(left[x], 700.0 - 14 * y, 10.0, text) for y, row in enumerate(rows) for x, text in enumerate(row) if text]
    text = document_of(tmp_path, words(pieces)).text
    assert text == (
        "Item: Pump | Kept in: the northern hall behind the gate | Used for: wells and other deep shafts"
        " | Number: 120\n"
        "Item: Hose | Kept in: the yard | Used for: water | Number: 40\n"
        "Item: Valve | Kept in: the yard | Used for: – | Number: 41"
    )


def test_a_row_below_a_header_that_is_not_sure_is_no_header(tmp_path: Path) -> None:
    rows = [["Item", "Kept in", "Remark"], ["Pump", "hall", "leaks"], ["Hose", "yard", "40"], ["Valve", "yard", "41"]]
    pieces = [(60.0 + 100 * x, 700.0 - 14 * y, 10.0, text) for y, row in enumerate(rows) for x, text in enumerate(row)]
    assert " | " not in document_of(tmp_path, words(pieces)).text


def test_a_table_goes_on_on_the_next_page(tmp_path: Path) -> None:
    pages = []
    for page, first in enumerate((0, 10)):
        drawn = b"".join(line(x, 700, x, 500) for x in (60, 160, 260))
        drawn += b"".join(line(60, 700 - 20 * n, 260, 700 - 20 * n) for n in range(11))
        rows = [[f"M-{n}", f"{37 * n}"] for n in range(first, first + 10)]
        cells = [(60.0 + 100 * x, 700.0 - 20 * y, text) for y, row in enumerate(rows) for x, text in enumerate(row)]
        if page == 0:
            cells[:2] = [(60.0, 700.0, "Meter"), (160.0, 700.0, "Reading")]
        pages.append(drawn + words([*placed(cells), (300, 40, 9, f"Page {page + 1}")]))
    document = document_of(tmp_path, *pages)
    assert "Meter: M-9 | Reading: 333\n\nMeter: M-10 | Reading: 370\n" in document.text
    at = document.text.index("370")
    assert location(document, at, at + 3) == "p. 2, table, row 1, column Reading"


def test_what_lines_frame_need_be_no_table(tmp_path: Path) -> None:
    prose = [
        (66, 690 - 14 * n, 10, f"The survey used {n} microphones that were mounted on the lamp posts") for n in range(4)
    ]
    framed = box(60, 600, 500, 710) + line(60, 650, 500, 650) + words(prose)
    rules = b"".join(line(60, y, 500, y) for y in (560, 545, 400))
    below = words(
        [
            (60, 548, 10, "A heading between rules"),
            *((60, 530 - 14 * n, 10, f"Line {n} of prose that is long enough to be one") for n in range(5)),
        ]
    )
    document = document_of(tmp_path, framed + rules + below)
    assert "tables" not in document.metadata
    assert " | " not in document.text


def test_lines_that_end_between_the_letters_of_a_word_do_not(tmp_path: Path) -> None:
    chars, x = list[Char](), 60.0
    for letter in "M-20 hall":
        if letter != " ":
            ends = [Char(end, x, 700, 10, made_up=True) for end in "\r\n"]
            chars += [*(ends if chars else []), Char(letter, x, 700, 10, made_up=False, left=x, right=x + 5)]
        x += 3 if letter == " " else 5
    assert "".join(char.text for char in without_false_line_ends(chars)) == "M-20 hall"
    apart = [
        Char("a", 60, 700, 10, made_up=False, left=60, right=65),
        *(Char(end, 65, 700, 10, made_up=True) for end in "\r\n"),
    ]
    for other in (
        Char("b", 75, 700, 10, made_up=False, left=75, right=80),
        Char("b", 60, 688, 10, made_up=False, left=60, right=65),
    ):
        assert without_false_line_ends([*apart, other]) == [*apart, other]


def laid(rows: list[list[str]], left: tuple[float, ...], tops: list[float]) -> list[Piece]:
    return [(left[x], tops[y], 10.0, text) for y, row in enumerate(rows) for x, text in enumerate(row) if text]


def test_a_line_that_holds_only_the_rest_of_one_cell(tmp_path: Path) -> None:
    rows = [
        ["Item", "Kept in", "Used for", "Number"],
        ["Pump", "the hall", "wells and other deep", "120"],
        ["", "", "shafts of the north"],
        ["Hose", "the yard", "water", "40"],
        ["Valve", "the yard", "gas", "41"],
    ]
    pieces = laid(rows, (60.0, 140.0, 240.0, 440.0), [700.0 - 14 * y for y in range(5)])
    text = document_of(tmp_path, words([*pieces, (60.0, 600.0, 10.0, "Source: the office")])).text
    assert text.split("\n") == [
        "Item: Pump | Kept in: the hall | Used for: wells and other deep shafts of the north | Number: 120",
        "Item: Hose | Kept in: the yard | Used for: water | Number: 40",
        "Item: Valve | Kept in: the yard | Used for: gas | Number: 41",
        "",
        "Source: the office",
    ]


def test_rows_that_stand_further_apart_than_their_lines(tmp_path: Path) -> None:
    """The first column goes on too, so that only the distance tells which lines are one row."""
    rows = [
        ["Item", "Kept in", "Number"],
        ["Pump of the", "the northern hall", "120"],
        ["first kind", "behind the gate"],
        ["Hose", "the yard", "40"],
        ["Valve for", "the yard", "41"],
        ["gas"],
    ]
    pieces = laid(rows, (60.0, 140.0, 240.0), [700.0, 680.0, 669.0, 649.0, 629.0, 618.0])
    text = document_of(tmp_path, words([*pieces, (60.0, 598.0, 10.0, "Source: the office")])).text
    assert text.split("\n") == [
        "Item: Pump of the first kind | Kept in: the northern hall behind the gate | Number: 120",
        "Item: Hose | Kept in: the yard | Number: 40",
        "Item: Valve for gas | Kept in: the yard | Number: 41",
        "",
        "Source: the office",
    ]


@pytest.mark.parametrize("ruled", [False, True])
def test_columns_from_right_to_left(tmp_path: Path, ruled: bool) -> None:
    rows = [
        ["עיר", "תושבים", "מנהל"],
        ["חיפה", "285000", "רות כהן"],
        ["אילת", "52000", "דוד לוי בשנת 2031 (זמני)"],
        ["לוד", "81000", "מאיה"],
    ]
    right = (540.0, 400.0, 300.0)
    pieces = [(right[x], 700.0 - 14 * y, 10.0, text) for y, row in enumerate(rows) for x, text in enumerate(row)]
    drawn = b"".join(line(x, 712, x, 656) for x in (180, 310, 420, 550))
    drawn += b"".join(line(180, 712 - 14 * y, 550, 712 - 14 * y) for y in range(5))
    text = document_of(tmp_path, (drawn if ruled else b"") + hebrew(pieces)).text
    assert text.split("\n") == [
        "עיר: חיפה | תושבים: 285000 | מנהל: רות כהן",
        "עיר: אילת | תושבים: 52000 | מנהל: דוד לוי בשנת 2031 (זמני)",
        "עיר: לוד | תושבים: 81000 | מנהל: מאיה",
    ]


KEPT = [
    ["Item", "Kept in", "Price"],
    ["Pump of the first", "the northern hall", "120 EUR"],
    ["kind, of cast iron", "behind the gate"],
    ["Hose", "the yard", "40 EUR"],
    ["Valve of brass for", "", "7 EUR"],
    ["large reservoirs"],
]
LEFT, DOWN = (60.0, 200.0, 360.0), [700.0, 676.0, 664.0, 640.0, 616.0, 604.0]
KEPT_SHOWN = [
    "Item: Pump of the first kind, of cast iron | Kept in: the northern hall behind the gate | Price: 120 EUR",
    "Item: Hose | Kept in: the yard | Price: 40 EUR",
    "Item: Valve of brass for large reservoirs | Kept in: – | Price: 7 EUR",
]


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param((692, 656, 632, 596), id="below every row"),
        pytest.param((713, 692, 656, 632), id="above every row"),
        pytest.param((692, 656, 632), id="between rows"),
        pytest.param((713, 692, 596), id="around the header and below the table"),
    ],
)
def test_rows_beyond_the_first_and_the_last_level_line(tmp_path: Path, rules: Sequence[float]) -> None:
    drawn = b"".join(line(55, y, 440, y) for y in rules)
    above = words([(60, 730, 10, "A list of what the office keeps in the halls and in the yard of the town.")])
    below = words([(60, 570, 10, "Whoever takes one of these things writes it down in the book of the office.")])
    document = document_of(tmp_path, above + drawn + words(laid(KEPT, LEFT, DOWN)) + below)
    lines = document.text.split("\n")
    assert lines[2:5] == KEPT_SHOWN
    assert lines[0].startswith("A list of")
    assert lines[-1].startswith("Whoever takes")


def test_a_header_in_bold_over_words_is_one(tmp_path: Path) -> None:
    rows = [["Quantity", "Value"], ["Energy of the pulse", "E = 10 J"], ["in the first run"], ["Mass", "m = 3 kg"]]
    drawn = b"".join(line(55, y, 440, y) for y in (692, 656, 632))
    pieces = laid(rows, (60.0, 300.0), [700.0, 676.0, 664.0, 640.0])
    text = document_of(tmp_path, drawn + words(pieces[:2], "F2") + words(pieces[2:])).text
    assert text == (
        "Quantity: Energy of the pulse in the first run | Value: E = 10 J\nQuantity: Mass | Value: m = 3 kg"
    )


def test_cells_of_a_row_at_several_heights_are_not_told_by_their_lines(tmp_path: Path) -> None:
    """As browsers set them in the middle of their row; a careless reader makes three rows of the last one."""
    drawn = b"".join(line(55, y, 440, y) for y in (713, 692, 590))
    pieces = [*laid(KEPT[:1], LEFT, [700.0]), (60.0, 676.0, 10.0, "Pump of the first"), (60.0, 664.0, 10.0, "kind")]
    pieces += [(200.0, 670.0, 10.0, "the hall"), (360.0, 670.0, 10.0, "120 EUR"), (60.0, 646.0, 10.0, "Hose")]
    pieces += [(200.0, 646.0, 10.0, "the yard"), (360.0, 646.0, 10.0, "40 EUR"), (60.0, 622.0, 10.0, "Valve of")]
    pieces += [(60.0, 610.0, 10.0, "brass for"), (200.0, 610.0, 10.0, "the yard"), (360.0, 610.0, 10.0, "7 EUR")]
    pieces += [(60.0, 598.0, 10.0, "reservoirs")]
    assert " | " not in document_of(tmp_path, drawn + words(pieces)).text
