"""What visitors send is not kept: results of short texts only, however many long ones are asked about."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable

import pytest

from index.caching import kept
from index.language.amounts import amounts, spelled_amounts
from index.language.codes import canonical
from index.language.facts import facts_of
from index.language.folding import fold
from index.language.names import _sounds, consonants
from index.language.quantities import held
from index.language.words import grams
from index.stores.terms import terms
from rag.question.small_talk import _units
from rag.retrieval.evidence import _numbers

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
@pytest.mark.parametrize("letters", ["abcdefghijklmnopqrstuvwxyz", "船は出た港に人海山川"])
def test_long_texts_leave_nothing_behind(name: str, letters: str) -> None:
    """A naive version keeps the last four thousand results of any length: a gigabyte for two thousand texts."""
    assert growth(READING[name], letters) < 250_000


def test_a_cache_that_keeps_any_text_is_caught() -> None:
    from functools import lru_cache

    assert growth(lru_cache(maxsize=4096)(lambda text: text + "x"), "abc") > 250_000


def test_results_of_short_texts_are_kept() -> None:
    seen: list[str] = []

    @kept(10, longest=5)
    def noted(text: str, twice: bool = False) -> str:
        seen.append(text)
        return text * 2 if twice else text

    assert [noted("short"), noted("short"), noted("short", twice=True)] == ["short", "short", "shortshort"]
    assert [noted("longer"), noted("longer")] == ["longer", "longer"]
    assert seen == ["short", "short", "longer", "longer"]
