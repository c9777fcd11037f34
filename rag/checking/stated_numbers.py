"""Whether the numbers and months of a claim stand in its quote: the first thing that is compared, and a hard one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from index.language.numbers.facts import Around, Facts, facts_of
from index.language.question_words import common
from rag.checking.cross_language import Side, misplaced_amount, same_amount
from rag.checking.repeating import repeated
from rag.types import Support

__all__ = ["number_missing", "numbers_stand"]


def number_missing(claim: str, quote: str, language: str, quoted_in: str, context: Sequence[Facts]) -> bool:
    """Tell whether a number of a claim stands neither in its quote nor around it.

    Such a claim is not found whatever a model says of its meaning, so that none needs to be asked: the check
    (`rag.checking.support`) comes to the same verdict.
    """
    if repeated(claim, quote, quoted_in):
        return False
    said, shown = facts_of(claim), facts_of(quote)
    sides = Side(claim, language), Side(quote, quoted_in)
    return numbers_stand(said, shown, Around.of([*context, shown]), sides) == "not found"


def numbers_stand(said: Facts, shown: Facts, around: Around, sides: tuple[Side, Side]) -> Support:
    """Every number and month of the claim must stand in the quote, as digits, as a word or as a month."""
    missing = {n for n in said.numbers if not _has_number(n, shown) and not same_amount(n, *sides)}
    months = {month for month in said.months if month not in shown.dated and str(month) not in shown.numbers}
    if not missing and not months:
        misplaced = misplaced_amount(*sides) or _misplaced_number(said.words, shown.words)
        return "partly" if misplaced else "supported"
    nearby = all(_has_number(number, around) for number in missing) and months <= around.dated
    return "partly" if nearby else "not found"


def _has_number(number: str, facts: Facts | Around) -> bool:
    if number in facts.numbers or number in facts.spelled:
        return True
    return number.isdigit() and len(number) < 3 and int(number) in facts.dated


def _misplaced_number(said: Sequence[str], shown: Sequence[str]) -> bool:
    """Tell whether a number counts what another number of the quote counts: "5 mph" of "85 mph at 5 a.m."."""
    there = {pair for pair in pairwise(shown) if pair[0][0].isdigit() or pair[1][0].isdigit()}
    counted = {what for number, what in there if number[0].isdigit()} - common()
    return any(
        number[0].isdigit() and what in counted and (number, what) not in there and (before, number) not in there
        for before, number, what in zip(("", *said), said, said[1:], strict=False)
    )
