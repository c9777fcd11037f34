"""Filters of the command line that nothing can match: refused by name, for they are mistakes and no questions."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ConfigError
from index.stores.base import COLUMNS

if TYPE_CHECKING:
    from index.stores.base import Filter, PassageStore

__all__ = ["check_filter"]

_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_MOST_NAMED = 12
_MARKS = frozenset(["headings", "pages", "warnings", "ocr", "properties"])  # offsets and notes, nothing to ask for


def check_filter(where: Filter | None, index_dir: Path | None) -> None:
    """Refuse a filter that no passage of the index can match.

    Raises:
        ConfigError: a date is none, or the index has no such language, document or folder.
        StoreError: there is no sound index.
    """
    if where is None:
        return
    _check_dates(where)
    import index

    with index.open(index_dir) as opened:
        _check_names("--language", "language", where.languages, _languages(opened.store) if where.languages else ())
        _check_metadata(where, opened.store)
        if not (where.documents or where.folder):
            return
        ids = list(opened.store.document_ids())
        _check_names("--document", "document", where.documents, ids)
        if where.folder is not None:
            below = f"{where.folder.rstrip('/')}/"
            if not any(opened.store.document(name).source.startswith(below) for name in ids):
                raise ConfigError(f"--folder {where.folder}: the index has no document below it; see `rag export`")


def _check_metadata(where: Filter, store: PassageStore) -> None:
    """Refuse a key that no document has; what its value holds is no mistake."""
    for key, _ in where.metadata:
        if key in COLUMNS or any(key in store.document(name).metadata for name in store.document_ids()):
            continue
        known = sorted({each for name in store.document_ids() for each in store.document(name).metadata} - _MARKS)
        raise ConfigError(f"--where {key}=…: no document tells that; they tell {', '.join(known[:_MOST_NAMED])}")


def _languages(store: PassageStore) -> Collection[str]:
    from index.stores.embedded import EmbeddedStore

    if isinstance(store, EmbeddedStore):
        return store.languages()
    every = (store.keys(name) for name in store.document_ids())  # another store counts nothing
    return {passage.language for keys in every for passage in store.passages(keys)}


def _check_dates(where: Filter) -> None:
    for option, date in (("--since", where.date_from), ("--until", where.date_to)):
        if date is not None and not _DATE.fullmatch(date):
            raise ConfigError(f"{option} {date}: not a date; write 2021, 2021-05 or 2021-05-04")
    if where.date_from and where.date_to and where.date_to < where.date_from[: len(where.date_to)]:
        raise ConfigError(f"--since {where.date_from} is later than --until {where.date_to}; nothing is between them")


def _check_names(option: str, kind: str, wanted: tuple[str, ...], known: Collection[str]) -> None:
    """Refuse the names that are not known; of some languages or documents the others still count."""
    missing = [name for name in wanted if name not in known]
    if missing:
        some = ", ".join(sorted(known)[:_MOST_NAMED]) + (" …" if len(known) > _MOST_NAMED else "")
        raise ConfigError(f"{option} {missing[0]}: the index has no {kind} of that name; it has {some}")
