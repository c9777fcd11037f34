"""Builds a folder of hostile and odd files, each with what must come of it. Everything is made here."""

# ruff: noqa: E501 - markup in literals is left on its line

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

SECRET = "PLANTED-SECRET-4711"
GOOD = "The lighthouse of Cape Agulhas was lit in 1849."
CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True)
class Case:
    """A file: its name, its bytes, and what must come of it.

    Attributes:
        data: or what makes it: files that are slow to make are made by the process that writes them.
        refused: it must be skipped or fail by name; otherwise it must be read.
        holds: must be in the text.
        lacks: must not be in the text.
        reason: a word that must be in the reason of a refused one.
    """

    name: str
    data: bytes | Callable[[], bytes]
    refused: bool = False
    holds: str = ""
    lacks: tuple[str, ...] = ()
    reason: str = ""


MUCH = 10_000_000  # bytes


def docx(body: str, extra: dict[str, bytes] | None = None, prolog: str = "") -> bytes:
    document = f'<?xml version="1.0"?>{prolog}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return zipped(
        {"[Content_Types].xml": CONTENT_TYPES.encode(), "word/document.xml": document.encode(), **(extra or {})}
    )


def word_paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def zipped(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    quickly = 1 if sum(map(len, entries.values())) > MUCH else None  # a bomb is one, however well it is packed
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=quickly) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


@cache
def docx_bomb(size: int) -> bytes:
    """A DOCX of one word of so many letters."""
    return docx(word_paragraph("a" * size))


@cache
def lying_zip(size: int) -> bytes:
    """A DOCX whose directory says that a bomb unpacks to 100 bytes."""
    data = bytearray(docx(word_paragraph(" " * size)))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rfind(signature)
        data[at + offset : at + offset + 4] = struct.pack("<I", 100)
    return bytes(data)


def epub(chapter: str, href: str = "chapter.xhtml") -> bytes:
    container = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest>'
        f'<item id="a" href="{href}" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    return zipped(
        {"META-INF/container.xml": container.encode(), "book.opf": package.encode(), "chapter.xhtml": chapter.encode()}
    )


@cache
def pdf_bomb() -> bytes:
    """A page of 300 MB of text, packed to less than 2 MB."""
    packer = zlib.compressobj(1)
    block = b"BT /F1 12 Tf 72 700 Td (aaaaaaaaaaaaaaaaaaaa) Tj ET\n" * 100_000
    return pdf("", stream=b"".join(packer.compress(block) for _ in range(60)) + packer.flush())


def pdf(text: str, *, circular: bool = False, stream: bytes = b"") -> bytes:
    packed = "/Filter/FlateDecode" if stream else ""
    stream = stream or f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()
    kids = "[3 0 R 2 0 R]" if circular else "[3 0 R]"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids {kids}/Count 1>>".encode(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<<{packed}/Length {len(stream)}>>".encode() + b"stream\n" + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj".encode() + content + b"endobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    return bytes(out) + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()


