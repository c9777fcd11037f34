"""The characters of a PDF page with their places: raised type is found by size and baseline, tables by columns."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

from index.sources.pdf.lines.codelines import is_fixed_font, without_code
from index.sources.pdf.lines.mirrored import is_mirrored, mirrored_line, mirrored_rulings
from index.sources.pdf.lines.ruledtables import without_tables
from index.sources.pdf.lines.rulings import Rulings, rulings_of
from index.sources.pdf.lines.segments import SMALLER, Char, segments_of
from index.sources.pdf.lines.visual import in_reading_order, is_as_seen
from index.sources.pdf.notes import NOTE, SMALL
from index.sources.tables.pages.pdf import Carried, with_tables
from index.sources.text.marks import MARK

__all__ = ["chars_as_read", "lines_as_read", "placed_lines", "tables_from_right", "without_false_line_ends"]

_NOTE_LINE = re.compile(r"\s*(\d{1,3})\b\W{0,2}\s*\D")
_ONLY_MARK = re.compile(r"\s*(?:\d{1,3}|[*†‡])\s*")
_MOST_CHARACTERS = 40_000
_BOLD, _BOLD_NAME = 600, re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_NOT_BOLD_NAME = re.compile(r"regular|light|thin|book|medium|roman|italic", re.IGNORECASE)  # surer than the weight
_LINE_END, _HYPHENS = "\r\n", "\ufffe\x02\u00ad"
# Of the letters' size: so far letters may overlap, words part, columns begin, and type is raised.
_TOUCH, _SPACE, _BESIDE, _RAISED = 0.2, 0.12, 0.45, 0.6
_LEVEL = 0.1  # of the letters' size: so far baselines of one line may differ
_COLUMN_GAP = 3.0  # between letters on both sides of it
_NOTE_SIZE = 0.95  # of the usual size: smaller letters


def placed_lines(
    textpage: Any,  # noqa: ANN401 - pypdfium2 has no types
    text: str,
    carried: Carried | None = None,
) -> list[str] | None:
    """Return the lines of a page with raised type and tables as such; `None` where its characters tell another text.

    Args:
        textpage: the page.
        text: what PDFium makes of it.
        carried: what is known of a table that goes on from the page before.
    """
    if textpage.count_chars() > _MOST_CHARACTERS:
        return None
    chars = without_false_line_ends(_characters(textpage))
    if not _is_same(chars, text) and not _is_same(chars := _with_level_lines(chars), text):
        return None
    lines = [line for line in _lines(chars) if line]
    return _written(textpage, lines, rulings_of(textpage.page), carried)


def tables_from_right(
    textpage: Any,  # noqa: ANN401 - pypdfium2 has no types
    text: str,
    carried: Carried | None = None,
) -> list[str] | None:
    """Return the lines of a page that is read from right to left; `None` where it has no table, or is none such.

    Args:
        textpage: the page.
        text: its characters, one for each that PDFium counts.
        carried: what is known of a table that goes on from the page before.
    """
    if not is_mirrored(text) or not len(text) == textpage.count_chars() <= _MOST_CHARACTERS:
        return None
    seen = (_with_edges(textpage, char) for char in _characters(textpage))
    chars = [replace(char, text=letter) for char, letter in zip(seen, text, strict=True)]
    return _tables_of(textpage, chars, carried)


def lines_as_read(
    textpage: Any,  # noqa: ANN401 - pypdfium2 has no types
    carried: Carried | None = None,
) -> list[str] | None:
    """Return the lines of a page whose words stand as they look, from left to right; `None` for any other page."""
    chars = chars_as_read(textpage)
    if chars is None:
        return None
    return _tables_of(textpage, chars, carried) or ["".join(char.text for char in line) for line in _lines(chars)]


def chars_as_read(textpage: Any) -> list[Char] | None:  # noqa: ANN401 - pypdfium2 has no types
    """Return the characters of such a page in the order of reading, spaces made anew; `None` for any other page."""
    if textpage.count_chars() > _MOST_CHARACTERS:
        return None
    seen = _characters(textpage)
    if not is_mirrored("".join(char.text for char in seen)) or not is_as_seen(seen):
        return None
    return in_reading_order([_with_edges(textpage, char) for char in seen])


def _tables_of(
    textpage: Any,  # noqa: ANN401 - pypdfium2 has no types
    chars: Sequence[Char],
    carried: Carried | None,
) -> list[str] | None:
    """Return the lines of a page that is read from right to left; `None` where it has no table."""
    lines = [mirrored_line(line) for line in _lines(chars) if line]
    written = _written(textpage, lines, mirrored_rulings(rulings_of(textpage.page)), carried)
    return written if written and any(line.startswith(MARK) for line in written) else None


def _written(
    textpage: Any,  # noqa: ANN401 - pypdfium2 has no types
    lines: Sequence[list[Char]],
    rulings: Rulings,
    carried: Carried | None,
) -> list[str] | None:
    """Return lines as text, raised type and tables as such; `None` for an empty page."""
    sizes = [char.size for line in lines for char in line if not char.made_up and not char.text.isspace()]
    if not sizes:
        return None
    usual = median(sizes)
    notes = {found[1] for line in lines if (found := _note_of(line, usual))}
    lines, ruled = without_tables(lines, rulings, notes, lambda number: _is_bold(textpage, number))
    rest, blocks = without_code(lines, ruled, lambda number: is_fixed_font(_font(textpage, number)[0]))
    marks = [_mark_of(line, usual) for line in rest]
    return with_tables([segments_of(line, notes) for line in rest], marks, blocks, carried)


def _is_same(chars: Sequence[Char], text: str) -> bool:
    """Tell whether the characters of a page say what PDFium makes of it, in no more lines."""
    placed = "".join(char.text for char in chars)
    if placed.split() == text.split():
        return True
    return "".join(placed.split()) == "".join(text.split()) and placed.count("\n") <= text.count("\n")


def _characters(textpage: Any) -> list[Char]:  # noqa: ANN401 - pypdfium2 has no types
    from pypdfium2 import raw

    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    found = []
    for number in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, number)
        raw.FPDFText_GetCharOrigin(textpage, number, x, y)
        made_up = bool(raw.FPDFText_IsGenerated(textpage, number))
        size = raw.FPDFText_GetFontSize(textpage, number)
        if not made_up and raw.FPDFText_GetMatrix(textpage, number, matrix):
            size *= math.hypot(matrix.b, matrix.d)
        found.append(Char(chr(code) if code < 0x110000 else "\ufffd", x.value, y.value, size, made_up, number))
    return [_with_end(textpage, found, number) for number in range(len(found))]


def _with_end(textpage: Any, chars: Sequence[Char], number: int) -> Char:  # noqa: ANN401 - pypdfium2 has no types
    """Return a character, where a line is said to end behind or before it with where it begins and ends."""
    char = chars[number]
    beside = (*chars[max(0, number - 1) : number], *chars[number + 1 : number + 2])
    if char.made_up or not any(other.made_up and other.text in _LINE_END for other in beside):
        return char
    return _with_edges(textpage, char)


def _with_edges(textpage: Any, char: Char) -> Char:  # noqa: ANN401 - pypdfium2 has no types
    """Return a character with where it begins and ends."""
    from pypdfium2 import raw

    box = raw.FS_RECTF()  # with the room that the font leaves beside a letter
    if not raw.FPDFText_GetLooseCharBox(textpage, char.number, box):
        return char
    return replace(char, left=box.left, right=box.right)


def without_false_line_ends(chars: Sequence[Char]) -> list[Char]:
    """Return the characters without the ends of lines that PDFium sees between letters beside each other."""
    found: list[Char] = []
    at = 0
    while at < len(chars):
        end = at
        while end < len(chars) and chars[end].made_up and chars[end].text in _LINE_END:
            end += 1
        if end > at and found and end < len(chars) and (gap := _gap(found[-1], chars[end])) is not None:
            if gap > _SPACE * chars[end].size and not found[-1].text.isspace() and not chars[end].text.isspace():
                found.append(replace(found[-1], text=" ", made_up=True))
            at = end
            continue
        found += chars[at : max(end, at + 1)]
        at = max(end, at + 1)
    return found


def _with_level_lines(chars: Sequence[Char]) -> list[Char]:
    """Return the characters with a space for each end of a line behind which it goes on, far to the right.

    That is how PDFium parts a row of a table whose last cells are empty; its own text then joins the cells.
    """
    found: list[Char] = []
    for char in chars:
        if found and not char.made_up and found[-1].made_up and found[-1].text in _LINE_END:
            before = next((one for one in reversed(found) if one.text not in _LINE_END), None)
            if before is not None and before.x < char.x and abs(before.y - char.y) <= _LEVEL * char.size:
                while found[-1].text in _LINE_END:
                    found.pop()
                found.append(replace(before, text=" ", made_up=True))
        found.append(char)
    return found


def _gap(one: Char, other: Char) -> float | None:
    """Return how far two characters of a line stand apart, `None` where they aren't beside each other."""
    high = _RAISED * max(one.size, other.size)
    if one.left is None or one.right is None or other.left is None or abs(one.y - other.y) > high:
        return None
    if unicodedata.category(other.text).startswith("M"):
        return 0.0
    gap = other.left - one.right
    return gap if -_TOUCH * one.size <= gap <= _BESIDE * one.size and other.left > one.left else None


