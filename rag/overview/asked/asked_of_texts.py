"""Questions about one text or two as a whole: what is it about, sum it up, compare it with another one.

People name a text loosely: "the Tehran article", "the contract from March". What they ask for is decided by each
language's own words, and what is left of the question names the texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from index.language.fields import PatternField
from index.language.lexicon import alternatives, entries, spaced_words, unspaced_words
from index.language.scripts import NO_SPACES, script_of
from index.language.words import Token, tokens
from rag.overview.asked.asked_of_files import alike, bare, shared_beginning
from rag.question.kinds.library_questions import COMPARE, SUMMARY

__all__ = ["AskedOfTexts", "asked_of_texts", "is_kind", "kinds_in", "pairs", "parted", "says_text"]

_SHORT = 3  # words of a match that are left out together; of a longer one only those at its ends
_LEAST = 3  # letters of a word behind an "and" that is written together with it
_STEM, _STEM_OF_CONSONANTS = 4, 3  # letters that forms of a word for a text share; without vowels there are fewer
_ENDING, _LONG_ENDING = 2, 3
_COMPOUND = 6  # letters of one with which other words end: "Mietverträge"
_VOWELLESS = frozenset({"Arab", "Hebr"})
_ASKED: tuple[tuple[str, tuple[PatternField, ...]], ...] = (
    (COMPARE, ("comparing",)),
    (SUMMARY, ("summing_up", "subject_asked")),
)


@dataclass(frozen=True, slots=True)
class AskedOfTexts:
    """What a question asks of texts as wholes.

    Attributes:
        kind: `COMPARE` or `SUMMARY`.
        naming: the question without the words that ask, in their place blanks.
        says_text: it holds a word for a text ("article"), so that it surely means one.
    """

    kind: str
    naming: str
    says_text: bool


def asked_of_texts(question: str, likely_kind: str = "") -> AskedOfTexts | None:
    """Return what a question asks of texts as wholes; `None` where its words ask for nothing of the kind.

    Args:
        question: its text.
        likely_kind: what its vector says that it asks of the library, which counts where the words say nothing.
    """
    text_said = says_text(question)
    for kind, fields in _ASKED:
        found = [match for field in fields for match in _pattern(field).finditer(question)]
        if found or likely_kind == kind:
            return AskedOfTexts(kind, _without(question, found), text_said)
    return None


def is_kind(form: str) -> bool:
    """Tell whether a folded word is one for a kind of text: "article", "der Vertrag", "والعقد"."""
    kinds = spaced_words("text_kinds")
    return form in kinds or bare(form) in kinds


def pairs(naming: str) -> Iterator[tuple[str, str]]:
    """Yield the ways in which words may name two texts, what stands between them left out.

    Where no word stands between them ("rapor A'yı rapor B'yle"), they may part before any word.
    """
    words = tokens(naming)
    found = list(_parted(naming, words))
    for before, behind in found or [(naming[: word.start], naming[word.start :]) for word in words[1:]]:
        if before.strip() and behind.strip():
            yield before, behind


def parted(naming: str) -> bool:
    """Tell whether a word stands between two names."""
    return any(before.strip() and behind.strip() for before, behind in _parted(naming, tokens(naming)))


def _parted(naming: str, words: list[Token]) -> Iterator[tuple[str, str]]:
    beside, prefixes = spaced_words("beside_another"), entries("and_prefixes")
    for word in words:
        if word.form in beside:
            yield naming[: word.start], naming[word.end :]
        elif word.start and word.form.startswith(prefixes) and len(word.form) > _LEAST:
            yield naming[: word.start], naming[word.start + 1 :]
    if script_of(naming) in NO_SPACES:
        signs = "|".join(map(re.escape, unspaced_words("beside_another")))
        yield from ((naming[: sign.start()], naming[sign.end() :]) for sign in re.finditer(signs, naming))


def says_text(question: str) -> bool:
    """Tell whether a question holds a word for a text in any form: "article", "reports", "Mietverträge"."""
    return bool(kinds_in(question))


def kinds_in(question: str) -> list[str]:
    """Return the words for kinds of texts that stand in a question, folded."""
    if script_of(question) in NO_SPACES:
        return [kind for kind in unspaced_words("text_kinds") if kind in question]
    return [token.form for token in tokens(question) if is_kind(token.form) or _is_form_of_kind(token.form)]


@lru_cache(maxsize=1024)
def _is_form_of_kind(form: str) -> bool:
    """Tell whether a folded word is an inflected one for a text, or one with which it is written together."""
    least = _STEM_OF_CONSONANTS if script_of(form) in _VOWELLESS else _STEM
    return any(
        any(_inflected(one, kind, least) for one in (form, bare(form)))
        or (len(kind) >= _COMPOUND and form.endswith(kind))
        for kind in spaced_words("text_kinds")
        if len(kind) >= least
    )


def _inflected(form: str, kind: str, least: int) -> bool:
    """Tell whether a word is a form of another one; behind a short one only a short ending is one ("notable")."""
    longest = _ENDING if len(kind) < _COMPOUND else _LONG_ENDING
    shared = shared_beginning(form, kind)
    return shared >= least and len(form) - shared <= longest and alike(form, kind)


def _without(question: str, found: list[re.Match[str]]) -> str:
    """Return a question with blanks for the words that ask; between the ends of a long match texts are named."""
    for match in found:
        words = list(re.finditer(r"\S+", match[0]))
        spans = [words[0].span(), words[-1].span()] if len(words) > _SHORT else [(0, len(match[0]))]
        for start, end in spans:
            low, high = match.start() + start, match.start() + end
            question = question[:low] + " " * (high - low) + question[high:]
    return question


@lru_cache(maxsize=8)
def _pattern(field: PatternField) -> re.Pattern[str]:
    return re.compile(alternatives(field), re.IGNORECASE)
