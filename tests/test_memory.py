"""What visitors send is not kept: results of short texts only, a few thousand of them, however many are asked about."""

from __future__ import annotations

import functools
import gc
import importlib
import pkgutil
import random
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import index
import rag
import ui
from index.caching import kept
from index.embedders.bundled.packed import bundled_model_path
from index.embedders.bundled.tokens.unigram import open_unigram
from index.language.codes import canonical, language_name
from index.language.folding import fold
from index.language.names.sounds import _sounds, consonants
from index.language.numbers.amounts import amounts, spelled_amounts
from index.language.numbers.facts import facts_of
from index.language.numbers.quantities import held
from index.language.words import grams
from index.stores.embedded.keywords.postings import digest
from index.stores.terms import terms
from rag.question.small_talk import _units
from rag.retrieval.evidence import _numbers
from tests.harness.partly_slow import partly_slow

Work = Callable[[str], object]
READING: dict[str, Work] = {
    "grams": grams,
    "fold": fold,
    "facts": facts_of,
    "amounts": lambda text: amounts(text, "en"),
    "numbers in words": lambda text: spelled_amounts(text, "en"),
    "numbers": _numbers,
    "consonants": consonants,
    "sounds": _sounds,
    "quantities": lambda text: held(text, "en"),
    "small talk": _units,
    "keywords": terms,
    "languages": canonical,
}
LONG = 4_000


def made(number: int, letters: str) -> str:
    return "".join(random.Random(number).choices(letters, k=LONG))


def growth(work: Work, letters: str) -> int:
    """Return by how many bytes memory has grown after forty different texts."""
    for number in range(3):
        work(made(number, letters))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(100, 140):
            work(made(number, letters))
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", READING)
@pytest.mark.parametrize("letters", partly_slow(["abcdefghijklmnopqrstuvwxyz", "船は出た港に人海山川"]))
def test_long_texts_leave_nothing_behind(name: str, letters: str) -> None:
    """A naive version keeps the last four thousand results of any length: a gigabyte for two thousand texts."""
    assert growth(READING[name], letters) < 250_000


def test_a_cache_that_keeps_any_text_is_caught() -> None:
    from functools import lru_cache

    assert growth(lru_cache(maxsize=4096)(lambda text: text + "x"), "abc") > 250_000


FEW = 4_096


def pieces(text: str) -> object:
    return open_unigram(bundled_model_path())[1].ids(text)  # opened once for the process, and not to collect tests


SHORT: dict[str, Work] = {
    **READING,
    "pieces": pieces,
    "digests": lambda text: [digest(term) for term in terms(text)],
}


def growth_by_words(work: Work, letters: str) -> int:
    """Return by how many bytes memory has grown over the second four thousand words that nobody asked before."""
    dice = random.Random(1)
    words = ["".join(dice.choices(letters, k=dice.randint(5, 11))) for _ in range(2 * FEW)]
    tracemalloc.start()
    try:
        for number, word in enumerate(words):
            if number == FEW:
                before = tracemalloc.get_traced_memory()[0]
            work(word)
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", partly_slow(SHORT, now=6))
def test_ever_new_words_fill_no_cache_for_thousands_of_questions(name: str) -> None:
    """A naive version keeps sixty thousand: memory grows by 26 MB in each thousand questions, until all are full."""
    assert growth_by_words(SHORT[name], "abcdefghijklmnopqrstuvwxyz") < 400_000


def test_a_cache_that_goes_on_filling_is_caught() -> None:
    from functools import lru_cache

    assert growth_by_words(lru_cache(maxsize=1 << 16)(lambda text: text + "x"), "abcdefghijklmnop") > 400_000


def growth_by_languages(work: Work) -> int:
    """Return by how many bytes memory has grown after languages that nobody asked in before."""
    for language in ("en", "de", "ar", "zh"):
        work(language)
    tracemalloc.start()
    try:
        for language in ("fr", "ru", "hi", "fa", "he", "uk"):
            work(language)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def test_questions_in_ever_new_languages_leave_little_behind() -> None:
    assert growth_by_languages(lambda language: language_name("sw", language)) < 1_500_000


def test_a_library_that_keeps_all_of_each_language_is_caught() -> None:
    from babel import Locale

    assert growth_by_languages(lambda language: Locale.parse(language).languages) > 1_500_000


def caches() -> Iterator[tuple[str, int | None, bool]]:
    """Yield each cache of a module: its name, how much it keeps, and whether what it keeps depends on anything."""
    for package in (index, rag, ui):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("__main__"):
                continue
            for name, thing in vars(importlib.import_module(module.name)).items():
                for cache in filter(_is_cache, (thing, *_closed_over(thing))):
                    takes = cache.__wrapped__.__code__.co_argcount > 0
                    yield f"{module.name}.{name}", cache.cache_parameters()["maxsize"], takes


def _is_cache(thing: object) -> bool:
    return isinstance(thing, functools._lru_cache_wrapper)


def _closed_over(thing: object) -> list[Any]:
    """Return what a function holds on to: one made by `index.caching.kept` does to its cache."""
    return [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]


def test_no_cache_of_the_product_is_large() -> None:
    found = list(caches())
    assert len(found) > 60
    assert [name for name, most, takes in found if takes and (most is None or most > FEW)] == []


def test_results_of_short_texts_are_kept() -> None:
    seen: list[str] = []

    @kept(10, longest=5)
    def noted(text: str, twice: bool = False) -> str:
        seen.append(text)
        return text * 2 if twice else text

    assert [noted("short"), noted("short"), noted("short", twice=True)] == ["short", "short", "shortshort"]
    assert [noted("longer"), noted("longer")] == ["longer", "longer"]
    assert seen == ["short", "short", "longer", "longer"]
