"""What must agree between a claim and a quote of two languages: amounts, names by their sound, denials.

Two languages share few words, so a name that isn't heard may be translated, and a denial may hide in a verb. Then
vectors are asked: a claim comes nearer to its quote without a word that the quote knows nothing of, and moves away
without one that it has (leaving one out, as in the occlusion of Zeiler and Fergus, 2014).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from index.embedders.answer_profiles import SupportProfile
from index.embedders.profile import profile_of
from index.language.codes import UNKNOWN, canonical
from index.language.folding import fold
from index.language.lexicon import entries, flagged, known_words, numbered, unspaced_words, words_of
from index.language.names.sounds import consonants, heard
from index.language.numbers.amounts import amounts, spaced_amounts, spelled_amounts, times
from index.language.numbers.facts import Facts, facts_of
from index.language.numbers.measures import NOT_KNOWN, measured
from index.language.numbers.quantities import calendar, weekdays
from index.language.question_words import common
from index.language.scripts import NO_SPACES, script_of
from index.language.words import Token, has_case, tokens

__all__ = [
    "Side",
    "Similar",
    "denials_agree",
    "misplaced_amount",
    "names_agree",
    "other_scale",
    "other_unit",
    "repeated_amount",
    "same_amount",
]

Similar: TypeAlias = Callable[[str, str], float | None]
"""The cosine of a claim and a quote; `None` when it can't be known."""

_ALONE = re.compile(r"(?<![\d.,:])1(?![\d.,:]*\d)")
_BORROWED = re.compile("[A-Z][A-Za-z]{2,}|[\u30a1-\u30fa\u30fc]{3,}")
# Names that begin alike in one script are the same in two spellings.
_BEGIN = 4
# A claim so long beside its quote says all of it, so that the quote's names must come back.
_WHOLE = 0.65
_LAST_WORD = re.compile(r"([^\W\d_]+)\W*$")


@dataclass(frozen=True, slots=True)
class Side:
    """A claim or a quote.

    Attributes:
        text: its words.
        language: BCP 47 code, `"und"` when unknown.
    """

    text: str
    language: str

    @property
    def facts(self) -> Facts:
        """Its numbers, names and denials."""
        return facts_of(self.text)


def same_amount(number: str, claim: Side, quote: Side) -> bool:
    """Tell whether the quote holds a number of the claim in another notation: `2040万` for `20.4 million`.

    Args:
        number: one of the claim's numbers as `index.language.numbers.digits.numbers` gives it.
        claim: the claim.
        quote: its quote.
    """
    said = [amount for amount in amounts(claim.text, claim.language) if amount.plain == number]
    shown = {amount.whole or amount.plain for amount in amounts(quote.text, quote.language)}
    shown |= spelled_amounts(quote.text, quote.language) | spaced_amounts(quote.text).keys()
    if any(number in parts and whole in shown for whole, parts in spaced_amounts(claim.text).items()):
        return True
    if said and all((amount.whole or amount.plain) in shown for amount in said):
        return True
    clock = {time for time in times(claim.text) if _tells(number, time, claim.text)}
    if clock and clock <= times(quote.text):
        return True
    return number == "1" and _is_article(claim, quote)


def _is_article(claim: Side, quote: Side) -> bool:
    """Tell whether "1 hour" may be "an hour" of another language: no number of the quote is gone in its place."""
    articles = words_of("articles", canonical(quote.language))
    kept = claim.language != quote.language and not quote.facts.numbers - claim.facts.numbers
    return kept and bool(articles & set(quote.facts.words)) and bool(_ALONE.search(fold(claim.text)))


def _tells(number: str, time: tuple[int, int], text: str) -> bool:
    """Tell whether a number of a text is a part of a time of day in it."""
    hour, minute = time
    written = number == str(minute) and any(f"{sign}{minute:02}" in text for sign in ".:h")
    return written or number in (f"{hour}.{minute:02}", str(hour), str(hour - 12))


