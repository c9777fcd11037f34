"""Rows of a table in a model's answer: which lines are one, where a sign goes in one, and whether a quote carries one.

A row has no sentence: it names things and numbers side by side. It is carried when the quote has all of them, and each
number in the same clause as what the row says it of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.caching import kept
from index.language.lexicon import spaced_words
from index.language.numbers.digits import numbers
from index.language.numbers.facts import facts_of
from index.language.question_words import common
from index.language.words import Token, tokens

__all__ = ["carried", "is_rule", "mark_place", "row_lines"]

_ROW = re.compile(r"^[ \t]*\|[^\n]*$", re.MULTILINE)
_RULE = re.compile(r"[\s|:+-]*")
_CLAUSE_ENDS = re.compile(r"[,;:()。，、；：؛،]|\.\s")
_UNSHOWN = re.compile(r"[|*_`⚠]")
# Share of a row's words that the quote must have.
_ENOUGH = 0.8
# So long a common beginning makes two words one: "adult" and "adults", "child" and "children".
_STEM, _OF_WORD = 3, 0.6


def row_lines(text: str) -> list[tuple[int, int]]:
    """Return where the rows of tables begin and end, without the space around them."""
    found = []
    for line in _ROW.finditer(text):
        start = line.start() + len(line.group()) - len(line.group().lstrip())
        found.append((start, line.start() + len(line.group().rstrip())))
    return found


def is_rule(row: str) -> bool:
    """Tell whether a row is the line between a table's head and its body."""
    return "-" in row and bool(_RULE.fullmatch(row))


def mark_place(body: str, start: int, end: int, marks: Iterable[int]) -> int:
    """Return where a sign about `body[start:end]` goes: behind it, and in a row into the cell that it belongs to."""
    place = max([end, *marks])
    row = body[start:end].rstrip()
    if not row.startswith("|"):
        return place
    within = start + len(row.removesuffix("|"))
    return max([mark for mark in marks if mark <= within], default=start + len(row.rstrip("| \t")))


def carried(row: str, quote: str) -> bool:
    """Tell whether a quote carries a row of a table."""
    said, shown = tokens(_UNSHOWN.sub(" ", row)), _shown(quote)
    words = [token.form for token in said if not token.form[0].isdigit() and token.form not in common()]
    alike = {word: shown.alike(word) for word in words}
    missing = [word for word in words if not alike[word]]
    if not words or len(missing) > (1 - _ENOUGH) * len(words) or facts_of(row).negated != facts_of(quote).negated:
        return False
    return _in_their_clauses(numbers(row), set().union(*alike.values()), shown.clauses)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A quote, looked at once for all rows that are held against it.

    Attributes:
        stems: its words by their first letters: two words that are alike begin with the same.
        clauses: the numbers of each clause, and its words.
    """

    stems: Mapping[str, tuple[str, ...]]
    clauses: tuple[tuple[tuple[str, ...], frozenset[str]], ...]

    def alike(self, word: str) -> set[str]:
        """Return the words that are alike to a word of a row."""
        return {form for form in self.stems.get(word[:_STEM], ()) if _alike(word, form)}


@kept(64, longest=2000)
def _shown(quote: str) -> _Shown:
    words = tokens(quote)
    stems: dict[str, list[str]] = {}
    for form in dict.fromkeys(token.form for token in words):
        stems.setdefault(form[:_STEM], []).append(form)
    clauses = tuple(
        (tuple(numbers(clause)), frozenset(token.form for token in tokens(clause))) for clause in _clauses(quote, words)
    )
    return _Shown({stem: tuple(forms) for stem, forms in stems.items()}, clauses)


def _in_their_clauses(
    stated: Sequence[str], labels: set[str], clauses: Sequence[tuple[Sequence[str], frozenset[str]]]
) -> bool:
    """Tell whether each number stands in a clause with one of the words that tell it from the other numbers."""
    counted = [(words, found) for found, words in clauses if found]
    telling = {label for label in labels if not all(label in words for words, _ in counted)}
    known = telling & {word for words, _ in counted for word in words}
    return all(any(number in found and (not known or words & known) for words, found in counted) for number in stated)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    length = max(_STEM, int(_OF_WORD * len(long)))
    return one[0].isalpha() and len(short) >= _STEM and short[:length] == long[:length] and len(short) >= length


def _clauses(quote: str, words: Sequence[Token]) -> list[str]:
    """Cut a quote at its commas and at words like "and"."""
    cuts = {match.start() for match in _CLAUSE_ENDS.finditer(quote) if not _in_number(quote, match.start())}
    cuts |= {token.start for token in words if token.form in spaced_words("connectives")}
    places = [0, *sorted(cuts), len(quote)]
    return [quote[start:end] for start, end in pairwise(places) if quote[start:end].strip()]


def _in_number(text: str, place: int) -> bool:
    return text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit()
