"""Small PDF files that make careless readers hang, recurse or fill the memory; all made here."""

from __future__ import annotations

import zlib

__all__ = ["assembled", "pdfs"]

CATALOG, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
SHOWN = b"BT /F1 12 Tf 72 700 Td (The lighthouse was lit in 1849.) Tj ET"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>"
FILTERS = b"/Filter[/ASCIIHexDecode/RunLengthDecode/ASCII85Decode/LZWDecode]"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def assembled(objects: dict[int, bytes], trailer: bytes = b"", size: int = 0) -> bytes:
    """Return the file of numbered objects; number 1 is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n"), {}
    for number, content in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj" % number + content + b"endobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    size = size or max(objects) + 1
    return bytes(out) + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, start)


def _with(**changed: bytes) -> dict[int, bytes]:
    parts = {1: CATALOG, 2: PAGES, 3: PAGE, 4: stream(SHOWN), 5: FONT}
    return parts | {int(name[1:]): content for name, content in changed.items()}


def _bombed(times: int) -> bytes:
    data = SHOWN + b" " * 100_000_000
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter[" + b"/FlateDecode" * times + b"]")


def _outline(next_of: int) -> dict[int, bytes]:
    catalog = CATALOG[:-2] + b"/Outlines 6 0 R>>"
    item = b"<</Title(a)/Parent 6 0 R/Dest[3 0 R/Fit]/Next %d 0 R/First %d 0 R/Last 7 0 R>>" % (next_of, next_of)
    return _with(_1=catalog, _6=b"<</Type/Outlines/First 7 0 R/Last 7 0 R/Count 1>>", _7=item)


def _deep_outline(depth: int) -> dict[int, bytes]:
    parts = _outline(8)
    for number in range(8, depth):
        parts[number] = b"<</Title(a)/Parent %d 0 R/First %d 0 R/Last %d 0 R>>" % (number - 1, number + 1, number + 1)
    return parts


def _drawn(thing: bytes) -> dict[int, bytes]:
    page = PAGE.replace(b"/Resources<<", b"/Resources<</XObject<</X 6 0 R>>")
    return _with(_3=page, _4=stream(SHOWN + b" /X Do"), _6=thing)


def _wide_map() -> dict[int, bytes]:
    ranges = b"".join(b"<0000> <ffff> <%04x>\n" % n for n in range(0, 60_000, 3))
    table = b"begincmap\n1 begincodespacerange <0000> <ffff> endcodespacerange\n20000 beginbfrange\n" + ranges
    font = b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[7 0 R]>>"
    inner = b"<</Type/Font/Subtype/CIDFontType2/BaseFont/A/CIDSystemInfo<<>>>>"
    return _with(_5=font, _6=stream(table + b"endbfrange endcmap"), _7=inner)


def pdfs() -> dict[str, bytes]:
    """Return the files by name."""
    loop = assembled(_with())
    start = loop.rindex(b"startxref\n") + 10
    at = loop[start : loop.index(b"\n", start)]
    image = b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB"
    return {
        "previous.pdf": loop.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev " + at),
        "outline-loop.pdf": assembled(_outline(7)),
        "outline-deep.pdf": assembled(_deep_outline(20_000)),
        "count.pdf": assembled(_with(_2=b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>")),
        "many-kids.pdf": assembled(_with(_2=b"<</Type/Pages/Kids[" + b"3 0 R " * 200_000 + b"]/Count 200000>>")),
        "parent-loop.pdf": assembled(_with(_2=b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R 3 0 R]/Count 2>>")),
        "size.pdf": assembled(_with(), size=2_000_000_000),
        "packed-thrice.pdf": assembled(_with(_4=_bombed(3))),
        "contents.pdf": assembled(_with(_3=PAGE.replace(b"4 0 R/", b"[" + b"4 0 R " * 50_000 + b"]/"))),
        "arrays.pdf": assembled(_with(_1=CATALOG[:-2] + b"/Names" + b"[" * 200_000 + b"]" * 200_000 + b">>")),
        "names.pdf": assembled(_with(_1=CATALOG[:-2] + b"/Dests" + b"<</a" * 100_000 + b" 1" + b">>" * 100_001)),
        "draws-itself.pdf": assembled(_drawn(stream(b"/X Do " * 50, FORM))),
        "saves.pdf": assembled(_with(_4=stream(b"q " * 2_000_000 + SHOWN))),
        "length.pdf": assembled(_with(_4=stream(SHOWN).replace(b"/Length", b"/Length 4 0 R/Old"))),
        "wide-map.pdf": assembled(_wide_map()),
        "image.pdf": assembled(_drawn(stream(b"", image))),
        "letters.pdf": assembled(_with(_4=stream(SHOWN * 40_000))),
        "filter.pdf": assembled(_with(_4=stream(b"80" * 500_000 + b">", FILTERS))),
    }  # fmt: skip