def repeated_amount(claim: Side, quote: Side) -> bool:
    """Tell whether a number stands more often in the claim than in the quote, in the place of one that is gone.

    A part of a number whose thousands stand apart is none of the quote's numbers in another language.
    """
    said = Counter(amount.plain for amount in amounts(claim.text, claim.language))
    shown = Counter(amount.plain for amount in amounts(quote.text, quote.language))
    if any(0 < shown[number] < times for number, times in said.items()) and shown.keys() - said.keys():
        return True
    values = {amount.whole or amount.plain for amount in amounts(claim.text, claim.language)}
    values |= spaced_amounts(claim.text).keys()
    cut = (parts for whole, parts in spaced_amounts(quote.text).items() if whole not in values)
    return claim.language != quote.language and any((parts - {"0"}) & said.keys() for parts in cut)


def misplaced_amount(claim: Side, quote: Side) -> bool:
    """Tell whether a number of both sides stands for another one in the claim, or measures another thing."""
    return repeated_amount(claim, quote) or other_scale(claim, quote) or other_unit(claim, quote)


def other_unit(claim: Side, quote: Side) -> bool:
    """Tell whether a number is measured in another unit than in the quote: "30 feet" for "30 metres".

    Where a unit isn't known on one of the sides, nothing is decided.
    """
    shown = measured(quote.text, quote.language)
    for number, units in measured(claim.text, claim.language).items():
        there = shown.get(number, frozenset())
        if there and NOT_KNOWN not in units | there and not units <= there:
            return True
    return False


def other_scale(claim: Side, quote: Side) -> bool:
    """Tell whether a number is multiplied by another word than in the quote: "38 billion" for "38 million"."""
    shown = amounts(quote.text, quote.language)
    there = {amount.whole or amount.plain for amount in shown}
    scaled = {amount.plain for amount in shown if amount.whole}
    said = [amount for amount in amounts(claim.text, claim.language) if amount.plain in scaled]
    known = claim.language != UNKNOWN  # else nobody knows whether the word behind the number multiplies it
    return any((amount.whole or amount.plain) not in there for amount in said if amount.whole or known)


def names_agree(claim: Side, quote: Side, similar: Similar | None, profile: SupportProfile | None = None) -> bool:
    """Tell whether no name of the claim is foreign to the quote, nor one of it to a claim that says all of it.

    Args:
        claim: the claim.
        quote: its quote.
        similar: `None`: names count by their sound alone.
        profile: of the embedder behind `similar`; `None`: the generic one.
    """
    limits = profile or profile_of("").support
    days, shown = weekdays(claim.text, claim.language), weekdays(quote.text, quote.language)
    if shown and not days <= shown:
        return False
    foreign = _most_foreign(claim, quote, similar)
    if foreign > limits.name:
        return False
    if similar is None or len(consonants(claim.text)) < _WHOLE * len(consonants(quote.text)):
        return True
    missing = _most_foreign(quote, claim, _turned(similar))
    return missing <= limits.quote_name and foreign + missing <= limits.names


def denials_agree(claim: Side, quote: Side, similar: Similar | None, profile: SupportProfile | None = None) -> bool:
    """Tell whether both deny or neither does; a verb such as "refuse" may stand for a denial of the other side.

    Args:
        claim: the claim.
        quote: its quote.
        similar: `None`: every denial that the other side lacks counts.
        profile: of the embedder behind `similar`; `None`: the generic one.
    """
    limits = profile or profile_of("").support
    words, shown = _denials(claim), _denials(quote)
    if not words and not shown:
        return True
    if words and shown:
        twice = canonical(claim.language) in flagged("denies_twice") or len(words) <= len(shown)
        return twice or not _disturbs(words, claim, quote, similar, limits.second_denial)
    denying, other = (claim, quote) if words else (quote, claim)
    gain = limits.implied_denial if similar is not None and _implies(other.text) else limits.denial
    meets = similar if words or similar is None else _turned(similar)
    return not _disturbs(words or shown, denying, other, meets, gain)


