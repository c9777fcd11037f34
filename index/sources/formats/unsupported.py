"""What is recognised but can't be read: each kind is named, with what to do."""

from __future__ import annotations

from collections.abc import Sequence

from index.sources.office.archive import SafeZip
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KINDS = (
    (b"\x89PNG\r\n", "a PNG image; recognise its text (OCR) and save that"),
    (b"\xff\xd8\xff", "a JPEG image; recognise its text (OCR) and save that"),
    (b"GIF8", "a GIF image; recognise its text (OCR) and save that"),
    (b"II*\0", "a TIFF image; recognise its text (OCR) and save that"),
    (b"MM\0*", "a TIFF image; recognise its text (OCR) and save that"),
    (b"BM", "a bitmap image; recognise its text (OCR) and save that"),
    (b"AT&TFORM", "a DjVu document; convert it to PDF with a text layer"),
    (b"\x1f\x8b", "a gzip archive; unpack it"),
    (b"BZh", "a bzip2 archive; unpack it"),
    (b"\xfd7zXZ", "an xz archive; unpack it"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it"),
    (b"Rar!", "a RAR archive; unpack it"),
    (b"PK\x03\x04", "a zip archive; unpack it"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"SQLite format 3\0", "an SQLite database; export its tables as CSV"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"ID3", "an audio file; transcribe it"),
    (b"OggS", "an audio or video file; transcribe it"),
    (b"fLaC", "an audio file; transcribe it"),
    (b"RIFF", "an audio, video or image file"),
    (b"\x1aE\xdf\xa3", "a video file; transcribe it"),
    (b"BOOKMOBI", "a Kindle book; convert it to EPUB"),
    (b"%!PS", "a PostScript file; convert it to PDF"),
)
_UNMISTAKABLE = (
    _OLE,
    b"\x89PNG\r\n",
    b"\xff\xd8\xff\xe0",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"SQLite format 3\0",
    b"\x7fELF",
)
_OLE_KINDS = (
    ("EncryptedPackage", "encrypted with a password; save it without one"),
    ("WordDocument", "a Word 97 document; install LibreOffice (Debian: libreoffice-writer-nogui), or save it as DOCX"),
    ("Workbook", "an Excel 97 workbook; install LibreOffice (Debian: libreoffice-calc-nogui), or save it as XLSX"),
    ("Book", "an Excel 95 workbook; install LibreOffice (Debian: libreoffice-calc-nogui), or save it as XLSX"),
    (
        "PowerPoint Document",
        "a PowerPoint 97 presentation; install LibreOffice (Debian: libreoffice-impress-nogui), or save it as PPTX",
    ),
    ("__substg1.0_", "an Outlook message; give its name the ending .msg"),
)


def _sniff(head: Head) -> float:
    if head.data.startswith(_UNMISTAKABLE):
        return 0.5
    return 0.3 if _kind(head.data) and not head.text else 0.0


def _read(data: bytes, _context: ReadContext) -> Sequence[Extract]:
    if data.startswith(b"PK"):
        SafeZip(data)  # a broken one is no archive to unpack: it says so
    raise RefusedError(_kind(data), skipped=True)


def _kind(data: bytes) -> str:
    if data.startswith(_OLE):
        names = (text for mark, text in _OLE_KINDS if mark.encode("utf-16-le") in data)
        return next(names, "an old Office file; save it in a current format")
    if data[4:12] in (b"ftypheic", b"ftypavif", b"ftypheix"):
        return "an image; recognise its text (OCR) and save that"
    if data[4:8] == b"ftyp":
        return "a video or audio file; transcribe it"
    return next((text for mark, text in _KINDS if data.startswith(mark)), "")


READER = Reader("unsupported", (), _sniff, _read)
