"""What a library holds: its languages, from when to when, and topics, groups of documents named by their own words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from index.embedders.answer_profiles import TextsProfile
from index.embedders.profile import profile_of
from index.language.codes import canonical
from index.language.numbers.facts import begins_sentence
from index.language.numbers.quantities import calendar
from index.language.scripts import NO_SPACES, script_of
from index.language.words import has_case, tokens
from index.stores.base import DocumentHeader, Filter, PassageStore
from index.stores.filtering import allows
from index.types import FloatArray
from rag.overview.contents.grouping import groups
from rag.overview.contents.terms import is_silent, parts_in, terms_in
from rag.overview.contents.values import values_of

__all__ = ["LibraryOverview", "Topic", "library_overview", "span_of", "topics_of"]

# Documents that are grouped: of a larger library every so many-th.
_MOST = 800
_COUNTED = 20_000
_GROUP = 500  # headers asked for at once
_PASSAGES = 6  # of each document
_FEWEST = 4  # fewer documents are their own list
# Documents whose words name a topic, and those of a sample that it is found in; code points of each.
_OWN, _OTHERS, _LOOKED_AT = 10, 16, 5_000
_WORDS = 3
_BLOCK = 400  # code points in which a word counts once
_SHORTEST = 4
_IN_TITLE, _OF_SEVERAL, _NAMED = 3.0, 2.0, 1.6
_TOO_COMMON = 0.5  # share of blocks
_SHARED = 4.0  # a word of several documents, against one of a single one
_ISO_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of documents that speak of one thing.

    Attributes:
        words: a few of their own that tell it from the other topics, the most telling first.
        documents: their ids.
    """

    words: tuple[str, ...]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LibraryOverview:
    """What a library holds.

    Attributes:
        documents: how many documents there are.
        languages: how many of them in each language, by its BCP 47 code, most first.
        since: the earliest date that one states, ISO 8601; `""` where none does.
        until: the latest.
        topics: the largest first; of a very large library, made from a part of it, and none of a few documents.
    """

    documents: int
    languages: Mapping[str, int]
    since: str = ""
    until: str = ""
    topics: tuple[Topic, ...] = ()


@dataclass(slots=True)
class _Words:
    """The words of a document: how often each stands in it, in how many blocks, which are in its title or are names."""

    counts: Counter[str] = field(default_factory=Counter)
    blocks: Counter[str] = field(default_factory=Counter)
    size: int = 0
    titled: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


def library_overview(
    store: PassageStore, where: Filter | None = None, language: str = "", profile: TextsProfile | None = None
) -> LibraryOverview:
    """Return what a library holds.

    Args:
        store: the open index.
        where: which documents count; `None` means all.
        language: BCP 47 code of the reader's language: topics are named in it where documents of theirs are.
        profile: of the embedder of the index; `None`: the generic one.
    """
    headers = [header for header in _headers(store) if allows(where, header)]
    languages = Counter(header.language for header in headers)
    since, until = span_of(headers)
    topics = topics_of(store, headers, language, profile)
    return LibraryOverview(len(headers), dict(languages.most_common()), since, until, topics)


def span_of(headers: Sequence[DocumentHeader]) -> tuple[str, str]:
    """Return the earliest and the latest date that documents tell of themselves, ISO 8601; `""` where none does."""
    values = (str(header.metadata.get("date") or "") for header in headers)
    dates = sorted(date for date in values if _ISO_DATE.fullmatch(date))
    return (dates[0], dates[-1]) if dates else ("", "")


def _headers(store: PassageStore) -> list[DocumentHeader]:
    names = islice(store.document_ids(), _COUNTED)
    found: list[DocumentHeader] = []
    while some := list(islice(names, _GROUP)):
        known = store.headers(some)
        found += [known[name] for name in some]
    return found


