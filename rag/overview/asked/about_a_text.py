"""Whether a question asks what a text is about that it names by its whole title.

A title says so much that the question's vector speaks of the title's subject, and no more of what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from index.language.folding import fold
from index.language.lexicon import known_words, spaced_words, unspaced_words
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens
from rag.overview.contents.terms import is_silent

__all__ = ["asks_what_a_text_is_about", "names_all_titles"]

_SHORTEST = 4  # letters of a title
_UNSPACED = 10  # signs beside a title that say nothing else


def asks_what_a_text_is_about(question: str, titles: Iterable[str]) -> bool:
    """Tell whether a question is a whole title, and beside it nothing but words that ask what a text is about.

    Args:
        question: its text.
        titles: of documents that come into question.
    """
    return any(_asks(question, title) for title in dict.fromkeys(titles) if len(title) >= _SHORTEST)


def names_all_titles(question: str, titles: Iterable[str]) -> bool:
    """Tell whether titles all stand whole in a question.

    Args:
        question: its text.
        titles: of the documents that it may mean.
    """
    asked = " ".join(fold(question).split())
    return all(len(title) >= _SHORTEST and " ".join(fold(title).split()) in asked for title in titles)


def _asks(question: str, title: str) -> bool:
    asked, named = fold(question), " ".join(fold(title).split())
    before, found, behind = " ".join(asked.split()).partition(named)
    if not found:
        return False
    rest = f"{before} {behind}"
    if script_of(rest) in NO_SPACES:
        return len("".join(rest.split())) <= len("《》？?") + _UNSPACED and any(
            fold(word) in rest for word in unspaced_words("about")
        )
    forms = [token.form for token in tokens(rest)]
    about = spaced_words("about")
    return any(form in about for form in forms) and all(
        form in about or is_silent(form) or form in _kinds() or len(form) == 1 for form in forms
    )


def _kinds() -> frozenset[str]:
    """Return words for texts themselves: "the report …"."""
    return known_words("title_words") | known_words("sources") | known_words("asking")
