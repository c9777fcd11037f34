"""Small files with what people put into them: formulas, boxes of forms, notes, comments, hidden parts, pictures.

What is shown is in the text, what is hidden is not, and what can't be read is told.
"""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from index.sources.discovery import discover
from index.sources.markup.formulas import formula_text
from index.sources.reading import read
from index.sources.types import ReadResult
from tests.harness import table_files as made
from tests.harness.hostile_files import docx

MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
PICTURE = '<a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"/>'
POWER = "<m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>6</m:t></m:r></m:sup></m:sSup>"


def result_of(folder: Path, name: str, data: bytes | str) -> ReadResult:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return read(discover([folder / name]).files[0])


def text_of(folder: Path, name: str, data: bytes | str) -> str:
    (document,) = result_of(folder, name, data).documents
    return document.text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<math><msup><mn>10</mn><mn>6</mn></msup></math>", "10⁶"),
        ("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac></math>", "(a+b)/2"),
        ("<math><msub><mi>x</mi><mn>1</mn></msub><mo>=</mo><msqrt><mn>2</mn></msqrt></math>", "x₁=√2"),
        ("<math><msup><mi>e</mi><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow></msup></math>", "e^(x+1)"),
        ("<math><semantics><mi>x</mi><annotation>x</annotation></semantics></math>", "x"),
    ],
)
def test_formulas_keep_their_meaning_on_one_line(markup: str, text: str) -> None:
    assert formula_text(etree.fromstring(markup)) == text


def test_a_document_in_html_is_read_whole(tmp_path: Path) -> None:
    page = """<html><body><h1>Report</h1><p>Output is <math><msup><mn>10</mn><mn>6</mn></msup></math> of it.
    Price: <del>20</del> <ins>25</ins> EUR.</p><ol start="3"><li>Third</li><li>Fourth</li></ol>
    <dl><dt>Opening hours</dt><dd>9 to 5</dd></dl><img src="x.png" alt="Map of the stations">
    <details><summary>Warranty</summary>Two years.</details><form><label>Customer</label><input value="Nordfrost AG">
    <input type="password" value="secret1"><input type="hidden" value="secret2"><select><option>red
    <option selected>blue</select><input type="checkbox" checked> Paid <textarea>Please call</textarea></form>
    <p style="display:none">secret3</p></body></html>"""
    (document,) = result_of(tmp_path, "a.html", page).documents
    text = document.text
    for shown in (
        "Output is 10⁶ of it. Price: 25 EUR.", "3. Third", "4. Fourth", "Opening hours", "9 to 5", "Map of the stations", "Warranty",
        "Customer Nordfrost AG blue ☒ Paid Please call",
    ):  # fmt: skip
        assert shown in text, shown
    assert "secret" not in text
    assert "red" not in text.split("Customer")[1]
    assert document.metadata["warnings"] == ["deleted text is left out"]


def test_the_menus_and_lists_of_links_of_a_web_page_are_still_left_out(tmp_path: Path) -> None:
    links = "".join(f'<li><a href="/{n}">Another story of the day {n}</a></li>' for n in range(9))
    prose = "".join(
        f"<p>The bridge over the river was closed on day {n} because of the flood there.</p>" for n in range(9)
    )
    page = f"<html><body><article><h1>Bridge</h1>{prose}</article><div class='related'><ul>{links}</ul></div></body></html>"
    assert "Another story" not in text_of(tmp_path, "a.html", page)


def test_word(tmp_path: Path) -> None:
    box = '<w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>{}</w:checkBox></w:ffData></w:fldChar>'
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    body = (
        f"<w:p><w:r><w:t>Output is </w:t></w:r><m:oMath xmlns:m='{MATH}'>{POWER}</m:oMath></w:p>"
        f"<w:p><w:r>{box.format('<w:checked/>')}</w:r>{end}<w:r><w:t> Paid</w:t></w:r></w:p>"
        f"<w:p><w:r>{box.format('')}</w:r>{end}<w:r><w:t> Sent</w:t></w:r></w:p>"
        '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:t> agreed at 5 </w:t><w:sym w:font="Symbol" w:char="F0B0"/></w:r></w:p>'
        f"<w:p><w:r><w:drawing><x><docPr descr=''/>{PICTURE}</x></w:drawing></w:r></w:p>"
        "<w:p><w:r><w:object><o:OLEObject xmlns:o='o'/></w:object></w:r></w:p>"
    )
    result = result_of(tmp_path, "a.docx", docx(body))
    assert result.documents[0].text == "Output is 10⁶\n\n☒ Paid\n\n☐ Sent\n\n☑ agreed at 5 °"
    warnings = " ".join(result.warnings)
    assert "pictures without a description are left out, words in them too: 1" in warnings
    assert "embedded objects are left out: 1" in warnings