def _denials(side: Side) -> list[Token]:
    """Return the words that deny in the language of a side."""
    text = _harmless().sub(_blank, side.text)
    if script_of(text) in NO_SPACES:  # words are cut into pairs of letters there
        return [Token(fold(match.group()), match.start(), match.end()) for match in _denying_parts().finditer(text)]
    return [token for token in tokens(text) if _denies(token.form, side.language)]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _disturbs(words: Sequence[Token], side: Side, other: Side, similar: Similar | None, gain: float) -> bool:
    """Tell whether one of a side's words keeps it from the other."""
    return any(_gain(word, side.text, other.text, similar) > gain for word in words)


def _turned(similar: Similar) -> Similar:
    def turned(one: str, other: str) -> float | None:
        return similar(other, one)

    return turned


def _most_foreign(side: Side, other: Side, similar: Similar | None) -> float:
    """Return how much nearer a side comes to the other without the worst of its names that aren't heard there."""
    return max((_gain(word, side.text, other.text, similar) for word in _unheard(side, other)), default=-math.inf)


def _unheard(side: Side, other: Side) -> Iterator[Token]:
    """Yield the names of one side that aren't heard in the other; dates are compared as such."""
    begins = {word[:_BEGIN] for word in other.facts.words}
    others = calendar(side.language) | common() | numbered("months").keys() | known_words("saints")
    for token in _names(side):
        if token.form not in others and token.form[:_BEGIN] not in begins and not heard(token.form, other.text):
            yield token


def _names(side: Side) -> Iterator[Token]:
    """Yield words with capital letters; where a script has none, what stands in Latin letters or in Katakana."""
    if has_case(side.text):
        nouns = canonical(side.language) in flagged("capital_nouns")
        for token in tokens(side.text):
            if token.form in side.facts.names and not (nouns and _is_noun(side.text, token.start)):
                yield token
        return
    for match in _BORROWED.finditer(side.text):
        yield Token(fold(match.group()), match.start(), match.end())


def _is_noun(text: str, place: int) -> bool:
    """Tell by the article or adjective before it whether a German word is a common noun; names have none."""
    before = _LAST_WORD.search(text[max(0, place - 30) : place])
    word = before.group(1) if before else ""
    return word[:1].islower() and word not in entries("name_prepositions") and word.endswith(entries("before_nouns"))


def _gain(word: Token, text: str, other: str, similar: Similar | None) -> float:
    """Return how much nearer a text comes to another one when a word of it is left out, infinite if unknown."""
    if similar is None:
        return math.inf
    whole, without = similar(text, other), similar(_without(text, word), other)
    return math.inf if whole is None or without is None else without - whole


def _without(text: str, word: Token) -> str:
    return f"{text[: word.start]}{text[word.end :]}".strip()


def _implies(text: str) -> bool:
    folded = fold(text)
    begins = _implied_denials()
    return any(part in folded for part in known_words("implied_denial_parts")) or any(
        token.form.startswith(begins) for token in tokens(text)
    )


@lru_cache(maxsize=1)
def _implied_denials() -> tuple[str, ...]:
    """Return how words begin that deny without a word of denial; two letters begin too many others."""
    return tuple(word for word in known_words("implied_denials") if len(word) > 2)


@lru_cache(maxsize=1)
def _harmless() -> re.Pattern[str]:
    """Return what finds phrases with a word of denial that deny nothing."""
    apart = unspaced_words("harmless_denials")
    within = (rf"\b{re.escape(phrase)}\b" for phrase in entries("harmless_denials") if phrase not in apart)
    return re.compile("|".join((*map(re.escape, apart), *within)), re.IGNORECASE)


@lru_cache(maxsize=1)
def _denying_parts() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(fold(part)) for part in entries("denial_parts")))


def _denies(form: str, language: str) -> bool:
    if form in words_of("false_denials", canonical(language)):
        return False
    return form in known_words("denials") or any(part in form for part in known_words("denial_parts"))
