"""EPUB: the chapters of the spine in reading order, each a page; the table of contents is no text."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from index.sources.markup.html import fill_blocks, parse_html, remove_hidden, show_links
from index.sources.office.archive import SafeZip
from index.sources.office.leftout import LeftOut
from index.sources.pictures.embedded import EmbeddedPictures
from index.sources.pictures.inline import picture_in
from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decode
from index.sources.text.lines.typednotes import notes_apart
from index.sources.text.links import picture_words
from index.sources.text.xml import XmlElement, attribute, find_all, local, parse_xml
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_MOST_STYLES = 20


def _sniff(head: Head) -> float:
    return 1.0 if _CONTAINER in head.members or b"mimetypeapplication/epub+zip" in head.data[:200] else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    with SafeZip(data) as archive:
        book = next(
            (attribute(root, "full-path") for root in find_all(parse_xml(archive.read(_CONTAINER)), "rootfile")), ""
        )
        package = parse_xml(archive.read(book))
        chapters = _chapters(package, posixpath.dirname(book))
        locked = _locked(archive)
        if any(chapter in locked for chapter in chapters):
            raise RefusedError("protected by digital rights management, which can't be read", skipped=True)
        builder, left_out, styles = TextBuilder(), LeftOut(), _styles(archive)
        pictures = EmbeddedPictures(context, archive, left_out)
        for chapter in chapters:
            builder.page()
            if chapter in archive.names:
                for target, described in _chapter(archive.read(chapter), builder, styles):
                    if target.startswith("data:"):
                        pictures.put(picture_in(target), builder, described=described)
                        continue
                    name = posixpath.normpath(posixpath.join(posixpath.dirname(chapter), unquote(target)))
                    pictures.write(name, builder, described=described)
            else:
                context.warn(f"the chapter {chapter} is missing from it")
        pictures.report()
        left_out.report(context)
    extract = notes_apart(builder.extract())
    _fill_metadata(extract, package)
    return [extract]


def _chapters(package: XmlElement, folder: str) -> list[str]:
    items = {item.get("id", ""): item for item in find_all(package, "item")}
    found = []
    for reference in find_all(package, "itemref"):
        item = items.get(reference.get("idref", ""))
        kind = "" if item is None else item.get("media-type", "")
        if item is not None and "html" in kind and "nav" not in item.get("properties", "").split():
            found.append(posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "")))))
    return found


def _locked(archive: SafeZip) -> frozenset[str]:
    if _ENCRYPTION not in archive.names:
        return frozenset()
    references = find_all(parse_xml(archive.read(_ENCRYPTION)), "CipherReference")
    return frozenset(unquote(attribute(reference, "URI")).lstrip("/") for reference in references)


def _styles(archive: SafeZip) -> str:
    """Return the rules for how the chapters look."""
    names = sorted(name for name in archive.names if name.lower().endswith(".css"))[:_MOST_STYLES]
    found = []
    for name in names:
        with contextlib.suppress(RefusedError):  # it says how words look, no words
            found.append(decode(archive.read(name))[0])
    return "\n".join(found)


def _chapter(data: bytes, builder: TextBuilder, styles: str) -> Iterator[tuple[str, bool]]:
    """Write a chapter; yield where each of its pictures lies, and whether it is described."""
    tree = parse_html(decode(data)[0])
    if tree is None:
        return
    drawn = [mark.get("xlink:href") or mark.get("href") or "" for mark in tree.iter("image")]  # SVG around a page
    remove_hidden(tree, styles)
    show_links(tree)
    fill_blocks(tree.find("body"), builder)
    yield from ((target, False) for target in drawn)
    for mark in tree.iter("img"):
        yield mark.get("src") or "", bool(picture_words(mark.get("alt") or ""))


def _fill_metadata(extract: Extract, package: XmlElement) -> None:
    values: dict[str, str] = {}
    for metadata in find_all(package, "metadata"):
        for element in metadata.iter():
            values.setdefault(local(element), (element.text or "").strip())
    extract.title = values.get("title", "")
    extract.language = values.get("language", "")
    names = {"author": "creator", "outlet": "publisher", "date": "date"}
    extract.fields |= {field: values.get(name, "") for field, name in names.items()}


READER = Reader("EPUB", (".epub",), _sniff, _read)
