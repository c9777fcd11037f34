"""What a reader sees and a careless reading gets wrong: rows that end in empty cells, notes below words, forms."""

from __future__ import annotations

import io
import json
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.sources.discovery import discover
from index.sources.reading import read
from tests.harness import table_files as made
from tests.harness.hostile_files import docx
from tests.harness.pdf_files import line, pdf_of, words


def text_of(folder: Path, name: str, data: bytes | str) -> str:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return "\n\n".join(document.text for document in read(discover([folder / name]).files[0]).documents)


def rtf_row(edges: str, *cells: str) -> str:
    defined = "".join(f"\\cellx{edge}" for edge in edges.split())
    return f"\\trowd{defined}\\intbl " + "".join(f"{cell}\\cell " for cell in cells) + "\\row "


def test_rtf_cells_span_columns_by_their_edges(tmp_path: Path) -> None:
    rows = [
        rtf_row("2000 6000 10000", "Region", "2023", "2024"),
        rtf_row("2000 4010 6000 8000 10000", "", "Units", "Sum", "Units", "Sum"),
        rtf_row("2000 4000 6000 8000 9990", "EU", "7", "140", "", "150"),
        rtf_row("2000 4000 6000 10000", "US", "19", "300", "closed"),
    ]
    assert text_of(tmp_path, "a.rtf", rf"{{\rtf1\ansi {''.join(rows)}\pard After.\par}}") == (
        "Region: EU | 2023 Units: 7 | 2023 Sum: 140 | 2024 Units: – | 2024 Sum: 150\n"
        "Region: US | 2023 Units: 19 | 2023 Sum: 300 | 2024 Units: closed | 2024 Sum: closed\n\nAfter."
    )


def test_rtf_raises_letters_that_are_written_by_number(tmp_path: Path) -> None:
    written = r"{\rtf1\ansi\uc1 3\'b710{\super \u8722\'3f3} and 10{\super \u8722?12} per hour\par}"
    assert text_of(tmp_path, "a.rtf", written) == "3·10⁻³ and 10⁻¹² per hour"


STYLED = (
    "<p>It weighs 10<span style='vertical-align:super;font-size:70%'>6</span> kg and 10<span class='up x'>9</span> g,"
    " of CO<font style='vertical-align: -25%'>2</font>.</p>"
    "<p>Twice <span style='vertical-align: 1px'>40</span> and 5<span style='vertical-align: baseline'>0</span>.</p>"
)
SEEN = "It weighs 10⁶ kg and 10⁹ g, of CO₂.\n\nTwice 40 and 50."


def epub(page: str, styles: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", '<container><rootfile full-path="b.opf"/></container>')
        item = '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
        archive.writestr("b.opf", f"<package><manifest>{item}</manifest><spine><itemref idref='a'/></spine></package>")
        archive.writestr("a.xhtml", f"<html><body>{page}</body></html>")
        archive.writestr("a.css", styles)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["html", "epub"])
def test_styles_raise_letters_as_tags_do(tmp_path: Path, kind: str) -> None:
    styles = "p { margin: 0 } sup.x, p span.up { font-size: 60%; vertical-align: 0.4em }"
    data = epub(STYLED, styles) if kind == "epub" else f"<style>{styles}</style><body>{STYLED}</body>"
    assert text_of(tmp_path, f"a.{kind}", data) == SEEN


def test_objects_in_objects_say_whose_they_are(tmp_path: Path) -> None:
    hosts = [{"host": "r1", "lag": 12}, {"host": "r2", "lag": None}]
    stages = [
        {"on": True, "name": "staging", "database": {"port": 5433, "copies": hosts}},
        {"on": False, "name": "live", "database": {"port": 5432, "copies": []}},
    ]
    text = text_of(tmp_path, "a.json", json.dumps({"service": "relay", "stages": stages}))
    (port,) = [line for line in text.split("\n") if line.endswith("5433")]
    assert port == "service: relay | stages 1.name: staging | stages 1.database | port: 5433"
    assert (
        "stages 1.name: staging | stages 1.database.port: 5433 | stages 1.database.copies 2 | host: r2 | lag: –" in text
    )
    assert "stages 2 | on: false | name: live | database.port: 5432" in text


