"""Words in pictures of office files, books, PDFs and mails: read by OCR where they stand, or their absence is told."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import PdfBitmap, PdfDocument, PdfImage, PdfMatrix

from index.sources.discovery import discover
from index.sources.ocr import recognition, tesseract
from index.sources.reading import read
from index.sources.types import ReadOptions, ReadResult
from index.types import location_at
from tests.harness import table_files as made
from tests.harness.hostile_files import docx, epub, word_paragraph
from tests.harness.pdf_files import pdf_of, words

needs_tesseract = pytest.mark.skipif("eng" not in tesseract.installed_models(), reason="needs Tesseract's model eng")
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORDS = "The valve of pump seven\nopens at 340 degrees."
SHOWN = WORDS.replace("\n", " ")


def png(words: str = WORDS, width: int = 1000) -> bytes:
    image = Image.new("L", (width, 260), 255)
    font = ImageFont.load_default(48)
    ImageDraw.Draw(image).multiline_text((60, 60), words, fill=0, font=font, spacing=20)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def blip(name: str = "rp") -> str:
    return f'<a:blip xmlns:a="{A}" xmlns:r="{R}" r:embed="{name}"/>'


def word(pictures: dict[str, bytes], description: str = "") -> bytes:
    drawn = "".join(
        f'<w:p><w:r><w:drawing><x><docPr descr="{description}"/>{blip(f"r{at}")}</x></w:drawing></w:r></w:p>'
        for at, _ in enumerate(pictures)
    )
    links = "".join(
        f'<Relationship Id="r{at}" Type="{R}/image" Target="media/{name}"/>' for at, name in enumerate(pictures)
    )
    relations = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )
    more = {f"word/media/{name}": data for name, data in pictures.items()}
    body = word_paragraph("Before it.") + drawn + word_paragraph("After it.")
    return docx(body, {"word/_rels/document.xml.rels": relations.encode(), **more})


def slides(picture: bytes) -> bytes:
    shapes = (
        "<p:sp><p:txBody><a:p><a:r><a:t>Before it.</a:t></a:r></a:p></p:txBody></p:sp>"
        f"<p:pic><p:nvPicPr><p:cNvPr/></p:nvPicPr><p:blipFill>{blip()}</p:blipFill></p:pic>"
    )
    related = made.relations(("image", "../media/a.png")).replace(b'Id="r1"', b'Id="rp"')
    return made.pptx(shapes, more={"ppt/slides/_rels/s1.xml.rels": related, "ppt/media/a.png": picture})


def workbook(picture: bytes) -> bytes:
    drawing = f'<xdr:wsDr xmlns:xdr="x"><xdr:pic><xdr:cNvPr/>{blip()}</xdr:pic></xdr:wsDr>'
    more = {
        "xl/_rels/s1.xml.rels": made.relations(("drawing", "drawing1.xml")),
        "xl/drawing1.xml": drawing.encode(),
        "xl/_rels/drawing1.xml.rels": made.relations(("image", "media/a.png")).replace(b'Id="r1"', b'Id="rp"'),
        "xl/media/a.png": picture,
    }
    return made.xlsx({"S": made.sheet([["Before it."]])}, more=more)


def added(data: bytes, more: dict[str, bytes], spaces: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, old.read(name).replace(b"<office:document-content", b"<office:document-content" + spaces)
            )
        for name, content in more.items():
            new.writestr(name, content)
    return packed.getvalue()


def open_text(picture: bytes) -> bytes:
    """The picture as LibreOffice keeps a captioned one: in a box, drawn and as points."""
    image = (
        '<draw:frame><draw:image xlink:href="Pictures/a.svg"/><draw:image xlink:href="Pictures/a.png"/></draw:frame>'
    )
    body = (
        f"<text:p>Before it.<draw:frame><draw:text-box><text:p>{image}</text:p></draw:text-box></draw:frame></text:p>"
    )
    more = {"Pictures/a.png": picture, "Pictures/a.svg": b"<svg/>"}
    return added(made.opendocument(body), more, b' xmlns:draw="d" xmlns:xlink="x"')


def book(picture: bytes) -> bytes:
    return added(epub("<html><body><p>Before it.</p><img src='a%20b.png'/></body></html>"), {"a b.png": picture})


def result_of(folder: Path, name: str, data: bytes, ocr: str = "eng") -> ReadResult:
    (folder / name).write_bytes(data)
    return read(discover([folder]).files[0], ReadOptions(ocr=ocr))


def page_of(picture: bytes, *, over: str = "") -> bytes:
    """A PDF page of a line of words with a picture below it, where more words may stand over it."""
    pieces = [(60.0, 720.0, 12.0, "Before it.")] + ([(80.0, 500.0, 12.0, over)] if over else [])
    document = PdfDocument(pdf_of([words(pieces)]))
    image = PdfImage.new(document)
    with Image.open(io.BytesIO(picture)) as opened:
        image.set_bitmap(PdfBitmap.from_pil(opened.convert("RGB")))
        image.set_matrix(PdfMatrix().scale(360, 360 * opened.height / opened.width).translate(60, 450))
    page = document[0]
    page.insert_obj(image)
    page.gen_content()
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def rich_text(picture: bytes) -> bytes:
    """The picture as Word keeps it: for new programs and again for old ones."""
    digits = picture.hex().encode()
    shown = (
        b"{\\*\\shppict{\\pict{\\*\\picprop\\shplid1{\\sp{\\sn a}{\\sv 1}}}\\picw9\\pich9\\pngblip\n" + digits + b"}}"
    )
    old = b"{\\nonshppict{\\pict\\wmetafile8 0102}}"
    return b"{\\rtf1\\ansi\\pard Before it.\\par\\pard " + shown + old + b"\\par\\pard After it.\\par}"


def letter(picture: bytes) -> bytes:
    """A message whose HTML shows the picture that lies beside it."""
    message = EmailMessage()
    message["From"], message["Subject"] = "Ann <ann@example.org>", "Pump"
    message.set_content("Before it.")
    message.add_alternative('<p>Before it.</p><img src="cid:one">', subtype="html")
    html = message.get_payload()[1]
    html.add_related(picture, "image", "png", cid="<one>")
    return message.as_bytes()


def data_address(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def letter_of_itself(picture: bytes, line: int = 72) -> bytes:
    """A message whose HTML holds the picture in its address, cut into lines as some programs do."""
    address = data_address(picture)
    cut = "\n ".join(address[at : at + line] for at in range(0, len(address), line))
    message = EmailMessage()
    message["From"], message["Subject"] = "Ann <ann@example.org>", "Pump"
    message.set_content(f'<p>Before it.</p><img src="{cut}">', subtype="html")
    return message.as_bytes()


def rich_bytes(picture: bytes) -> bytes:
    """The picture as its bytes, some of which are braces."""
    size = str(len(picture)).encode()
    shown = b"{\\pict\\picw9\\pich9\\pngblip\\bin" + size + b" " + picture + b"}"
    return b"{\\rtf1\\ansi\\pard Before it.\\par\\pard " + shown + b"\\par\\pard After it.\\par}"


def notebook(picture: bytes, *, attached: bool) -> bytes:
    kept = {"image/png": base64.b64encode(picture).decode()}
    words = {"cell_type": "markdown", "source": ["Before it."]}
    if attached:
        cells = [{**words, "source": ["Before it.\n\n![](attachment:a.png)"], "attachments": {"a.png": kept}}]
    else:
        cells = [words, {"cell_type": "code", "source": "draw()", "outputs": [{"data": kept}]}]
    return json.dumps({"cells": cells, "nbformat": 4}).encode()


def page_html(picture: bytes) -> bytes:
    return f"<html><body><p>Before it.</p><img src='{data_address(picture)}'><p>After it.</p></body></html>".encode()


MAKERS = {
    "a.html": page_html,
    "a.md": lambda picture: f"Before it.\n\n![]({data_address(picture)})\n\nAfter it.\n".encode(),
    "named.md": lambda picture: f"Before it.\n\n![][one]\n\nAfter it.\n\n[one]: {data_address(picture)}\n".encode(),
    "markup.md": lambda picture: f'Before it.\n\n<img src="{data_address(picture)}">\n\nAfter it.\n'.encode(),
    "cell.md": lambda picture: f"Before it.\n\n| a | b |\n|---|---|\n| 1 | ![]({data_address(picture)}) |\n".encode(),
    "itself.eml": letter_of_itself,
    "itself.epub": lambda picture: epub(
        f"<html><body><p>Before it.</p><img src='{data_address(picture)}'/></body></html>"
    ),
    "bytes.rtf": rich_bytes,
    "attached.ipynb": lambda picture: notebook(picture, attached=True),
    "drawn.ipynb": lambda picture: notebook(picture, attached=False),
    "a.docx": lambda picture: word({"a.png": picture}),
    "a.pptx": slides,
    "a.xlsx": workbook,
    "a.odt": open_text,
    "a.epub": book,
    "a.pdf": page_of,
    "a.rtf": rich_text,
    "a.eml": letter,
}


@needs_tesseract
@pytest.mark.parametrize("name", MAKERS)
def test_words_of_a_picture_stand_in_its_place_and_are_marked(tmp_path: Path, name: str) -> None:
    result = result_of(tmp_path, name, MAKERS[name](png()))
    (document,) = result.documents
    start = document.text.index(SHOWN)
    assert document.text.index("Before it.") < start
    assert document.metadata["ocr"] == [[start, start + len(SHOWN)]]
    assert location_at(document, start).endswith("read by OCR")
    assert "OCR" not in location_at(document, document.text.index("Before it."))
    warnings = " ".join(result.warnings)
    assert "words in pictures were read by OCR: 1" in warnings
    assert "without a description" not in warnings


@needs_tesseract
def test_a_picture_that_comes_again_is_read_once(tmp_path: Path) -> None:
    result = result_of(tmp_path, "a.docx", word({"a.png": png(), "b.png": png()}, "What the display of the pump says"))
    text = result.documents[0].text
    assert text.count(SHOWN) == 1
    assert text.count("[Picture: What the display of the pump says]") == 2
    assert text.endswith("After it.")


@needs_tesseract
def test_a_picture_without_words_is_told_apart_from_one_that_cannot_be_read(tmp_path: Path) -> None:
    plain = io.BytesIO()
    Image.linear_gradient("L").resize((300, 300)).save(plain, "PNG")
    result = result_of(
        tmp_path, "a.docx", word({"a.png": plain.getvalue(), "b.emf": b"\1\0\0\0 drawn", "c.png": b"\x89PNG\r\n\x1a\n"})
    )
    warnings = " ".join(result.warnings)
    assert "without a description in which no words were found are left out: 1" in warnings
    assert "without a description are left out, words in them too: 2" in warnings
    assert result.documents[0].text == "Before it.\n\nAfter it."


@pytest.mark.parametrize("name", MAKERS)
def test_without_tesseract_what_is_missing_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(recognition, "is_there", lambda: False)
    result = result_of(tmp_path, name, MAKERS[name](png()), "auto")
    assert "ocr" not in result.documents[0].metadata
    assert any("words in them too: 1; to have it read, install Tesseract" in one for one in result.warnings)


def test_ocr_that_is_off_reads_no_picture(tmp_path: Path) -> None:
    result = result_of(tmp_path, "a.docx", word({"a.png": png()}), "off")
    assert any("words in them too: 1; OCR is off" in one for one in result.warnings)


def test_a_picture_of_countless_points_costs_only_itself(tmp_path: Path) -> None:
    """A PNG of 30,000 by 30,000 points is 900 MB unpacked and a hundred bytes here."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    result = result_of(tmp_path, "a.docx", word({"a.png": bomb}))
    assert result.documents[0].text == "Before it.\n\nAfter it."
    assert any("words in them too: 1" in one for one in result.warnings)


