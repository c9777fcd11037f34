"""Forms in any format: a label stands with what is filled in beside it, and with nothing where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.harness import table_files as made
from tests.harness.hostile_files import docx
from tests.harness.pdf_files import pdf_of, words
from tests.index.sources.pdf.test_sources_pdf_marks import FIELD, form
from tests.index.sources.pdf.test_sources_pdf_pages import _pdf
from tests.index.sources.test_sources_as_seen import text_of

LEASE = "Tenant: Paul Achterberg\nStart date: 1 June 2024\nEnd date:\nMonthly rent: 780 euros"
LEAVE = "الاسم: سلمى الخطيب\nتاريخ البداية: 3 مايو 2024\nتاريخ النهاية:\nالقسم: المحاسبة"
BOAT: made.Rows = [
    ["Owner:", "Reto Imhof", "Built:", "1998"],
    ["Home port:", "Brunnen", "Length:", "7.2 m"],
    ["Insurer:", "", "Weight:", "1400 kg"],
]
FIELDS = ["Owner: Reto Imhof", "Built: 1998", "Home port: Brunnen", "Length: 7.2 m", "Insurer: –", "Weight: 1400 kg"]


@pytest.mark.parametrize("written", [LEASE, LEAVE, LEASE.replace("Tenant:", "**Tenant:**"), LEASE.replace(":", "：")])
def test_the_lines_of_a_form_in_markdown_stay_lines(tmp_path: Path, written: str) -> None:
    assert text_of(tmp_path, "a.md", f"# Form\n\n{written}\n") == "Form\n\n" + written.replace("**", "")


def test_a_sentence_with_a_colon_is_no_form(tmp_path: Path) -> None:
    said = "The council met: nobody came.\nIt met again and\nfound this: the weir is old."
    assert text_of(tmp_path, "a.md", said) == said.replace("\n", " ")


@pytest.mark.parametrize("kind", ["docx", "html", "odt", "pptx", "pdf"])
def test_a_table_of_labels_in_two_columns_is_a_form(tmp_path: Path, kind: str) -> None:
    files = {
        "docx": made.word(BOAT),
        "html": made.html(BOAT),
        "odt": made.opendocument(made.open_table(BOAT)),
        "pptx": made.pptx("", {}) if kind != "pptx" else made.slide_table(BOAT),
        "pdf": pdf_of([drawn(BOAT, (60, 140, 320, 400))]),
    }
    lines = [line for line in text_of(tmp_path, f"a.{kind}", files[kind]).split("\n") if line]
    assert lines == FIELDS


def drawn(rows: made.Rows, left: Sequence[float]) -> bytes:
    return words([
        (left[x], 700.0 - 20 * y, 10.0, str(cell)) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell
    ])  # fmt: skip


def test_fields_beside_each_other_on_a_page_stand_apart(tmp_path: Path) -> None:
    rows = [[f"{row[at]} {row[at + 1]}".strip() for at in (0, 2)] for row in BOAT]
    text = text_of(tmp_path, "a.pdf", pdf_of([drawn(rows, (60, 320))]))
    assert [line for line in text.split("\n") if line] == [field.removesuffix(" –") for field in FIELDS]


def test_two_pairs_of_one_kind_are_no_table_where_nothing_says_so(tmp_path: Path) -> None:
    pairs = [["Built", "March"], ["Length", "12"], ["Width", "7"]]
    assert ": " not in text_of(tmp_path, "a.pdf", pdf_of([drawn(pairs, (60, 200))]))
    more = [["Meter", "Reading"], ["M-1", "12"], ["M-2", "7"], ["M-3", "9"]]
    assert "Meter: M-2 | Reading: 7" in text_of(tmp_path, "b.pdf", pdf_of([drawn(more, (60, 200))]))


def test_lines_of_a_form_on_a_page_are_no_paragraph(tmp_path: Path) -> None:
    lines = [(72.0, 700.0 - 16 * at, 11.0, line) for at, line in enumerate(LEASE.split("\n"))]
    text = text_of(tmp_path, "a.pdf", _pdf([lines]))
    assert [line for line in text.split("\n") if line] == LEASE.split("\n")


def test_fields_are_named_by_the_words_beside_them(tmp_path: Path) -> None:
    def field(left: int, low: int, rest: str) -> str:
        return FIELD.replace("[72 600 300 620]", f"[{left} {low} {left + 80} {low + 20}]") + rest

    tick = "/FT/Btn/V/Off/AS/Off/AP<</N<</Yes 4 0 R/Off 4 0 R>>>>/T"
    printed = [(72, 685, "River:"), (260, 685, "Born:"), (72, 650, "Remarks"), (176, 605, "Trout")]
    shown = " ".join(f"1 0 0 1 {x} {y} Tm ({word}) Tj" for x, y, word in printed)
    marks = [
        field(150, 680, "/FT/Tx/T(Text1)/V(Minho)>>"),
        field(300, 680, "/FT/Tx/T(Text2)>>"),
        field(72, 625, "/FT/Tx/T(Text3)/V(Late)>>"),
        FIELD.replace("[72 600 300 620]", "[150 600 165 615]") + f"{tick}(c1)>>",
        field(72, 100, "/FT/Tx/T(Text9)/V(alone)>>"),
    ]
    text = text_of(tmp_path, "a.pdf", form(*marks, words=f"Licence) Tj {shown} ("))
    assert text.split("\n") == [
        "Licence",
        "",
        "River: Minho",
        "Born: –",
        "Remarks: Late",
        "Trout: ☐",
        "Text9: alone",
    ]


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        # The words beside the first button; those above it; nothing but the field's name.
        ([(72, 605, "Fee"), (176, 605, "Annual"), (276, 605, "Monthly")], "Fee: ☐ Annual ☒ Monthly"),
        ([(150, 625, "The boat"), (176, 605, "Short"), (276, 605, "Long")], "The boat: ☐ Short ☒ Long"),
        ([(176, 605, "By post"), (276, 605, "By mail")], "delivery: ☐ By post ☒ By mail"),
    ],
)
def test_a_choice_by_buttons_is_named_by_the_words_before_them(
    tmp_path: Path, printed: list[tuple[int, int, str]], said: str
) -> None:
    def button(left: int, state: str) -> str:
        place = FIELD.replace("[72 600 300 620]", f"[{left} 600 {left + 15} 615]")
        return f"{place}/FT/Btn/Ff 32768/V/{state}/AS/{state}/AP<</N<</b 4 0 R/Off 4 0 R>>>>/T(delivery)>>"

    shown = " ".join(f"1 0 0 1 {x} {y} Tm ({word}) Tj" for x, y, word in printed)
    text = text_of(tmp_path, "a.pdf", form(button(150, "Off"), button(250, "b"), words=f"Club) Tj {shown} ("))
    assert text == f"Club\n\n{said}"  # the page's own line "Fee Annual Monthly" would say neither


def test_a_control_of_word_without_words_is_named_by_its_title(tmp_path: Path) -> None:
    def control(before: str) -> str:
        return (
            f"<w:p>{before}<w:sdt><w:sdtPr><w:alias w:val='Harbour master'/><w:showingPlcHdr/></w:sdtPr>"
            "<w:sdtContent><w:r><w:t>Click here to enter text.</w:t></w:r></w:sdtContent></w:sdt></w:p>"
        )

    said = "<w:r><w:t xml:space='preserve'>Signed by: </w:t></w:r>"
    assert text_of(tmp_path, "a.docx", docx(control(""))) == "Harbour master: –"
    assert text_of(tmp_path, "b.docx", docx(control(said))) == "Signed by: –"