def test_a_row_of_prose_with_an_empty_field_says_so(tmp_path: Path) -> None:
    prose = "A long description of a tool that cuts wood very well, made of steel and sold in boxes of ten."
    text = text_of(
        tmp_path,
        "a.csv",
        f"name,description,total\nSaw,{prose.replace(',', ';')},61.50\nAxe,{prose.replace(',', ';')},\n",
    )
    assert text.count("total: 61.50") == text.count("total: –") == 1


@pytest.mark.parametrize("kind", ["docx", "html", "xlsx", "odt"])
def test_labels_and_what_is_filled_in_name_no_columns(tmp_path: Path, kind: str) -> None:
    rows: made.Rows = [
        ["Tenant", "Ruth Amundsen"],
        ["Date of birth", ""],
        ["Phone", "555 123"],
        ["Founded", "1998"],
        ["Rent", "900 EUR"],
    ]
    file = {
        "docx": lambda: made.word(rows),
        "html": lambda: made.html(rows),
        "xlsx": lambda: made.xlsx({"Form": made.sheet(rows)}),
        "odt": lambda: made.opendocument(made.open_table(rows)),
    }[kind]  # fmt: skip
    text = text_of(tmp_path, f"a.{kind}", file())
    assert "Tenant | Ruth Amundsen\nDate of birth | –\nPhone | 555 123\nFounded | 1998\nRent | 900 EUR" in text


def test_two_columns_of_one_kind_have_a_header(tmp_path: Path) -> None:
    assert "Oak: " not in text_of(
        tmp_path,
        "a.html",
        made.html([["Room", "Seats"], ["Oak", "12"], ["Elm", ""], ["Fir", "1950"], ["Ash", "40"], ["Yew", "31"]]),
    )


def test_several_lines_above_a_header_are_its_titles(tmp_path: Path) -> None:
    rows: made.Rows = [
        [("Staff in March", 3, 1)],
        ["Source: the office"],
        ["Branch", "Manager", "Desks"],
        ["Lyon", "Mei Tanaka", "4"],
        ["Nice", "", "7"],
    ]
    text = text_of(tmp_path, "a.xlsx", made.xlsx({"All": made.sheet(rows)}))
    assert text.startswith(
        "All\n\nStaff in March\nSource: the office\nBranch: Lyon | Manager: Mei Tanaka | Desks: 4\nBranch: Nice | "
    )


def ruled(rows: list[list[str]], top: float, gap: float = 18) -> bytes:
    """A table of three columns between lines; an empty cell has no words on the page at all."""
    bottom = top - gap * len(rows)
    drawn = [line(60, top - gap * n, 420, top - gap * n) for n in range(len(rows) + 1)]
    drawn += [line(x, top, x, bottom) for x in (60, 180, 300, 420)]
    for n, row in enumerate(rows):
        for x, cell in zip((63, 183, 303), row, strict=True):
            drawn.append(words([(x, top - gap * n - 13, 10, cell)]) if cell else b"")
    return b"".join(drawn)


def test_a_table_over_pages_with_rows_that_end_in_empty_cells(tmp_path: Path) -> None:
    head = ["Station", "Level", "Remark"]
    pages = [
        [[f"S{n:03}", str(n % 7), "" if n % 3 == 0 else f"note {n}"] for n in range(low, low + 12)]
        for low in (1, 13, 25)
    ]
    text = text_of(tmp_path, "a.pdf", pdf_of([ruled([head, *rows], 720) for rows in pages]))
    for row in (row for rows in pages for row in rows):
        assert f"Station: {row[0]} | Level: {row[1]} | Remark: {row[2] or '–'}" in text
    assert text.count("Station: ") == 36
    assert "[Header" not in text


