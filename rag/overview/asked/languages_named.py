"""Languages that a question names: "Which are in Arabic?" asks for documents, not for facts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from index.language.codes import canonical, language_name
from index.language.folding import fold
from index.language.lexicon import entries, known_words
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens
from rag.overview.asked.asked_of_texts import is_kind
from rag.overview.contents.terms import is_silent
from rag.reading.short.rendering import place_codes

__all__ = ["asks_for_a_language", "languages_named", "languages_of_texts"]

_STEM, _ENDING = 4, 3  # letters that the name and a form of it share, and that may differ behind them


def languages_named(question: str, language: str, codes: Iterable[str]) -> list[str]:
    """Return those of some languages that a question names in its own language, in any form of their names.

    Args:
        question: its text.
        language: its BCP 47 code.
        codes: BCP 47 codes of the languages that come into question.
    """
    forms = [fold(question)] if script_of(question) in NO_SPACES else [token.form for token in tokens(question)]
    return [code for code in dict.fromkeys(codes) if any(_names(form, code, language) for form in forms)]


def languages_of_texts(naming: str, language: str, codes: Iterable[str]) -> dict[str, list[str]]:
    """Return the words beside one for a kind of text that name its language, each with the languages it may name.

    "The Arabic article" is one in Arabic; "the Arab League" and "the Germany report" are something else.

    Args:
        naming: what names texts.
        language: BCP 47 code of the question.
        codes: BCP 47 codes of the languages that come into question.
    """
    forms = [token.form for token in tokens(naming)]
    beside = {one for pair in pairwise(forms) for one, other in (pair, pair[::-1]) if is_kind(other)}
    known = list(codes)
    meant = {form: _meant(form, language, known) for form in forms if form in beside}
    return {form: found for form, found in meant.items() if found}


def _meant(form: str, language: str, codes: Iterable[str]) -> list[str]:
    if form in place_codes(canonical(language)):
        return []
    return [c for c in languages_named(form, language, codes) if len(form) >= len(language_name(c, language)) - 1]


def asks_for_a_language(question: str, language: str, codes: Iterable[str]) -> bool:
    """Tell whether a question names one of some languages, and beside it nothing but words of asking."""
    known = list(codes)
    if script_of(question) in NO_SPACES or not languages_named(question, language, known):
        return False
    rest = [token.form for token in tokens(question)]
    rest = [form for form in rest if not any(_names(form, code, language) for code in known)]
    silent = known_words("asking") | known_words("placing") | known_words("which")
    return bool(rest) and all(is_silent(form) or form in silent for form in rest)


def _names(form: str, code: str, language: str) -> bool:
    name = fold(language_name(code, language))
    if script_of(form) in NO_SPACES:
        return name in form
    parts = [part for part in name.split() if len(part) >= _STEM] or [name]
    return any(_is_form(form, part) for part in parts)


def _is_form(form: str, name: str) -> bool:
    """Tell whether a word is a name with another ending, or with a preposition and an article written before it."""
    article = next(filter(name.startswith, entries("article_prefixes")), "")
    bare = name.removeprefix(article)
    if bare in form and len(form) - len(bare) <= _ENDING + 1:
        return True
    shared = next((n for n, (a, b) in enumerate(zip(form, name, strict=False)) if a != b), min(len(form), len(name)))
    return shared >= max(_STEM, len(name) - _ENDING) and len(form) - shared <= _ENDING
