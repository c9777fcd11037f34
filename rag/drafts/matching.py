"""A quotation held against a stretch of a document: the same words, or nearly the same with the differences.

Signs by which writers tell of a change are heeded: `…` and `[…]` leave something out, `[T]he` had another letter,
`[the minister]` stands for other words, `[sic]` for nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from rag.drafts.normal import Normal, Word, is_unspaced, normal, words_of
from rag.drafts.types import Difference

__all__ = ["Match", "Wanted", "exact", "nearly", "wanted"]

# Brackets and dots, as they are in a normal text.
_SIGNS = re.compile(
    r" ?(?:[\[(]\s*…\s*[\])]|…) ?|\[(?P<letter>[^\W\d_])\]|(?P<gone> ?\[(?:sic|sic!|\d{1,3})\])"
    r"|\[(?P<insert>[^\[\]]{1,80})\]",
    re.IGNORECASE,
)
_EDGES = " ,.;:،؛。，、；：।-—"
_LONGEST_GAP, _LONGEST_INSERT = 1_500, 120  # letters of the source that dots or brackets may stand for
_MOST_GAPS, _MOST_PLACES = 12, 30
# So many words in all and such a share of them must be the source's, in its order, for a quotation to be nearly exact.
_FEWEST_WORDS, _FEWEST_LETTERS = 4, 8
_SHARE = 0.66
_LEAST_ALIKE = 55.0  # of a hundred; what is less alike is not looked at word by word
_AROUND = 40  # letters beside the most similar stretch that are looked at as well
_WORDS_AROUND = 3
_WEIGHTS = (1, 2, 2)  # of a word that only the source has, that only the quotation has, that is another
_LONGEST_NEARLY = 6_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quotation as it is looked for.

    Attributes:
        parts: what stands between its signs of omission, in order, none empty.
        gaps: before each part, how many letters of the source may lie there, and what the writer put for them.
        plain: all of it without its signs.
    """

    parts: tuple[str, ...]
    gaps: tuple[tuple[int, str], ...]
    plain: str


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quotation stands: `start:end` in the text of the `Normal` that was searched."""

    start: int
    end: int
    differences: tuple[Difference, ...] = ()
    share: float = 1.0


def wanted(words: str) -> Wanted | None:
    """Return a quotation as it is looked for; `None` when nothing of it can be."""
    text = normal(words).text
    parts: list[str] = []
    gaps: list[tuple[int, str]] = []
    at, gap, glued = 0, (0, ""), ""
    for sign in _SIGNS.finditer(text):
        before = glued + text[at : sign.start()]
        at, glued = sign.end(), ""
        if sign["letter"]:  # [T]he: the first letter of a part counts in both cases
            glued, following = sign["letter"], (_WITHIN_WORD, "")
        elif sign["gone"]:
            glued, following = before, gap
            continue
        else:
            following = (_LONGEST_INSERT, sign[0].strip()) if sign["insert"] else (_LONGEST_GAP, "")
        if part := before.strip(_EDGES):
            parts.append(part)
            gaps.append(gap)
        gap = following if parts or sign["insert"] else (0, "")
    if part := (glued + text[at:]).strip(_EDGES):
        parts.append(part)
        gaps.append(gap)
    if not parts or len(parts) > _MOST_GAPS:
        return None
    return Wanted(tuple(parts), ((0, ""), *gaps[1:]), " ".join(parts))


_WITHIN_WORD = 2


def exact(quotation: Wanted, there: Normal) -> Match | None:
    """Return where a source has all words of a quotation, signs of omission heeded; `None` when it has not."""
    first, *others = quotation.parts
    starts = _places(first, there.text, 0, len(there.text))
    tried = (_continued(quotation, there.text, start, start + len(first), others) for start in starts)
    return min((one for one in tried if one is not None), key=lambda one: one.end - one.start, default=None)


def _continued(quotation: Wanted, text: str, start: int, end: int, others: Sequence[str]) -> Match | None:
    """Follow the later parts of a quotation from where its first one ends."""
    declared = []
    for part, (gap, said) in zip(others, quotation.gaps[1:], strict=True):
        at = next(_places(part, text, end, min(len(text), end + gap + len(part))), None)
        if at is None:
            return None
        if said:
            declared.append(Difference(said, text[end:at].strip(" —"), declared=True))
        end = at + len(part)
    return Match(start, end, tuple(declared))


def _places(part: str, text: str, low: int, high: int) -> Iterator[int]:
    """Yield where a part stands as whole words, its first letter large or small."""
    turned = part[0].swapcase() + part[1:]
    tried = 0
    for form in dict.fromkeys((part, turned)):
        if len(form) != len(part):
            continue
        at = text.find(form, low, high)
        while at >= 0 and tried < _MOST_PLACES:
            tried += 1
            if _whole(text, at, at + len(form)):
                yield at
            at = text.find(form, at + 1, high)


def _whole(text: str, start: int, end: int) -> bool:
    """Tell whether a cut ends no word and no number in its middle; unspaced scripts have no such ends."""
    return not _joined(text, start) and not _joined(text, end)


def _joined(text: str, at: int) -> bool:
    """Tell whether the letters on both sides of a place belong to one word or number."""
    if not 0 < at < len(text):
        return False
    before, behind = text[at - 1], text[at]
    if _is_letter(before) and _is_letter(behind):
        return True
    far, further = text[max(0, at - 2) : at - 1], text[at + 1 : at + 2]
    return (before in ".," and far.isdigit() and behind.isdigit()) or (
        behind in ".," and further.isdigit() and before.isdigit()
    )


def _is_letter(letter: str) -> bool:
    return (letter.isalnum() or unicodedata.category(letter)[0] == "M") and not is_unspaced(letter)


def nearly(quotation: Wanted, there: Normal) -> Match | None:
    """Return where a source has nearly all words of a quotation, and which it has otherwise; `None` where too few."""
    from rapidfuzz import fuzz

    said = words_of(quotation.plain)
    if len(quotation.plain) > _LONGEST_NEARLY or not _enough(said):
        return None
    found = fuzz.partial_ratio_alignment(quotation.plain, there.text, score_cutoff=_LEAST_ALIKE)
    if found is None or found.dest_end <= found.dest_start:
        return None
    low, high = max(0, found.dest_start - _AROUND), min(len(there.text), found.dest_end + _AROUND)
    stands = [replace(word, start=word.start + low, end=word.end + low) for word in words_of(there.text[low:high])]
    ways = (said, _turned(said, quotation, stands))
    tried = [_aligned(way, _best_window(way, stands, found.dest_start, found.dest_end), quotation) for way in ways]
    return max((one for one in tried if one is not None), key=lambda one: one.share, default=None)


def _turned(said: Sequence[Word], quotation: Wanted, stands: Sequence[Word]) -> list[Word]:
    """Return a quotation's words, the first of each part with its first letter turned where the source has it so."""
    there = {word.text for word in stands}
    starts = {0, *accumulate(len(part) + 1 for part in quotation.parts)}
    turned = []
    for word in said:
        other = word.text[:1].swapcase() + word.text[1:]
        first = word.start in starts and other in there
        turned.append(replace(word, text=other) if first else word)
    return turned


