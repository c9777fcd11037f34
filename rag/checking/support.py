"""Whether a quote carries a claim: supported, partly, or not found.

Two judges that know different things. Facts are compared letter by letter: a number, a month, a denial or a name
that the quote does not hold is never made good by similar meaning. Meaning is judged by a model that reads claim and
quote together, else by vectors, which can't tell who did what. Only what passes both is supported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from index.embedders.answer_profiles import SupportProfile
from index.embedders.profile import profile_of
from index.language.codes import canonical
from index.language.lexicon import flagged, known_words
from index.language.numbers.facts import Around, Facts, facts_of
from index.language.question_words import common
from index.language.scripts import NO_SPACES
from rag.checking.cross_language import Side, Similar, denials_agree, names_agree
from rag.checking.entailment import Relation
from rag.checking.repeating import repeated
from rag.checking.stated_numbers import numbers_stand
from rag.types import Support

__all__ = ["agreement", "check", "worst"]

_ORDER: tuple[Support, ...] = ("supported", "partly", "not found")


_BY_RELATION: Mapping[Relation, Support] = {
    "entailment": "supported",
    "neutral": "partly",
    "contradiction": "not found",
}

# A claim with this share of its words in the quote counts as a copy of its wording: every other word of it is then a
# change that needs a reason.
_COPY = 0.6
# A claim this long beside its quote repeats it; a shorter one may be taken from a part of it.
_NEARLY_ALL = 0.8
# No sentence is longer; what would cost the square of its length to compare carries nothing.
_LONGEST_CLAIM = 2_000
# No word has an ending behind so many letters.
_LONGEST_STEM = 60
# A claim of few words, and by how many its quote may be longer or shorter.
_SHORT_WORDS, _SHORT_PAIRS = (5, 1), (12, 4)
# So many words may be a change of one fact (a name of two words); pairs of letters in scripts without spaces.
_FEW_WORDS, _FEW_PAIRS = 2, 8


def check(
    claim: str,
    quote: str,
    *,
    similarity: float | None = None,
    same_language: bool | None = None,
    language: str = "und",
    quoted_in: str = "und",
    context: Sequence[Facts] = (),
    relation: Relation | None = None,
    similar: Similar | None = None,
    profile: SupportProfile | None = None,
) -> Support:
    """Judge whether the quote says what the claim says.

    Args:
        claim: a sentence of an answer.
        quote: the words that it cites.
        similarity: cosine of their vectors; `None`: only wording can support.
        same_language: whether both are in one language; `None` when unknown.
        language: BCP 47 code of the claim.
        quoted_in: BCP 47 code of the quote.
        context: facts of the passages around the quote, whose titles and names the quote may take for granted.
        relation: what a model that reads both says; it replaces the similarity and some doubts about words, no fact.
        similar: gives the cosine of other wordings of claim and quote; `None`: names of two languages count by sound.
        profile: of the embedder whose cosines these are; `None`: the generic one.
    """
    if (plain := _plain(claim, quote, quoted_in)) is not None:
        return plain
    sides, limits = (Side(claim, language), Side(quote, quoted_in)), profile or profile_of("").support
    said, shown = facts_of(claim), facts_of(quote)
    around = Around.of([*context, shown])
    shared, stated = agreement(said.words, shown.words), numbers_stand(said, shown, around, sides)
    if _copied(said, shown, shared, same_language):
        return worst([stated, _denial(said, shown), _counts(said, shown), *_reworded(said, shown, around, relation)])
    across = said.script != shown.script if same_language is None else not same_language
    meant = _meaning(shared, similarity, relation, across=across, limits=limits)
    if same_language:
        return worst([stated, meant, _counts(said, shown), *_restated(said, shown, around, language, relation)])
    return _agree_across(worst([stated, meant]), sides, similar, limits, named=across)


def _plain(claim: str, quote: str, quoted_in: str) -> Support | None:
    """Return the verdict that needs no comparison of facts, `None` when there is none."""
    if repeated(claim, quote, quoted_in):
        return "supported"
    return "not found" if len(claim) > _LONGEST_CLAIM else None


def _copied(said: Facts, shown: Facts, shared: float, same_language: bool | None) -> bool:
    """Tell whether a claim repeats the quote's wording, so that every other word of it is a change."""
    if shared >= _COPY and not _rephrased(said, shown, shared):
        return True
    return same_language is not False and _echoes(said, shown)


def _agree_across(
    verdict: Support, sides: tuple[Side, Side], similar: Similar | None, limits: SupportProfile, *, named: bool
) -> Support:
    """Two languages: the tables may miss a denial and names may be translated, so that doubt is only doubt."""
    if verdict != "supported":  # the dear comparisons come last
        return verdict
    agree = denials_agree(*sides, similar, limits) and (not named or names_agree(*sides, similar, limits))
    return "supported" if agree else "partly"


def _echoes(said: Facts, shown: Facts) -> bool:
    """Tell whether a claim of a few words is as long as its quote and has some of them: one may be changed."""
    short, differ = _SHORT_PAIRS if said.script in NO_SPACES else _SHORT_WORDS
    alike = abs(len(said.words) - len(shown.words)) <= differ
    return alike and 2 <= len(said.words) <= short and bool(set(said.words) & set(shown.words))


def _rephrased(said: Facts, shown: Facts, shared: float) -> bool:
    """Tell whether so many words differ that a claim is no copy with a change but says it in other words."""
    most = _FEW_PAIRS if said.script in NO_SPACES else _FEW_WORDS
    return shared < _NEARLY_ALL and len(_missing(said.words, shown.words)) > most


