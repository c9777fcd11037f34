"""Takes the remnants of a web page off a text that was saved from one.

Careful by construction: only whole lines, only at the very start and the very end, only what is a known phrase, a
counter or a notice of rights (in the language files), never more than a small part of the text; and each is reported.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from index.language.fields import ListField
from index.language.lexicon import alternatives, entries

__all__ = ["source_name", "strip_page_remnants"]

_START_LINES = 4
_TEASER_LINES = 12
_TEASER_CHARACTERS = 1500
_MOST_REMOVED = 0.25
_SHORT_LINE = 160
_AVATAR = re.compile(r"[•·*\s]*writer'?s picture.{0,60}", re.IGNORECASE)
_SHOWN = 60


def strip_page_remnants(text: str) -> tuple[str, list[str]]:
    """Return the text without page remnants at its ends, and the removed lines (shortened) for a warning.

    A text of which more than a quarter would go is returned as it is: then the rules have misunderstood it.
    """
    lines = text.split("\n")
    start = _start_of_text(lines)
    end = _end_of_text(lines, start)
    kept = "\n".join(_without_repeated_title(lines[start:end])).strip("\n")
    if len(kept) < (1 - _MOST_REMOVED) * len(text):
        return text, []
    gone = [line.strip() for line in (*lines[:start], *lines[end:]) if line.strip()]
    return kept, [line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…" for line in gone]


def source_name(text: str) -> str:
    """Return the name in a last line like `source : Name`, or `""`."""
    for line in reversed(text.split("\n")[-_TEASER_LINES:]):
        found = _source_line().fullmatch(line.strip())
        if found:
            return found["name"].strip()
    return ""


def _start_of_text(lines: list[str]) -> int:
    start = seen = 0
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        seen += 1
        if seen > _START_LINES:
            break
        if _is_furniture(line):
            start = number + 1
        elif seen > 1 or start == 0:
            break
    return start


def _end_of_text(lines: list[str], start: int) -> int:
    end = len(lines)
    while end > start:
        last = lines[end - 1]
        if not last.strip() or _is_furniture(last) or _is_notice(last):
            end -= 1
            continue
        teaser = _teaser_start(lines, start, end)
        if teaser is None:
            break
        end = teaser
    return end


def _teaser_start(lines: list[str], start: int, end: int) -> int | None:
    """Return the line of the heading that announces other texts, when only a little follows it."""
    seen = characters = 0
    for number in range(end - 1, start, -1):
        line = lines[number].strip()
        if line and _phrase(line) in _lines("closing_headings"):
            return number
        seen += bool(line)
        characters += len(line)
        if seen > _TEASER_LINES or characters > _TEASER_CHARACTERS:
            return None
    return None


def _without_repeated_title(lines: list[str]) -> list[str]:
    """Drop a first line that is repeated right below, as pages do that show their title twice."""
    filled = [number for number, line in enumerate(lines) if line.strip()][:2]
    if len(filled) == 2 and lines[filled[0]].strip() == lines[filled[1]].strip():
        return lines[filled[1] :]
    return lines


def _is_furniture(line: str) -> bool:
    line = line.strip()
    if len(line) > _SHORT_LINE:
        return False
    return bool(_phrase(line) in _lines("furniture") or _counters().fullmatch(line) or _AVATAR.fullmatch(line))


def _is_notice(line: str) -> bool:
    line = line.strip()
    return len(line) <= _SHORT_LINE and bool(_rights().search(line) or _source_line().fullmatch(line))


def _phrase(line: str) -> str:
    """Return the line in lower case without bullets, punctuation and marks of direction around it."""
    line = unicodedata.normalize("NFC", line).casefold()
    return line.strip(" \t•·*-–—|:：.!…»«›‹>#\u200e\u200f\u061c\u00a0")


@lru_cache(maxsize=2)
def _lines(field: ListField) -> frozenset[str]:
    return frozenset(entries(field))


@lru_cache(maxsize=1)
def _counters() -> re.Pattern[str]:
    """Return what finds `109 views0 comments` and its like, as the whole line."""
    return re.compile(rf"(?:(?:\d[\d.,]*\s*[kKmM]?\s*(?:{alternatives('counters')})\s*[·•|,/-]?\s*)+)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _rights() -> re.Pattern[str]:
    """Return what finds a notice of rights."""
    year = r"(?:19|20)\d\d"
    signs = rf"©|\(c\)\s*{year}|copyright\s+(?:©|\(c\)|{year})"
    return re.compile(f"(?:{signs}|{alternatives('rights')})", re.IGNORECASE)


@lru_cache(maxsize=1)
def _source_line() -> re.Pattern[str]:
    """Return what finds `• source : Name`, as the whole line."""
    labels = alternatives("source_labels")
    return re.compile(rf"[•·*\-–—|\s]*(?:{labels})\s*[:：]\s*(?P<name>\S.{{0,60}})", re.IGNORECASE)
