"""Turning "and in which city?" into a question that stands alone, by a careful rule.

A question that can't be understood without the last turn is recognised by how it begins, by a word that points back,
or by having hardly a word of its own. It then gets the last question that stands alone put before it: the search finds
what is meant, the reader sees what was understood, and no word of either is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.scripts import NO_SPACES, script_of
from rag.followup_words import (
    COMMON,
    CONNECTIVES,
    PERSONAL,
    POINTERS,
    UNSPACED_CONNECTIVES,
    UNSPACED_POINTERS,
)
from rag.question_words import WHICH
from rag.text import fold, has_case, tokens
from rag.types import Turn

__all__ = ["is_elliptical", "standalone_question"]

# With so few words of its own (question words and the like not counted) a question names no subject.
_FEW_WORDS = 1
_FEW_LETTERS = 7
_LONGEST_CARRIED = 300
_SPACED = re.compile(r"[^\s,;:!?؟،。！？、()\[\]\"“”«»¿¡]+")
# "and" and the like, written as one with the next word.
_PREFIXES = ("و", "ف")
# Arabic endings that stand for somebody named before.
_SUFFIXES = ("ها", "هم", "هما")


def standalone_question(question: str, history: Sequence[Turn]) -> str | None:
    """Return the question behind the one that it leans on, or `None` when it stands alone already.

    Args:
        question: a cleaned question.
        history: earlier turns, oldest first.
    """
    if not history:
        return None
    if not is_elliptical(question):
        return None
    whole = [turn.question for turn in history if not is_elliptical(turn.question)]
    subject = " ".join((whole or [history[-1].question])[-1].split())
    return f"{_short(subject)} {question}" if _says_something(subject) else None


def is_elliptical(question: str) -> bool:
    """Tell whether a question leans on something said before."""
    if script_of(question) in NO_SPACES:
        letters = sum(letter.isalnum() for letter in question)
        pointing = any(word in question for word in UNSPACED_POINTERS)
        return question.startswith(UNSPACED_CONNECTIVES) or pointing or letters <= _FEW_LETTERS
    forms = [token.form for token in tokens(question)]
    if not forms:
        return False
    own = [form for form in forms if _bare(form) not in COMMON | POINTERS | CONNECTIVES]
    connected = forms[0] in CONNECTIVES or _bare(forms[0]) != forms[0]
    if connected and len(own) <= _FEW_WORDS + 1:
        return True
    if _points_before_names(question) and (has_case(question) or len(own) <= _FEW_WORDS + 2):
        return True
    if connected or any(form in POINTERS for form in forms):
        return not _names(question) and (has_case(question) or len(own) <= _FEW_WORDS + 3)
    return len(own) <= _FEW_WORDS and not _names(question)


def _bare(form: str) -> str:
    """Return an Arabic question word without the "and" that is written as one with it."""
    return form[1:] if form.startswith(_PREFIXES) and form[1:] in COMMON else form


def _points_before_names(question: str) -> bool:
    """Tell whether "he" or the like stands where nothing was named yet that it could mean."""
    for token in tokens(question):
        if token.form in PERSONAL or (script_of(token.form) == "Arab" and token.form.endswith(_SUFFIXES)):
            return not _names(question[: token.start])
    return False


def _names(question: str) -> list[str]:
    """Return words that name something by themselves: capitalised ones behind the first, abbreviations.

    A noun behind "which" is what is asked for, also where nouns are written with capitals.
    """
    words = _SPACED.findall(question)
    return [
        word
        for place, word in enumerate(words)
        if (place and word[0].isupper() and fold(words[place - 1]) not in WHICH) or (word.isupper() and len(word) > 1)
    ]


def _short(text: str) -> str:
    """Return the text, cut at a word when it is too long to carry along."""
    cut = text[:_LONGEST_CARRIED]
    return text if cut == text else cut.rpartition(" ")[0] or cut


def _says_something(question: str) -> bool:
    """Tell whether a question has a word that says what it is about."""
    forms = [fold(token.form) for token in tokens(question)]
    return any(form not in COMMON | POINTERS | CONNECTIVES for form in forms)