def worst(verdicts: Sequence[Support]) -> Support:
    """Return the hardest of several verdicts; none at all is not found."""
    return max(verdicts, key=_ORDER.index, default="not found")


def agreement(claim: Sequence[str], quote: Sequence[str]) -> float:
    """Return the share (0 to 1) of the claim's words that the quote holds, inflected or not."""
    if not claim:
        return 0.0
    return 1 - len(_missing(claim, quote)) / len(set(claim))


def _missing(claim: Sequence[str], quote: Sequence[str]) -> set[str]:
    """Return the claim's words without a counterpart in the quote; endings may differ in long words."""
    there, stems = _stems(tuple(quote))
    return {word for word in set(claim) - there if not (word.isalpha() and len(word) > 5 and word[:-2] in stems)}


@lru_cache(maxsize=256)
def _stems(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words, and all their beginnings; the same sentences are held against every claim."""
    there = frozenset(words)
    whole = (word[:_LONGEST_STEM] for word in there if word.isalpha())
    return there, frozenset(word[:length] for word in whole for length in range(5, len(word) + 1))


def _counts(said: Facts, shown: Facts) -> Support:
    """A number counts or measures the same on both sides, and a number in words is none of the claim's own.

    What stands behind a number of both must be among the quote's words: "30 feet" is not "30 metres", nor "2 billion"
    "2 million". Zero and one are articles or denials too.
    """
    behind = {(number, what) for number, what in pairwise(said.words) if number in shown.words and number[0].isdigit()}
    units = {what for number, what in behind - set(pairwise(shown.words)) if not what[0].isdigit()} - common()
    other = said.spelled - shown.spelled - shown.numbers - {"0", "1"}
    return "partly" if other or _missing(tuple(units), shown.words) else "supported"


def _denial(said: Facts, shown: Facts, *, entailed: bool = False) -> Support:
    """A denial on one side only turns the sense around, unless a model sees that it doesn't ("forbidden")."""
    if said.negated == shown.negated:
        return "supported"
    return "partly" if entailed else "not found"


def _names(said: Facts, shown: Facts, around: Around, language: str, *, read: bool) -> Support:
    """Names of a rephrased claim must stand in the quote; unread, a claim of which no word does is at best near it."""
    if said.script != shown.script:
        return "supported"
    if not read and not set(said.words) & set(shown.words):
        return "partly"
    missing = set() if canonical(language) in flagged("capital_nouns") else _missing(tuple(said.names), shown.words)
    if not missing:
        return "supported"
    return "partly" if not _missing(tuple(missing), around.words) else "not found"


def _reworded(said: Facts, shown: Facts, around: Around, relation: Relation | None) -> Iterator[Support]:
    """Yield what a model and the words make of a claim in the quote's own wording."""
    if relation:
        yield _BY_RELATION[relation]
    yield _wording(said, shown, around, read=relation is not None)


def _restated(said: Facts, shown: Facts, around: Around, language: str, relation: Relation | None) -> Iterator[Support]:
    """Yield what denials and names make of a claim in words of its own."""
    yield _denial(said, shown, entailed=relation == "entailment")
    yield _names(said, shown, around, language, read=relation is not None)


def _wording(said: Facts, shown: Facts, around: Around, *, read: bool) -> Support:
    """A claim in the quote's own wording: whatever it adds is looked at, every time that it stands there.

    A model that has read both knows whether a word more or less matters, unless nearly the whole quote is repeated.
    """
    extra = Counter(said.words) - Counter(shown.words)
    if any(word[0].isdigit() or word in known_words("denials") for word in extra):
        return "not found"
    if set(extra) & said.names - set(around.words) - common():
        return "not found"
    repeats = len(said.words) >= _NEARLY_ALL * len(shown.words)
    if read and not repeats and not set(extra) & said.names:
        return "supported" if _same_order(said, shown) else "partly"
    added = set(extra) if repeats else set(extra) - common()
    if added and (repeats or _missing(tuple(added), shown.words) or added & set(shown.words)):
        return "partly"
    return "supported" if _same_order(said, shown) and not _lost_denial(said, shown) else "partly"


def _lost_denial(said: Facts, shown: Facts) -> bool:
    """Tell whether a claim that keeps nearly all of the quote leaves out a word that denies."""
    if len(said.words) < _NEARLY_ALL * len(shown.words):
        return False
    return any(word in known_words("denials") for word in Counter(shown.words) - Counter(said.words))


def _same_order(said: Facts, shown: Facts) -> bool:
    """Tell whether names and numbers that stand once in each come in the same order."""
    marked = (said.names | said.numbers) & (shown.names | shown.numbers)
    here, there = Counter(said.words), Counter(shown.words)
    once = {word for word in marked if here[word] == 1 == there[word]}
    return [word for word in said.words if word in once] == [word for word in shown.words if word in once]


def _meaning(
    shared: float, similarity: float | None, relation: Relation | None, *, across: bool, limits: SupportProfile
) -> Support:
    """Between two languages, where models are less sure, vectors must agree as well."""
    if relation and (similarity is None or not across):
        return _BY_RELATION[relation]
    if relation:
        return worst([_BY_RELATION[relation], _meaning(shared, similarity, None, across=across, limits=limits)])
    if similarity is None:
        return "partly" if shared >= _COPY / 2 else "not found"
    if similarity >= (limits.close_across if across else limits.close):
        return "supported"
    return "partly" if similarity >= (limits.related_across if across else limits.related) else "not found"
