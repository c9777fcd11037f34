"""Greetings, thanks and agreement: what is said to a person and not looked for in documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from index.caching import kept
from index.language.answer_sentences import sentence_spans
from index.language.identification import detect
from index.language.scripts import NO_SPACES, script_of
from index.language.small_talk_words import AGREEMENTS, COURTESIES, FILLERS, GREETINGS, INVITATIONS, THANKS
from index.language.words import clean, fold, tokens
from rag.types import Turn

__all__ = ["accepts", "invitation", "is_small_talk", "offer"]

# Nobody greets at greater length.
_LONGEST = 80
_LONGEST_PHRASE = 6
_LONGEST_UNSPACED = 12
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['’‘`]")
_MARKERS = re.compile(r"\s?\[[\d,\s]+\]")
_SOURCE_LINE = re.compile(r"\s*(?:[-*•]\s*)?\[\d+\]")
_ASKS = ("?", "？", "؟", ";")
_TITLES = 2
_ROUND = str.maketrans("[]【】", "()()")


def is_small_talk(text: str) -> bool:
    """Tell whether a text greets, thanks, agrees or declines, and asks nothing."""
    return bool(_kinds(text))


def accepts(text: str) -> bool:
    """Tell whether a text says yes to what was offered: it agrees, and declines nothing."""
    units = _units(text)
    agrees, thanks = _all(COURTESIES.index(AGREEMENTS)), _all(COURTESIES.index(THANKS))
    whole = bool(units) and len(text) <= _LONGEST and _reach(units, agrees | thanks | _fillers())[-1]
    return whole and _contains(units, agrees)


def offer(history: Sequence[Turn]) -> str | None:
    """Return the question that the last answer ends with, or `None`; the list of sources below it is passed over."""
    if not history:
        return None
    lines = [line for line in history[-1].answer.splitlines() if line.strip() and not _SOURCE_LINE.match(line)]
    if not lines:
        return None
    text = _MARKERS.sub("", lines[-1]).strip()
    last = [text[start:end] for start, end in sentence_spans(text)][-1:]
    return last[0] if last and last[0].rstrip("\"'”»」 *_").endswith(_ASKS) else None


def invitation(text: str, history: Sequence[Turn], titles: Sequence[str] = ()) -> tuple[str, str]:
    """Return one friendly line that says what can be asked, and its BCP 47 language.

    Args:
        text: the small talk.
        history: earlier turns; they tell the language where one word is said in many.
        titles: titles of documents, of which the first two are named.
    """
    language = _language(text, history)
    hello, welcome, plain, naming = INVITATIONS[language]
    named = " · ".join(f"“{_short(title)}”" for title in titles[:_TITLES])
    kinds = _kinds(text)
    first = hello if GREETINGS in kinds else welcome if THANKS in kinds else ""
    return f"{first} {naming.replace('{titles}', named) if named else plain}".strip(), language


def _short(title: str) -> str:
    """Return a title on one line, without brackets that could be read as a marker."""
    line = " ".join(clean(title).split()).translate(_ROUND)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _language(text: str, history: Sequence[Turn]) -> str:
    spoken = detect(history[-1].question) if history else ""
    found = [code for code in INVITATIONS if _said_in(text, code)]
    return spoken if spoken in INVITATIONS and (spoken in found or not found) else (found or ["en"])[0]


def _said_in(text: str, language: str) -> bool:
    units = _units(text)
    ends = _reach(units, frozenset().union(*(_phrases(kind, language) for kind in COURTESIES)) | _fillers())
    return ends[-1]


def _kinds(text: str) -> list[Mapping[str, str]]:
    """Return which kinds of small talk a text is made of; none when anything else stands in it."""
    units = _units(text)
    if not units or len(text) > _LONGEST:
        return []
    every = frozenset().union(*(_all(place) for place in range(len(COURTESIES))))
    if not _reach(units, every | _fillers())[-1]:
        return []
    return [kind for place, kind in enumerate(COURTESIES) if _contains(units, _all(place))]


def _reach(units: tuple[str, ...], phrases: frozenset[tuple[str, ...]]) -> list[bool]:
    """Return for each place whether the units up to it are phrases, one after the other."""
    longest = max(_LONGEST_PHRASE, _LONGEST_UNSPACED)
    reached = [True] + [False] * len(units)
    for end in range(1, len(units) + 1):
        reached[end] = any(
            reached[start] and units[start:end] in phrases for start in range(max(0, end - longest), end)
        )
    return reached


def _contains(units: tuple[str, ...], phrases: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether one of the phrases stands in a text that is small talk throughout."""
    longest = max(_LONGEST_PHRASE, _LONGEST_UNSPACED)
    count = len(units)
    return any(
        units[start:end] in phrases
        for start in range(count)
        for end in range(start + 1, min(count, start + longest) + 1)
    )


@kept(256, longest=200)
def _units(text: str) -> tuple[str, ...]:
    """Return the words of a text, or its letters in a script without spaces."""
    folded = fold(_APOSTROPHES.sub("", text[: _LONGEST + 1]))
    if script_of(folded) in NO_SPACES:
        return tuple(letter for letter in folded if letter.isalnum())
    return tuple(token.form for token in tokens(folded))


def _split(phrases: str) -> frozenset[tuple[str, ...]]:
    return frozenset(units for phrase in phrases.split(",") if (units := _units(phrase)))


@lru_cache(maxsize=8)
def _all(place: int) -> frozenset[tuple[str, ...]]:
    return frozenset().union(*(_split(phrases) for phrases in COURTESIES[place].values()))


def _phrases(kind: Mapping[str, str], language: str) -> frozenset[tuple[str, ...]]:
    return _split(kind.get(language, ""))


@lru_cache(maxsize=1)
def _fillers() -> frozenset[tuple[str, ...]]:
    return _split(FILLERS)
