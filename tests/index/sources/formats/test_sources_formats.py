"""Each format: its words, title, language, dates, headings and pages; and that content decides, not the name."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

import csv
import io
import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from index.errors import SourceError, SourceSkippedError
from index.sources.discovery import discover
from index.sources.reading import document_digest, read
from index.sources.types import ReadOptions, ReadResult
from index.types import Document, page_at
from tests.harness.hostile_files import docx, epub, pdf, word_paragraph, zipped

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
O = "urn:oasis:names:tc:opendocument:xmlns:"  # noqa: E741
ARTICLE = (
    "<p>The lighthouse of Cape Agulhas was lit in 1849 and still guides ships around the southern tip of Africa.</p>"
    "<h2>The keepers</h2><p>Three keepers lived there with their families, and one of them wrote a diary that was kept.</p>"
    "<table><tr><th>Year</th><th>Keeper</th></tr><tr><td>1849</td><td>Hall</td></tr></table>"
    "<p>In 1968 the building was left, and a society of friends of the place restored it until it was opened again.</p>"
)


def result_of(folder: Path, name: str, data: bytes | str, **options: str) -> ReadResult:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    (file,) = (file for file in discover([folder]).files if file.path.name == name)
    return read(file, ReadOptions(**options))  # type: ignore[arg-type]


def one(folder: Path, name: str, data: bytes | str, **options: str) -> Document:
    (document,) = result_of(folder, name, data, **options).documents
    headings = document.metadata.get("headings", [])
    assert all(document.text[offset : offset + len(title)] == title for offset, _, title in headings)  # type: ignore[misc,union-attr]
    assert document.digest == document_digest(document)
    return document


def test_markdown_shows_what_the_page_shows(tmp_path: Path) -> None:
    text = """---
id: my-id
title: The Title
language: de-AT
date: 2020-05-06
topics: [sea, light]
---
# Heading *one*

