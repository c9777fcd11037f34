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

from index.scripts import NO_SPACES, script_of
from tools.training.near_misses import NAME, NUMBER

__all__ = [
    "another_answer",
    "another_name",
    "another_number",
    "denied",
    "roles_swapped",
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
_LONGEST = 60  # code points of an answer that is exchanged


@dataclass(frozen=True, slots=True)
class Words:
    """What `words.toml` knows of a language; see there."""

    deny: tuple[tuple[str, str], ...] = ()
    opposites: tuple[tuple[str, str], ...] = ()
    who: tuple[str, ...] = ()
    anywhere: bool = False


@lru_cache(maxsize=1)
def _tables() -> dict[str, Words]:
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {
        language: Words(
            tuple((plain, other) for plain, other in table["deny"]),
            tuple((one, other) for one, other in table["opposites"]),
            tuple(table["who"]),
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
        other = str(int(number) + dice.choice((-1, 1)) * dice.choice(_YEARS))
    else:
        at = dice.choice([n for n, char in enumerate(number) if char.isdigit()])
        other = number[:at] + str((int(number[at]) + dice.randint(1, 9)) % 10) + number[at + 1 :]
        if other[0] == "0":
            other = ("1" if number[0] != "1" else "2") + other[1:]
    return sentence[: place.start()] + other + sentence[place.end() :] if other != number else None


def another_answer(sentence: str, answers: Sequence[str], others: Sequence[str], dice: random.Random) -> str | None:
    """Put another answer in the place of one of `answers` that stands in the sentence."""
    inside = [answer for answer in answers if answer in sentence and 1 < len(answer) < _LONGEST]
    if not inside:
        return None
    answer = dice.choice(inside)
    alike = [
        other
        for other in others
        if other not in sentence and other.casefold() != answer.casefold() and _of_a_kind(other, answer)
    ]
    return sentence.replace(answer, dice.choice(alike), 1) if alike else None


def _of_a_kind(one: str, other: str) -> bool:
    digits = any(c.isdigit() for c in one) == any(c.isdigit() for c in other)
    return digits and len(one) < _LONGEST and one[:1].isupper() == other[:1].isupper()


def another_name(sentence: str, passage: str, dice: random.Random) -> str | None:
    """Put another name of the passage in the place of one."""
    names = [found.group() for found in NAME.finditer(sentence)]
    others = [found.group() for found in NAME.finditer(passage) if found.group() not in sentence]
    if not names or not others:
        return None
    return sentence.replace(dice.choice(names), dice.choice(others), 1)


def roles_swapped(sentence: str, answers: Sequence[str], dice: random.Random) -> str | None:
    """Put two names or answers of the sentence in each other's place, unless they only stand side by side."""
    inside = {found.group() for found in NAME.finditer(sentence)}
    inside |= {answer for answer in answers if answer in sentence and 2 <= len(answer) < _LONGEST}
    once = [name for name in sorted(inside) if sentence.count(name) == 1]
    pairs = [(a, b) for a in once for b in once if a < b and a not in b and b not in a]
    dice.shuffle(pairs)
    for one, other in pairs:
        (start, first), (end, last) = sorted([(sentence.index(one), one), (sentence.index(other), other)])
        if len(sentence[start + len(first) : end].strip()) > _SAME_LIST:
            middle = sentence[start + len(first) : end]
            return sentence[:start] + last + middle + first + sentence[end + len(last) :]
    return None


def denied(sentence: str, language: str, dice: random.Random) -> str | None:
    """Deny the sentence, or take its denial away."""
    found = [(plain, no) for plain, no in _words(language).deny if plain in sentence or no in sentence]
    if not found:
        return None
    plain, no = dice.choice(found)
    return sentence.replace(no, plain, 1) if no in sentence else sentence.replace(plain, no, 1)


def turned(sentence: str, language: str, dice: random.Random) -> str | None:
    """Put a word's opposite in its place: first and last, before and after, million and billion."""
    spaced = script_of(sentence) not in NO_SPACES
    ways = []
    for pair in _words(language).opposites:
        for one, other in (pair, pair[::-1]):
            pattern = rf"(?<!\w){re.escape(one)}(?!\w)" if spaced else re.escape(one)
            ways += [(found.start(), found.end(), other) for found in re.finditer(pattern, sentence)]
    if not ways:
        return None
    start, end, other = dice.choice(ways)
    return sentence[:start] + other + sentence[end:]


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
