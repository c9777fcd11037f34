"""What stands at the edges of a PDF's pages and parts a sentence there: page numbers, notes, the end of the page.

A note goes to the end of its page's text, before a paragraph that the next page goes on with, so that no sentence has
another one inside.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

from index.language.hygiene import clean_line
from index.language.lexicon import entries
from index.sources.text.marks import MARK

__all__ = ["NOTE", "SMALL", "bare", "dropped_lines", "goes_over", "parted", "without_running_lines"]

SMALL = "\ufdd1"
"""Begins a line in smaller letters than the page's text."""
NOTE = "\ufdd2"
"""Begins, after `SMALL`, a line with which a note begins."""
_WHOLE_WORD = 4  # letters of a word for "page"; a shorter one with capitals is short for it and has a full stop
_RUNNING_LINES, _RUNNING_PAGES = 2, 3
_LEAST_LETTERS, _LEAST_NUMBERED = 3, 12  # of a running line that is kept once: "Page 3 of 10" says nothing
_NUMBERED = 0.5  # share of the pages
_TERMINAL = ".!?:;。！？；：…؟۔।。"
_CLOSERS = "\"'”’“»«›)]}」』）】》"
_BULLET = re.compile(r"(?:[•◦▪●○■□‣⁃*\-–—]\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s|[¹²³⁴-⁹⁰]|\d{1,3}\s+[A-Z])")
_SHORTEST = 20


@lru_cache(maxsize=1)
def _page_number() -> re.Pattern[str]:
    """Return what finds a line that numbers its page: "Page 3", "- iv -", "3 of 10", "第 3 页 共 10 页"."""
    words = "|".join(
        re.escape(word) if len(word) >= _WHOLE_WORD or word.lower() == word.upper() else rf"{re.escape(word)}\."
        for word in entries("page_words")
    )
    number, unit = r"(?:\d{1,4}|[ivxlc]{1,6}|[IVXLC]{1,6})", rf"(?:(?:{words})\s*)?"
    total = rf"(?:[\W_]*(?:[^\W\d_]{{1,5}}[\W_]*)?{unit}(?P<total>\d{{1,4}})\s*{unit})?"
    first = rf"(?P<unit>第\s*|(?:{words})\s*)?"
    return re.compile(rf"[\W_]*{first}(?P<number>{number})\s*{unit}{total}[\W_]*\Z", re.IGNORECASE)


def without_running_lines(pages: Sequence[list[str]]) -> list[list[str]]:
    """Drop headers, footers and page numbers: lines at the edges that most pages share but for their numbers."""
    kept = _without_page_numbers([[line for line in page if bare(line).strip()] for page in pages])
    if len(kept) < _RUNNING_PAGES:
        return kept
    counts: Counter[str] = Counter()
    for page in kept:
        counts.update({_numberless(line) for line in (*page[:_RUNNING_LINES], *page[-_RUNNING_LINES:])})
    needed = max(_RUNNING_PAGES, math.ceil(len(kept) / 2))
    running = {line for line, count in counts.items() if count >= needed}
    return [_trimmed(page, running) or page for page in kept]  # pages that are all alike keep their text


def dropped_lines(pages: Sequence[Sequence[str]], kept: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return what `without_running_lines` dropped, each line once: `"Header"` or `"Footer"`, and its words."""
    found: dict[str, tuple[str, str]] = {}
    for before, after in zip(pages, kept, strict=True):
        left = Counter(after)
        for at, line in enumerate(before):
            left[line] -= 1
            key = _numberless(line)
            if left[line] < 0 and sum(map(str.isalpha, key)) >= (_LEAST_NUMBERED if "#" in key else _LEAST_LETTERS):
                kind = "Header" if 2 * at < len(before) else "Footer"
                found.setdefault(key, (kind, bare(line).strip()))
    return list(found.values())


def _without_page_numbers(pages: Sequence[list[str]]) -> list[list[str]]:
    """Drop the numbers that stand alone at the same edge of at least two pages and of half of them."""
    kept = [list(page) for page in pages]
    for edge in (0, -1):
        filled = [page for page in kept if len(page) > 1]
        numbered = [page for page in filled if _page_number().match(bare(page[edge]))]
        if len(numbered) >= max(2, _NUMBERED * len(filled)) and _count_on(
            [bare(page[edge]) for page in numbered], len(pages)
        ):
            for page in numbered:
                page.pop(edge)
    return kept


def _count_on(lines: Sequence[str], pages: int) -> bool:
    """Tell whether lines with two numbers count pages: no first one comes twice, and the second is that of all pages.

    A date has two numbers as well; where a word for "page" stands, the file may be a part of a longer one.
    """
    found = [match for line in lines if (match := _page_number().match(line))]
    totals = {match["total"] for match in found}
    if totals == {None}:
        return True
    apart = len(totals) == 1 and len({match["number"] for match in found}) == len(found)
    return apart and (totals == {str(pages)} or all(match["unit"] for match in found))


def bare(line: str) -> str:
    """Return a line without its marks."""
    return line.lstrip(SMALL + NOTE)


def parted(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines of a page without its notes, and those of its notes."""
    body: list[str] = []
    notes: list[str] = []
    inside = False
    for line in lines:
        small = line.startswith(SMALL)
        inside = small and (inside or line[1:].startswith(NOTE))
        (notes if inside else body).append(bare(line))
    return (body, notes) if any(line.strip() for line in body) else (notes, [])


def goes_over(before: str, after: str, last_line: str, full: float, titles: Collection[str]) -> bool:
    """Tell whether a page's last paragraph goes on in the first one of the next page.

    Args:
        before: the paragraph.
        after: the first paragraph of the next page.
        last_line: the last line of `before` as it stands on its page.
        full: characters from which on a line is full.
        titles: headings of the next page, in small letters.
    """
    if MARK in before or MARK in after or not before or not after or after.casefold() in titles:
        return False
    end = before.rstrip(_CLOSERS + " ")[-1:]
    if not end or end in _TERMINAL or _BULLET.match(after):
        return False
    if after[0].islower() or before[-1] in "-\u00ad\u2010\ufffe\x02,、،":
        return len(before) > _SHORTEST
    return len(last_line.strip()) >= full and len(last_line.strip()) > _SHORTEST


def _numberless(line: str) -> str:
    if line.startswith(MARK):
        return line  # a row is no running line, however alike rows are
    return re.sub(r"\d+", "#", clean_line(bare(line))).casefold()


def _trimmed(page: list[str], running: set[str]) -> list[str]:
    start, end = 0, len(page)
    while start < min(end, _RUNNING_LINES) and _numberless(page[start]) in running:
        start += 1
    while end > max(start, len(page) - _RUNNING_LINES) and _numberless(page[end - 1]) in running:
        end -= 1
    return page[start:end]
