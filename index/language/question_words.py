"""Words of questions over all languages, folded: what a question asks for, and whether it leans on the one before."""

from __future__ import annotations

from functools import lru_cache

from index.language.codes import canonical
from index.language.lexicon import spaced_words, unspaced_words, words_of
from index.language.words import tokens

__all__ = [
    "asks_for_a_name",
    "asks_for_a_reason",
    "begins_with_a_pointer",
    "common",
    "counts",
    "goes_on",
    "personal",
    "pointers",
    "silent",
]

_OPENING = 40  # code points in which a first word ends


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