A [link](http://example.org/form "t") and **bold** `code` text ![picture](x.png).
Second line.

- first
- second
  1. inner

| A | B |
|---|---|
| 1 | 2 |

```python
x = "*kept*"
```

> A quote.
<!-- comment -->
Heading two
-----------
End.
"""
    document = one(tmp_path, "a.md", text)
    assert document.text == (
        "Heading one\n\nA link (http://example.org/form) and bold code text . Second line.\n\n- first\n- second\n  1. inner\n\nA: 1 | B: 2\n\n"
        'x = "*kept*"\n\nA quote.\n\nHeading two\n\nEnd.'
    )
    assert (document.id, document.title, document.language) == ("my-id", "The Title", "de")
    assert document.metadata["date"] == "2020-05-06"
    assert document.metadata["topics"] == ["sea", "light"]
    assert document.metadata["headings"] == [
        [0, 1, "Heading one"],
        [document.text.index("Heading two"), 2, "Heading two"],
    ]


def test_title_falls_back_to_heading_and_name(tmp_path: Path) -> None:
    assert one(tmp_path, "a.md", "Text.\n\n## Part\n\nMore.").title == "Part"
    assert one(tmp_path, "some-name.md", "Text only.").title == "some-name"
    assert one(tmp_path, "C# and F#.md", "Text only.").title == "C# and F#"


def test_ids_are_short_readable_and_stable(tmp_path: Path) -> None:
    document = one(tmp_path, "Отчёт за май.md", "Text.")
    assert document.id.startswith("отчёт-за-май-")
    assert len(document.id.rpartition("-")[2]) == 8
    assert one(tmp_path, "Отчёт за май.md", "Other text.").id == document.id


def test_digest_follows_text_title_and_metadata(tmp_path: Path) -> None:
    first = one(tmp_path, "a.md", "---\ndate: 2020\n---\nText.")
    assert one(tmp_path, "a.md", "---\ndate: 2021\n---\nText.").digest != first.digest
    assert one(tmp_path, "a.md", "---\ndate: 2020\n---\nText!").digest != first.digest
    assert one(tmp_path, "a.md", "---\n  \ndate:   2020\n---\n\nText.\n").digest == first.digest


def test_html_keeps_the_article_and_leaves_the_page(tmp_path: Path) -> None:
    page = f"""<!DOCTYPE html><html lang="en-GB"><head><title>Lights | Harbour Times</title>
    <meta property="og:site_name" content="Harbour Times"><meta name="author" content="Ann Hall">
    <meta property="article:published_time" content="2021-03-04T05:06:07Z"></head><body>
    <nav><ul><li><a href="/">Home</a></li><li><a href="/n">News of the day</a></li></ul></nav>
    <div class="cookie-banner">We use cookies. Accept all cookies</div>
    <article><h1>Lights</h1>{ARTICLE * 3}</article><div class="share">Share on Facebook</div>
    <aside class="related"><h3>Check Also</h3><a href="/x">Another article entirely</a></aside>
    <div id="comments"><h3>2 comments</h3><p>First comment by a reader</p></div>
    <footer>© 2021 Harbour Times. All rights reserved.</footer></body></html>"""
    document = one(tmp_path, "a.html", page)
    assert "lit in 1849" in document.text
    assert "Year: 1849 | Keeper: Hall" in document.text
    for left in ("cookies", "Home", "Facebook", "Another article", "First comment", "All rights"):
        assert left not in document.text
    assert document.title.startswith("Lights")
    assert document.language == "en"
    assert document.metadata["date"] == "2021-03-04"
    assert document.metadata["author"] == "Ann Hall"
    assert document.metadata["outlet"] == "Harbour Times"
    assert [1, 2][1] in {level for _, level, _ in document.metadata["headings"]}  # type: ignore[misc,union-attr]


def test_html_without_an_article_gives_the_whole_page(tmp_path: Path) -> None:
    page = "<html><body><p>Open from nine.</p><p>Closed on Sunday.<br>Ring twice.</p><ul><li>tea<li>cake</ul></body></html>"
    assert one(tmp_path, "a.html", page).text == "Open from nine.\n\nClosed on Sunday.\nRing twice.\n- tea\n- cake"


def test_docx(tmp_path: Path) -> None:
    styles = '<w:styles xmlns:w="{w}"><w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style></w:styles>'
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = (
        '<w:p><w:pPr><w:pStyle w:val="H2"/></w:pPr><w:r><w:t>Part one</w:t></w:r></w:p>'
        '<w:p><w:r><w:t xml:space="preserve">Kept </w:t></w:r><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>'
        "<w:ins><w:r><w:t>inserted</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    rels = (
        f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="x/styles" Target="styles.xml"/>'
        '<Relationship Id="r2" Type="x/footnotes" Target="footnotes.xml"/></Relationships>'
    )
    notes = f'<w:footnotes xmlns:w="{w}"><w:footnote w:id="2">{word_paragraph("The note.")}</w:footnote></w:footnotes>'
    top = (
        f'<Relationships xmlns="{RELS}"><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/>'
        '<Relationship Id="b" Type="x/core-properties" Target="docProps/core.xml"/></Relationships>'
    )
    core = (
        '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Report</dc:title><dc:creator>Ann</dc:creator>'
        "<dc:language>fr-FR</dc:language><created>2019-02-03T00:00:00Z</created></c>"
    )
    parts = {"word/styles.xml": styles.replace("{w}", w), "word/_rels/document.xml.rels": rels, "_rels/.rels": top,
             "word/footnotes.xml": notes, "docProps/core.xml": core}  # fmt: skip
    document = one(tmp_path, "a.bin", docx(body, {name: text.encode() for name, text in parts.items()}))
    assert document.text == "Part one\n\nKept inserted\n\na | b\n\nThe note."
    assert (document.title, document.language) == ("The Report", "fr")
    assert document.metadata["author"] == "Ann"
    assert document.metadata["date"] == "2019-02-03"
    assert document.metadata["headings"] == [[0, 2, "Part one"]]


def slide(title: str, text: str, show: str = "1") -> bytes:
    shape = '<p:sp><p:nvSpPr><p:nvPr><p:ph type="{}"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>'
    shapes = shape.format("title", title) + shape.format("body", text) + shape.format("sldNum", "99")
    return f'<p:sld xmlns:p="{P}" xmlns:a="{A}" show="{show}"><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>'.encode()


def test_pptx_slides_are_pages(tmp_path: Path) -> None:
    ids = "".join(f'<p:sldId id="{n}" r:id="r{n}"/>' for n in (2, 1, 3))
    rels = "".join(f'<Relationship Id="r{n}" Type="x/slide" Target="slides/slide{n}.xml"/>' for n in (1, 2, 3))
    data = zipped({
        "[Content_Types].xml": b"<Types/>",
        "ppt/presentation.xml": f'<p:presentation xmlns:p="{P}" xmlns:r="{R}"><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>'.encode(),
        "ppt/_rels/presentation.xml.rels": f'<Relationships xmlns="{RELS}">{rels}</Relationships>'.encode(),
        "ppt/slides/slide1.xml": slide("Second", "Body two"),
        "ppt/slides/slide2.xml": slide("First", "Body one"),
        "ppt/slides/slide3.xml": slide("Never", "Hidden body", "0"),
    })  # fmt: skip
    document = one(tmp_path, "a.pptx", data)
    assert document.text == "First\n\nBody one\n\nSecond\n\nBody two"
    assert page_at(document, document.text.index("Body two")) == 2
    assert "hidden slides" in str(document.metadata["warnings"])


def test_xlsx_values_as_they_are_shown(tmp_path: Path) -> None:
    sheet = (
        f'<worksheet xmlns="{S}"><sheetData><row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>Day</t></is></c></row>'
        '<row><c><v>2.5</v></c><c s="1"><v>43831</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row></sheetData></worksheet>'
    )
    data = zipped({
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets><sheet name="Tides" r:id="r1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="x/worksheet" Target="worksheets/s.xml"/>'
        '<Relationship Id="r2" Type="x/sharedStrings" Target="strings.xml"/><Relationship Id="r3" Type="x/styles" Target="styles.xml"/>'
        "</Relationships>".encode(),
        "xl/strings.xml": f'<sst xmlns="{S}"><si><r><t>Hei</t></r><r><t>ght</t></r></si></sst>'.encode(),
        "xl/styles.xml": f'<s xmlns="{S}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></s>'.encode(),
        "xl/worksheets/s.xml": sheet.encode(),
    })  # fmt: skip
    assert one(tmp_path, "a.xlsx", data).text == "Tides\n\nHeight: 2.5 | Day: 2020-01-01 | TRUE | #N/A"


def test_epub(tmp_path: Path) -> None:
    chapter = (
        "<html><head><title>x</title></head><body><h1>One</h1><p>智<ruby>に<rt>ni</rt></ruby>働けば</p></body></html>"
    )
    document = one(tmp_path, "a.epub", epub(chapter))
    assert document.text == "One\n\n智に働けば"
    assert document.metadata["pages"] == [0]


def test_odt(tmp_path: Path) -> None:
    body = (
        '<text:h text:outline-level="2">Part</text:h><text:p>One<text:s text:c="2"/>two<text:tab/>three</text:p>'
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
    )
    content = f'<o:c xmlns:o="{O}office:1.0" xmlns:text="{O}text:1.0"><o:body><o:text>{body}</o:text></o:body></o:c>'
    data = zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})
    assert one(tmp_path, "a.odt", data).text == "Part\n\nOne  two\tthree\n- item"


def test_mail(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = "Überblick", "Ann <ann@example.org>"
    message["Date"] = "Wed, 03 Feb 2021 10:00:00 +0100"
    message.set_content("The tide was high.\n")
    message.add_alternative("<p>The tide was <b>high</b>.</p>", subtype="html")
    message.add_attachment(b"\x89PNG\r\n\x1a\n" + bytes(9), maintype="image", subtype="png", filename="a.png")
    document = one(tmp_path, "a.eml", message.as_bytes())
    assert document.text.endswith("Subject: Überblick\n\nThe tide was high.")
    assert document.metadata["date"] == "2021-02-03"
    assert "a.png" in str(document.metadata["warnings"])


def test_rtf(tmp_path: Path) -> None:
    source = r"{\rtf1\ansi\ansicpg1251{\info{\title My Title}}{\fonttbl{\f0 Arial;}}\f0 First \b bold\b0\par \u1055?\u1088? second\par}"
    document = one(tmp_path, "a.doc", source)
    assert document.text == "First bold\n\nПр second"
    assert document.title == "My Title"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_rows_of_any_separator(tmp_path: Path, separator: str) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows(
        [["id", "title", "text", "lang"], ["k1", "T1", 'a "quoted", text', "en"], ["k2", "T2", "two\nlines", "ar"]]
    )
    result = result_of(tmp_path, "a.csv", stream.getvalue())
    assert [(d.id, d.title, d.text, d.language) for d in result.documents] == [
        ("k1", "T1", 'a "quoted", text', "en"),
        ("k2", "T2", "two\nlines", "ar"),
    ]
    assert result.documents[1].source.endswith("/a.csv#2")
    assert "guessed" in result.warnings[0]


def test_a_field_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'body'.*a, b"):
        result_of(tmp_path, "a.csv", "a,b\n1,2\n", text_field="body")


def test_json_lists_lines_and_objects(tmp_path: Path) -> None:
    rows = [{"id": n, "headline": f"T{n}", "body": f"Text {n}."} for n in (1, 2)]
    expected = [("1", "T1", "Text 1."), ("2", "T2", "Text 2.")]
    for name, data in (
        ("a.json", json.dumps(rows)),
        ("b.jsonl", "\n".join(map(json.dumps, rows))),
        ("c.json", json.dumps({"data": rows})),
    ):
        assert [(d.id, d.title, d.text) for d in result_of(tmp_path, name, data).documents] == expected
    assert one(tmp_path, "d.json", '{"name": "Cape", "where": {"land": "Africa"}, "years": [1849, 1968]}').text == (
        "name: Cape | where.land: Africa | years: 1849, 1968"
    )


def test_equal_ids_in_one_file_are_told_apart(tmp_path: Path) -> None:
    result = result_of(tmp_path, "a.jsonl", '{"id": "x", "text": "one"}\n{"id": "x", "text": "two"}')
    assert len({document.id for document in result.documents}) == 2
    assert any("more than once" in warning for warning in result.warnings)


def test_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "Some *text*."]},
        {"cell_type": "code", "source": "print(6*7)", "outputs": [{"output_type": "stream", "text": ["42\n"]}]},
    ]
    document = one(tmp_path, "a.ipynb", json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}))
    assert document.text == "Title\n\nSome text.\n\nprint(6*7)\n\n42"


def test_subtitles_join_their_cues(tmp_path: Path) -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,000\n<i>The tide</i>\n\n2\n00:00:02,100 --> 00:00:03,000\nwas high.\n\n3\n00:00:09,000 --> 00:00:10,000\nLater.\n"
    assert one(tmp_path, "a.txt", srt).text == "The tide was high.\n\nLater."


def test_xml_and_feeds(tmp_path: Path) -> None:
    feed = "<?xml version='1.0'?><rss><channel><title>News</title><item><description>&lt;p&gt;High &lt;b&gt;tide&lt;/b&gt;.&lt;/p&gt;</description></item></channel></rss>"
    document = one(tmp_path, "a.xml", feed)
    assert (document.title, document.text) == ("News", "News\n\nHigh tide.")


def test_pdf_text_and_pages(tmp_path: Path) -> None:
    document = one(tmp_path, "report.pdf", pdf("The tide was high."))
    assert document.text == "The tide was high."
    assert document.metadata["pages"] == [0]
    assert page_at(document, 5) == 1


def test_a_pdf_without_text_layer_is_named_as_scanned(tmp_path: Path) -> None:
    with pytest.raises(SourceSkippedError, match="scanned"):
        result_of(tmp_path, "scan.pdf", pdf(""))


def test_plain_text_reports_what_it_leaves_out(tmp_path: Path) -> None:
    text = (
        "The Title\n\n"
        + "A sentence about the sea and what it does to a coast.\n\n" * 9
        + "12 views3 comments\n\nComments\n"
    )
    result = result_of(tmp_path, "a.txt", text)
    assert result.documents[0].text.endswith("to a coast.")
    assert result.documents[0].title == "The Title"
    assert "12 views3 comments" in result.warnings[0]


@pytest.mark.slow
def test_public_files_are_read_or_refused(bench_data: Path) -> None:
    from index.sources.sandbox.pool import read_many

    found = discover([bench_data / "files"]).files
    texts = {f.source: "\n".join(d.text for d in r.documents) for f, r in read_many(found) if isinstance(r, ReadResult)}
    assert len(texts) > 150
    assert "الإنتاجية وحل المشكلات" in texts["files/pdf/right_to_left_01.pdf"]
    assert "第二条第一項の表の青色の灯火の項" in texts["files/pdf/kampo.pdf"]
    assert "הכל" in texts["files/epub/israelsailing.epub"] or texts["files/epub/israelsailing.epub"]
    assert not any(mark in text for text in texts.values() for mark in ("\ufeff", "\x00", "\u202b"))
