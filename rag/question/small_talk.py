"""Greetings, thanks and agreement: what is said to a person and not looked for in documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from index.caching import kept
from index.language.fields import ListField
from index.language.folding import fold
from index.language.identification import detect
from index.language.lexicon import entries, languages, phrases_of
from index.language.scripts import NO_SPACES, script_of
from index.language.sentences.answer_sentences import sentence_spans
from index.language.words import tokens, visible
from rag.output.strings import phrase
from rag.types import Turn

__all__ = ["accepts", "invitation", "is_small_talk", "offer"]

_KINDS: tuple[ListField, ...] = ("greetings", "thanks", "agreements", "refusals")
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
    agrees, thanks = _all("agreements"), _all("thanks")
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
    named = " · ".join(f"“{_short(title)}”" for title in titles[:_TITLES])
    kinds = _kinds(text)
    first = phrase(language, "hello") if "greetings" in kinds else ""
    first = phrase(language, "welcome") if "thanks" in kinds and not first else first
    asks = phrase(language, "invitation_naming", titles=named) if named else phrase(language, "invitation")
    return f"{first} {asks}".strip(), language


def _short(title: str) -> str:
    """Return a title on one line, without brackets that could be read as a marker."""
    line = " ".join(visible(title).split()).translate(_ROUND)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _language(text: str, history: Sequence[Turn]) -> str:
    spoken = detect(history[-1].question) if history else ""
    inviting = [code for code, language in languages().items() if "invitation" in language.values]
    found = [code for code in inviting if _said_in(text, code)]
    return spoken if spoken in inviting and (spoken in found or not found) else (found or ["en"])[0]


def _said_in(text: str, language: str) -> bool:
    units = _units(text)
    ends = _reach(units, frozenset().union(*(_phrases(kind, language) for kind in _KINDS)) | _fillers())
    return ends[-1]


def _kinds(text: str) -> list[ListField]:
    """Return which kinds of small talk a text is made of; none when anything else stands in it."""
    units = _units(text)
    if not units or len(text) > _LONGEST:
        return []
    every = frozenset().union(*map(_all, _KINDS))
    if not _reach(units, every | _fillers())[-1]:
        return []
    return [kind for kind in _KINDS if _contains(units, _all(kind))]


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


def _split(phrases: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(units for phrase in phrases if (units := _units(phrase)))


@lru_cache(maxsize=8)
def _all(kind: ListField) -> frozenset[tuple[str, ...]]:
    return _split(entries(kind))


@lru_cache(maxsize=512)
def _phrases(kind: ListField, language: str) -> frozenset[tuple[str, ...]]:
    return _split(phrases_of(kind).get(language, ()))


def _fillers() -> frozenset[tuple[str, ...]]:
    return _all("fillers")
