"""Which words of a question name texts, without those that only ask or say what kind of text they are."""

from __future__ import annotations

from collections.abc import Iterator

from index.language.lexicon import numbered, spaced_words, unspaced_words
from index.language.question_words import common
from index.language.scripts import NO_SPACES, script_of
from index.language.words import Token, tokens
from rag.overview.asked.asked_of_texts import is_kind, kinds_in
from rag.overview.asked.places import places_in
from rag.overview.contents.terms import is_silent

__all__ = ["said", "telling_and_kinds"]


def said(naming: str, language: str) -> list[tuple[str, str]]:
    """Return the words that name something, folded and as they stand; letters and numbers do: "contract A"."""
    if script_of(naming) in NO_SPACES:
        return list(_unspaced(naming, language))
    silent = spaced_words("about_files") | spaced_words("beside_another") | numbered("numbers").keys()
    return [
        (word.form, naming[word.start : word.end])
        for word in tokens(naming)
        if not is_kind(word.form) and (_is_letter(naming, word) or not (is_silent(word.form) or word.form in silent))
    ]


def telling_and_kinds(naming: str, language: str) -> tuple[set[str], set[str]]:
    """Return the words of a name that are no words for kinds of texts, and those that are, in whatever form."""
    kinds = set(kinds_in(naming))
    return {form for form, _ in said(naming, language)} - kinds - common(), kinds


def _unspaced(naming: str, language: str) -> Iterator[tuple[str, str]]:
    for place in places_in(naming, language):
        yield place, place
        naming = naming.replace(place, " " * len(place))
    signs = unspaced_words("text_kinds") + unspaced_words("about_files") + unspaced_words("asking")
    for sign in sorted(signs, key=len, reverse=True):
        naming = naming.replace(sign, " " * len(sign))
    yield from ((word.form, naming[word.start : word.end]) for word in tokens(naming) if not is_kind(word.form))


def _is_letter(naming: str, word: Token) -> bool:
    return word.end - word.start == 1 and word.start > 0 and naming[word.start].isupper()
