"""Whole thoughts: what of a text can stand as a quote of its own, and what must be quoted along with it.

A heading, a label and a line of keywords name what follows and say nothing. A sentence that ends with a colon says only
half of what it says, and one item of a list is not the list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from index.language.lexicon import alternatives
from index.language.scripts import script_of
from index.language.words import has_case, tokens
from rag.output.code import is_code

if TYPE_CHECKING:
    from rag.types import ScoredPassage

__all__ = ["introduces", "is_heading", "is_labelled", "items_of", "list_around", "stands_alone"]

_MARKER = re.compile(r"[ \t]*(?:[-*•‣◦–▪·]|\(?\d{1,3}[.)、]|\(?[a-zа-я][.)]|[一二三四五六七八九十]{1,2}、)[ \t]+(?=\S)")
_STOPS = ".!?:;。！？؟।۔…：»”\"'’)]}|"
_COLONS = (":", "：")
_CUT = ("...", "…", ",", ";", "،", "؛", "，", "；", "-", "–", "—")
_ENDS = frozenset(".!?。！？؟۔।॥።։")
_CLOSING = "»”\"'’)]）」』*_"
_WITHOUT_STOPS = frozenset({"Thai", "Laoo", "Khmr", "Mymr", "Tibt"})
_LABELLED = re.compile(r"[^\W\d][:：][ \t]*\S")
_MOST_HEADING_WORDS = 12
_MOST_LABEL_WORDS = 4
_LONGEST_LIST = 1_500


def is_heading(hit: ScoredPassage, start: int, end: int) -> bool:
    """Tell whether a piece of a passage is a heading, a label or a line of keywords.

    Args:
        hit: the passage.
        start: first code point, in the document.
        end: one past the last.
    """
    if is_code(hit, start):
        return False
    text, offset = hit.passage.text, hit.passage.start
    words = text[max(0, start - offset) : max(0, end - offset)].strip()
    bare = words.lstrip("#= ").strip("*_ ")
    if _LABELLED.search(bare) and not _keywords().match(words):
        return False  # "Date: 5 May" says something
    if words.startswith("#") or bare in (hit.title, *(part.strip() for part in hit.passage.heading.split(">"))):
        return True
    if _keywords().match(words):
        return True
    return _is_line(text, start - offset, end - offset) and _names_only(text, words, end - offset)


@lru_cache(maxsize=1)
def _keywords() -> re.Pattern[str]:
    """Return how a line of keywords begins."""
    return re.compile(rf"\W{{0,4}}(?:{alternatives('keyword_labels')})\W{{0,3}}[:：—–]", re.IGNORECASE)


def _is_line(text: str, start: int, end: int) -> bool:
    """Tell whether nothing else stands on the line, or the lines, of a piece."""
    before, behind = text[:start].rstrip(" \t"), text[end:].lstrip(" \t")
    return (not before or before.endswith("\n")) and (not behind or behind.startswith("\n"))


def _names_only(text: str, words: str, end: int) -> bool:
    """Tell whether a line of its own names what stands below it: a paragraph after a blank line, longer than itself."""
    count = len(tokens(words))
    if words.endswith(_COLONS):
        return count <= _MOST_LABEL_WORDS
    below = re.match(r"[ \t]*\n[ \t]*\n", text[end:])
    if below is None or count > _MOST_HEADING_WORDS or words[-1:] in _STOPS or _MARKER.match(words):
        return False
    following = text[end + below.end() :].partition("\n")[0]
    return len(following) > 2 * len(words)


def introduces(text: str) -> bool:
    """Tell whether a sentence ends where what it says begins."""
    return text.rstrip().endswith(_COLONS)


def is_labelled(words: str) -> bool:
    """Tell whether a line says something behind a label: "Rent: 800 euros"; keywords say nothing."""
    return bool(_LABELLED.search(words)) and not _keywords().match(words)


def stands_alone(words: str) -> bool:
    """Tell whether a sentence says something by itself, out of its text.

    It doesn't where it announces what follows (a colon), is cut at either end, only names things (a label, a line of
    keywords) or is a row of a table. Nothing is decided in scripts that don't mark the ends of sentences.
    """
    bare = words.strip().rstrip(_CLOSING).rstrip()
    opened = _MARKER.sub("", words.strip().lstrip("#> "), count=1).lstrip("*_\"'“„«(（「『")
    if not bare or bare.endswith((*_COLONS, *_CUT)) or _keywords().match(words) or " | " in words:
        return False
    first = opened[:1]
    if first.islower() and has_case(words):
        return False
    return bare[-1] in _ENDS or script_of(words) in _WITHOUT_STOPS


def list_around(hit: ScoredPassage, start: int, end: int) -> tuple[int, int, Sequence[tuple[int, int]]] | None:
    """Return the list that a piece belongs to or introduces.

    Returns:
        where it begins, its introduction included, where it ends, and its items, all in the document; `None` when there
        is none, or it is too long to be quoted.
    """
    text, offset = hit.passage.text, hit.passage.start
    lines = _lines(text)
    first = next((n for n, (_, stop) in enumerate(lines) if stop >= start - offset), None)
    last = next((n for n, (_, stop) in enumerate(lines) if stop >= end - offset), None)
    if first is None or last is None:
        return None
    inside = bool(_MARKER.match(text, lines[first][0])) and not is_code(hit, lines[first][0] + offset)
    if not inside and not introduces(text[: end - offset]):
        return None
    top = first if inside else last + 1
    while inside and top > 0 and _MARKER.match(text, lines[top - 1][0]):
        top -= 1
    bottom = top
    if top < len(lines) and is_code(hit, lines[top][0] + offset):
        return None
    while bottom < len(lines) and _MARKER.match(text, lines[bottom][0]):
        bottom += 1
    if bottom - top < 2:
        return None
    items = lines[top:bottom]
    begins = _introduction(hit, lines, top) if inside else start - offset
    if items[-1][1] - begins > _LONGEST_LIST:
        return None
    return begins + offset, items[-1][1] + offset, [(low + offset, high + offset) for low, high in items]


def items_of(quote: str) -> list[str]:
    """Return the lines of a quote without what marks them as items of a list; one line for a quote that is no list.

    A single line is none, whatever it begins with: "15. April 2027".
    """
    lines = [line for line in quote.splitlines() if line.strip()]
    marked = [line for line in lines if _MARKER.match(line)]
    if len(lines) < 2 or not marked or len(marked) < len(lines) - 1:
        return [" ".join(quote.split())]
    return [" ".join(_MARKER.sub("", line, count=1).split()) for line in lines]


def _introduction(hit: ScoredPassage, lines: Sequence[tuple[int, int]], top: int) -> int:
    """Return where a list begins, the sentence above it included when it ends with a colon."""
    start, end = lines[top - 1] if top > 0 else (0, 0)
    if not introduces(hit.passage.text[start:end]):
        return lines[top][0]
    starts = [one.start - hit.passage.start for one in hit.sentences]
    return max([start, *(place for place in starts if start <= place < end)])


def _lines(text: str) -> list[tuple[int, int]]:
    """Return where the lines that hold anything begin and end."""
    return [(found.start(), found.end()) for found in re.finditer(r"[^\n]*\S[^\n]*", text)]