@needs_tesseract
def test_a_picture_under_the_words_of_its_page_is_not_read_again(tmp_path: Path) -> None:
    """The layer of words over a scan says what the scan shows."""
    result = result_of(tmp_path, "a.pdf", page_of(png(), over="The valve of pump seven opens at 340 degrees."))
    assert result.documents[0].text.count("pump seven") == 1
    assert "ocr" not in result.documents[0].metadata
    assert not any("picture" in one for one in result.warnings)


@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_an_address_that_is_shown_as_code_keeps_its_words(tmp_path: Path, name: str) -> None:
    address = data_address(png())
    markdown = f"Use it so:\n\n```\n<img src='{address}'>\n```\n\nor `{address}` alone.\n"
    page = f"<html><body><p>Use it so:</p><pre>&lt;img src='{address}'&gt;</pre></body></html>"
    result = result_of(tmp_path, name, (markdown if name == "a.md" else page).encode())
    assert f"<img src='{address}'>" in result.documents[0].text
    assert "ocr" not in result.documents[0].metadata


def test_dots_and_drawings_in_addresses_are_passed_over_in_silence(tmp_path: Path) -> None:
    dot = base64.b64encode(b"GIF89a\1\0\1\0\0\0\0;").decode()
    drawing = base64.b64encode(b"<svg>" + b" " * 600 + b"</svg>").decode()
    shown = f"<img src='data:image/gif;base64,{dot}'><img src='data:image/svg+xml;base64,{drawing}'>"
    result = result_of(tmp_path, "a.html", f"<html><body><p>Some words.</p>{shown}</body></html>".encode())
    assert result.documents[0].text == "Some words."
    assert not result.warnings


def test_words_behind_the_bytes_of_a_picture_are_read(tmp_path: Path) -> None:
    """A careless reader takes braces among the bytes for those of the file, and loses what follows."""
    result = result_of(tmp_path, "a.rtf", rich_bytes(b"\x89PNG\r\n\x1a\n}}}\\par{{ \\bin9 no"), "off")
    assert result.documents[0].text == "Before it.\n\nAfter it."
