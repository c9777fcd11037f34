"""Whether the words that a reader points at are of the kind that is asked for: a number, a date, somebody's name.

A reader that is unsure of a passage, most of all in another language than the question's, may still point at the right
words. Where they are the only ones of their kind there, that speaks for them; where others of the kind stand beside
them, or they lack what is asked for, it doesn't.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from index.language.codes import canonical
from index.language.lexicon import known_words
from index.language.numbers.dates import day_within, read_date
from index.language.numbers.quantities import AMOUNT, DATE, YEAR, held, ordinals
from index.language.question_words import asks_for_a_name
from index.language.words import has_case, tokens
from rag.question.kinds.answer_type import Expectation
from rag.reading.profile import profile_of
from rag.reading.short.agreement import agreement, is_name, same_day
from rag.types import ScoredPassage

__all__ = ["Fit", "fitted", "kind_asked_for"]

Fit: TypeAlias = Literal["alone", "the only name", "among others", "unknown", "misfit"]
"""The words are the only number or date in their sentence; its only name; others that differ stand beside them; nothing
is known of the kind; they hold nothing that could be it."""

_MOST_LETTERS = 60  # of words that are a number or a date; more are a clause that holds one
_LONGEST = 400  # code points of a sentence in which names are looked for
_POSSESSIVE = re.compile(r"['’]s\Z")


def fitted(hit: ScoredPassage, question: str, wanted: Expectation | None) -> tuple[ScoredPassage, Fit]:
    """Return a passage that was read, with the words that fit, and how they do.

    Args:
        hit: was read.
        question: standing alone.
        wanted: what it asks for, as its vector says.
    """
    kind = kind_asked_for(wanted)
    if wanted is not None and kind:
        return hit, _fit(hit, wanted, kind)
    if wanted is not None and asks_for_a_name(question):
        return _with_the_name(hit, question)
    return hit, "unknown"


def kind_asked_for(wanted: Expectation | None) -> str:
    """Return `AMOUNT` or `DATE` where a question asks for one, as its vector says; else `""`."""
    if wanted is None:
        return ""
    least = wanted.profile.asked
    return DATE if wanted.date + wanted.year >= least else AMOUNT if wanted.amount >= least else ""


def _fit(hit: ScoredPassage, wanted: Expectation, kind: str) -> Fit:
    """Tell how words fit a question for a number or a date."""
    reading = hit.reading
    assert reading is not None, "only what was read has words"
    words, language = _text(hit, reading.start, reading.end), hit.passage.language
    kinds = _kinds(kind, held(words, language, wanted.asked))
    if not kinds:
        probability = wanted.amount if kind == AMOUNT else wanted.date + wanted.year
        return "misfit" if probability >= wanted.profile.certain and _says_no_number(words, language) else "unknown"
    if len(words) > _MOST_LETTERS:
        return "unknown"
    least = reading.span - profile_of(reading.reader).words.same_kind
    near = [(start, end) for start, end, share in reading.others if share >= least]
    rivals = (_text(hit, *other) for other in near if _in_one_sentence(hit, reading.start, other[0]))
    if any(_differs(words, rival, kinds, language, wanted) for rival in rivals):
        return "among others"
    beside = _beside(hit, reading.start, reading.end)
    return "unknown" if _differs(words, beside, kinds, language, wanted) else "alone"


def _kinds(kind: str, found: frozenset[str]) -> frozenset[str]:
    """Return what of the kind some words hold; a number may say when: "66 million years ago"."""
    if kind == DATE and not found.isdisjoint({DATE, YEAR}):
        return frozenset({DATE, YEAR})
    return found & {AMOUNT}


def _differs(words: str, other: str, kinds: frozenset[str], language: str, wanted: Expectation) -> bool:
    """Tell whether a text holds another thing of the same kinds: not "late November" beside "Nov. 26"."""
    if held(other, language, wanted.asked).isdisjoint(kinds):
        return False
    day, named = read_date(words, language), day_within(other, language)[0]
    if day is not None and named is not None:
        return same_day(day, named) is not True
    return agreement((words, language), (other, language)) is not True


def _beside(hit: ScoredPassage, start: int, end: int) -> str:
    """Return what else stands in the sentence of some words."""
    low, high = hit.passage.start, hit.passage.end
    sentence = next(((one.start, one.end) for one in hit.sentences if one.start <= start < one.end), (low, high))
    return f"{_text(hit, sentence[0], start)} … {_text(hit, end, max(end, sentence[1]))}"


def _says_no_number(words: str, language: str) -> bool:
    """Tell whether words hold neither a number nor a date, nor which one of several: "the nineteenth century"."""
    counted = ordinals(canonical(language))
    ordinal = any(part in counted for token in tokens(words) for part in (token.form, *token.form.split("-")))
    return not held(words, language) and not ordinal and not any(char.isdecimal() for char in words)


def _with_the_name(hit: ScoredPassage, question: str) -> tuple[ScoredPassage, Fit]:
    """Return the words that are the only name in a sentence which surely answers, where the reader points near them."""
    reading = hit.reading
    assert reading is not None, "only what was read has words"
    sure = profile_of(reading.reader).words
    place = next((n for n, one in enumerate(hit.sentences) if one.start <= reading.start < one.end), None)
    if place is None or place >= len(reading.sentences) or reading.sentences[place] < sure.name:
        return hit, "unknown"
    sentence = hit.sentences[place]
    asked = {token.form for token in tokens(question)}
    names = [
        (sentence.start + start, sentence.start + end)
        for start, end in _names(_text(hit, sentence.start, sentence.end)[:_LONGEST])
    ]
    if len(names) != 1 or asked & {token.form for token in tokens(_text(hit, *names[0]))}:
        return hit, "unknown"
    for start, end, share in ((reading.start, reading.end, reading.span), *reading.others):
        if share >= reading.span - sure.near_name and names[0][0] <= start and end <= names[0][1]:
            return replace(hit, reading=replace(reading, start=start, end=end, span=share)), "the only name"
    return hit, "unknown"


def _names(text: str) -> list[tuple[int, int]]:
    """Return the runs of words with capitals that may be names, as far as capitals show it."""
    if not has_case(text):
        return []
    found: list[tuple[int, int]] = []
    run: list[re.Match[str]] = []
    for match in [*re.finditer(r"[^\s,;:()\[\]\"“”«»]+|[,;:()\[\]\"“”«»]", text), None]:
        word = "" if match is None else match[0]
        bare = _POSSESSIVE.sub("", word.rstrip(".!?"))
        named = bare[:1].isupper() or (bool(run) and _goes_on(bare))
        if match is not None and named:
            run.append(match)
        if match is None or not named or bare != word.rstrip(".!?") or _ends(word):
            found += [_bounds(run)] if len(run) > 1 and is_name(text[slice(*_bounds(run))]) else []
            run = []
    return found


def _goes_on(word: str) -> bool:
    """Tell whether a small word may stand within a name: "van", "al-Sisi"."""
    return word in known_words("name_particles") or word.startswith(tuple(known_words("name_prefixes")))


def _ends(word: str) -> bool:
    """Tell whether a sentence may end with a word: its full stop is no initial's, nor a short title's ("Gen.")."""
    return word[-1:] in "!?" or (word[-1:] == "." and len(word) > 5)


def _bounds(run: Sequence[re.Match[str]]) -> tuple[int, int]:
    if not run:
        return 0, 0
    return run[0].start(), run[-1].start() + len(_POSSESSIVE.sub("", run[-1][0].rstrip(".!?")))


def _text(hit: ScoredPassage, start: int, end: int) -> str:
    return hit.passage.text[start - hit.passage.start : end - hit.passage.start]


def _in_one_sentence(hit: ScoredPassage, one: int, other: int) -> bool:
    return not hit.sentences or any(
        each.start <= min(one, other) and max(one, other) < each.end for each in hit.sentences
    )
