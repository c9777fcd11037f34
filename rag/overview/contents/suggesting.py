"""Questions to go on with: made from what the documents speak of, and shown only where asking them is answered."""

from __future__ import annotations

import math
import re
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice, zip_longest
from pathlib import Path

from index.embedders.answer_profiles import TextsProfile
from index.errors import RagError, StoreError
from index.language.codes import canonical
from index.language.numbers.digits import numbers
from index.language.numbers.quantities import YEAR, held
from index.language.question_words import silent
from index.language.scripts import NO_SPACES, script_counts, script_of
from index.language.words import tokens
from index.records import table_at, tables_of
from index.stores.base import DocumentHeader, Filter, PassageStore
from index.stores.filtering import allows
from rag.output.text import best_first
from rag.overview.contents.document import cover_of
from rag.overview.contents.terms import names_in, names_once
from rag.overview.contents.values import values_of
from rag.question.alike import forms_of, is_among
from rag.types import Answer

__all__ = ["candidates", "is_answered", "is_news", "suggestions"]

# Documents that are looked into; the first of the library, in the order of their sources.
_DOCUMENTS = 6
_LOOKED_INTO = 500
_TITLE = 80  # code points; longer titles make no question that people would ask
_HEADING = range(6, 50)
_LOOKED_AT = 50_000
_OF_EACH = 3  # things that a document speaks of
_ASKED = 4  # times as many questions are tried as are wanted
_SURE = 0.5  # even odds: an answer counts that is likelier right than not
_YEAR = re.compile(r"1[0-9]{3}|20[0-9]{2}")
_TEXTS = Path(__file__).with_name("suggestions.toml")


def suggestions(
    store: PassageStore,
    ask: Callable[[str], Answer],
    language: str,
    most: int = 4,
    where: Filter | None = None,
    documents: Sequence[str] = (),
    patience: float = math.inf,
    profile: TextsProfile | None = None,
) -> list[str]:
    """Return questions that the documents answer, in a language of the interface.

    Args:
        store: the open index.
        ask: answers a question; what it refuses, is not sure of or answers from elsewhere is not suggested.
        language: BCP 47 code in which the questions are put; others than those of the interface get English.
        most: how many at most.
        where: which documents count; `None` means all.
        documents: ids of those that are asked about; none: the first of the library.
        patience: seconds after which no further question is tried, once there is one to show.
        profile: of the embedder of the index; `None`: the generic one.
    """
    started, found = time.monotonic(), list[str]()
    for question, holds in islice(candidates(store, language, where, documents, profile), _ASKED * most):
        if len(found) == most or (found and time.monotonic() - started > patience):
            break
        try:
            answer = ask(question)
        except StoreError:
            raise
        except RagError:
            continue
        if is_answered(answer, holds):
            found.append(question)
    return found


def is_news(suggestion: str, question: str) -> bool:
    """Tell whether a suggestion asks about something that a question doesn't name."""
    known = {token.form for token in tokens(question)} | silent() | _template_words()
    return any(token.form not in known for token in tokens(suggestion))


def is_answered(answer: Answer, holds: str) -> bool:
    """Tell whether an answer is sure, and its first quote is of the document or holds the name that was asked about."""
    sure = answer.confidence is None or answer.confidence >= _SURE
    if not sure or answer.refused or not answer.citations:
        return False
    first = best_first(answer)[0]
    return holds == first.document_id or _names(first.quote, holds)


def _names(quote: str, name: str) -> bool:
    """Tell whether a quote holds a name, whose words may end otherwise there: "Николы Теслы"."""
    there = forms_of(quote)
    parts = forms_of(name) if script_of(name) not in NO_SPACES else []
    return name in quote or (bool(parts) and all(is_among([part], there) for part in parts))


def candidates(
    store: PassageStore,
    language: str,
    where: Filter | None = None,
    documents: Sequence[str] = (),
    profile: TextsProfile | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield a question, and what a citation of its answer must hold: a document's id, or a name.

    Of each document one question comes after the other; what the reader's script doesn't write comes last. All
    arguments are as those of `suggestions`.
    """
    texts = _texts().get(language.partition("-")[0]) or _texts()["en"]
    meant = _meant(store, language, where, documents)
    rows = [_about(store, header, texts, profile, titled=not place) for place, header in enumerate(meant)]
    found = dict.fromkeys(one for one in chain.from_iterable(zip_longest(*rows)) if one is not None)
    own = script_of(texts["name"])
    yield from sorted(found, key=lambda one: bool(script_counts(one[0]).keys() - {own}))


def _meant(store: PassageStore, language: str, where: Filter | None, documents: Sequence[str]) -> list[DocumentHeader]:
    names = list(documents or islice(store.document_ids(), _LOOKED_INTO))
    headers = store.headers(names) if names else {}
    allowed = [headers[name] for name in names if allows(where, headers[name])]
    own = sorted(allowed, key=lambda header: canonical(header.language) != canonical(language))
    return own[:_DOCUMENTS]


def _about(
    store: PassageStore,
    header: DocumentHeader,
    texts: dict[str, str],
    profile: TextsProfile | None,
    *,
    titled: bool,
) -> Iterator[tuple[str, str]]:
    title = " ".join(header.title.split())
    if titled and 0 < len(title) <= _TITLE:
        yield texts["document"].format(title=title), header.id
    names = names_in(values_of(store.document(header.id), _LOOKED_AT))[:_OF_EACH]
    yield from ((texts["name"].format(name=name), name) for name in names)
    yield from islice(_covered(store, header, texts, profile), _OF_EACH)
    headings = (
        one.heading.rpartition(">")[2].strip(" #") for one in store.passages(store.keys(header.id)[:_LOOKED_INTO])
    )
    for heading in [one for one in dict.fromkeys(headings) if len(one) in _HEADING and one != title][:_OF_EACH]:
        yield texts["name"].format(name=f"“{heading}”"), header.id


def _covered(
    store: PassageStore, header: DocumentHeader, texts: dict[str, str], profile: TextsProfile | None
) -> Iterator[tuple[str, str]]:
    """Yield questions about what the sentences that cover a document tell: the year of one, and a name in it."""
    text, tables = store.document(header.id).text, tables_of(header.metadata)
    for sentence in cover_of(store, header.id, profile):
        if table_at(tables, sentence.start, sentence.end) is not None:
            continue  # a row of a table is no sentence
        words = text[sentence.start : sentence.end]
        years = [number for number in dict.fromkeys(numbers(words)) if _YEAR.fullmatch(number)]
        if len(years) == 1 and YEAR in held(words, header.language):
            yield texts["year"].format(year=years[0]), years[0]
        for name in islice(names_once(words), 1):
            yield texts["name"].format(name=name), name


@lru_cache(maxsize=1)
def _template_words() -> frozenset[str]:
    return frozenset(token.form for one in _texts().values() for text in one.values() for token in tokens(text))


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
