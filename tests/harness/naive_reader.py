"""Readers as they are often written. The hostile files must catch them, or their tests would prove nothing."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from lxml import etree


def naive_read(path: Path) -> str:
    """Trust the extension, resolve entities, unpack whatever there is, ignore what does not decode."""
    suffix = path.suffix
    if suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            return _xml_text(archive.read("word/document.xml"))
    if suffix == ".epub":
        with zipfile.ZipFile(path) as archive:
            href = re.search(rb'href="([^"]*)"', archive.read("book.opf"))
        return (path.parent / href[1].decode()).read_text() if href else ""
    if suffix == ".xml":
        return _xml_text(path.read_bytes())
    text = path.read_bytes().decode("utf-8", "ignore")
    return re.sub(r"<[^>]*>", "", text) if suffix == ".html" else text


def naive_xml_read(data: bytes) -> str:
    """Parse every part of a file of any XML format as the parser does it unasked, and include what it includes."""
    if not data.startswith(b"PK"):
        return _xml_text(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(_xml_text(archive.read(name)) for name in archive.namelist() if name != "mimetype")


def naive_unzip(data: bytes, limit: int) -> int:
    """Believe the directory about sizes, then inflate the entries; returns how many bytes came out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
    if sum(info.file_size for info in infos) > limit:
        return 0
    found = 0
    for info in infos:
        header = data[info.header_offset : info.header_offset + 30]
        start = (
            info.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        )
        if info.compress_type == zipfile.ZIP_DEFLATED:
            found += len(zlib.decompressobj(-15).decompress(data[start:]))
    return found


def naive_decode(data: bytes) -> str:
    """Take the text for UTF-8, else for UTF-16 in the byte order of this machine, else for Western European."""
    for name in ("utf-8", "utf-16-le", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _xml_text(data: bytes) -> str:
    parser = etree.XMLParser(resolve_entities=True, load_dtd=True, huge_tree=False, recover=True)
    root = etree.fromstring(data, parser)
    if root is None:
        return ""
    root.getroottree().xinclude()
    return "".join(root.itertext())
