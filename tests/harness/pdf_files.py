"""PDF files written by hand: words by their places, sizes and fonts, lines and areas."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["FONTS", "Piece", "box", "hebrew", "line", "pdf_of", "words"]

Piece = tuple[float, float, float, str]
FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Courier", "F4": "Helvetica"}
_HEBREW = "F4"  # the font whose small letters are said to be Hebrew ones
_MIRRORED = str.maketrans("()", ")(")
_MEANS = (
    b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
    b"1 beginbfrange <61> <7B> <05D0> endbfrange endcmap end"
)


def words(pieces: Sequence[Piece], font: str = "F1") -> bytes:
    """Words by x, y and size."""
    return "".join(f"BT /{font} {size} Tf {x} {y} Td ({text}) Tj ET\n" for x, y, size, text in pieces).encode()


def hebrew(pieces: Sequence[Piece]) -> bytes:
    """Words by their right edge, y and size: letters as a page has them, from left to right; numbers as they are."""
    written = []
    for x, y, size, text in pieces:
        seen = " ".join(word if word.isascii() else word[::-1].translate(_MIRRORED) for word in reversed(text.split()))
        coded = "".join(chr(0x61 + ord(letter) - 0x5D0) if letter >= "\u05d0" else letter for letter in seen)
        written.append((x - 0.5 * size * len(coded), y, size, coded))
    return words(written, _HEBREW)


def line(x0: float, y0: float, x1: float, y1: float) -> bytes:
    """A drawn line."""
    return f"{x0} {y0} m {x1} {y1} l S\n".encode()


def box(x0: float, y0: float, x1: float, y1: float, paint: str = "S") -> bytes:
    """A frame, or with the paint `f` an area."""
    return f"{x0} {y0} {x1 - x0} {y1 - y0} re {paint}\n".encode()


def pdf_of(pages: Sequence[bytes]) -> bytes:
    """A PDF of pages, each by its drawing instructions."""
    fonts = " ".join(f"/{name} {3 + n} 0 R" for n, name in enumerate(FONTS))
    first = 4 + len(FONTS)
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
    ]
    objects += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{base} /Encoding /WinAnsiEncoding{means} >>".encode()
        for name, base in FONTS.items()
        for means in (f" /ToUnicode {first - 1} 0 R" if name == _HEBREW else "",)
    ]
    objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(_MEANS), _MEANS))
    for number, stream in enumerate(pages):
        about = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {first + 1 + 2 * number} 0 R"
        objects.append(f"{about} /Resources << /Font << {fonts} >> >> >>".encode())
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    body, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
    return body + head + table + end
