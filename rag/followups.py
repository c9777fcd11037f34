"""Turning "and in which city?" into a question that stands alone, by a careful rule.

A question that can't be understood without the last turn is recognised by how it begins, by a word that points back,
or by having hardly a word of its own. It then gets the telling words of the last question in brackets: the search finds
what is meant, and the reader sees what was understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.scripts import NO_SPACES, script_of
from rag.followup_words import COMMON, CONNECTIVES, POINTERS, UNSPACED_CONNECTIVES, UNSPACED_POINTERS
from rag.text import fold, tokens
from rag.types import Turn

__all__ = ["is_elliptical", "standalone_question"]

# With so few words of its own (question words and the like not counted) a question names no subject.
_FEW_WORDS = 1
_FEW_LETTERS = 7
_MOST_CARRIED = 8
_SPACED = re.compile(r"[^\s,;:!?؟،。！？、()\[\]\"“”«»]+")


def standalone_question(question: str, history: Sequence[Turn]) -> str | None:
    """Return the question with what it takes from the last turns, or `None` when it stands alone already.

    Args:
        question: a cleaned question.
        history: earlier turns, oldest first.
    """
    if not history or not is_elliptical(question):
        return None
    subject = next((turn.question for turn in reversed(history) if not is_elliptical(turn.question)), "")
    carried = _telling_words(subject or history[-1].question, question)
    return f"{question} ({carried})" if carried else None


def is_elliptical(question: str) -> bool:
    """Tell whether a question leans on something said before."""
    if script_of(question) in NO_SPACES:
        letters = sum(letter.isalnum() for letter in question)
        pointing = any(word in question for word in UNSPACED_POINTERS)
        return question.startswith(UNSPACED_CONNECTIVES) or pointing or letters <= _FEW_LETTERS
    forms = [token.form for token in tokens(question)]
    if not forms:
        return False
    own = [form for form in forms if form not in COMMON | POINTERS | CONNECTIVES]
    if forms[0] in CONNECTIVES and len(own) <= _FEW_WORDS + 1:
        return True
    if forms[0] in CONNECTIVES or any(form in POINTERS for form in forms):
        return not _names(question)
    return len(own) <= _FEW_WORDS and not _names(question)


def _names(question: str) -> list[str]:
    """Return words that name something by themselves: capitalised ones behind the first, numbers, abbreviations."""
    words = _SPACED.findall(question)
    return [word for n, word in enumerate(words) if (n and word[0].isupper()) or (word.isupper() and len(word) > 1)]


def _telling_words(last: str, question: str) -> str:
    """Return the words of the last question that say what it is about; unspaced scripts give it whole."""
    if script_of(last) in NO_SPACES:
        return last.rstrip("?？。 ")
    present = {token.form for token in tokens(question)}
    kept = []
    for word in _SPACED.findall(last):
        form = fold(word.strip(".'’"))
        if form and form not in COMMON and form not in POINTERS and form not in CONNECTIVES and form not in present:
            kept.append(word)
    return " ".join(kept[:_MOST_CARRIED])
