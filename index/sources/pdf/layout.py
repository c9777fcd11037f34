"""From the characters of a PDF page to lines and paragraphs in logical order.

PDFium gives text in reading order, with three flaws that this repairs: ligatures of right-to-left scripts come out
reversed, vertical text comes as one line per character, and lines are broken where the page breaks them.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from index.language.hygiene import clean_line
from index.sources.pdf.characters import chars_as_read, lines_as_read, placed_lines, tables_from_right
from index.sources.pdf.lines.mirrored import RTL, mended_brackets
from index.sources.tables.pages.pdf import WITHOUT_SPACES, Carried
from index.sources.text.lines.fieldlines import is_field
from index.sources.text.marks import MARK

__all__ = [
    "HYPHENS",
    "full_length",
    "joined",
    "known_words",
    "page_characters",
    "page_lines",
    "paragraphs",
]

_ALEFS = frozenset("\u0622\u0623\u0625\u0627\u0671")
_LAM = "\u0644"
_CJK = "\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
_IS_CJK = re.compile(f"[{_CJK}]")
_SHORT_CJK_LINE = re.compile(f"^[{_CJK}]{{1,2}}$")
_SPACED = re.compile(f"(?<=[{_CJK}…]) +(?=[{_CJK}…])")
_SYMBOLS = re.compile("[\ue000-\uf8ff]")
HYPHENS = "\ufffe\x02\u00ad"
_BULLET = re.compile(r"^(?:[•◦▪●○■□‣⁃*\-–—]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s)")
_ITEM = re.compile(r"(\d{1,3})\s+(?=\S*[^\W\d_])")
_TERMINAL = ".!?:;。！？；：…؟۔।。"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*(?!-?$)")
_ANY_HYPHEN, _PARTED = re.compile(f"[{HYPHENS}]"), re.compile(rf"\w*[{HYPHENS}]\w*")
_LONGEST_WORD = 60
_LAST_PART, _FIRST_PART = re.compile(r"([^\W_]+)-$"), re.compile(r"[^\W\d_]+")
_FULL_LINE = 0.7
_COLUMN_WIDTH, _CHARACTER_STEP = 2.5, 40.0

_Char = tuple[str, float, float, bool]


def page_lines(textpage: Any, carried: Carried | None = None) -> list[str]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the lines of a page in logical order; `carried` holds a table that goes on from the page before."""
    text = str(textpage.get_text_bounded()).replace("\r\n", "\n").replace("\r", "\n")
    if RTL.search(text) and (read := lines_as_read(textpage, carried)) is not None:
        text = "\n".join(line if line.startswith(MARK) else mended_brackets(line) for line in read)
    elif RTL.search(text):
        text = "".join(_mend_ligatures(_characters(textpage)))
        placed = tables_from_right(textpage, text, carried)
        lines = text.replace("\r\n", "\n").split("\n") if placed is None else placed
        text = "\n".join(line if line.startswith(MARK) else mended_brackets(line) for line in lines)
    elif _is_vertical(text):
        text = "".join(_join_columns(_characters(textpage)))
    elif (placed := placed_lines(textpage, text, carried)) is not None:
        text = "\n".join(placed)
    text = _SYMBOLS.sub("", text.replace("\uf0b7", "•").replace("\uf0a7", "•"))
    return [_close_up(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def page_characters(textpage: Any) -> list[tuple[int, str]]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the characters of a page with PDFium's numbers, those from right to left in the order of reading."""
    characters = _characters(textpage)
    if not any(_is_rtl(character) for character, _, _, _ in characters):
        return list(enumerate(character for character, _, _, _ in characters))
    if (read := chars_as_read(textpage)) is not None:
        return [(char.number, char.text) for char in read if not char.made_up]
    return list(enumerate("".join(_mend_ligatures(characters))))


def known_words(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Return the words of a document that stand within its lines, in small letters; with hyphens, too."""
    found: set[str] = set()
    for lines in pages:
        for line in lines:
            found.update(_WORD.findall(_PARTED.sub(" ", line.lower())))
    return frozenset(found)


def paragraphs(lines: Sequence[str], titles: Mapping[str, int], words: Collection[str] = frozenset()) -> Iterator[str]:
    """Join the lines that the page broke: a full line goes on in the next, unless that begins an item or is a title.

    A hyphen at the end of a line goes when it only parts a word, which `words`, those of the document, help to tell.
    """
    full = full_length(lines)
    current, last = "", ""
    for line in _rows_together(lines):
        if line.startswith(MARK):
            if current:
                yield _dehyphenated(current, words)
            yield _dehyphenated(line, words)
            current, last = "", ""
            continue
        title = clean_line(line).casefold() in titles or last in titles
        apart = title or (is_field(line) and is_field(last))
        if current and line and not apart and _goes_on(current, len(last), line, full):
            current = _joined(current, line, words)
        else:
            if current:
                yield _dehyphenated(current, words)
            current = line
        last = clean_line(line).casefold()
    if current:
        yield _dehyphenated(current, words)


def full_length(lines: Sequence[str]) -> float:
    """Return how many characters a line must have to be taken for full."""
    lengths = sorted(len(line.strip()) for line in lines if line.strip() and not line.startswith(MARK))
    return _FULL_LINE * lengths[int(0.8 * (len(lengths) - 1))] if lengths else 0.0


def joined(before: str, after: str, words: Collection[str]) -> tuple[str, int]:
    """Return a paragraph with what the next page goes on with, and where that begins in it."""
    whole = _dehyphenated(_joined(before, after, words), words)
    return whole, len(whole) - len(after)


def _rows_together(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines, the rows of a table as one."""
    rows: list[str] = []
    for line in (line.strip(" \t") for line in lines):
        if line.startswith(MARK):
            rows.append(line)
            continue
        if rows:
            yield "\n".join(rows)
            rows = []
        yield line
    if rows:
        yield "\n".join(rows)


def _characters(textpage: Any) -> list[_Char]:  # noqa: ANN401 - pypdfium2 has no types
    """Return (character, x, y, made up by PDFium) for each character of a page."""
    from pypdfium2 import raw

    x, y = ctypes.c_double(), ctypes.c_double()
    found = []
    for number in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, number)
        raw.FPDFText_GetCharOrigin(textpage, number, x, y)
        made_up = bool(raw.FPDFText_IsGenerated(textpage, number))
        found.append((chr(code) if code < 0x110000 else "\ufffd", x.value, y.value, made_up))
    return found


def _mend_ligatures(characters: Sequence[_Char]) -> list[str]:
    """Put the letters of right-to-left glyphs that stand for several in order.

    PDFium reverses a line of right-to-left text letter by letter, and with it the letters within one glyph, which share
    their origin. Lam-alef says whether that happened on this page: it is always lam first.
    """
    groups: list[list[_Char]] = []
    for character in characters:
        same = groups and groups[-1][-1][1:3] == character[1:3] and not character[3]
        if same and _is_rtl(character[0]) and _is_rtl(groups[-1][-1][0]):
            groups[-1].append(character)
        else:
            groups.append([character])
    texts = ["".join(c for c, _, _, _ in group) for group in groups]
    pairs = [text for text in texts if len(text) == 2 and _LAM in text]
    reversed_pairs = sum(text[0] in _ALEFS for text in pairs) > sum(text[1] in _ALEFS for text in pairs)
    return [_in_order(text, reversed_pairs=reversed_pairs) for text in texts]


def _in_order(text: str, *, reversed_pairs: bool) -> str:
    if len(text) < 2:
        return text
    alef_first = len(text) == 2 and text[0] in _ALEFS and text[1] == _LAM
    return text[::-1] if alef_first or reversed_pairs or len(text) > 4 else text


def _close_up(line: str) -> str:
    """Take the spaces out of a line that is set with a space after each ideograph."""
    spaced = len(_SPACED.findall(line))
    return _SPACED.sub("", line) if spaced >= 3 and spaced * 2 > len(_IS_CJK.findall(line)) else line


def _is_rtl(character: str) -> bool:
    return bool(RTL.match(character))


def _is_vertical(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    short = sum(bool(_SHORT_CJK_LINE.match(line.strip())) for line in lines)
    return len(lines) >= 8 and short > 0.5 * len(lines)


def _join_columns(characters: Sequence[_Char]) -> Iterator[str]:
    """Drop the line ends between characters that stand one below the other."""
    real = [character for character in characters if not character[3] and character[0] not in "\r\n"]
    for before, after in zip([None, *real], real, strict=False):
        if before is not None and not _same_run(before, after):
            yield "\n"
        yield after[0]


def _same_run(before: _Char, after: _Char) -> bool:
    down = before[2] - after[2]
    in_column = abs(before[1] - after[1]) <= _COLUMN_WIDTH * 2 and -1.0 <= down <= _CHARACTER_STEP
    in_line = abs(down) <= _COLUMN_WIDTH and 0.0 <= after[1] - before[1] <= _CHARACTER_STEP
    return in_column or in_line


def _goes_on(current: str, last_length: int, line: str, full: float) -> bool:
    if _BULLET.match(line) or _counts_on(current, line):
        return False
    if current[-1] in HYPHENS:
        return True
    if last_length >= full and last_length > 20:
        return True
    return line[0].islower() and current[-1] not in _TERMINAL and last_length > 20


def _counts_on(current: str, line: str) -> bool:
    """Tell whether a paragraph and a line begin with numbers that follow each other, as notes and items do."""
    one, other = _ITEM.match(current), _ITEM.match(line)
    return one is not None and other is not None and int(other[1]) == int(one[1]) + 1


def _joined(current: str, line: str, words: Collection[str]) -> str:
    if current[-1] in HYPHENS:
        return current[:-1] + line
    if current[-1] == "-" and line[0].isalpha():
        return (current[:-1] if _parts_a_word(current, line, words) else current) + line
    glue = "" if WITHOUT_SPACES.match(current[-1]) and WITHOUT_SPACES.match(line[0]) else " "
    return current + glue + line


def _parts_a_word(current: str, line: str, words: Collection[str]) -> bool:
    """Say whether a hyphen at the end of a line stands there only because the line ended.

    A word that is written in one elsewhere has none, one that is written with it elsewhere has it. Of others those keep
    it whose parts are both words of the document ("long-term"), or that go on with a capital letter.
    """
    before, after = _LAST_PART.search(current), _FIRST_PART.match(line)
    if before is None or after is None or not after[0][0].islower():
        return False
    first, second = before[1].lower(), after[0].lower()
    if first + second in words or f"{first}-{second}" in words:
        return first + second in words
    return not (first in words and second in words) and first.isalpha() and len(first) > 1


def _dehyphenated(text: str, words: Collection[str]) -> str:
    """Take out the hyphens at the ends of lines that PDFium itself has joined, or show them where they belong."""

    def decided(found: re.Match[str]) -> str:
        before = text[max(0, found.start() - _LONGEST_WORD) : found.start()]
        after = text[found.end() : found.end() + _LONGEST_WORD]
        return "" if _parts_a_word(before + "-", after, words) else "-"

    return _ANY_HYPHEN.sub(decided, text)
