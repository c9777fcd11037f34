"""How a sentence is turned into one that is still true, or no longer: the rules behind the made claims.

Each rule returns `None` where it finds nothing to change, and otherwise a text that differs.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.language.scripts import NO_SPACES, script_of
from tools.training.near_misses import NAME, NUMBER, same_digits, stands_at

__all__ = [
    "another_answer",
    "another_name",
    "another_number",
    "dated",
    "denied",
    "roles_swapped",
    "same_thing",
    "shortened",
    "statement",
    "turned",
]

_YEARS = (1, 2, 3, 5, 7, 10, 12, 20)
_BRACKET = re.compile(r" ?[(（][^()（）]*[)）]")
_CLAUSE = re.compile(r"(?<=[,،，;])")
_COMMAS = " ,،，;"
_LEFT = 40  # code points that a shortened sentence keeps
_SAME_LIST = 6  # two names with less between them only stand side by side
_SAYS_MORE = 4  # letters of a word that is more than "and"
_LONGEST = 60  # code points of an answer that is exchanged
_COUNTED = r"(?<=[\d一二三四五六七八九十百千数])"  # before a single character without spaces that is a word for sure


@dataclass(frozen=True, slots=True)
class Words:
    """What `words.toml` knows of a language; see there."""

    deny: tuple[tuple[str, str], ...] = ()
    opposites: tuple[tuple[str, str], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    who: tuple[str, ...] = ()
    year: str = ""
    anywhere: bool = False


@lru_cache(maxsize=1)
def _tables() -> dict[str, Words]:
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {
        language: Words(
            tuple((plain, other) for plain, other in table["deny"]),
            tuple((one, other) for one, other in table["opposites"]),
            tuple((one, other) for one, other in table["units"]),
            tuple(table["who"]),
            str(table.get("year", "")),
            bool(table.get("anywhere", False)),
        )
        for language, table in tables.items()
    }


def _words(language: str) -> Words:
    tables = _tables()
    return tables.get(language) or tables.get({"no": "nb"}.get(language, language), Words())


def another_number(sentence: str, dice: random.Random) -> str | None:
    """Change one number: a year by some years, any other in one digit."""
    found = list(NUMBER.finditer(sentence))
    if not found:
        return None
    place = dice.choice(found)
    number = place.group()
    if len(number) == 4 and number.isdigit():
        other = same_digits(str(max(1, int(number) + dice.choice((-1, 1)) * dice.choice(_YEARS))), number)
    else:
        at = dice.choice([n for n, char in enumerate(number) if char.isdigit()])
        other = number[:at] + str((int(number[at]) + dice.randint(1, 9)) % 10) + number[at + 1 :]
        if int(other[0]) == 0:
            other = ("1" if int(number[0]) != 1 else "2") + other[1:]
        other = same_digits(other, number)
    return sentence[: place.start()] + other + sentence[place.end() :] if other != number else None


def another_answer(sentence: str, answers: Sequence[str], others: Sequence[str], dice: random.Random) -> str | None:
    """Put another answer in the place of one of `answers` that stands in the sentence."""
    inside = [answer for answer in answers if 1 < len(answer) < _LONGEST and stands_at(sentence, answer) >= 0]
    if not inside:
        return None
    answer = dice.choice(inside)
    alike = [
        other
        for other in others
        if other not in sentence and not same_thing(other, answer) and _of_a_kind(other, answer)
    ]
    return _replaced(sentence, answer, dice.choice(alike)) if alike else None


def _replaced(sentence: str, words: str, other: str) -> str:
    at = stands_at(sentence, words)
    return sentence[:at] + other + sentence[at + len(words) :]


def same_thing(one: str, other: str) -> bool:
    """Tell whether one may name what the other does: "Obama" and "Barack Obama", "1990" and "in 1990"."""
    return one.casefold() in other.casefold() or other.casefold() in one.casefold()


def _of_a_kind(one: str, other: str) -> bool:
    digits = any(c.isdigit() for c in one) == any(c.isdigit() for c in other)
    return digits and len(one) < _LONGEST and one[:1].isupper() == other[:1].isupper()


def another_name(sentence: str, passage: str, dice: random.Random) -> str | None:
    """Put another name of the passage in the place of one."""
    names = [found.group() for found in NAME.finditer(sentence)]
    others = [found.group() for found in NAME.finditer(passage) if found.group() not in sentence]
    pairs = [(name, other) for name in names for other in others if not same_thing(name, other)]
    if not pairs:
        return None
    name, other = dice.choice(pairs)
    return _replaced(sentence, name, other)


def roles_swapped(sentence: str, answers: Sequence[str], dice: random.Random) -> str | None:
    """Put two names or answers of the sentence in each other's place, unless they only stand side by side."""
    inside = {found.group() for found in NAME.finditer(sentence)}
    inside |= {answer for answer in answers if 2 <= len(answer) < _LONGEST and stands_at(sentence, answer) >= 0}
    once = [name for name in sorted(inside) if sentence.count(name) == 1]
    pairs = [(a, b) for a in once for b in once if a < b and a not in b and b not in a]
    dice.shuffle(pairs)
    for one, other in pairs:
        (start, first), (end, last) = sorted([(sentence.index(one), one), (sentence.index(other), other)])
        middle = sentence[start + len(first) : end]
        if len(middle.strip()) > _SAME_LIST and not _is_list(middle):
            return sentence[:start] + last + middle + first + sentence[end + len(last) :]
    return None