def _is_bold(textpage: Any, number: int) -> bool:  # noqa: ANN401 - pypdfium2 has no types
    """Tell whether a character is set in bold type."""
    name, weight = _font(textpage, number)
    return bool(_BOLD_NAME.search(name)) or (weight >= _BOLD and not _NOT_BOLD_NAME.search(name))


def _font(textpage: Any, number: int) -> tuple[str, int]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the name of the font of a character, and its weight."""
    from pypdfium2 import raw

    name, flags = ctypes.create_string_buffer(200), ctypes.c_int()
    raw.FPDFText_GetFontInfo(textpage, number, name, len(name), flags)
    return name.value.decode("latin-1"), raw.FPDFText_GetFontWeight(textpage, number)


def _lines(chars: Sequence[Char]) -> Iterator[list[Char]]:
    line: list[Char] = []
    for char in chars:
        if char.text in "\r\n":
            yield line
            line = []
            continue
        if line and line[-1].text in _HYPHENS and (_is_of_note(line[-1], char) or _is_of_column(line, char)):
            yield line
            line = []
        line.append(char)
    yield line


def _is_of_note(hyphen: Char, char: Char) -> bool:
    """Tell whether smaller letters below a hyphen are not the rest of its word, though PDFium says so."""
    return char.size < _NOTE_SIZE * hyphen.size and char.y < hyphen.y - hyphen.size


def _is_of_column(line: Sequence[Char], char: Char) -> bool:
    """Tell whether a letter begins a line below columns, and is not the rest of a word, though PDFium says so."""
    if char.y > line[-1].y - _RAISED * char.size:
        return False
    shown = [one for one in line if not one.text.isspace()]
    return any(other.x - one.x > _COLUMN_GAP * one.size for one, other in pairwise(shown))


def _mark_of(line: Sequence[Char], usual: float) -> str:
    """Return the marks of a line: one for small letters, one where a note begins; `""` for none."""
    shown = [char.size for char in line if not char.text.isspace() and not char.made_up]
    small = bool(shown) and median(shown) < usual * _NOTE_SIZE
    alone = small and _ONLY_MARK.fullmatch("".join(char.text for char in line))  # higher than the words of its note
    if alone or _note_of(line, usual):
        return SMALL + NOTE
    return SMALL if small else ""


def _note_of(line: Sequence[Char], usual: float) -> re.Match[str] | None:
    """Return the number that a line in small letters begins with, which a note does."""
    shown = [char for char in line if not char.text.isspace()]
    small = shown and median(char.size for char in shown) < usual * _NOTE_SIZE
    match = _NOTE_LINE.match("".join(char.text for char in line))
    raised_number = len(shown) > 2 and shown[0].size < SMALLER * shown[-1].size
    return match if small or raised_number else None
