"""What must agree between a claim and a quote of two languages: amounts, names by their sound, denials.

Two languages share few words, so a name that isn't heard may be translated, and a denial may hide in a verb. Then
vectors are asked: a claim comes nearer to its quote without a word that the quote knows nothing of, and moves away
without one that it has (leaving one out, as in the occlusion of Zeiler and Fergus, 2014).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from rag.amounts import amounts, spelled_amounts, times
from rag.facts import Facts, facts_of
from rag.followup_words import COMMON
from rag.names import consonants, heard
from rag.quantities import calendar
from rag.text import Token, fold, has_case, tokens
from rag.wordlists import FALSE_FRIENDS, IMPLIED_DENIALS, IMPLIED_PARTS, MONTHS, NEGATION_PARTS, NEGATIONS

__all__ = ["CAPITAL_NOUNS", "Side", "Similar", "denials_agree", "names_agree", "repeated_amount", "same_amount"]

Similar: TypeAlias = Callable[[str, str], float | None]
"""The cosine of a claim and a quote; `None` when it can't be known."""

# Languages that write every noun with a capital letter.
CAPITAL_NOUNS = frozenset({"de", "lb", "gsw"})
_BORROWED = re.compile("[A-Z][A-Za-z]{2,}|[\u30a1-\u30fa\u30fc]{3,}")
# Names that begin alike in one script are the same in two spellings.
_BEGIN = 4
# How much nearer claim and quote come without a name, or a denial, that only one of them has.
_NAME_GAIN, _NEAR_GAIN, _QUOTE_GAIN = 0.01, 0.03, 0.02
_DENIAL_GAIN, _IMPLIED_GAIN = -0.01, 0.01
# A claim so long beside its quote says all of it, so that the quote's names must come back.
_WHOLE = 0.8


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
        number: one of the claim's numbers as `rag.facts.numbers` gives it.
        claim: the claim.
        quote: its quote.
    """
    said = [amount for amount in amounts(claim.text, claim.language) if amount.plain == number]
    shown = {amount.whole or amount.plain for amount in amounts(quote.text, quote.language)}
    shown |= spelled_amounts(quote.text, quote.language)
    if said and all((amount.whole or amount.plain) in shown for amount in said):
        return True
    clock = {time for time in times(claim.text) if number in (f"{time[0]}.{time[1]:02}", *map(str, time))}
    return bool(clock) and clock <= times(quote.text)


def repeated_amount(claim: Side, quote: Side) -> bool:
    """Tell whether a number stands more often in the claim than in the quote, in the place of one that is gone."""
    said = Counter(amount.plain for amount in amounts(claim.text, claim.language))
    shown = Counter(amount.plain for amount in amounts(quote.text, quote.language))
    return any(0 < shown[number] < times for number, times in said.items()) and bool(shown.keys() - said.keys())


def names_agree(claim: Side, quote: Side, context: str, similar: Similar | None) -> bool:
    """Tell whether no name of the claim is foreign to the quote, nor one of it to a claim that says all of it.

    Args:
        claim: the claim.
        quote: its quote.
        context: the passage around the quote: it may name whom the quote calls "he".
        similar: `None`: names count by their sound alone.
    """
    for word in _unheard(claim, quote):
        near = bool(context) and heard(word.form, context)
        if _foreign(word, claim.text, quote.text, similar, _NEAR_GAIN if near else _NAME_GAIN):
            return False
    if similar is None or len(consonants(claim.text)) < _WHOLE * len(consonants(quote.text)):
        return True
    turned = _turned(similar)
    return not any(_foreign(word, quote.text, claim.text, turned, _QUOTE_GAIN) for word in _unheard(quote, claim))


def denials_agree(claim: Side, quote: Side, similar: Similar | None) -> bool:
    """Tell whether both deny or neither does; a verb such as "refuse" may stand for a denial of the other side."""
    denied = _negated(claim)
    if denied == _negated(quote):
        return True
    denying, other = (claim, quote) if denied else (quote, claim)
    gain = _IMPLIED_GAIN if similar is not None and _implies(other.text) else _DENIAL_GAIN
    words = [token for token in tokens(denying.text) if _denies(token.form, denying.language)]
    meets = similar if denying is claim or similar is None else _turned(similar)
    return bool(words) and not any(_foreign(word, denying.text, other.text, meets, gain) for word in words)


def _turned(similar: Similar) -> Similar:
    def turned(one: str, other: str) -> float | None:
        return similar(other, one)

    return turned


def _unheard(side: Side, other: Side) -> Iterator[Token]:
    """Yield the names of one side that aren't heard in the other; dates are compared as such."""
    begins = {word[:_BEGIN] for word in other.facts.words}
    others = calendar(side.language) | COMMON | MONTHS.keys()
    for token in _names(side):
        if token.form not in others and token.form[:_BEGIN] not in begins and not heard(token.form, other.text):
            yield token


def _names(side: Side) -> Iterator[Token]:
    """Yield words with capital letters; where a script has none, what stands in Latin letters or in Katakana."""
    if has_case(side.text):
        if side.language.partition("-")[0] not in CAPITAL_NOUNS:
            yield from (token for token in tokens(side.text) if token.form in side.facts.names)
        return
    for match in _BORROWED.finditer(side.text):
        yield Token(fold(match.group()), match.start(), match.end())


def _foreign(word: Token, text: str, other: str, similar: Similar | None, gain: float) -> bool:
    """Tell whether a text comes nearer to another one when a word of it is left out; yes when it can't be known."""
    if similar is None:
        return True
    whole, without = similar(text, other), similar(_without(text, word), other)
    return whole is None or without is None or without - whole > gain


def _without(text: str, word: Token) -> str:
    return f"{text[: word.start]}{text[word.end :]}".strip()


def _implies(text: str) -> bool:
    folded = fold(text)
    return any(part in folded for part in IMPLIED_PARTS) or any(
        token.form.startswith(IMPLIED_DENIALS) for token in tokens(text)
    )


def _negated(side: Side) -> bool:
    """Tell whether a side denies by more than words that deny in other languages only."""
    friends = FALSE_FRIENDS.get(side.language.partition("-")[0], frozenset())
    return side.facts.negated and (
        not friends & set(side.facts.words) or any(_denies(form, side.language) for form in side.facts.words)
    )


def _denies(form: str, language: str) -> bool:
    if form in FALSE_FRIENDS.get(language.partition("-")[0], ()):
        return False
    return form in NEGATIONS or any(part in form for part in NEGATION_PARTS)