def test_slides(tmp_path: Path) -> None:
    shapes = (
        f"<p:sp><p:txBody><a:p><a:r><a:t>Output is </a:t></a:r><m:oMath xmlns:m='{MATH}'>{POWER}</m:oMath></a:p></p:txBody></p:sp>"
        "<p:pic><p:nvPicPr><p:cNvPr descr='Map of the stations'/></p:nvPicPr></p:pic><p:pic><p:nvPicPr><p:cNvPr/></p:nvPicPr></p:pic>"
        "<p:graphicFrame><a:graphic><p:oleObj/></a:graphic></p:graphicFrame>"
    )
    result = result_of(tmp_path, "a.pptx", made.pptx(shapes))
    assert result.documents[0].text == "Output is 10⁶\n\n[Picture: Map of the stations]"
    warnings = " ".join(result.warnings)
    assert "pictures without a description are left out, words in them too: 1" in warnings
    assert "embedded objects are left out: 1" in warnings


def test_comments_and_links_of_a_sheet(tmp_path: Path) -> None:
    comments = (
        f'<comments xmlns="{made.S}"><authors><author>Mei</author></authors><commentList><comment ref="A2" authorId="0">'
        "<text><t>Closed in winter</t></text></comment></commentList></comments>"
    )
    related = made.relations(("comments", "comments1.xml")).replace(
        b"</Relationships>",
        b'<Relationship Id="r9" Type="x/hyperlink" Target="https://example.org/n" TargetMode="External"/></Relationships>',
    )
    sheet = (
        made.sheet([["Branch", "Units"], ["Nice", "12"], ["Lyon", "13"]])
        + '<hyperlinks><hyperlink ref="A2" r:id="r9"/></hyperlinks>'
    )
    data = made.xlsx({"S": sheet}, more={"xl/_rels/s1.xml.rels": related, "xl/comments1.xml": comments.encode()})
    text = text_of(tmp_path, "a.xlsx", data)
    assert "Branch: Nice (https://example.org/n) | Units: 12\n" in text
    assert text.endswith("[Comment by Mei on A2: Closed in winter]")


def open_document(body: str, kind: str = "text") -> bytes:
    data = made.opendocument(body, kind)
    spaces = b' xmlns:draw="d" xmlns:xlink="x" xmlns:svg="s" xmlns:dc="c"'
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, old.read(name).replace(b"<office:document-content", b"<office:document-content" + spaces)
            )
        new.writestr("Object 1/content.xml", "<math><msup><mi>x</mi><mn>2</mn></msup></math>")
    return packed.getvalue()


def test_opendocument(tmp_path: Path) -> None:
    body = (
        '<text:p>It is <draw:frame><draw:object xlink:href="./Object 1"/></draw:frame> wide.</text:p>'
        "<text:p><draw:frame><draw:image/></draw:frame><draw:frame><draw:object-ole/></draw:frame></text:p>"
        '<text:section text:display="none"><text:p>secret</text:p></text:section>'
    )
    result = result_of(tmp_path, "a.odt", open_document(body))
    assert result.documents[0].text == "It is x² wide."
    assert "pictures without a description are left out, words in them too: 1" in " ".join(result.warnings)
    assert "embedded objects are left out: 1" in " ".join(result.warnings)
    note = "<office:annotation><dc:creator>Mei</dc:creator><text:p>Closed in winter</text:p></office:annotation>"
    cells = [
        ["<text:p>Branch</text:p>", "<text:p>Head</text:p>"],
        [f"{note}<text:p>Nice</text:p>", '<text:p><text:a xlink:href="https://example.org/o">Omar</text:a></text:p>'],
    ]
    rows = "".join(
        f"<table:table-row>{''.join(f'<table:table-cell>{cell}</table:table-cell>' for cell in row)}</table:table-row>"
        for row in cells
    )
    text = text_of(tmp_path, "a.ods", open_document(f'<table:table table:name="S">{rows}</table:table>', "spreadsheet"))
    assert "Nice" in text
    assert "Omar (https://example.org/o)" in text
    assert text.endswith("[Comment by Mei: Closed in winter]")


def test_rtf(tmp_path: Path) -> None:
    source = (
        r"{\rtf1\ansi\deff0{\fonttbl{\f0 Times;}}\pard 14{\super\chftn}{\footnote \pard{\super\chftn} Two of them twice.} pumps.\par"
        r"{\pntext\f0 1.\tab}First\par It is{\v secret} seen{\deleted secret}, \v secret\v0 too.\par"
        r"{\field{\*\fldinst{FORMCHECKBOX {\*\formfield{\fftype1\ffres1}}}}} Paid{\*\atnid M}{\*\atnauthor Mei}\chatn"
        r"{\*\annotation{\*\atndate 1}\pard Check this}\par{\shp{\*\shpinst{\shptxt \pard In a box\par}}{\shprslt old}}"
        r"{\object\objemb{\*\objclass X}{\*\objdata 0105}{\result{\pict 89}}}{\*\shppict{\pict 89}}{\nonshppict{\pict 89}}\pard After.\par}"
    )
    result = result_of(tmp_path, "a.rtf", source)
    assert [line for line in result.documents[0].text.split("\n") if line] == [
        "14 pumps.", "1.\tFirst", "It is seen, too.", "☒ Paid", "In a box", "After.", "Two of them twice.", "[Comment by Mei: Check this]",
    ]  # fmt: skip
    assert "pictures without a description are left out, words in them too: 1" in " ".join(result.warnings)
    assert "embedded objects are left out: 1" in " ".join(result.warnings)
