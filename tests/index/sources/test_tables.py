"""Tables of every format become records: spans filled, empty cells said, columns named, rows whole, values as shown."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.building.passages.chunking import chunk, embedding_text
from index.records import location, table_at, tables_of
from index.sources.discovery import discover
from index.sources.reading import read
from index.sources.tables.numberformat import BUILT_IN, show_number
from index.sources.types import ReadResult
from index.types import Document
from tests.harness import table_files as made
from tests.harness.hostile_files import docx, epub, pdf

MERGED: made.Rows = [
    ["Region", "Product", "Units"],
    [("EU", 1, 2), "Cable", "12"],
    ["Connector", "7"],
    [("US", 1, 2), "Cable", ""],
    ["Connector", "19"],
]
RECORDS = (
    "Region: EU | Product: Cable | Units: 12\nRegion: EU | Product: Connector | Units: 7\n"
    "Region: US | Product: Cable | Units: –\nRegion: US | Product: Connector | Units: 19"
)
# As in a sheet or in what has no cells under a merged one.
PLACED: made.Rows = [MERGED[0], MERGED[1], ["", *MERGED[2]], MERGED[3], ["", *MERGED[4]]]
TWO_HEADERS: made.Rows = [
    [("Town", 1, 2), ("Visitors", 2, 1)],
    ["2023", "2024"],
    ["Oslo", "5", "6"],
    ["Bergen", "", "8"],
]
GROUPED = "Town: Oslo | Visitors 2023: 5 | Visitors 2024: 6\nTown: Bergen | Visitors 2023: – | Visitors 2024: 8"


def result_of(folder: Path, name: str, data: bytes | str) -> ReadResult:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    (file,) = (file for file in discover([folder]).files if file.path.name == name)
    return read(file)


def one(folder: Path, name: str, data: bytes | str) -> Document:
    (document,) = result_of(folder, name, data).documents
    return document


def mail(rows: made.Rows) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Sales", "a@example.org", "b@example.org"
    message.set_content(f"<p>See here.</p>{made.html(rows)}", subtype="html")
    return message.as_bytes()


FORMATS: dict[str, Callable[[made.Rows], bytes | str]] = {
    "a.docx": made.word,
    "a.pptx": made.slide_table,
    "a.odt": lambda rows: made.opendocument(made.open_table(rows)),
    "a.ods": lambda rows: made.opendocument(made.open_table(rows), "spreadsheet"),
    "a.html": lambda rows: f"<html><body><p>See here.</p>{made.html(rows)}</body></html>",
    "a.epub": lambda rows: epub(f"<html><body><p>See here.</p>{made.html(rows)}</body></html>"),
    "a.md": lambda rows: f"See here.\n\n{made.html(rows)}\n",
    "a.rtf": made.rtf,
    "a.eml": mail,
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("rows", "records"), [(MERGED, RECORDS), (TWO_HEADERS, GROUPED)], ids=["down", "across"])
def test_merged_cells_stand_in_every_row_they_reach(tmp_path: Path, name: str, rows: made.Rows, records: str) -> None:
    document = one(tmp_path, name, FORMATS[name](rows))
    assert records in document.text
    (table,) = tables_of(document.metadata)
    assert document.text[table.start : table.end] == records


def test_merged_ranges_of_a_sheet(tmp_path: Path) -> None:
    for rows, records in ((PLACED, RECORDS), ([TWO_HEADERS[0], ["", *TWO_HEADERS[1]], *TWO_HEADERS[2:]], GROUPED)):
        assert one(tmp_path, "a.xlsx", made.xlsx({"Sales": made.sheet(rows)})).text == f"Sales\n\n{records}"


def test_empty_cells_stay_empty_and_keep_their_column(tmp_path: Path) -> None:
    text = "| Branch | Manager | Deputy |\n|---|---|---|\n| Lyon | Mei | |\n| Nice | | Omar |\n"
    records = "Branch: Lyon | Manager: Mei | Deputy: –\nBranch: Nice | Manager: – | Deputy: Omar"
    assert one(tmp_path, "a.md", text).text == records
    rows = [["Branch", "Manager", "Deputy"], ["Lyon", "Mei", ""], ["Nice", "", "Omar"]]
    assert one(tmp_path, "a.xlsx", made.xlsx({"B": made.sheet(rows)})).text == f"B\n\n{records}"


def test_a_title_bands_and_several_tables_on_a_sheet(tmp_path: Path) -> None:
    rows: made.Rows = [
        ["Stations of the north"], ["Station", "Height", "Open"], [("Coast", 3, 1)], ["Vardo", "10", ""], ["Tromso", "20", "yes"],
        [("Inland", 3, 1)], ["Karasjok", "130", "no"], [], ["Item", "Price"], ["Rope", "4.5"], [], ["Sail", "80"],
    ]  # fmt: skip
    document = one(tmp_path, "a.xlsx", made.xlsx({"All": made.sheet(rows)}))
    assert document.text == (
        "All\n\nStations of the north\nCoast | Station: Vardo | Height: 10 | Open: –\nCoast | Station: Tromso | Height: 20 | Open: yes\n"
        "Inland | Station: Karasjok | Height: 130 | Open: no\n\nItem: Rope | Price: 4.5\n\nItem: Sail | Price: 80"
    )
    first = tables_of(document.metadata)[0]
    assert (first.name, first.title) == ("Sheet All", "Stations of the north")
    at = document.text.index("80")
    assert location(document, at, at + 2) == "Sheet All, row 12, column Price"


def test_tables_beside_each_other_are_told_apart(tmp_path: Path) -> None:
    rows: made.Rows = [
        ["Item", "Price", "", "Town", "People"],
        ["Rope", "4", "", "Oslo", "700"],
        ["Sail", "8", "", "Vardo", "2"],
    ]
    text = one(tmp_path, "a.xlsx", made.xlsx({"All": made.sheet(rows)})).text
    assert (
        text
        == "All\n\nItem: Rope | Price: 4\nItem: Sail | Price: 8\n\nTown: Oslo | People: 700\nTown: Vardo | People: 2"
    )


def test_what_names_no_columns_is_not_taken_for_a_header(tmp_path: Path) -> None:
    form = [["Name", "Anna Keller"], ["Phone", "12345"], ["City", "Berlin"]]
    assert one(tmp_path, "a.xlsx", made.xlsx({"F": made.sheet(form)})).text == (
        "F\n\nName | Anna Keller\nPhone | 12345\nCity | Berlin"
    )


def test_three_hundred_rows_of_fifty_columns_are_never_cut(tmp_path: Path) -> None:
    names = [f"Measure {n}" for n in range(1, 50)]
    rows = [["Station", *names], *[[f"S{r}", *[str(r * 100 + n) for n in range(1, 50)]] for r in range(2, 302)]]
    document = one(tmp_path, "a.xlsx", made.xlsx({"Stations": made.sheet(rows)}))
    cut = chunk(document, lambda text: len(text) // 3 + 1)
    assert len(tables_of(document.metadata)) == 1
    passages = [
        passage for passage in cut.passages if table_at(tables_of(document.metadata), passage.end - 1, passage.end)
    ]
    assert len(passages) == 300
    for number, passage in enumerate(passages, 2):
        record = passage.text.rpartition("\n")[2]
        assert record.startswith(f"Station: S{number} | Measure 1: {number}01 | ")
        assert record.endswith(f"Measure 49: {number}49")
        assert embedding_text(document.title, passage).count("Measure 17: ") == 1
        start = passage.end - len(record)
        assert location(document, start, passage.end) == f"Sheet Stations, row {number}"
    at = document.text.index("25017")
    assert location(document, at, at + 5) == "Sheet Stations, row 250, column Measure 17"
    assert all(sum(p.start <= s.start and s.end <= p.end for p in cut.passages) == 1 for s in cut.sentences)


def test_a_sentence_end_in_a_cell_does_not_cut_the_row(tmp_path: Path) -> None:
    rows = [
        ["Town", "Remark", "People"],
        ["Oslo", "Capital. It lies at a fjord. Dr. Moe lives there.", "700"],
        ["Vardo", "Far away.", "2"],
    ]
    document = one(tmp_path, "a.xlsx", made.xlsx({"T": made.sheet(rows)}))
    cut = chunk(document, lambda text: len(text) // 4 + 1)
    assert [document.text[s.start : s.end] for s in cut.sentences[1:]] == document.text.split("\n")[2:]


def test_plain_text_is_cut_as_before() -> None:
    text = "Heading\n\nOne sentence | with a bar. Another one.\nA: b | c: d. And on."
    plain = Document("d", "T", "d.txt", "en", text)
    odd = Document("d", "T", "d.txt", "en", text, {"tables": [{"start": "x"}, 3, {"start": 5, "end": 2}]})
    assert chunk(plain, len) == chunk(odd, len)


@pytest.mark.parametrize(
    ("raw", "code", "shown"),
    [
        ("0.075", "0.0%", "7.5%"), ("0.3958333333333333", "hh:mm", "09:30"), ("1234.5", '"€"#,##0.00', "€1,234.50"),
        ("1234567", "#,##0", "1,234,567"), ("-1234.5", "#,##0.00;(#,##0.00)", "(1,234.50)"), ("-5", "0", "-5"),
        ("0", "0;-0;none", "none"), ("1234567", '0.0,,"M"', "1.2M"), ("45366", "dd/mm/yyyy", "15/03/2024"),
        ("45366", "d mmmm yyyy", "15 March 2024"), ("45366", "[$-407]d. mmmm yyyy", "15. März 2024"),
        ("45366", "[$-40C]dddd d mmmm", "vendredi 15 mars"), ("0.30000000000000004", "General", "0.3"),
        ("4006381333931", "General", "4006381333931"), ("1.5", "# ?/?", "1 1/2"), ("12345", "0.00E+00", "1.23E+04"),
        ("123456789", "000-00-0000", "123-45-6789"), ("7", "00000", "00007"), ("1.5", "[h]:mm:ss", "36:00:00"),
        ("0.75", "h:mm AM/PM", "6:00 PM"), ("1234.567", "#,##0.00 [$€-407]", "1,234.57 €"), ("0.5", "0.#", "0.5"),
        ("150", '[>=100]0" many";0" few"', "150 many"), ("5", '[>=100]0" many";0" few"', "5 few"),
        ("12.3", '0.0" km"', "12.3 km"), ("2.675", "0.00", "2.68"), ("45366.5", "yyyy-mm-dd hh:mm", "2024-03-15 12:00"),
        ("59", "yyyy-mm-dd", "1900-02-28"), ("61", "yyyy-mm-dd", "1900-03-01"), ("0.0416666667", "[mm]:ss", "60:00"),
        ("1234", r"_-* #,##0.00 \€_-;-* #,##0.00 \€_-", "1,234.00 €"), ("-3", "[Red]-0;[Blue]-0", "-3"),
        ("abc", "0", "abc"), ("1e999", "0", "1e999"), ("nan", "0.0", "nan"), ("-1", "yyyy-mm-dd", "-1"),
        ("99999999", "yyyy-mm-dd", "99999999"), ("0.999", "hh:mm", "23:58"),
    ],
)  # fmt: skip
def test_numbers_are_shown_by_their_format(raw: str, code: str, shown: str) -> None:
    assert show_number(raw, code) == shown


def test_every_built_in_format_and_any_code_gives_something() -> None:
    for code in (*BUILT_IN.values(), "", ";;;", "]", "[", '"', "\\", "0.0.0", "?/?/?", "E+", "%%", "[$-", "[h", "@@"):
        for raw in ("0", "1234.5", "-0.5", "45366.25", "1e300"):
            assert isinstance(show_number(raw, code), str)


def test_a_workbook_shows_dates_from_1904_errors_truths_and_names_what_is_not_calculated(tmp_path: Path) -> None:
    cells = (
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Day</t></is></c><c r="B1" t="inlineStr"><is><t>Share</t></is></c>'
        '<c r="C1" t="inlineStr"><is><t>Sum</t></is></c><c r="D1" t="inlineStr"><is><t>Good</t></is></c></row>'
        '<row r="2"><c r="A2" s="1"><v>43904</v></c><c r="B2" s="2"><v>0.075</v></c><c r="C2"><f>SUM(B2:B9)</f></c><c r="D2" t="b"><v>1</v></c></row>'
        '<row r="3"><c r="A3" s="1"><v>43905</v></c><c r="B3" t="e"><v>#DIV/0!</v></c><c r="C3"><f>B3*2</f><v>4</v></c><c r="D3" t="b"><v>0</v></c></row>'
        '<row r="4" hidden="1"><c r="A4"><v>7</v></c></row></sheetData>'
    )
    document = one(tmp_path, "a.xlsx", made.xlsx({"T": cells}, ["yyyy-mm-dd", "0.0%"], from_1904=True))
    assert document.text == (
        "T\n\nDay: 2024-03-15 | Share: 7.5% | Sum: (=SUM(B2:B9), not calculated) | Good: TRUE\n"
        "Day: 2024-03-16 | Share: #DIV/0! | Sum: 4 | Good: FALSE"
    )
    warnings = str(document.metadata["warnings"])
    assert "1 formulas have no stored value (T!C2)" in warnings
    assert "hidden rows" in warnings


def chart(points: str) -> bytes:
    series = f'<c:ser><c:tx><c:v>Containers</c:v></c:tx><c:cat><c:strCache><c:pt idx="0"><c:v>Q1</c:v></c:pt><c:pt idx="1"><c:v>Q2</c:v></c:pt></c:strCache></c:cat><c:val><c:numCache><c:formatCode>#,##0</c:formatCode>{points}</c:numCache></c:val></c:ser>'
    title = f'<c:title><a:t xmlns:a="{made.A}">Containers per quarter</a:t></c:title>'
    return f'<c:chartSpace xmlns:c="{made.C}"><c:chart>{title}<c:plotArea><c:barChart>{series}</c:barChart></c:plotArea></c:chart></c:chartSpace>'.encode()


POINTS = '<c:pt idx="0"><c:v>1200</c:v></c:pt><c:pt idx="1"><c:v>1350</c:v></c:pt>'


@pytest.mark.parametrize("kind", ["pptx", "docx", "xlsx"])
@pytest.mark.parametrize("points", [POINTS, ""], ids=["numbers", "none"])
def test_a_chart_gives_its_numbers_or_says_that_it_has_none(tmp_path: Path, kind: str, points: str) -> None:
    shape = f'<c:chart xmlns:c="{made.C}" xmlns:r="{made.R}" r:id="r1"/>'
    data = {
        "pptx": lambda: made.pptx(f"<p:sp><p:txBody><a:p><a:r><a:t>Harbour</a:t></a:r></a:p></p:txBody></p:sp>{shape}", {"ppt/charts/c.xml": chart(points), "ppt/slides/_rels/s1.xml.rels": made.relations(("chart", "../charts/c.xml"))}),
        "docx": lambda: docx(f"<w:p><w:r><w:t>Harbour</w:t></w:r></w:p><w:p><w:r><w:drawing>{shape}</w:drawing></w:r></w:p>", {"word/c.xml": chart(points), "word/_rels/document.xml.rels": made.relations(("chart", "c.xml"))}),
        "xlsx": lambda: made.xlsx({"Harbour": made.sheet([["x"]])}, more={"xl/_rels/s1.xml.rels": made.relations(("drawing", "d.xml")), "xl/d.xml": f"<d>{shape}</d>".encode(), "xl/_rels/d.xml.rels": made.relations(("chart", "c.xml")), "xl/c.xml": chart(points)}),
    }[kind]()  # fmt: skip
    document = one(tmp_path, f"a.{kind}", data)
    assert ("Q1 | Containers: 1,200\nQ2 | Containers: 1,350" in document.text) == bool(points)
    assert ("'Containers per quarter' are not stored" in str(document.metadata.get("warnings"))) == (not points)


RAISED = "10⁶ units of H₂O on 5 m², at 14¹ pumps on the 1st day, 2ᵏ, xₘₐₓ"


def runs(write: Callable[[str, str], str], note: str = "14") -> str:
    """The sentence above in pieces: what is raised and lowered is written by the format."""
    pieces = [
        ("10", ""), ("6", "+"), (" units of H", ""), ("2", "-"), ("O on 5 m", ""), ("2", "+"), (f", at {note}", ""), ("1", "+"),
        (" pumps on the 1", ""), ("st", "+"), (" day, 2", ""), ("k", "+"), (", x", ""), ("max", "-"),
    ]  # fmt: skip
    return "".join(write(text, level) for text, level in pieces)


def word_run(text: str, level: str) -> str:
    align = {"+": "superscript", "-": "subscript"}.get(level)
    marks = f'<w:rPr><w:vertAlign w:val="{align}"/></w:rPr>' if align else ""
    return f'<w:r>{marks}<w:t xml:space="preserve">{text}</w:t></w:r>'


def placed_run(text: str, level: str) -> str:
    marks = f'<w:rPr><w:position w:val="{level.replace("+", "")}6"/><w:sz w:val="14"/></w:rPr>' if level else ""
    return f'<w:r>{marks}<w:t xml:space="preserve">{text}</w:t></w:r>'


def slide_run(text: str, level: str) -> str:
    marks = f'<a:rPr baseline="{level.replace("+", "")}30000"/>' if level else ""
    return f"<a:r>{marks}<a:t>{text}</a:t></a:r>"


def html_run(text: str, level: str) -> str:
    return {"+": f"<sup>{text}</sup>", "-": f"<sub>{text}</sub>"}.get(level, text)


def open_run(text: str, level: str) -> str:
    return f'<text:span text:style-name="{"S" if level == "+" else "U"}">{text}</text:span>' if level else text


def rtf_run(text: str, level: str) -> str:
    return {"+": rf"{{\super {text}}}", "-": rf"\sub {text}\nosupersub "}.get(level, text)


LEVELS = (
    '<style:style style:name="S"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="U"><style:text-properties style:text-position="-20% 58%"/></style:style>'
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", lambda: docx(f"<w:p>{runs(word_run)}</w:p>")),
        ("b.docx", lambda: docx(f"<w:p>{runs(placed_run)}</w:p>")),
        ("a.pptx", lambda: made.pptx(f"<p:sp><p:txBody><a:p>{runs(slide_run)}</a:p></p:txBody></p:sp>")),
        ("a.html", lambda: f"<html><body><p>{runs(html_run)}</p></body></html>"),
        ("a.md", lambda: runs(html_run)),
        ("a.epub", lambda: epub(f"<html><body><p>{runs(html_run)}</p></body></html>")),
        ("a.odt", lambda: made.opendocument(f"<text:p>{runs(open_run)}</text:p>", styles=LEVELS)),
        ("a.rtf", lambda: rf"{{\rtf1\ansi\uc1 {runs(rtf_run)}\par}}"),
    ],
)
def test_raised_type_is_no_digit_of_the_number(tmp_path: Path, name: str, data: Callable[[], bytes | str]) -> None:
    assert one(tmp_path, name, data()).text == RAISED


def test_the_mark_of_a_note_stands_apart(tmp_path: Path) -> None:
    page = "<html><body><p>They mended 14<sup><a href='#n1'>1</a></sup> pumps and 20<sup class='footnote'>2</sup>.</p></body></html>"
    assert one(tmp_path, "a.html", page).text == "They mended 14 ¹ pumps and 20 ²."


def test_a_message_with_a_table_keeps_its_grid_though_there_are_plain_words(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Staff"
    message.set_content("The staff:\nName Deputy\nAnn\nBob Omar\n")
    rows = "<tr><th>Name</th><th>Deputy</th></tr><tr><td>Ann</td><td></td></tr><tr><td>Bob</td><td>Omar</td></tr>"
    message.add_alternative(f"<p>The staff:</p><table>{rows}</table>", subtype="html")
    assert "Name: Ann | Deputy: –\nName: Bob | Deputy: Omar" in one(tmp_path, "a.eml", message.as_bytes()).text


def test_a_rich_cell_keeps_its_exponent(tmp_path: Path) -> None:
    rich = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><r><t>10</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>6</t></r></is></c></row></sheetData>'
    assert one(tmp_path, "a.xlsx", made.xlsx({"T": rich})).text == "T\n\n10⁶"


def page(*pieces: tuple[float, float, float, str]) -> bytes:
    return pdf("", stream=zlib.compress(made.pdf_page(pieces)))


def test_pdf_tells_raised_type_by_size_and_baseline(tmp_path: Path) -> None:
    words = page(
        (60, 700, 11, "The plant makes 10"), (157, 704, 7, "6"), (164, 700, 11, "units of H"), (210.5, 697, 7, "2"), (214.5, 700, 11, "O with 14"),
        (261, 704, 7, "1"), (268, 700, 11, "pumps."), (60, 60, 8, "1 Two of them twice."),
    )  # fmt: skip
    text = one(tmp_path, "a.pdf", words).text
    assert text.startswith("The plant makes 10⁶ units of H₂O with 14 ¹ pumps.")


def test_pdf_table_with_a_blank_cell(tmp_path: Path) -> None:
    lines = [
        ["Town", "2020", "2021", "2022"],
        ["Bergen", "380", "395", "402"],
        ["Oslo", "391", "417", "388"],
        ["Stavanger", "", "203", "171"],
    ]
    pieces = [
        (60 + 110 * x, 700 - 16 * y, 10, word) for y, line in enumerate(lines) for x, word in enumerate(line) if word
    ]
    document = one(
        tmp_path,
        "a.pdf",
        page((60, 730, 10, "Table 1. Complaints by town"), *pieces, (60, 600, 10, "No more was counted.")),
    )
    assert (
        "Town: Oslo | 2020: 391 | 2021: 417 | 2022: 388\nTown: Stavanger | 2020: – | 2021: 203 | 2022: 171"
        in document.text
    )
    assert tables_of(document.metadata)[0].title == "Table 1. Complaints by town"
    assert document.text.endswith("No more was counted.")
    at = document.text.index("203")
    assert location(document, at, at + 3) == "p. 1, table, row 4, column 2021"


def test_pdf_columns_of_prose_are_no_table(tmp_path: Path) -> None:
    left = [
        "The survey used several microphones",
        "that were mounted on the lamp posts",
        "of each town, and every device took",
        "one sample per second in the night.",
    ]
    right = [
        "Ferries are the loudest source of all",
        "and reach 94 decibels at ten metres.",
        "Scooters follow with 81 decibels, so",
        "the council has limited their speed.",
    ]
    pieces = [
        (x, 700 - 14 * y, 10, line)
        for y, pair in enumerate(zip(left, right, strict=True))
        for x, line in zip((60, 320), pair, strict=True)
    ]
    document = one(tmp_path, "a.pdf", page(*pieces))
    assert "tables" not in document.metadata
    assert " | " not in document.text


def test_no_field_of_a_row_is_lost(tmp_path: Path) -> None:
    prose = "A pump that pumps. " * 20
    first, second = result_of(
        tmp_path, "a.csv", f"sku,name,price,description\nA1,Lamp,49.90,Solar\nA2,Pump,,{prose}\n"
    ).documents
    assert first.text == "sku: A1 | name: Lamp | price: 49.90 | description: Solar"
    assert second.text == f"sku: A2 | name: Pump | price: –\n\n{prose.strip()}"
    assert location(second, 0, 5) == "row 3"
    at = first.text.index("49.90")
    assert location(first, at, at + 5) == "row 2, column price"


def test_csv_with_a_title_and_years_for_columns(tmp_path: Path) -> None:
    rows = result_of(tmp_path, "a.csv", "Visitors by town;;\nTown;2023;2024\nOslo;5;6\nBergen;;8\n").documents
    assert [row.text for row in rows] == ["Town: Oslo | 2023: 5 | 2024: 6", "Town: Bergen | 2023: – | 2024: 8"]
    assert tables_of(rows[1].metadata)[0].title == "Visitors by town"


def test_json_objects_are_records_whole(tmp_path: Path) -> None:
    order = {
        "order": 7,
        "customer": {"name": "Ann", "city": "Oslo"},
        "items": [{"sku": "A", "qty": 1}, {"sku": "B", "qty": 2}],
        "note": None,
    }
    (document,) = result_of(tmp_path, "a.json", json.dumps([order]).replace("null", 'null, "total": 61.50')).documents
    assert document.text == (
        "order: 7 | customer.name: Ann | customer.city: Oslo | note: – | total: 61.50\norder: 7 | items 1 | sku: A | qty: 1\norder: 7 | items 2 | sku: B | qty: 2"
    )
    cut = chunk(document, len)
    assert [document.text[s.start : s.end] for s in cut.sentences] == document.text.split("\n")
    config = {"env": {"staging": {"db": {"host": "s", "port": 5433}}, "live": {"db": {"host": "l", "port": 5432}}}}
    assert (
        one(tmp_path, "b.json", json.dumps(config)).text
        == "env.staging.db | host: s | port: 5433\nenv.live.db | host: l | port: 5432"
    )


def test_a_mark_in_a_file_is_no_more_than_a_line(tmp_path: Path) -> None:
    document = one(
        tmp_path, "a.md", '# T\n\n\ufdd0{"row": 9, "columns": [1]}\ufdd0Fine: yes\n\n\ufdd0\ufdd0\n\n\ufdd0[[[\ufdd0x\n'
    )
    assert "\ufdd0" not in document.text
    chunk(document, len)


CATALOGUE = """<?xml version="1.0"?><c:catalog xmlns:c="urn:x"><c:name>Spring</c:name>
<c:book id="b1"><c:title>Tides</c:title><c:price currency="EUR">12</c:price><c:author><c:first>Mei</c:first>
<c:last>Tanaka</c:last></c:author></c:book>
<c:book id="b2"><c:title>Pumps</c:title><c:price currency="NOK">90</c:price><c:tag>water</c:tag><c:tag>iron</c:tag></c:book>
<c:stock place="Oslo" count="4"/></c:catalog>"""


def test_xml_that_holds_data_keeps_its_names(tmp_path: Path) -> None:
    document = one(tmp_path, "a.xml", CATALOGUE.encode())
    assert document.text.split("\n") == [
        "name: Spring | stock.place: Oslo | stock.count: 4",
        "name: Spring | book 1 | id: b1 | title: Tides | price: 12 (currency: EUR) | author.first: Mei | author.last: Tanaka",
        "name: Spring | book 2 | id: b2 | title: Pumps | price: 90 (currency: NOK) | tag: water, iron",
    ]
    assert document.title == "Spring"
    assert len(tables_of(document.metadata)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "<play><title>The Tide</title><speech><speaker>MEI</speaker><line>The tide is in.</line></speech></play>",
        "<note><to>Ann</to><text>Bring <b>both</b> keys to the harbour.</text></note>",
        "<doc><t>Tides</t><t>" + "The tide comes in twice a day, and nobody can stop it. " * 5 + "</t></doc>",
    ],
)
def test_xml_that_holds_prose_stays_prose(tmp_path: Path, text: str) -> None:
    assert ": " not in one(tmp_path, "a.xml", text.encode()).text


def test_pictures_that_xml_keeps_as_letters_are_no_text(tmp_path: Path) -> None:
    book = f"<?xml version='1.0'?><FictionBook><body><p>The tide is in.</p></body><binary id='a'>{'iVBORw0KGgo' * 40}</binary></FictionBook>"
    assert one(tmp_path, "a.fb2", book.encode()).text == "The tide is in."
