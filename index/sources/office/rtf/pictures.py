"""The pictures of an RTF file: taken out, with a mark in their place, so that what is read of them stands there.

striprtf drops them. A picture is kept as hexadecimal digits in a group of its own, or as bytes, which are written as
digits first: braces and strokes among them would be taken for those of the file. Those that only repeat another one for
old programs, or show an object of another program, are no pictures of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from index.sources.office.rtf.groups import group_end

__all__ = ["pictures_in", "with_digits", "with_pictures"]

_SIGN = "\ufdd4"
_WRITTEN = "\\u-556?"  # the same, as a file holds it
_MARK = re.compile(f"{_SIGN}(\\d+){_SIGN}")
_PICTURE = re.compile(r"\{\s*\\pict(?![a-z])")
_NO_PICTURES = re.compile(r"\{\s*(?:\\\*\s*)?\\(?:nonshppict|object|header[lrf]?|footer[lrf]?|listpicture)(?![a-z])")
_SHAPE = re.compile(r"\{\s*(?:\\\*\s*)?\\shp(?:pict|grp)?(?![a-z])")
_INNER = re.compile(r"\{[^{}]*\}")
_CONTROL = re.compile(r"\\[a-z]+-?\d* ?")
_NO_DIGITS = re.compile(r"[^0-9A-Fa-f]+")
_BYTES = re.compile(r"(?<!\\)(?:\\\\)*(\\bin(\d{1,9}) ?)")
_MOST = 20_000
_DEEPEST = 5


def with_digits(source: str) -> str:
    """Return a file with what is kept in it as bytes written as hexadecimal digits.

    Args:
        source: the file, a character for each byte.
    """
    parts: list[str] = []
    at = 0
    found = _BYTES.search(source) if "\\bin" in source else None
    while found is not None:
        start, end = found.end(), found.end() + int(found[2])
        digits = source[start:end].encode("latin-1").hex() if end <= len(source) else ""
        parts += [source[at : found.start(1)], f" {digits}" if digits else ""]
        at = end if digits else start
        found = _BYTES.search(source, at)
    return "".join([*parts, source[at:]])


def with_pictures(source: str) -> tuple[str, list[bytes]]:
    """Return a file with a mark for each of its pictures, and the pictures; nothing for one kept in another way.

    Args:
        source: the file, a character for each byte.
    """
    without, shapes = list(_groups(source, _NO_PICTURES)), list(_groups(source, _SHAPE))
    pictures: list[bytes] = []
    marks: dict[int, str] = {}
    for start, end in _groups(source, _PICTURE):
        if _around(without, start) is not None:
            continue
        shape = _around(shapes, start)  # striprtf passes over what is in it: the mark stands behind
        place = end if shape is None else shape[1]
        marks[place] = marks.get(place, "") + f"{{{_WRITTEN}{len(pictures)}{_WRITTEN}}}"
        pictures.append(_bytes(source[start:end]))
    parts, at = [], 0
    for place, mark in sorted(marks.items()):
        parts += [source[at:place], mark]
        at = place
    return "".join([*parts, source[at:]]), pictures


def pictures_in(block: str) -> tuple[str, list[int]]:
    """Return a block of the text without its marks, and the numbers of the pictures that they stand for."""
    return _MARK.sub("", block).replace(_SIGN, ""), [int(number) for number in _MARK.findall(block)]


def _groups(source: str, opening: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield where the groups of a kind begin and end, those within others left out."""
    at = 0
    for count, match in enumerate(opening.finditer(source)):
        if match.start() < at or count > _MOST:
            continue
        at = group_end(source, match.start())
        yield match.start(), at


def _around(groups: Sequence[tuple[int, int]], place: int) -> tuple[int, int] | None:
    """Return the group that a place lies in."""
    found = bisect_right(groups, place, key=lambda group: group[0]) - 1
    return groups[found] if found >= 0 and place < groups[found][1] else None


def _bytes(group: str) -> bytes:
    """Return the bytes of a picture."""
    inside = group[1:-1]
    for _ in range(_DEEPEST):
        inside, count = _INNER.subn("", inside)
        if not count:
            break
    digits = _NO_DIGITS.sub("", _CONTROL.sub("", inside))
    return bytes.fromhex(digits[: len(digits) // 2 * 2])