def test_a_note_below_a_word_that_goes_over_the_page(tmp_path: Path) -> None:
    body = [
        "The ferries were moved to the outer quay because the dredger could",
        "not pass the bar, and people waited until the crane was mended by the sec-",
    ]
    first = words(
        [(60, 700 - 14 * n, 11, row) for n, row in enumerate(body)] + [(60, 90, 8, "1 Counted by Olga in May.")]
    )
    second = words(
        [
            (60, 700, 11, "ond crew of the yard in Gdansk, which took nine days in the end."),
            (60, 686, 11, "Nothing else happened."),
        ]
    )
    text = text_of(tmp_path, "a.pdf", pdf_of([first, second]))
    assert "mended by the second crew of the yard" in text
    assert "1 Counted by Olga in May." in text.split("\n\n")


def test_a_form_that_is_not_filled_in_says_so_and_a_formula_keeps_its_strokes(tmp_path: Path) -> None:
    control = "<w:sdt><w:sdtPr>{mark}</w:sdtPr><w:sdtContent><w:r><w:t>{words}</w:t></w:r></w:sdtContent></w:sdt>"
    paragraphs = [
        ("Start: ", control.format(mark="<w:showingPlcHdr/>", words="Click or tap here to enter text.")),
        ("End: ", control.format(mark="", words="3 May")),
    ]
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{label}</w:t></w:r>{filled}</w:p>' for label, filled in paragraphs
    )
    assert text_of(tmp_path, "a.docx", docx(body)) == "Start: –\n\nEnd: 3 May"
    noted = "It has $12\\,m^2$ and costs \\$5 or $7\\*."
    assert text_of(tmp_path, "a.md", noted) == "It has $12\\,m^2$ and costs $5 or $7*."


def test_the_notes_of_a_slide_are_words(tmp_path: Path) -> None:
    box = "<office:frame><office:text-box><text:p>{}</text:p></office:text-box></office:frame>"
    notes = f"<style:notes>{box.format('Checked by Olga.')}</style:notes>"
    page = f"<office:page>{box.format('Sales')}{notes}</office:page>"
    assert text_of(tmp_path, "a.odp", made.opendocument(page, "presentation")) == "Sales\n\nChecked by Olga."


def test_a_message_whose_plain_words_have_lost_exponents_or_addresses(tmp_path: Path) -> None:
    def message(plain: str, page: str) -> bytes:
        found = EmailMessage()
        found["Subject"], found["From"] = "Report", "a@example.org"
        found.set_content(plain)
        found.add_alternative(page, subtype="html")
        return found.as_bytes()

    assert "costs 10⁶ euros" in text_of(
        tmp_path, "a.eml", message("It costs 106 euros.", "<p>It costs 10<sup>6</sup> euros.</p>")
    )
    linked = message("The form is here.", "<p>The form is <a href='https://x.example.org/f'>here</a>.</p>")
    assert "https://x.example.org/f" in text_of(tmp_path, "b.eml", linked)
    assert "plain words" in text_of(
        tmp_path,
        "c.eml",
        message("See https://a.example.org, plain words.", "<p>See <a href='https://b.example.org'>it</a></p>"),
    )


def test_an_author_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<meta name='author' content='(anonymous)'><p>The tide was high.</p>")
    (tmp_path / "b.html").write_text("<meta name='author' content='Anonymous Club'><p>The tide was high.</p>")
    found = [read(file).documents[0].metadata.get("author") for file in discover([tmp_path]).files]
    assert found == [None, "Anonymous Club"]


def test_a_term_stands_beside_what_is_told_of_it(tmp_path: Path) -> None:
    page = (
        "<dl><dt>Length</dt><dd>12 m</dd> <dt><b>Built:</b></dt> <dd>in <i>1898</i>, Oslo</dd>"
        "<dt>Crew</dt><dd>3</dd><dd>4 at night</dd><dt>Is it open?</dt><dd>Yes.</dd>"
        "<dt>Parts</dt><dd><p>Hull.</p><p>Mast.</p></dd><dt>Owner</dt><dd></dd></dl><p>End.</p>"
    )
    joined = ["Length: 12 m", "Built: in 1898, Oslo"]
    apart = ["Crew", "3", "4 at night", "Is it open?", "Yes.", "Parts", "Hull.", "Mast.", "Owner: –", "End."]
    assert text_of(tmp_path, "a.html", page).split("\n\n") == [*joined, *apart]