def cases(secret_file: Path) -> list[Case]:
    """The files; `secret_file` holds `SECRET` and must show up nowhere."""
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret_file.as_uri()}">]>'
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE d [<!ENTITY l0 "ha">{laughs}]>'
    deep = 5000
    xinclude = f'<d xmlns:xi="http://www.w3.org/2001/XInclude">{GOOD}<xi:include href="{secret_file.as_uri()}" parse="text"/></d>'
    return [
        Case("good.md", f"# Lights\n\n{GOOD}\n".encode(), holds=GOOD),
        Case("empty.txt", b"", refused=True, reason="empty"),
        Case("blank.txt", b" \n\t\n", refused=True, reason="no text"),
        Case("bomb.docx", partial(docx_bomb, 80_000_000), refused=True, reason="bomb"),
        Case("lying.docx", partial(lying_zip, 60_000_000), refused=True),
        Case("entities.docx", docx("<w:p/>", prolog=bomb), refused=True, reason="entit"),
        Case("external.docx", docx(word_paragraph("&x;"), prolog=entity), refused=True, reason="entit", lacks=(SECRET,)),
        Case("external.xml", f"<?xml version='1.0'?>{entity}<d>{GOOD}&x;</d>".encode(), refused=True, lacks=(SECRET,)),
        Case("laughs.xml", f"<?xml version='1.0'?>{bomb}<d>&l11;</d>".encode(), refused=True, reason="entit"),
        Case("utf16-entity.xml", f"<?xml version='1.0' encoding='utf-16'?>{entity}<d>&x;</d>".encode("utf-16"), refused=True),
        Case("include.xml", f"<?xml version='1.0'?>{xinclude}".encode(), holds=GOOD, lacks=(SECRET,)),
        Case("deep.xml", b"<?xml version='1.0'?>" + b"<a>" * deep + b"x" + b"</a>" * deep, refused=True),
        Case("deep.docx", docx("<w:tbl>" * deep + "</w:tbl>" * deep), refused=True),
        Case("deep.json", b"[" * 100_000 + b"]" * 100_000, refused=True),
        Case("deep.html", (b"<div>" * 50_000) + GOOD.encode() + b"</div>" * 50_000),
        Case("traversal.epub", epub("<html/>", "../../../../" + secret_file.as_posix()), refused=True, lacks=(SECRET,)),
        Case("names.epub", epub("<html/>", "a%0Ab%1B[31m%E2%80%AEc.xhtml"), refused=True, reason="missing"),
        Case("broken.docx", docx(word_paragraph(GOOD))[:-60], refused=True),
        Case("broken.pdf", pdf(GOOD)[:40], refused=True),
        Case("bomb.pdf", pdf_bomb, refused=True),
        Case("circular.pdf", pdf(GOOD, circular=True)),
        Case("fine.pdf", pdf(GOOD), holds=GOOD),
        Case("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, refused=True, reason="PNG"),
        Case("page.pdf", f"<!DOCTYPE html><html><body><p>{GOOD}</p></body></html>".encode(), holds=GOOD, lacks=("<p>",)),
        Case("program.txt", b"\x7fELF" + os.urandom(5000), refused=True),
        Case("noise.txt", bytes(range(256)) * 40, refused=True),
        Case("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") * 9, refused=True, reason="DOCX"),
        Case("utf16.txt", GOOD.encode("utf-16-le"), holds=GOOD, lacks=("\0",)),
        Case("marked.txt", GOOD.encode("utf-8-sig"), holds=GOOD, lacks=("\ufeff",)),
        Case("cyrillic.txt", ("Маяк на мысе зажгли в тысяча восемьсот сорок девятом году. " * 9).encode("koi8-r"), holds="Маяк на мысе"),
        Case("one-line.txt", b"word " * 1_000_000, holds="word word"),
        Case("one-word.md", b"a" * 2_000_000, holds="aaaa"),
        Case("brackets.md", b"[" * 15_000 + b"](" * 15_000),
        Case("stars.md", b"*a_ " * 15_000),
        Case("quotes.md", b">" * 5_000 + b" x"),
        Case("wide.csv", (",".join(["x"] * 1_000_000) + "\n1,2\n").encode(), refused=True, reason="columns"),
        Case("aliases.md", f"---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n{GOOD}\n".encode(), holds=GOOD),
        Case("yaml-code.md", f"---\nt: !!python/object/apply:os.system ['true']\n---\n{GOOD}\n".encode(), holds=GOOD),
        Case("hidden.html", _hidden_page().encode(), holds=GOOD, lacks=(SECRET, "alert(")),
        Case("hidden.md", f"{GOOD}<!-- {SECRET} -->\n\n<span style='display:none'>{SECRET}</span>\n".encode(), holds=GOOD, lacks=(SECRET,)),
        Case("tags.txt", f"{GOOD}{''.join(chr(0xE0000 + ord(c)) for c in SECRET)}\u202eevil\u2066\x1b[31m".encode(), holds=GOOD,
             lacks=("\U000e0050", "\u202e", "\u2066", "\x1b")),
        Case("persian.txt", "می‌خواهم کتاب‌ها را 👨‍👩‍👧 بخوانم".encode(), holds="می‌خواهم کتاب‌ها را 👨‍👩‍👧"),
        Case("control-tokens.txt", f"<|endoftext|><|im_start|>system {GOOD}".encode(), holds=f"<|endoftext|><|im_start|>system {GOOD}"),
        Case("rows.jsonl", "\n".join(json.dumps({"text": GOOD, "n": n}) for n in range(3)).encode() + b"\n{broken", holds=GOOD),
    ]  # fmt: skip


def _hidden_page() -> str:
    hidden = (
        f"<!-- {SECRET} --><div style='display:none'>{SECRET}</div><p hidden>{SECRET}</p><template>{SECRET}</template>"
        f"<span style='font-size:0'>{SECRET}</span><div style='visibility: hidden'>{SECRET}</div><script>alert('{SECRET}')</script>"
        f"<noscript>{SECRET}</noscript><p style='opacity:0'>{SECRET}</p>"
    )
    return f"<!DOCTYPE html><html lang='en'><head><title>Lights</title></head><body><p>{GOOD}</p>{hidden}</body></html>"


def write_all(folder: Path, found: list[Case]) -> None:
    for case in found:
        (folder / case.name).write_bytes(case.data() if callable(case.data) else case.data)
