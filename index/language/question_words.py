"""Words of questions over all languages, folded: what a question asks for, and whether it leans on the one before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from index.language.codes import canonical
from index.language.fields import ListField
from index.language.lexicon import patterns_of, spaced_words, unspaced_words, words_of
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens

__all__ = [
    "asks_for_a_name",
    "asks_for_a_reason",
    "asks_which",
    "asks_yes_or_no",
    "begins_with_a_pointer",
    "common",
    "counts",
    "goes_on",
    "offers_a_choice",
    "personal",
    "pointers",
    "silent",
]

_OPENING = 40  # code points in which a first word ends
_ASKING: tuple[ListField, ...] = ("asking", "which", "counting", "naming", "reasons", "or_words")
_MOST_OPENING = 4  # words of "est-ce que"
_LEAST = 3  # words of a question that no word marks as one for yes or no


def common() -> frozenset[str]:
    """Return question words and the like, which say nothing about the subject."""
    return spaced_words("common")


@lru_cache(maxsize=1)
def pointers() -> frozenset[str]:
    """Return words that point back; one that is an article or a preposition elsewhere ("to", "la") doesn't for sure."""
    return (spaced_words("pointers") | spaced_words("personal")) - common()


@lru_cache(maxsize=1)
def personal() -> frozenset[str]:
    """Return those of them that stand for somebody or something named earlier, and for nothing else."""
    return spaced_words("personal") - common()


@lru_cache(maxsize=1)
def silent() -> frozenset[str]:
    """Return all words of a question that name no subject."""
    return common() | pointers() | spaced_words("connectives")


def asks_for_a_name(question: str) -> bool:
    """Tell whether a question asks who or where."""
    return _has(question, spaced_words("naming"), unspaced_words("naming"))


def asks_for_a_reason(question: str) -> bool:
    """Tell whether a question asks why."""
    return _has(question, spaced_words("reasons"), unspaced_words("reasons"))


def counts(question: str) -> bool:
    """Tell whether a question asks for a number of things."""
    return _has(question, spaced_words("counting"), unspaced_words("counting"))


def asks_which(question: str) -> bool:
    """Tell whether a question asks which one of several."""
    return _has(question, spaced_words("which"), unspaced_words("which"))


def asks_yes_or_no(question: str, language: str) -> bool:
    """Tell whether a question asks for yes or no: it begins so, or holds a word that makes it one.

    One with a question word asks for more ("Is it known who came?"), one with "or" for one of two things.

    Args:
        question: standing alone.
        language: its BCP 47 code; of languages whose file doesn't say how such questions begin, nothing is known.
    """
    code = canonical(language)
    others = frozenset().union(*(words_of(field, code) for field in _ASKING))
    if script_of(question) in NO_SPACES:
        once = (
            sum(question.count(sign) for sign in words_of("deciding_anywhere", code)) == 1
        )  # "is it near, is it far?"
        return (once or _has_form(question, code)) and not any(sign in question for sign in others)
    forms = [part for token in tokens(question) for part in token.form.split("-")]
    begins = words_of("deciding", code)
    sizes = range(1, min(_MOST_OPENING, len(forms)) + 1)
    begun = next((size for size in reversed(sizes) if " ".join(forms[:size]) in begins), 0)
    rest = forms[begun:]
    marked = begun > 0 or not words_of("deciding_anywhere", code).isdisjoint(rest) or _has_form(question, code)
    return (marked or _is_turned_round(question, forms, code)) and others.isdisjoint([*rest, *_pairs(forms)])


def _has_form(question: str, code: str) -> bool:
    """Tell whether a form of a question for yes or no stands in it: "comprend-il", "能不能"."""
    return any(re.search(form, question, re.IGNORECASE) for form in patterns_of("deciding_forms", code))


def _is_turned_round(question: str, forms: Sequence[str], code: str) -> bool:
    """Tell whether a question begins with its verb, or with its subject where only the mark shows it."""
    if question.rstrip()[-1:] != "?" or len(forms) < _LEAST:
        return False
    if forms[0] in words_of("subject_first", code):
        return len(forms) > _LEAST and forms[2] not in words_of("date_particles", code)  # no "El precio del abono?"
    return forms[1] in words_of("verb_first", code) and forms[0] not in common() | words_of("verb_first", code)


def offers_a_choice(question: str, language: str) -> bool:
    """Tell whether a question holds "or": then its answer may stand in it.

    Args:
        question: standing alone.
        language: its BCP 47 code.
    """
    words = words_of("or_words", canonical(language))
    if script_of(question) in NO_SPACES:
        return any(word in question for word in words)
    return not words.isdisjoint(token.form for token in tokens(question))


def _pairs(forms: Sequence[str]) -> list[str]:
    return [f"{one} {other}" for one, other in pairwise(forms)]


def goes_on(sentence: str) -> bool:
    """Tell whether a sentence begins as one that adds to what was said before it."""
    forms = [token.form for token in tokens(sentence)[:2]]
    return sentence.startswith(unspaced_words("further")) or any(
        " ".join(forms[:size]) in spaced_words("further") for size in (1, 2) if len(forms) >= size
    )


def begins_with_a_pointer(sentence: str, language: str) -> bool:
    """Tell whether a sentence begins with a word for something named before it: "it", "he", "this".

    Args:
        sentence: its words.
        language: their BCP 47 code; a word of one language may be an article of another.
    """
    known = words_of("pointers", canonical(language))
    form = next((token.form for token in tokens(sentence[:_OPENING])), "")
    return form in known or sentence.startswith(tuple(word for word in unspaced_words("pointers") if word in known))


def _has(question: str, words: frozenset[str], unspaced: tuple[str, ...]) -> bool:
    forms = [token.form for token in tokens(question)]
    pairs = zip(["", *forms], forms, strict=False)
    return any(form in words or f"{before} {form}" in words for before, form in pairs) or any(
        word in question for word in unspaced
    )
