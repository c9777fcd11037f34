"""Whether the words that are nearest to a claim say otherwise: another number, another name, or a denial more or less.

Judged by aligned words: what takes another's place in an otherwise alike sentence. That something is missing from the
evidence is no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from index.language.codes import canonical
from index.language.lexicon import flagged, known_words, numbered
from index.language.numbers.facts import Facts, facts_of
from index.language.words import Token, tokens
from rag.checking.support import agreement
from rag.drafts.types import Difference
from rag.reading.types import Verdict

__all__ = ["Compared", "contradictions"]

# Share of a claim's words in the evidence from which both say the same thing but for what differs.
_ALIKE = 0.5
# A denial more or less, "forbidden" for "not allowed", is none to a reader who sees support with more than this.
_HALF = 0.5
# More words in another's place are another statement; and of long evidence a denial may belong to something else.
_LONGEST_CHANGE, _ALIKE_BACK = 5, 0.35


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim beside its evidence.

    Attributes:
        claim: the sentence.
        evidence: the words of the source.
        context: the passage around them.
        language: BCP 47 code of the claim.
        across: whether they are in two languages.
        is_near: whether their vectors say that they are about the same, as far as that is known.
        verdict: what a reader of both says; `None` when none did.
    """

    claim: str
    evidence: str
    context: str
    language: str
    across: bool
    is_near: bool = False
    verdict: Verdict | None = None


def contradictions(one: Compared) -> tuple[Difference, ...] | None:
    """Return what a claim says otherwise than its evidence, never empty; `None` when it contradicts nothing.

    A reader's word alone is not enough: it takes one paraphrase of five for a contradiction (`benchmarks.drafts`).
    """
    said, stands = tokens(one.claim), tokens(one.evidence)
    facts, there, around = facts_of(one.claim), facts_of(one.evidence), facts_of(f"{one.context}\n{one.evidence}")
    if not one.across and agreement(facts.words, there.words) >= _ALIKE and facts.script == there.script:
        found = tuple(_replaced(one, said, stands, (facts, there, around)))
        if found:
            return found
    return _by_meaning(one, facts, there, around)


def _replaced(
    one: Compared, said: Sequence[Token], stands: Sequence[Token], facts: tuple[Facts, Facts, Facts]
) -> Iterator[Difference]:
    """Yield the numbers and names that stand in another's place, and denials on one side only."""
    from rapidfuzz.distance import Levenshtein

    codes = Levenshtein.opcodes([word.form for word in said], [word.form for word in stands])
    for changed, run in groupby(codes, lambda code: code.tag != "equal"):
        if not changed:
            continue
        parts: list[Any] = list(run)
        here, there = said[parts[0].src_start : parts[-1].src_end], stands[parts[0].dest_start : parts[-1].dest_end]
        if _differs(one, here, there, facts):
            yield Difference(_cut(one.claim, here), _cut(one.evidence, there))


def _differs(one: Compared, here: Sequence[Token], there: Sequence[Token], facts: tuple[Facts, Facts, Facts]) -> bool:
    """Tell whether some words of a claim and those in their place can't both be true."""
    said, stands, around = facts
    if max(len(here), len(there)) > _LONGEST_CHANGE:
        return False
    mine, theirs = {word.form for word in here}, {word.form for word in there}
    unsupported = one.verdict is None or one.verdict.supported < _HALF
    alike = agreement(stands.words, said.words) >= _ALIKE_BACK
    if said.negated != stands.negated and unsupported and alike and (mine ^ theirs) & known_words("denials"):
        return True
    numbers = _numbers(mine) - around.numbers - around.spelled
    counted_apart = len(here) > len(_numbers(mine)) and len(there) > len(_numbers(theirs))  # not the same thing
    if numbers and not counted_apart and _numbers(theirs) - said.numbers - said.spelled:
        return True
    if canonical(one.language) in flagged("capital_nouns") or not (alike and _doubted(one)):
        return False
    names = (mine & said.names) - set(around.words)
    return bool(names and (theirs & stands.names) - set(said.words) and len(names) <= len(theirs))


def _numbers(forms: set[str]) -> set[str]:
    small = numbered("numbers")
    return {form for form in forms if form[0].isdigit()} | {str(small[form]) for form in forms if form in small}


def _by_meaning(one: Compared, said: Facts, stands: Facts, around: Facts) -> tuple[Difference, ...] | None:
    """Judge the numbers of a claim in words of its own: the reader must doubt it, and the evidence be near."""
    if not one.is_near or one.verdict is None:
        return None
    missing = said.numbers - around.numbers - around.spelled
    others = stands.numbers - said.numbers - said.spelled
    if missing and others and _doubted(one):
        return (Difference(", ".join(sorted(missing)), ", ".join(sorted(others))),)
    return None


def _doubted(one: Compared) -> bool:
    """Tell whether the reader, where there is one, sees the claim rather contradicted than supported."""
    return one.verdict is None or one.verdict.supported < one.verdict.contradicted


def _cut(text: str, words: Sequence[Token]) -> str:
    return text[words[0].start : words[-1].end] if words else ""
