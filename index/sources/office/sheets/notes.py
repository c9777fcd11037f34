"""What a workbook keeps beside the cells of a sheet: comments, where links lead, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from index.sources.office.ooxml import Package
from index.sources.office.runninglines import RunningLines
from index.sources.office.sheets.cells import place_of
from index.sources.tables.sheets import SheetCell
from index.sources.text.links import Links, picture_words
from index.sources.text.xml import XmlElement, attribute, find_all, local

__all__ = ["comments_of", "pictures_of", "printed_lines", "with_links"]

# Fonts, sizes, colours and fields in the header of a printed sheet: ECMA-376, part 1, 18.3.1.39.
_CODE = re.compile(r"&(?:\"[^\"]*\"|K[0-9A-Fa-f+-]{5,6}|\d+|([^&\s])|(&))")
_THREADED = re.compile(r"\A\[Threaded comment\].*?\n\s*(?:Comment|Kommentar|Commentaire|Comentario):\s*", re.DOTALL)


def with_links(
    package: Package, part: str, root: XmlElement | None, cells: dict[tuple[int, int], SheetCell]
) -> dict[tuple[int, int], SheetCell]:
    """Return the cells of a sheet, those with a link with where it leads."""
    marks = [] if root is None else list(find_all(root, "hyperlink"))
    if not marks:
        return cells
    addresses = package.addresses(part)
    links = Links(len(marks), sum(len(cell.text) for cell in cells.values()))
    found = dict(cells)
    for mark in marks:
        place = place_of(mark.get("ref", "").partition(":")[0])
        cell = found.get(place) if place else None
        if place and cell is not None:
            target = addresses.get(attribute(mark, "id"), "")
            found[place] = replace(cell, text=cell.text + links.behind(cell.text, target))
    return found


def comments_of(package: Package, part: str) -> Iterator[str]:
    """Yield the comments on the cells of a sheet."""
    for kind, target in package.relations(part).values():
        root = package.part(target) if kind == "comments" and target in package.zip.names else None
        if root is None:
            continue
        authors = ["".join(author.itertext()).strip() for author in find_all(root, "author")]
        for comment in find_all(root, "comment"):
            number = comment.get("authorId", "")
            who = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
            words = _THREADED.sub("", "".join(part.text or "" for part in find_all(comment, "t")))
            by = f" by {who}" if who and not who.startswith("tc=") else ""
            if words.strip():
                yield f"[Comment{by} on {comment.get('ref', '')}: {' '.join(words.split())}]"


def pictures_of(package: Package, part: str, shapes: XmlElement) -> Iterator[tuple[str, str]]:
    """Yield the description of each picture of a sheet, and its entry in the archive; `""` for what is not there."""
    relations = package.relations(part)
    for picture in find_all(shapes, "pic"):
        words = picture_words(next((attribute(mark, "descr") for mark in find_all(picture, "cNvPr")), ""))
        embedded = next((attribute(mark, "embed") for mark in find_all(picture, "blip")), "")
        yield words, relations.get(embedded, ("", ""))[1]


def printed_lines(root: XmlElement | None, found: RunningLines) -> None:
    """Collect what is printed above and below a sheet."""
    for marks in () if root is None else find_all(root, "headerFooter"):
        for mark in marks:
            printed = mark.text or ""
            kind = "Header" if local(mark).endswith("Header") else "Footer"
            for piece in re.split("&[LCR]", printed):
                words = _CODE.sub(lambda code: code[2] or " ", piece)
                found.add(kind, words, numbered="&P" in piece or "&N" in piece)
