"""Where the quotations of a text stand: between the quotation marks of any language, or in a block of their own.

Marks are matched within a paragraph, one pass, no backtracking: a mark that nobody closes opens nothing. Of quotations
within quotations the outermost counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from index.language.scripts import NO_SPACES, script_of_char
from rag.checking.written.claims import code_blocks

__all__ = ["Quotation", "prose", "quotations"]

# An opening mark and what may close it: English “”, German „“ and »«, French «», Polish „”, Swedish ””, Chinese and
# Japanese 「」『』, the straight ones (Unicode 16, 6.2: the same sign opens in one language and closes in another).
_CLOSERS: Mapping[str, str] = {
    "“": '”“"',
    "„": '“”"',
    "‟": "”",
    "”": "”",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    "‚": "‘’",
    "‘": "’",
    "「": "」",
    "『": "』",
    "﹁": "﹂",
    "﹃": "﹄",
    "〝": "〞〟",
    '"': '"”',
    "＂": "＂",
    "״": "״",
    "'": "'",
}
_SINGLE = frozenset("'‘’‚")  # apostrophes too: they open only before a word, behind none
_WITHIN_WORDS = frozenset('"״')  # of Hebrew abbreviations
_MARKS = re.compile("[" + re.escape("".join(sorted(set("".join(_CLOSERS) + "".join(_CLOSERS.values()))))) + "]")
_DEEPEST = 8  # quotations within quotations
_PARAGRAPH = re.compile(r"(?:[^\n]|\n(?![^\S\n]*(?:\n|$)))+")
_BLOCK = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|$))+", re.MULTILINE)
_PREFIX = re.compile(r"^[ ]{0,3}(?:>[ ]?)+", re.MULTILINE)
_ATTRIBUTION = re.compile(r"\n[^\S\n]*(?:—|–|--|―)[^\n]*\s*$")  # "— Jane Roe" below a block is no part of it
_FEWEST_OF_SINGLE = 2  # words: 'x' and the '90s are seldom quotations


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation of a text.

    Attributes:
        start: first code point of its words.
        end: one past their last.
        words: the words; of a block without the signs before its lines.
    """

    start: int
    end: int
    words: str


def quotations(text: str) -> list[Quotation]:
    """Return the quotations of a text in reading order; code holds none."""
    blocks = _blocks(text)
    found = [quotation for span in blocks if (quotation := _of_block(text, *span)) is not None]
    for start, end in prose(text):
        for paragraph in _PARAGRAPH.finditer(text, start, end):
            found += _of_paragraph(text, *paragraph.span())
    return sorted(found, key=lambda one: one.start)


def prose(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where a text is neither code nor a block of quotation."""
    yield from _between(sorted([*_blocks(text), *code_blocks(text)]), len(text))


def _blocks(text: str) -> list[tuple[int, int]]:
    code = code_blocks(text)
    found = [match.span() for match in _BLOCK.finditer(text)]
    return [span for span in found if not any(low <= span[0] < high for low, high in code)] if code else found


def _between(closed: list[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    at = 0
    for start, end in closed:
        if start > at:
            yield at, start
        at = max(at, end)
    if at < length:
        yield at, length


def _of_block(text: str, start: int, end: int) -> Quotation | None:
    """Return a block's quotation, without an attribution below it and marks around it."""
    block = _ATTRIBUTION.sub("", _PREFIX.sub(_blank, text[start:end]))
    low, high = len(block) - len(block.lstrip()), len(block.rstrip())
    if low < high - 1 and block[high - 1] in _CLOSERS.get(block[low], ""):
        low, high = low + 1, high - 1
    words = re.sub(r"[^\S\n]*\n\s*", "\n", block[low:high]).strip()
    return Quotation(start + low, start + high, words) if words else None


def _blank(prefix: re.Match[str]) -> str:
    return " " * len(prefix[0])


def _of_paragraph(text: str, start: int, end: int) -> list[Quotation]:
    """Return the outermost quotations between two places."""
    closed: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for found in _MARKS.finditer(text, start, end):
        mark, at = found[0], found.start()
        level = _closes(text, opened, mark, at, end)
        if level is not None:
            closed.append((opened[level][1], at))
            del opened[level:]
        elif mark in _CLOSERS and _opens(text, mark, at, start, end):
            opened.append((mark, at + 1))
            del opened[:-_DEEPEST]
    return [Quotation(low, high, text[low:high]) for low, high in _outermost(closed) if _is_meant(text, low, high)]


def _closes(text: str, opened: list[tuple[str, int]], mark: str, at: int, end: int) -> int | None:
    """Return which open quotation a mark closes, the innermost that it can; `None` when it closes none."""
    behind = text[at + 1] if at + 1 < end else " "
    before = text[at - 1] if at else " "
    ambiguous = mark in _CLOSERS
    if mark in _SINGLE and behind.isalnum():
        return None
    if mark in _WITHIN_WORDS and _is_spaced_word(before) and _is_spaced_word(behind):
        return None
    for level in range(len(opened) - 1, -1, -1):
        if mark in _CLOSERS[opened[level][0]] and at > opened[level][1]:
            # A straight mark behind a space, before a word opens another one.
            return None if ambiguous and before.isspace() and _is_spaced_word(behind) and mark in '"“' else level
    return None


def _opens(text: str, mark: str, at: int, start: int, end: int) -> bool:
    before = text[at - 1] if at > start else " "
    behind = text[at + 1] if at + 1 < end else " "
    if behind.isspace() and mark not in "«»":
        return False
    return not _is_spaced_word(before)


def _is_spaced_word(letter: str) -> bool:
    """Tell whether a letter belongs to a script whose words are parted by spaces."""
    return letter.isalnum() and script_of_char(letter) not in NO_SPACES


def _outermost(closed: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for span in sorted(closed, key=lambda one: (one[0], -one[1])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _is_meant(text: str, low: int, high: int) -> bool:
    """Tell whether marks hold words; single ones may be apostrophes."""
    words = text[low:high]
    if not any(map(str.isalnum, words)):
        return False
    return text[low - 1] not in _SINGLE or len(words.split()) >= _FEWEST_OF_SINGLE
