"""A claim asked back: a part of it is left out, and a reader looks for what stands in its place.

"The head of the shipyard is Brandt" may share every word with its source, so that neither words nor likeness tell
who heads it. Asked "The head of the shipyard is", a reader that finds another name, and is sure of it, speaks against
the claim. This is how QAGS checks summaries (Wang, Cho and Lewis 2020, https://arxiv.org/abs/2004.04228), without its
writing of questions: the bundled reader also learned from questions as people type them. Parts in the middle of a claim
are left alone: a reader often fills another gap then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.language.codes import UNKNOWN
from index.language.question_words import common
from index.language.words import Token, tokens
from index.types import Passage
from rag.reading.types import Reader, Reading
from rag.types import ScoredPassage

__all__ = ["Part", "Sure", "parts_of", "says_otherwise"]

# A word of so many letters may have another ending of two.
_LONG, _ENDING = 6, 2
# So much of what is found must not stand in the claim: else it fills another gap than the one that is asked for.
_NEW = 0.5
# What is left of a claim asks for something from so many words on.
_LEAST_ASKED = 2


@dataclass(frozen=True, slots=True)
class Sure:
    """From when on what a reader finds speaks against a claim.

    Attributes:
        answers: log-odds that the quote answers.
        span: log-probability of the words that it finds.
    """

    answers: float
    span: float


@dataclass(frozen=True, slots=True)
class Part:
    """Words at the beginning or end of a claim that stand in its quote too.

    Attributes:
        start: first code point in the claim.
        end: one past the last.
        places: where they stand in the quote, first code point and one past the last.
    """

    start: int
    end: int
    places: tuple[tuple[int, int], ...]


def says_otherwise(reader: Reader, claim: str, quote: str, sure: Sure) -> bool:
    """Tell whether a quote, asked for a part of a claim by the rest of it, surely says something else.

    Args:
        reader: reads the quote.
        claim: a sentence.
        quote: the words that it cites, in the claim's language.
        sure: from when on the reader is.

    Raises:
        RagError: the reader can't read.
    """
    hit = ScoredPassage(Passage("", "", 0, len(quote), quote, UNKNOWN, ""), "", "", 0.0)
    said = {token.form for token in tokens(claim)}
    for part in parts_of(claim, quote):
        asked = " ".join((claim[: part.start] + " " + claim[part.end :]).split())
        if len(tokens(asked)) < _LEAST_ASKED:
            continue
        (reading,) = reader.read(asked, [hit])
        is_sure = reading.answers >= sure.answers and reading.span >= sure.span
        if is_sure and _is_elsewhere(reading, part) and _is_new(reading, quote, said):
            return True
    return False


def parts_of(claim: str, quote: str) -> Iterator[Part]:
    """Yield the longest runs of words that a claim shares with its quote, and begins or ends with.

    There stand who or what it speaks of, and what it says of them. Words that tell nothing don't count.
    """
    said, shown = tokens(claim), tokens(quote)
    telling = [place for place, token in enumerate(said) if token.form not in common()]
    first = 0
    while first < len(said):
        length, found = _longest(said[first:], shown)
        if length and telling and any(first <= edge < first + length for edge in (telling[0], telling[-1])):
            places = tuple((shown[place].start, shown[place + length - 1].end) for place in found)
            yield Part(said[first].start, said[first + length - 1].end, places)
        first += max(1, length)


def _is_elsewhere(reading: Reading, part: Part) -> bool:
    return not any(reading.start < end and start < reading.end for start, end in part.places)


def _is_new(reading: Reading, quote: str, said: set[str]) -> bool:
    """Tell whether the words that were found are others than the claim's own."""
    found = [token.form for token in tokens(quote[reading.start : reading.end])]
    telling = [form for form in found if form not in common()]
    return sum(form not in said for form in telling) > _NEW * len(telling)


def _longest(said: Sequence[Token], shown: Sequence[Token]) -> tuple[int, list[int]]:
    """Return how many words from the first on stand somewhere in this order, and where."""
    lengths = [_in_common(said, shown, place) for place in range(len(shown))]
    most = max(lengths, default=0)
    return most, [place for place, length in enumerate(lengths) if length == most] if most else []


def _in_common(said: Sequence[Token], shown: Sequence[Token], place: int) -> int:
    """Return how many words of one text stand in the other from a place on."""
    length = 0
    while length < min(len(said), len(shown) - place) and _same(said[length].form, shown[place + length].form):
        length += 1
    return length


def _same(one: str, other: str) -> bool:
    """Tell whether two words are one, its ending apart."""
    if one == other:
        return True
    long = min(len(one), len(other)) >= _LONG and one.isalpha() and other.isalpha()
    return long and (one.startswith(other[:-_ENDING]) or other.startswith(one[:-_ENDING]))