def topics_of(
    store: PassageStore, headers: Sequence[DocumentHeader], language: str, profile: TextsProfile | None = None
) -> tuple[Topic, ...]:
    """Return the topics of some documents, the largest first; none where they are few.

    Args:
        store: the open index.
        headers: of the documents.
        language: BCP 47 code of the reader's language.
        profile: of the embedder of the index; `None`: the generic one.
    """
    looked = headers[:: -(-len(headers) // _MOST) or 1]
    rows = [row for row in (_vector(store, header) for header in looked) if row is not None]
    if len(rows) < _FEWEST or len(rows) < len(looked):
        return ()
    apart = (profile or profile_of("").texts).apart
    grouped = [[looked[place] for place in places] for places in groups(np.stack(rows), apart)]
    words: dict[str, _Words] = {}
    named = [(_name(store, own, looked, language, words), own) for own in grouped]
    topics = [Topic(name, tuple(header.id for header in own)) for name, own in named if name]
    return tuple(sorted(topics, key=lambda topic: -len(topic.documents)))


def _vector(store: PassageStore, header: DocumentHeader) -> FloatArray | None:
    keys = store.keys(header.id)[:_PASSAGES]
    if not keys:
        return None
    mean: FloatArray = store.vectors(keys).mean(axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _name(
    store: PassageStore,
    own: Sequence[DocumentHeader],
    every: Sequence[DocumentHeader],
    language: str,
    known: dict[str, _Words],
) -> tuple[str, ...]:
    """Return the words that stand often in a topic's documents and seldom elsewhere, in the reader's language if so."""
    tongues = Counter(canonical(header.language) for header in own)
    tongue = canonical(language) if canonical(language) in tongues else tongues.most_common(1)[0][0]
    ids = {header.id for header in own}
    spoken = [header for header in every if canonical(header.language) == tongue]
    inside = [header for header in spoken if header.id in ids][:_OWN]
    outside = [header for header in spoken if header.id not in ids]
    beyond = outside[:: -(-len(outside) // _OTHERS) or 1]
    for header in (*inside, *beyond):
        if header.id not in known:
            known[header.id] = _words(store, header)
    return _telling([known[header.id] for header in inside], [known[header.id] for header in beyond])


def _words(store: PassageStore, header: DocumentHeader) -> _Words:
    text = values_of(store.document(header.id), _LOOKED_AT, varied=True)
    found = _Words(titled=frozenset(_forms(header.title, header.language)), named=_capitals_within(text))
    for start in range(0, len(text), _BLOCK):
        block = Counter(_forms(text[start : start + _BLOCK], header.language))
        found.counts += block
        found.blocks.update(block.keys())
        found.size += 1
    if has_case(text):  # "Arab" of "Arab League" is no name of its own
        found.counts -= parts_in(text)
    for term in terms_in(text):
        found.counts[term], found.blocks[term] = text.count(term), 1
    return found


def _capitals_within(text: str) -> frozenset[str]:
    """Return the words that have a capital where no sentence begins: there it is the word's own ("For", "Ford")."""
    found = ((text[token.start : token.end], token.start) for token in tokens(text))
    return frozenset(word for word, place in found if word[0].isupper() and not begins_sentence(text, place))


def _forms(text: str, language: str) -> list[str]:
    """Return the words of a text that may name something, as they are written; none in scripts without spaces."""
    if script_of(text) in NO_SPACES:
        return []
    least = _SHORTEST if has_case(text) else _SHORTEST - 1
    words = [token for token in tokens(text) if len(token.form) >= least and token.form.isalpha()]
    dates = calendar(canonical(language))
    spoken_words = [token for token in words if not is_silent(token.form) and token.form not in dates]
    return [text[token.start : token.end] for token in spoken_words]


def _telling(inside: Sequence[_Words], beyond: Sequence[_Words]) -> tuple[str, ...]:
    own, others = _added(inside), _added(beyond)
    size = own.size + others.size
    scores: dict[str, float] = {}
    for word, count in own.counts.items():
        spread = sum(word in one.counts for one in inside)
        common = (own.blocks[word] + others.blocks[word]) / max(size, 1)
        if (size > _OWN and common > _TOO_COMMON) or (beyond and _is_everywhere(word, (*inside, *beyond))):
            continue
        share = count / (count + others.counts[word] * max(1.0, own.size / max(others.size, 1)))
        rare = math.log(1 + size / (own.blocks[word] + others.blocks[word]))
        weight = _IN_TITLE if word in own.titled else 1.0
        weight *= _OF_SEVERAL if len(word.split()) > 1 else _NAMED if word in own.named else 1.0
        shared = spread > 1 or len(inside) == 1
        scores[word] = count * spread * share**2 * rare * weight * (_SHARED if shared else 1.0)
    return _apart(sorted(scores, key=lambda word: (-scores[word], word)))


def _is_everywhere(word: str, found: Sequence[_Words]) -> bool:
    """Tell whether a word stands in all documents, as a value does that all rows of a file share."""
    return len(found) >= _FEWEST and all(word in one.counts for one in found)


def _added(found: Sequence[_Words]) -> _Words:
    whole = _Words(
        titled=frozenset().union(*(one.titled for one in found)),
        named=frozenset().union(*(one.named for one in found)),
    )
    for one in found:
        whole.counts += one.counts
        whole.blocks += one.blocks
        whole.size += one.size
    return whole


def _apart(words: Sequence[str]) -> tuple[str, ...]:
    """Return the first few words of which none is part of another one or another form of it."""
    found: list[str] = []
    for word in words:
        if not any(_alike(word.casefold(), other.casefold()) for other in found):
            found.append(word)
        if len(found) == _WORDS:
            break
    return tuple(found)


def _alike(one: str, other: str) -> bool:
    return one[:_SHORTEST] == other[:_SHORTEST] or one in other or other in one
