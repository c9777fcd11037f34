"""A follow-up that only names another thing: "And for children?" behind "What is the price for adults?".

The new words begin like a part of the question before (with the same preposition) and take its place. What comes out
stands alone, so that it is searched, read and answered like any question. Where no part begins so, nothing is swapped.
"""

from __future__ import annotations

from index.language.lexicon import known_words, spaced_words
from index.language.question_words import common, pointers
from index.language.scripts import NO_SPACES, script_of
from index.language.words import Token, tokens

__all__ = ["swapped"]

_MOST = 6  # words of a follow-up; more say something of their own
_MOST_BETWEEN = 2  # words between the one that opens a part and what it names, with it: "for the flat"


def swapped(before: str, question: str) -> str | None:
    """Return a question with a part of it exchanged; `None` where the follow-up names no other thing of its kind.

    Args:
        before: the last question that stands alone.
        question: the follow-up.
    """
    if script_of(question) in NO_SPACES or script_of(before) != script_of(question):
        return None
    said = tokens(question)
    if not said or said[0].form not in spaced_words("connectives"):
        return None
    new = said[1:]
    if not 2 <= len(new) <= _MOST or new[0].form not in common() or _asks(new):
        return None
    place = _part(before, new[0].form)
    if place is None:
        return None
    return f"{before[: place[0]]}{question[new[0].start : new[-1].end]}{before[place[1] :]}"


def _asks(words: list[Token]) -> bool:
    """Tell whether words ask something themselves, point back, or name nothing."""
    asking = known_words("asking") | known_words("which") | pointers()
    return any(word.form in asking for word in words) or all(word.form in common() for word in words)


def _part(before: str, opening: str) -> tuple[int, int] | None:
    """Return where the last part of a question begins and ends that a word opens: what it stands before, as one name.

    Behind another word that says nothing by itself it opens none: "the" in "for the flat".
    """
    words, silent = tokens(before), common()
    first = max((place for place, word in enumerate(words) if word.form == opening), default=0)
    if not first or words[first - 1].form in silent:
        return None
    named = next((place for place in range(first + 1, len(words)) if words[place].form not in silent), None)
    if named is None or named - first > _MOST_BETWEEN:
        return None
    last = named
    while last + 1 < len(words) and _goes_on(before, words[last], words[last + 1]):
        last += 1
    return words[first].start, words[last].end


def _goes_on(text: str, word: Token, following: Token) -> bool:
    """Tell whether two words are of one name: both with a capital, and nothing but a blank between."""
    return text[word.start].isupper() and text[following.start].isupper() and text[word.end : following.start] == " "
