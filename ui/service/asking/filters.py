"""Filters of the command line, the HTTP API and the tools for agents: one set of names, one meaning, one check.

What nothing can match is refused by name, for it is a mistake and no question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

from index.errors import ConfigError
from index.stores.base import COLUMNS

if TYPE_CHECKING:
    from index.stores.base import Filter, PassageStore

__all__ = ["FIELDS", "check_filter", "filter_of"]

FIELDS = ("language", "document", "since", "until", "folder", "where", "collection")
"""The names of the filters; the command line writes two dashes before them."""

_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_MOST_NAMED = 12
_GROUP = 500  # documents asked for at once
_MARKS = frozenset(["headings", "pages", "warnings", "ocr", "properties"])  # offsets and notes, nothing to ask for


def filter_of(
    languages: Collection[str] = (),
    documents: Collection[str] = (),
    since: str | None = None,
    until: str | None = None,
    folder: str | None = None,
    where: Mapping[str, str] | None = None,
    collections: Collection[str] = (),
) -> Filter | None:
    """Return which passages may be found, or `None` when every one may; nothing is checked.

    Raises:
        ConfigError: a key in `where` can't be one of metadata.
    """
    if not (languages or documents or where or collections) and since is until is folder is None:
        return None
    from index.stores.base import ALIASES, Filter

    metadata = tuple((ALIASES.get(key, key), value) for key, value in (where or {}).items())
    return Filter(tuple(languages), tuple(documents), since, until, folder, metadata, tuple(collections))


def check_filter(where: Filter | None, store: PassageStore, dashes: str = "--") -> None:
    """Refuse a filter that no passage of the index can match.

    Args:
        where: the filter.
        store: the index.
        dashes: what stands before a filter's name where it was given.

    Raises:
        ConfigError: a date is none, or the index has no such language, document or folder.
    """
    if where is None:
        return
    from index.stores.base import Filter
    from index.stores.narrowing import holds

    _check_letters(where, dashes)
    _check_dates(where, dashes)
    for language in where.languages:
        if not holds(store, Filter(languages=(language,))):
            raise _unknown(f"{dashes}language {language}", "language", sorted(store.languages()))
    for name in where.documents:
        if not store.keys(name):
            raise _unknown(f"{dashes}document {name}", "document", store.document_ids())
    _check_metadata(where, store, dashes)
    if where.folder is not None and not holds(store, Filter(folder=where.folder)):
        raise ConfigError(f"{dashes}folder {where.folder}: the index has no document below it", "see `rag export`")


def _unknown(given: str, kind: str, known: Iterable[str]) -> ConfigError:
    some = list(islice(known, _MOST_NAMED + 1))
    names = ", ".join(some[:_MOST_NAMED]) + (" …" if len(some) > _MOST_NAMED else "")
    return ConfigError(f"{given}: the index has no {kind} of that name", f"it has {names}")


def _check_metadata(where: Filter, store: PassageStore, dashes: str) -> None:
    """Refuse a key that no document has; what its value holds is no mistake."""
    if all(key in COLUMNS for key, _ in where.metadata):
        return
    known: set[str] = set()
    names = store.document_ids()
    while some := list(islice(names, _GROUP)):
        known.update(key for header in store.headers(some).values() for key in header.metadata)
    for key, _ in where.metadata:
        if key not in COLUMNS and key not in known:
            listed = ", ".join(sorted(known - _MARKS)[:_MOST_NAMED])
            raise ConfigError(f"{dashes}where {key}=…: no document tells that", f"they tell {listed or 'nothing'}")


def _check_dates(where: Filter, dashes: str = "--") -> None:
    for option, day in ((f"{dashes}since", where.date_from), (f"{dashes}until", where.date_to)):
        if day is not None and not _is_date(day):
            raise ConfigError(f"{option} {day}: not a date", "write 2021, 2021-05 or 2021-05-04")
    if where.date_from and where.date_to and where.date_to < where.date_from[: len(where.date_to)]:
        problem = f"{dashes}since {where.date_from} is later than {dashes}until {where.date_to}"
        raise ConfigError(f"{problem}; nothing is between them")


def _is_date(text: str) -> bool:
    """Tell whether a text is a year, a month or a day that the calendar has."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _check_letters(where: Filter, dashes: str) -> None:
    """Refuse half characters (lone surrogates): no name in an index holds one, and no store can be asked for it."""
    pairs = [part for pair in where.metadata for part in pair]
    every = (where.languages, where.documents, where.date_from, where.date_to, where.folder, pairs, where.collections)
    named = zip(FIELDS, every, strict=True)
    for name, value in named:
        try:
            "".join(value or ()).encode("utf-8")
        except UnicodeEncodeError:
            raise ConfigError(f"{dashes}{name}: holds half a character; the index has no such name") from None
