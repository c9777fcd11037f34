"""Which documents a question means that it names loosely: by a title, a topic, an author, a folder, a kind, a date.

Each word counts by how few documents it fits, and by where it stands: what a document is called says more than what
stands somewhere in it. A name fits one document clearly where it fits no other nearly as well.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice

from index.embedders.answer_profiles import TextsProfile
from index.embedders.profile import profile_of
from index.language.codes import canonical
from index.language.names.sounds import consonants
from index.language.numbers.dates import day_within
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens
from index.stores.base import DocumentHeader, Filter, PassageStore
from rag.overview.asked.asked_of_files import alike, among, bare, on
from rag.overview.asked.asked_of_texts import is_kind, kinds_in, pairs, parted
from rag.overview.asked.called import BEGUN, kin
from rag.overview.asked.catalogue import catalogue_of
from rag.overview.asked.languages_named import languages_of_texts
from rag.overview.asked.places import elsewhere
from rag.overview.asked.said import said, telling_and_kinds
from rag.reading.short.rendering import same_sound

__all__ = ["SURELY", "Library", "Meant", "Near"]

_READ = 40  # documents whose texts are looked into
_LOOKED_AT = 40_000  # code points of each
_FOUND = 30  # passages that hold words of a name
# What a word counts for by where it stands: in a name, in the text once, there five times and more, at its beginning.
_IN_NAME, _ONCE, _OFTEN, _EARLY = 1.0, 0.35, 0.25, 0.15
_OFTEN_FROM, _BEGINNING = 4, 400
_UNKNOWN = 0.25  # weight of a word that no document has, against one of a single document
_ENOUGH = 0.3  # share of a name's words that a document must have
_SURE = 0.55  # … from which on nothing else is looked at
SURELY = 0.6  # … from which on it is meant although no other word of the question says that a text is asked about
_CLEAR = 1.2  # a document is the only one meant when its share is so many times that of the next one
_MOST, _PAIR = 3, 2
_PARTED = 8  # ways in which a question is parted into two names
_LEAST_SOUNDS = 3  # consonants of a name that is known by its sound


@dataclass(frozen=True, slots=True)
class Meant:
    """Which documents a name may mean.

    Attributes:
        clear: the one; `None` where several fit alike, or none does.
        possible: those that fit best, at most three, best first.
        share: of the name's words, by weight, that the best has.
    """

    clear: DocumentHeader | None = None
    possible: tuple[DocumentHeader, ...] = ()
    share: float = 0.0


Near = Callable[[str], Sequence[tuple[str, float]]]
"""The documents nearest to a few words by their vectors, with the cosine, best first."""


class Library:
    """Documents that are named by a question."""

    def __init__(
        self,
        headers: Sequence[DocumentHeader],
        store: PassageStore,
        language: str,
        near: Near | None = None,
        where: Filter | None = None,
        profile: TextsProfile | None = None,
    ) -> None:
        """Take the documents.

        Args:
            headers: of all that come into question.
            store: the open index.
            language: BCP 47 code of the question, for the names of months.
            near: documents nearest by meaning, for names in another language than the documents'.
            where: what lets the documents through that come into question; `None` means all.
            profile: of the embedder behind `near`; `None`: the generic one.
        """
        self._headers = {header.id: header for header in headers}
        self._store, self._language, self._where = store, language, where
        self._lead = (profile or profile_of("").texts).nearest
        self._close = lru_cache(maxsize=64)(near or (lambda _: ()))
        self._languages = frozenset(canonical(header.language) for header in headers)
        self._called = catalogue_of(store).called
        self._text = lru_cache(maxsize=_READ)(self._words_in)
        self._levels = lru_cache(maxsize=256)(self._level)

    def one(self, naming: str, without: str = "") -> Meant:
        """Return which document some words name.

        Args:
            naming: a question without what it asks.
            without: id of a document that is not meant.
        """
        shares = {name: share for name, share in self._shares(naming).items() if name != without}
        order = sorted((name for name in shares if shares[name] >= _ENOUGH), key=lambda name: (-shares[name], name))
        rivals = [name for name in order if shares[name] * _CLEAR >= shares[order[0]]]
        by_words = self._meant(rivals, len(rivals) == 1, shares[order[0]] if order else 0.0)
        if by_words.clear is not None and by_words.share >= _SURE:
            return by_words
        return _together(by_words, self._nearest(naming, without))

    def _meant(self, names: Sequence[str], clear: bool, share: float) -> Meant:
        possible = tuple(self._headers[name] for name in names)
        return Meant(possible[0] if clear else None, possible, share)

    def two(self, naming: str) -> tuple[Meant, Meant]:
        """Return which two documents some words name, parted where both fit best."""
        best: tuple[tuple[int, float], tuple[Meant, Meant]] = ((-1, 0.0), (Meant(), Meant()))
        for before, behind in islice(pairs(naming), _PARTED):
            for first, second in ((before, behind), (behind, before)):
                one = self.one(first)
                other = self.one(second, one.clear.id if one.clear else "")
                found = (one, other) if first is before else (other, one)
                worth = (sum(each.clear is not None for each in found), min(one.share, other.share))
                best = max(best, (worth, found), key=lambda each: each[0])
        if best[0][0] == _PAIR or parted(naming):
            return best[1]
        return self._several(naming) or (best[1] if best[0][0] > 0 else self._both(naming)) or best[1]

    def _several(self, naming: str) -> tuple[Meant, Meant] | None:
        """Return what one name means that stands in the names of documents, "the leases".

        Where one alone is called so, the other one is the nearest of the rest: its name may be in another language.
        """
        called = self.called(naming)
        if len(called) == 1 and kinds_in(naming):
            return Meant(called[0], called, 1.0), replace(self._nearest(naming, called[0].id, kinds=True), share=1.0)
        if len(called) == _PAIR:
            return Meant(called[0], called[:1], 1.0), Meant(called[1], called[1:], 1.0)
        words, kinds = telling_and_kinds(naming, self._language)
        if kinds and not words and not called:  # "the contracts", of which none is called so: those near to it may be
            called = tuple(self._headers[name] for name, _ in self._near(naming, "", kinds=True)[:_MOST])
        unclear = Meant(None, called[:_MOST], 1.0)
        return (unclear, unclear) if len(called) > _PAIR else None

    def called(self, naming: str) -> tuple[DocumentHeader, ...]:
        """Return the documents in whose names all words of a name stand, in any form.

        Where words are not told apart by spaces, what fits no document is no word.
        """
        words, kinds = telling_and_kinds(naming, self._language)
        held = [{name for name in self._kin(form) if name in self._headers} for form in sorted(words or kinds)]
        if script_of(naming) in NO_SPACES:
            held = [names for names in held if names] or [set(self._kin(kind)) for kind in sorted(kinds)]
        found = set.intersection(*held) if held else set()
        return tuple(header for name, header in self._headers.items() if name in found)

    def _kin(self, form: str) -> Iterator[str]:
        for forms in self._called.values():
            for other, names in forms.items():
                if kin(form, other):
                    yield from names

    def _both(self, naming: str) -> tuple[Meant, Meant] | None:
        """Return the two documents that one name means: those that are clearly nearest by meaning."""
        near = self._near(naming, "")
        if len(near) < _PAIR or (len(near) > _PAIR and near[1][1] - near[2][1] < self._lead):
            return None
        first, second = (self._meant([name], True, score) for name, score in near[:_PAIR])
        return first, second

    def _nearest(self, naming: str, without: str, *, kinds: bool = False) -> Meant:
        """Return the documents that are nearest by meaning: a name may be in another language than theirs."""
        found = self._near(naming, without, kinds=kinds)
        if not found:
            return Meant()
        clear = len(found) == 1 or found[0][1] - found[1][1] >= self._lead
        return self._meant([name for name, _ in found[: 1 if clear else _MOST]], clear, found[0][1])

    def _near(self, naming: str, without: str, *, kinds: bool = False) -> list[tuple[str, float]]:
        """Return the documents near to a name; words for kinds of texts name one only where that is said to be so."""
        words = " ".join(word for _, word in said(naming, self._language))
        if kinds and not words:
            words = " ".join(kinds_in(naming))
        found = self._close(words) if words else ()
        return [(name, score) for name, score in found if name in self._headers and name != without]

    def _shares(self, naming: str) -> dict[str, float]:
        """Return which share of the words of a name each document has that has any."""
        spoken = languages_of_texts(naming, self._language, self._languages)
        told = self._telling(naming)
        levels = [self._spoken(spoken[form]) if form in spoken else self._levels(form, word) for form, word in told]
        count = len(self._headers)
        weights = [
            math.log((count + 1) / (sum(level.values()) + 0.5)) if level else _UNKNOWN * math.log(count + 1)
            for level in levels
        ]
        whole = sum(weights)
        names = dict.fromkeys(chain.from_iterable(levels))
        return {
            name: sum(weight * level.get(name, 0.0) for weight, level in zip(weights, levels, strict=True)) / whole
            for name in names
            if whole
        }

    def _spoken(self, codes: Sequence[str]) -> Mapping[str, float]:
        """Return the documents in some languages."""
        return {name: _IN_NAME for name, header in self._headers.items() if canonical(header.language) in codes}

    def _telling(self, naming: str) -> list[tuple[str, str]]:
        """Return the words of a name; one for a kind of text counts where documents are called so."""
        kinds = [word.form for word in tokens(naming) if is_kind(word.form)]
        return [*said(naming, self._language), *((kind, kind) for kind in kinds if self._called_so(kind))]

    def _level(self, form: str, word: str) -> Mapping[str, float]:
        """Return how well a word fits each document that it fits."""
        day = day_within(word, self._language)[0]
        called = self._called_so(form)
        if day is not None:
            dates = ((name, str(header.metadata.get("date") or "")) for name, header in self._headers.items())
            called |= {name for name, date in dates if on(day, date)}
        found = dict.fromkeys(sorted(called), _IN_NAME)
        if is_kind(form):
            return found
        read = self._readable(word)
        for one in (form, *elsewhere(form, self._language, self._languages)):
            found |= dict.fromkeys(self._called_so(one), _IN_NAME)
            for name in read:
                found[name] = max(found.get(name, 0.0), self._weight_in_text(one, name))
        if not any(found.values()) and len(consonants(word)) >= _LEAST_SOUNDS:
            found = dict.fromkeys(self._heard(consonants(word)), _IN_NAME)
        return {name: place for name, place in found.items() if place}

    def _called_so(self, form: str) -> set[str]:
        """Return the documents in whose names a word stands."""
        near = chain.from_iterable(self._called.get(one[:BEGUN], {}).items() for one in {form, bare(form)})
        called = chain.from_iterable(names for other, names in near if among(form, frozenset({other})))
        return {name for name in called if name in self._headers}

    def _readable(self, word: str) -> list[str]:
        """Return the documents that are looked into for a word: all of a few, else those found for it."""
        if len(self._headers) <= _READ:
            return list(self._headers)
        keys = [hit.key for hit in self._store.keyword(word, _FOUND, self._where).hits]
        names = dict.fromkeys(passage.document_id for passage in self._store.passages(keys))
        return list(islice((name for name in names if name in self._headers), _READ))

    def _weight_in_text(self, form: str, name: str) -> float:
        """Return what a word counts for that stands in a text; 0 where it doesn't."""
        counts, opening = self._text(name)
        begun = {form[:BEGUN], bare(form)[:BEGUN]}
        forms = [one for one in counts if any(one.startswith(each) for each in begun) and alike(form, one)]
        count = counts[form] or sum(counts[one] for one in forms)
        early = _EARLY * any(one in opening for one in [form, *forms])
        return _ONCE + _OFTEN * min(1.0, (count - 1) / _OFTEN_FROM) + early if count else 0.0

    def _heard(self, sounds: str) -> Iterator[str]:
        """Yield the documents in whose names a name sounds that is written in another script there."""
        for forms in self._called.values():
            for form, names in forms.items():
                if same_sound(sounds, consonants(form)):
                    yield from (name for name in names if name in self._headers)

    def _words_in(self, name: str) -> tuple[Counter[str], frozenset[str]]:
        text = self._store.document(name).text[:_LOOKED_AT]
        opening = frozenset(token.form for token in tokens(text[:_BEGINNING]))
        return Counter(token.form for token in tokens(text)), opening


def _together(by_words: Meant, nearest: Meant) -> Meant:
    """Return what words and vectors tell together; where each names another document, it isn't clear which is meant."""
    if not by_words.possible or not nearest.possible:
        return by_words if by_words.possible else nearest
    rivals = by_words.possible
    if nearest.clear in rivals or nearest.clear is None:
        clear = nearest.clear or by_words.clear
        return Meant(clear, (clear,) if clear else rivals[:_MOST], by_words.share)
    return Meant(None, tuple({one.id: one for one in (*rivals, nearest.clear)}.values())[:_MOST], by_words.share)
