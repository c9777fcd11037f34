"""Texts as quotations are compared: what typesetting changes is brought together, and each letter knows its place.

Alike count: kinds and amounts of white space, quotation marks (left out, since they change within quotations), dashes,
apostrophes, soft hyphens, joiners and marks of direction, ligatures and widths of a letter, composed and decomposed
letters (NFC), the three dots, vowel points of Arabic and Hebrew. Capital and small letters, accents, digits and all
other signs stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.language.scripts import NO_SPACES, script_of_char

__all__ = ["Normal", "Word", "is_unspaced", "normal", "words_of"]

_GONE = re.compile(
    "[\u00ad\u061c\u0640\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
    '"“”„‟«»‹›「」『』﹁﹂﹃﹄〝〞〟＂*]'
)
_HYPHENS = frozenset("-‐‑−﹣－")
_DASHES = frozenset("‒–—―﹘")
_RANGE = re.compile(r"(?<=\d)—(?=\d)")
_APOSTROPHES = frozenset("'‘’‚‛ʼʹ′´`＇")
_WIDE = re.compile("[\uff01-\uff5e\ufb00-\ufb06\ufb1d-\ufb4f\ufb50-\ufdff\ufe70-\ufefc\u2000-\u200a\u3000\u00a0]")
# Letters and signs that are compared as they are, with no mark behind the last of them.
_PLAIN = re.compile("[A-Za-z0-9,;:!?()/%&À-ɏΆ-ώЀ-џא-תء-غف-ي가-힣]+(?![̀-֑ͯ-ׇؐ-ًؚ-ٰٟۖ-ۭ])")
_MOST_MARKS = 8


@dataclass(frozen=True, slots=True)
class Normal:
    """A text as it is compared.

    Attributes:
        text: the letters that are compared.
        starts: for each of them where it begins in the text that was given.
        ends: for each of them where it ends there, with the marks on it.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return from where to where `text[start:end]` stands in the text that was given."""
        return self.starts[start], self.ends[end - 1]


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a sign, or a letter of a script without spaces: `normal.text[start:end] == text`."""

    text: str
    start: int
    end: int

    @property
    def says(self) -> bool:
        """Whether it is more than a sign of punctuation."""
        return any(map(str.isalnum, self.text))


def normal(text: str) -> Normal:
    """Return a text as it is compared, in time that grows with its length."""
    made = _Made()
    at = 0
    for run in _PLAIN.finditer(text):
        made.add_others(text, at, run.start())
        made.add_plain(run[0], run.start())
        at = run.end()
    made.add_others(text, at, len(text))
    if made.letters and made.letters[-1] == " ":
        made.drop()
    return Normal(_RANGE.sub("-", "".join(made.letters)), made.starts, made.ends)


class _Made:
    """Gathers the letters of a normal text."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def drop(self) -> None:
        """Take the last letter away."""
        del self.letters[-1], self.starts[-1], self.ends[-1]

    def add_plain(self, run: str, at: int) -> None:
        """Add letters that stay as they are, most of any text, at once."""
        if len(self.letters) > 1 and self.letters[-1] == " " and is_unspaced(self.letters[-2]):
            self.drop()
        self.letters.extend(run)
        self.starts.extend(range(at, at + len(run)))
        self.ends.extend(range(at + 1, at + len(run) + 1))

    def add_others(self, text: str, start: int, end: int) -> None:
        """Add what is no plain letter."""
        for low, high in _clusters(text, start, end):
            for letter in _letters(text[low:high]):
                self._add(letter, low, high)

    def _add(self, letter: str, start: int, end: int) -> None:
        """Add a letter: one space for many, none beside dashes and unspaced letters; three dots as one sign."""
        before = self.letters[-1] if self.letters else " "
        if letter == " " and (before in " —" or is_unspaced(before)):
            return
        if before == " " and self.letters and (letter in "-—" or is_unspaced(letter)):
            letter = "—" if letter == "-" else letter
            self.drop()
            before = self.letters[-1] if self.letters else " "
        if letter in "-—" and before in "-—":
            self.letters[-1], self.ends[-1] = "—", end
            return
        if letter == before == "…":
            self.ends[-1] = end
            return
        if letter == "." and self.letters[-2:] == [".", "."]:
            self.drop()
            self.letters[-1], self.ends[-1] = "…", end
            return
        self.letters.append(letter)
        self.starts.append(start)
        self.ends.append(end)


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield each letter with the marks on it; a long run of marks is cut."""
    for at in range(start + 1, end + 1):
        if at == end or not _joins(text[at]) or at - start >= _MOST_MARKS:
            yield start, at
            start = at


def _joins(letter: str) -> bool:
    """Tell whether a letter is a part of the one before it: a mark, or the vowel or final of a Korean syllable."""
    return letter >= "\u0300" and (unicodedata.combining(letter) > 0 or "\u1160" <= letter <= "\u11ff")


def _letters(cluster: str) -> str:
    """Return a letter as it is compared; `""` for what is passed over."""
    if cluster in _HYPHENS:
        return "-"
    if cluster in _DASHES:
        return "—"
    if cluster in _APOSTROPHES:
        return "'"
    if cluster.isspace():
        return " "
    if cluster.isascii():
        return "" if cluster in '"*' else cluster
    kept = _GONE.sub("", cluster)
    if _WIDE.search(kept):
        kept = unicodedata.normalize("NFKC", kept)
    return unicodedata.normalize("NFC", kept)


def is_unspaced(letter: str) -> bool:
    """Tell whether a letter or sign belongs to a script whose words no space parts."""
    return not letter.isascii() and (script_of_char(letter) in NO_SPACES or "\u3001" <= letter <= "\u3002")


def words_of(text: str) -> list[Word]:
    """Return the words and signs of a normal text; letters of unspaced scripts are words of their own."""
    found: list[Word] = []
    start = -1
    for at, letter in enumerate(text):
        inside = letter.isalnum() or unicodedata.category(letter)[0] == "M"
        following = text[at + 1 : at + 2]
        inside = inside or (letter == "'" and start >= 0 and following.isalnum())
        inside = inside or (letter in ".," and text[max(0, at - 1) : at].isdigit() and following.isdigit())
        if inside and not is_unspaced(letter):
            start = at if start < 0 else start
            continue
        if start >= 0:
            found.append(Word(text[start:at], start, at))
            start = -1
        if letter != " ":
            found.append(Word(letter, at, at + 1))
    if start >= 0:
        found.append(Word(text[start:], start, len(text)))
    return found