BOOK = (
    '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">'
    "<description><title-info><author><first-name>Зоя</first-name><last-name>Ларина</last-name></author>"
    "<book-title>Лесной дом</book-title><lang>ru</lang></title-info></description>"
    "<body><section><title><p>Глава 1</p></title><p>Дом построен в 1931<a l:href='#n1' type='note'>1</a> году, "
    "он стоит 10<sup>6</sup> рублей.</p><table><tr><th>Комната</th><th>Окна</th></tr><tr><td>Кухня</td><td>2</td></tr>"
    "</table></section></body><body name='notes'><section id='n1'><p>По другим данным, в 1932.</p></section></body>"
    "<binary id='c.jpg' content-type='image/jpeg'>/9j/4AAQ</binary></FictionBook>"
)


@pytest.mark.parametrize("start", ["", "<?xml version='1.0' encoding='utf-8'?>", "\ufeff\n"])
def test_a_book_in_one_file(tmp_path: Path, start: str) -> None:
    (tmp_path / "a.fb2").write_text(start + BOOK, encoding="utf-8")
    (document,) = read(discover([tmp_path]).files[0]).documents
    assert document.text.split("\n\n") == [
        "Глава 1",
        "Дом построен в 1931 ¹ году, он стоит 10⁶ рублей.",
        "Комната: Кухня | Окна: 2",
        "По другим данным, в 1932.",
    ]
    assert (document.title, document.language, document.metadata["author"]) == ("Лесной дом", "ru", "Зоя Ларина")


def test_raised_letters_of_any_xml_are_no_digits_of_a_number(tmp_path: Path) -> None:
    said = "It held 10<superscript>6</superscript> litres of <b>CO<sub>2</sub></b> in 14<sup>b</sup>."
    assert text_of(tmp_path, "a.xml", f"<doc><para>{said}</para></doc>") == "It held 10⁶ litres of CO₂ in 14ᵇ."


def test_the_words_around_a_table_in_a_table_stay(tmp_path: Path) -> None:
    inner = "<table><tr><th>Day</th><th>From</th></tr><tr><td>Monday</td><td>9</td></tr></table>"
    page = f"<table><tr><td>Club</td><td>Opening hours {inner} Ring twice.</td></tr></table>"
    assert text_of(tmp_path, "a.html", page).split("\n\n") == [
        "Club | Opening hours",
        "Day: Monday | From: 9",
        "Ring twice.",
    ]


def test_a_header_goes_as_far_down_as_its_cells(tmp_path: Path) -> None:
    rows: made.Rows = [
        [("Plant", 1, 2), ("2023", 2, 1), ("Head", 1, 2)],
        ["Q1", "Q2"],
        [("Almada", 1, 2), "12.5", "14", "Rui"],
        ["9", "", "Ana"],
    ]
    text = text_of(tmp_path, "a.pptx", made.slide_table(rows))
    assert text.split("\n")[-2:] == [
        "Plant: Almada | 2023 Q1: 12.5 | 2023 Q2: 14 | Head: Rui",
        "Plant: Almada | 2023 Q1: 9 | 2023 Q2: – | Head: Ana",
    ]


@pytest.mark.parametrize("first", ["#!/bin/sh", '"""Controls the pump."""', "// The pump", "/* The pump */"])
def test_the_first_line_of_code_is_no_title(tmp_path: Path, first: str) -> None:
    (tmp_path / "pump.py").write_text(f"{first}\nopen_valve(3)\nclose_valve(3)\nreport(valve=3)\n" * 3)
    (document,) = read(discover([tmp_path]).files[0]).documents
    assert document.title == "pump"


def test_links_in_the_properties_of_a_note_are_their_words(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text('---\nowner: "[[People/Yara|Yara Haddad]]"\nteam:\n- [[Bo]]\n- Ann\n---\nText.')
    (document,) = read(discover([tmp_path]).files[0]).documents
    assert document.metadata["owner"] == "Yara Haddad"
    assert document.metadata["team"] == ["Bo", "Ann"]
