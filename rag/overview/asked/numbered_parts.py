"""Questions for a part of a text by its number: "What does clause 2.2 say?", "§ 7 Abs. 2", "第三条说了什么？".

The number is all that such a question holds, and no likeness of meaning leads to it: the line that begins with it is
the answer. Every word of the question must be explained, as in `rag.overview.asked.asked_of_files`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from index.language.lexicon import entries, spaced_words, unspaced_words
from index.language.question_words import common
from index.language.words import tokens

__all__ = ["AskedPart", "asked_part", "part_in"]

_NUMBER = re.compile(
    r"(?<![\w.])(?:§{1,2}\s*)?(\d{1,3}(?:\.\d{1,3}){0,4}[a-z]?|[IVXLC]{1,6})\.?(?:\s*\(([a-z0-9]{1,3})\))?(?![\w])"
)
_BEFORE = r"(?:[^\W\d]{1,15}\.?[ \t]+|§{1,2}[ \t]*)?"
_FINAL = tuple(".!?。！？؟।")
_MOST_CHARACTERS = 1_500


@lru_cache(maxsize=1)
def _east() -> re.Pattern[str]:
    """Return what finds a part whose number stands before its kind: "第三条"."""
    before = "|".join(map(re.escape, entries("part_prefixes")))
    kinds = "|".join(map(re.escape, unspaced_words("parts")))
    return re.compile(rf"(?:{before})([0-9]{{1,3}}(?:\.[0-9]{{1,3}})*|[一二三四五六七八九十百]{{1,5}})({kinds})")


@lru_cache(maxsize=1)
def _label() -> re.Pattern[str]:
    """Return what finds the number that a line begins with."""
    number = r"(\d{1,3}(?:\.\d{1,3})*|[IVXLC]{1,6})[.):]?(?=[ \t]|$)"
    return re.compile(rf"{_BEFORE}(?:{number}|{_east().pattern})")


@dataclass(frozen=True, slots=True)
class AskedPart:
    """A numbered part of a text.

    Attributes:
        number: `2.2`, `7`, `IV`, `第三条`.
        below: what stands in brackets behind it, `(a)`, or `""`.
        words: of the question that must name the document.
    """

    number: str
    below: str
    words: tuple[str, ...]


def asked_part(question: str) -> AskedPart | None:
    """Return which numbered part a question asks for; `None` for one that asks anything else."""
    if east := _east().search(question):
        rest = question[: east.start()] + " " + question[east.end() :]
        for word in unspaced_words("part_verbs"):
            rest = rest.replace(word, " ")
        return AskedPart(east.group(), "", tuple(token.form for token in tokens(rest)))
    numbers = list(_NUMBER.finditer(question))
    if len(numbers) != 1:
        return None
    number = numbers[0]
    forms = [token.form for token in tokens(question[: number.start()] + " " + question[number.end() :])]
    parts = spaced_words("parts")
    if not (parts.intersection(forms) or number.group().startswith("§")):
        return None
    words = tuple(form for form in forms if form not in parts | spaced_words("part_verbs") | common())
    return AskedPart(number[1], number[2] or "", words)


def part_in(text: str, asked: AskedPart) -> tuple[int, int] | None:
    """Return where the part stands in a text: from its number to the next of its rank; `None` where it doesn't."""
    head = re.compile(rf"(?m)^[ \t]*({_BEFORE}{re.escape(asked.number)}[.):]?(?=[ \t\n]|$)[^\n]*)")
    start = next((found for found in head.finditer(text) if found[1].strip() != asked.number), None)
    if start is None:
        return None
    end = _end(text, start.start(1), start.end(1), asked.number)
    if not asked.below:
        return start.start(1), end
    inner = re.compile(rf"(?m)^[ \t]*(\({re.escape(asked.below)}\)[^\n]*)").search(text, start.start(1), end)
    return (inner.start(1), inner.end(1)) if inner else None


def _end(text: str, begin: int, at: int, number: str) -> int:
    """Return where a part ends: before the next number that isn't below it, or a blank line behind a sentence."""
    last = at
    while (start := text.find("\n", at) + 1) > 0:
        stop = text.find("\n", start)
        stop = stop if stop >= 0 else len(text)
        line = text[start:stop].strip()
        label = _label().match(line)
        foreign = label is not None and not (label[1] or label[0]).startswith(f"{number}.")
        done = not line and text[last - 1 : last] in _FINAL
        if foreign or done or stop - begin > _MOST_CHARACTERS:
            break
        last = start + len(text[start:stop].rstrip()) if line else last
        at = stop
    return last