def _is_list(middle: str) -> bool:
    """Tell whether only names and small words stand between two things: then their order says nothing."""
    if script_of(middle) in NO_SPACES:
        return "、" in middle
    words = (word.strip(".,;:()[]/«»\"'") for word in middle.split())
    return not any(len(word) >= _SAYS_MORE and word.isalpha() and not word[0].isupper() for word in words)


def denied(sentence: str, language: str, dice: random.Random) -> str | None:
    """Deny the sentence, or take its denial away."""
    ways = []
    for plain, no in _words(language).deny:
        taken, given = (no, plain) if no in sentence else (plain, no)
        found = re.search(re.escape(taken) + _word_end(taken), sentence)
        ways += [(found.start(), found.end(), given)] if found else []
    if not ways:
        return None
    start, end, other = dice.choice(ways)
    return sentence[:start] + other + sentence[end:]


def _word_end(piece: str) -> str:
    """Return the pattern of a word's end, where the piece ends in a letter of a script with spaces."""
    return r"(?!\w)" if piece[-1].isalpha() and script_of(piece) not in NO_SPACES else ""


def turned(sentence: str, language: str, dice: random.Random, *, units: bool = True) -> str | None:
    """Put a word's opposite in its place: first and last, before and after; with `units`, million and billion, too."""
    spaced = script_of(sentence) not in NO_SPACES
    words = _words(language)
    ways = []
    for pair in (*words.opposites, *(words.units if units else ())):
        for one, other in (pair, pair[::-1]):
            pattern = rf"(?<!\w){re.escape(one)}(?!\w)" if spaced else (_COUNTED * (len(one) == 1)) + re.escape(one)
            ways += [(found.start(), found.end(), other) for found in re.finditer(pattern, sentence)]
    if not ways:
        return None
    start, end, other = dice.choice(ways)
    return sentence[:start] + other + sentence[end:]


def dated(question: str, year: str, language: str) -> str | None:
    """Return the question, given without its mark, asked of one year."""
    pattern = _words(language).year
    return pattern.format(q=question, y=year) if pattern else None


def shortened(sentence: str, dice: random.Random) -> str:
    """Leave out a bracket or the last clause: what is left is still said."""
    text = _BRACKET.sub("", sentence)
    if text == sentence or dice.random() < 0.3:
        parts = _CLAUSE.split(text)
        kept = "".join(parts[:-1]).rstrip(_COMMAS)
        if len(parts) > 1 and len(kept) > _LEFT:
            text = kept
    return text


def statement(question: str, answer: str, language: str) -> str:
    """Return question and answer as one claim: a sentence where the question's word for "who" can be replaced."""
    words = _words(language)
    bare = question.strip().rstrip("?？؟").rstrip()
    for who in words.who:
        if bare.startswith(who + " "):
            return f"{answer}{bare[len(who) :]}."
        if words.anywhere and bare.count(who) == 1:
            return bare.replace(who, answer) + ("。" if script_of(bare) in NO_SPACES else ".")
    return f"{question} {answer}"