def _best_window(said: Sequence[Word], stands: Sequence[Word], start: int, end: int) -> Sequence[Word]:
    """Return the words near a stretch that differ least from the quotation, the most of equally good ones."""
    from rapidfuzz.distance import Levenshtein

    texts, there = [word.text for word in said], [word.text for word in stands]
    first = next((at for at, word in enumerate(stands) if word.end > start), 0)
    last = next((at for at, word in enumerate(stands) if word.start >= end), len(stands))

    def cost(window: tuple[int, int]) -> tuple[int, int, int]:
        low, high = window
        return Levenshtein.distance(texts, there[low:high], weights=_WEIGHTS), low - high, low

    low, high = min(
        (
            (low, high)
            for low in range(max(0, first - _WORDS_AROUND), min(len(stands), first + _WORDS_AROUND + 1))
            for high in range(max(low + 1, last - _WORDS_AROUND), min(len(stands), last + _WORDS_AROUND) + 1)
        ),
        key=cost,
    )
    return stands[low:high]


def _enough(words: Sequence[Word]) -> bool:
    count = sum(word.says for word in words)
    letters = sum(len(word.text) for word in words if word.says)
    return count >= _FEWEST_WORDS and letters >= _FEWEST_LETTERS


def _aligned(said: Sequence[Word], stands: Sequence[Word], quotation: Wanted) -> Match | None:
    """Align two lists of words with as few changes as can be (Levenshtein), and judge what is left alike."""
    from rapidfuzz.distance import Levenshtein

    codes = list(Levenshtein.opcodes([word.text for word in said], [word.text for word in stands]))
    while codes and codes[0].tag == "insert":
        codes.pop(0)
    while codes and codes[-1].tag == "insert":
        codes.pop()
    equal = [word for code in codes if code.tag == "equal" for word in said[code.src_start : code.src_end]]
    count = sum(word.says for word in equal) / sum(word.says for word in said)
    share = max(count, _letters(equal) / _letters(said))  # one long word of a few is one word
    added = _letters([w for code in codes if code.tag == "insert" for w in stands[code.dest_start : code.dest_end]])
    gapped = max(0, len(quotation.parts) - 1) * _LONGEST_GAP
    if share < _SHARE or sum(word.says for word in equal) < _FEWEST_WORDS - 1 or added > gapped + _letters(said) // 2:
        return None
    reached = [code for code in codes if code.dest_end > code.dest_start]
    first, last = stands[reached[0].dest_start], stands[reached[-1].dest_end - 1]
    changes = [list(run) for other, run in groupby(codes, lambda code: code.tag != "equal") if other]
    differences = tuple(
        Difference(
            _as_read(said, run[0].src_start, run[-1].src_end), _as_read(stands, run[0].dest_start, run[-1].dest_end)
        )
        for run in changes
    )
    return Match(first.start, last.end, differences, share)


def _letters(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words if word.says)


def _as_read(words: Sequence[Word], start: int, end: int) -> str:
    """Return some words as they are read, spaces where they had any."""
    text, before = "", -1
    for word in words[start:end]:
        text += (" " if 0 <= before < word.start else "") + (f" {word.text} " if word.text == "—" else word.text)
        before = word.end
    return text.strip()
