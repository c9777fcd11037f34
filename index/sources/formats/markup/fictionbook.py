"""FictionBook (FB2), an e-book in one XML file: written as a page and read as one, notes behind the chapters.

Its elements: http://www.fictionbook.org/index.php/Описание_формата_FB2
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from index.sources.markup.html import fill_blocks, parse_html, pictures_of, remove_hidden, show_links
from index.sources.pictures.inline import InlinePictures
from index.sources.text.builder import TextBuilder
from index.sources.text.xml import XmlElement, attribute, children, find_all, local, parse_xml
from index.sources.types import Extract, Head, ReadContext, Reader

__all__ = ["READER"]

_START = "<FictionBook"
_MOST_BEFORE = 2_000  # characters of a declaration and comments
_SAME = frozenset(["p", "table", "tr", "th", "td", "sub", "sup", "strong", "code"])
_NAMES = {"emphasis": "em", "strikethrough": "s", "subtitle": "h6", "v": "p", "text-author": "p", "cite": "blockquote"}
_SPANS = ("colspan", "rowspan")


def _sniff(head: Head) -> float:
    return 0.95 if _START in head.text[:_MOST_BEFORE] else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    root = parse_xml(data, context.declared.get("charset", ""))
    images = {attribute(one, "id"): _address(one) for one in find_all(root, "binary")}
    annotations = [element for info in find_all(root, "title-info") for element in children(info, "annotation")]
    written = "".join(part for element in (*annotations, *children(root, "body")) for part in _page(element, images, 0))
    pictures = InlinePictures(f"<html><body>{written}</body></html>", context, markup=True)
    tree, builder = parse_html(pictures.text), TextBuilder()
    shown: dict[str, bool] = {}
    if tree is not None:
        remove_hidden(tree)
        show_links(tree)
        shown = pictures_of(tree)
        fill_blocks(tree.find("body"), builder)
    extract = builder.extract()
    pictures.append(shown, extract)
    pictures.report()
    _fill_metadata(extract, root)
    return [extract]


def _page(element: XmlElement, images: dict[str, str], depth: int) -> Iterator[str]:
    """Yield an element as a page has it; the parser bounds the depth."""
    name = local(element)
    inner = depth + (name == "section")
    if name == "title":
        words = " ".join("".join(line.itertext()) for line in children(element, "p"))
        yield f"<h{min(depth + 1, 6)}>{escape(words)}</h{min(depth + 1, 6)}>"
        return
    if name == "image":
        source = images.get(attribute(element, "href").removeprefix("#"), "")
        yield f'<img src="{escape(source)}" alt="{escape(attribute(element, "alt"))}">'
        return
    opened, closed = _tags(element, name)
    yield opened + escape(element.text or "")
    for child in element:
        yield from _page(child, images, inner)
        yield escape(child.tail or "")
    yield closed


def _tags(element: XmlElement, name: str) -> tuple[str, str]:
    """Return what stands before and behind the words of an element; a number that leads to a note is raised."""
    if name == "a":
        link = f'<a href="{escape(attribute(element, "href"))}">', "</a>"
        return (f"<sup>{link[0]}", "</a></sup>") if attribute(element, "type") == "note" else link
    if name in _SAME:
        spans = "".join(f' {key}="{escape(value)}"' for key in _SPANS if (value := attribute(element, key)))
        return f"<{name}{spans}>", f"</{name}>"
    shown = _NAMES.get(name, "span" if name in ("style", "date") else "div")
    return f"<{shown}>", f"</{shown}>"


def _address(binary: XmlElement) -> str:
    return f"data:{attribute(binary, 'content-type')};base64,{''.join((binary.text or '').split())}"


def _fill_metadata(extract: Extract, root: XmlElement) -> None:
    info = next(find_all(root, "title-info"), None)
    if info is None:
        return
    said = {name: next((" ".join("".join(one.itertext()).split()) for one in children(info, name)), "") for name in
            ("book-title", "lang", "date")}  # fmt: skip
    extract.title, extract.language = said["book-title"], said["lang"]
    extract.fields |= {"author": ", ".join(map(_person, children(info, "author"))), "date": said["date"]}


def _person(author: XmlElement) -> str:
    names = [one.text or "" for one in children(author, "first-name", "middle-name", "last-name", "nickname")]
    return " ".join(name.strip() for name in names if name.strip())


READER = Reader("FB2", (".fb2",), _sniff, _read)
