"""Turning "and in which city?" into a question that stands alone, by a careful rule.

A question that can't be understood without the last turn is recognised by how it begins, by a word that points back,
or by having hardly a word of its own. It then gets the last question that stands alone put before it: the search finds
what is meant, the reader sees what was understood, and no word of either is lost. The joined question is for the search
alone: what is quoted must answer the new one, or the old answer would be given again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.language.folding import fold
from index.language.lexicon import entries, spaced_words, unspaced_words
from index.language.question_words import common, personal, pointers, silent
from index.language.scripts import NO_SPACES, script_of
from index.language.words import has_case, tokens
from rag.question.offers import topic
from rag.question.small_talk import accepts, is_small_talk, offer
from rag.question.swapping import swapped
from rag.types import Turn

__all__ = ["FollowUp", "is_elliptical", "points_back", "resolve_follow_up", "standalone_question"]

# With so few words of its own (question words and the like not counted) a question names no subject.
_FEW_WORDS = 1
_FEW_LETTERS = 7
_FEW_IDEOGRAPHS = 5
# With so many words of its own a question that begins with "and" has a subject.
_MANY_WORDS = 3
_LONGEST_CARRIED = 300
_SPACED = re.compile(r"[^\s,;:!?؟،。！？、()\[\]\"“”«»¿¡]+")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a question means in its conversation.

    Attributes:
        standalone: what is searched for, `None` when that is the question as it is.
        focus: the new question, where `standalone` holds the one before it as well: what is quoted must answer this.
    """

    standalone: str | None = None
    focus: str | None = None


def resolve_follow_up(question: str, history: Sequence[Turn]) -> FollowUp:
    """Return what a question means behind its conversation; "yes, please" means what was offered last.

    Args:
        question: a cleaned question.
        history: earlier turns, oldest first.
    """
    if is_small_talk(question):
        return _accepted(history) if accepts(question) else FollowUp()
    before = _before(question, history)
    if before is not None and (other := swapped(before, question)) is not None:
        return FollowUp(other)
    joined = standalone_question(question, history)
    return FollowUp(joined, None if joined is None else question)


def _accepted(history: Sequence[Turn]) -> FollowUp:
    """Return what "yes" means: what was offered is a question about the subject of the conversation."""
    offered = offer(history)
    about = topic(offered) if offered else ""
    asked = [turn.question for turn in history if not is_small_talk(turn.question)]
    if not about or not asked or _has_subject(about):
        return FollowUp(about or offered)
    return FollowUp(f"{_short(' '.join(asked[-1].split()))} {about}", about)


def _has_subject(about: str) -> bool:
    """Tell whether what was offered says itself what it is about."""
    if points_back(about):
        return False
    if script_of(about) in NO_SPACES:
        return sum(letter.isalnum() for letter in about) > 2 * _FEW_IDEOGRAPHS
    own = [token.form for token in tokens(about) if _bare(token.form) not in silent()]
    return len(own) >= _MANY_WORDS


def standalone_question(question: str, history: Sequence[Turn]) -> str | None:
    """Return the question behind the one that it leans on, or `None` when it stands alone already.

    Args:
        question: a cleaned question.
        history: earlier turns, oldest first.
    """
    before = _before(question, history)
    return None if before is None else f"{_short(before)} {question}"


def _before(question: str, history: Sequence[Turn]) -> str | None:
    """Return the question on which one leans; `None` when it stands alone already."""
    asked = [turn.question for turn in history if not is_small_talk(turn.question)]
    if not asked or not is_elliptical(question):
        return None
    whole = [earlier for earlier in asked if not is_elliptical(earlier)]
    subject = " ".join((whole or asked)[-1].split())
    return subject if _says_something(subject) else None


def points_back(question: str) -> bool:
    """Tell whether a word of a question stands for something named before."""
    if script_of(question) in NO_SPACES:
        return any(word in question for word in unspaced_words("pointers"))
    forms = [token.form for token in tokens(question)]
    arabic = script_of(question) == "Arab"
    return any(form in pointers() or (arabic and form.endswith(entries("pointer_endings"))) for form in forms)


def is_elliptical(question: str) -> bool:
    """Tell whether a question leans on something said before."""
    script = script_of(question)
    if script in NO_SPACES:
        letters = sum(letter.isalnum() for letter in question)
        pointing = any(word in question for word in unspaced_words("pointers"))
        few = _FEW_IDEOGRAPHS if script == "Hani" else _FEW_LETTERS
        return question.startswith(unspaced_words("connectives")) or pointing or letters <= few
    forms = [token.form for token in tokens(question)]
    return bool(forms) and _leans(question, forms)


def _leans(question: str, forms: Sequence[str]) -> bool:
    """Tell the same of a question in a script with spaces."""
    own = [form for form in forms if _bare(form) not in silent()]
    connected = forms[0] in spaced_words("connectives") or _bare(forms[0]) != forms[0]
    if connected and len(own) <= _FEW_WORDS + 1:
        return True
    if _points_before_names(question) and (has_case(question) or len(own) <= _FEW_WORDS + 2):
        return True
    if any(form in pointers() for form in forms):
        return not _names(question) and (has_case(question) or len(own) <= _FEW_WORDS + 3)
    if connected:
        return not _names(question) and len(own) < _MANY_WORDS
    return len(own) <= _FEW_WORDS and not _names(question) and not _asks_for_content(forms, own)


def _asks_for_content(forms: Sequence[str], own: Sequence[str]) -> bool:
    """Tell whether a question reads "what is in the table": it names where to look, and leans on nothing."""
    content, which = spaced_words("content"), spaced_words("which")
    placed = [place for place, form in enumerate(forms) if form in spaced_words("placing") and place]
    return bool(own) and bool(placed) and forms[0] in content and forms[placed[0] - 1] not in which - content


def _bare(form: str) -> str:
    """Return an Arabic question word without the "and" that is written as one with it."""
    return form[1:] if form.startswith(entries("connective_prefixes")) and form[1:] in common() else form


def _points_before_names(question: str) -> bool:
    """Tell whether "he" or the like stands where nothing was named yet that it could mean."""
    for token in tokens(question):
        if token.form in personal() or (
            script_of(token.form) == "Arab" and token.form.endswith(entries("pointer_endings"))
        ):
            return not _names(question[: token.start])
    return False


def _names(question: str) -> list[str]:
    """Return words that name something by themselves: capitalised ones behind the first, abbreviations.

    A noun behind "which" is what is asked for, also where nouns are written with capitals.
    """
    words, which = _SPACED.findall(question), spaced_words("which")
    return [
        word
        for place, word in enumerate(words)
        if (place and word[0].isupper() and fold(words[place - 1]) not in which) or (word.isupper() and len(word) > 1)
    ]


def _short(text: str) -> str:
    """Return the text, cut at a word when it is too long to carry along."""
    cut = text[:_LONGEST_CARRIED]
    return text if cut == text else cut.rpartition(" ")[0] or cut


def _says_something(question: str) -> bool:
    """Tell whether a question has a word that says what it is about."""
    forms = [fold(token.form) for token in tokens(question)]
    return any(form not in silent() for form in forms)
