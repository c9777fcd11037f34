"""Headers and footers of pages: never inside a sentence, never lost, kept once at the end; page numbers are not."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

from pathlib import Path

import pytest

from index.sources.discovery import discover
from index.sources.reading import read
from tests.harness import table_files as made
from tests.harness.hostile_files import WORD, docx, word_paragraph

HEAD, FOOT = "[Header: Harbour Office, Quay 3, Bergen]", "[Footer: Valid from 1 May 2031, confidential]"
HEADER, FOOTER = HEAD[9:-1], FOOT[9:-1]


def word() -> bytes:
    field = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>7</w:t></w:r></w:fldSimple>'
    page = f"<w:p><w:r><w:t>Page </w:t></w:r>{field}</w:p>"
    parts = {
        "header1.xml": f'<w:hdr xmlns:w="{WORD}">{word_paragraph(HEADER)}</w:hdr>',
        "header2.xml": f'<w:hdr xmlns:w="{WORD}">{word_paragraph(HEADER)}{word_paragraph("A title of the text")}</w:hdr>',
        "footer1.xml": f'<w:ftr xmlns:w="{WORD}">{word_paragraph(FOOTER)}{page}</w:ftr>',
    }
    related = made.relations(("header", "header1.xml"), ("header", "header2.xml"), ("footer", "footer1.xml"))
    body = word_paragraph("A title of the text") + word_paragraph("The pier opens in spring.")
    more = {f"word/{name}": text.encode() for name, text in parts.items()}
    return docx(body, {"word/_rels/document.xml.rels": related, **more})


def workbook() -> bytes:
    printed = f'<headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12{HEADER}&amp;R&amp;D</oddHeader><oddFooter>&amp;C&amp;K01+000{FOOTER}&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter>'
    return made.xlsx({"S": made.sheet([["The pier opens in spring."]]) + printed})


def slides() -> bytes:
    def shape(role: str, words: str) -> str:
        return f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{role}"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp>'

    return made.pptx(
        shape("hdr", HEADER) + shape("ftr", FOOTER) + shape("sldNum", "7") + shape("body", "The pier opens in spring.")
    )


def open_text() -> bytes:
    page = "<text:p>Page <text:page-number>7</text:page-number></text:p>"
    hidden = '<style:header-left style:display="false"><text:p>Nobody sees this line</text:p></style:header-left>'
    master = f"<office:master-styles><style:master-page><style:header><text:p>{HEADER}</text:p></style:header>{hidden}<style:footer><text:p>{FOOTER}</text:p>{page}</style:footer></style:master-page></office:master-styles>"
    return made.opendocument("<text:p>The pier opens in spring.</text:p>", master=master)


def rich_text() -> bytes:
    head = rf"{{\header \pard\plain {HEADER}\par}}{{\headerl \pard\plain {HEADER}\par}}"
    foot = rf"{{\footer \pard {FOOTER}\par}}{{\footerf Page \chpgn\par}}"
    return (r"{\rtf1\ansi " + head + foot + r"\pard The pier opens in spring.\par}").encode()


MAKERS = {"a.docx": word, "a.xlsx": workbook, "a.pptx": slides, "a.odt": open_text, "a.rtf": rich_text}


@pytest.mark.parametrize("name", MAKERS)
def test_headers_and_footers_stand_once_at_the_end(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(MAKERS[name]())
    lines = [line for line in read(discover([tmp_path]).files[0]).documents[0].text.split("\n") if line]
    assert "The pier opens in spring." in lines[-3]
    assert sorted(line.replace(" \\]", "]").replace(" ]", "]") for line in lines[-2:]) == [FOOT, HEAD]
