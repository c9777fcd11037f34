"""What a question is asked of: documents and collections that were picked on the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from index.errors import ConfigError
from index.stores.base import Filter
from index.stores.sets import DocumentSet
from rag.errors import QuestionError

__all__ = ["Picked", "picked_from"]

_MOST = 2_000
_LONGEST = 2_000


@runtime_checkable
class _Resolving(Protocol):
    def resolved(self, where: Filter | None = None) -> Filter | None: ...


@dataclass(frozen=True, slots=True)
class Picked:
    """Documents and collections; a question is asked of all that any of them names.

    Attributes:
        documents: their ids.
        collections: their names.
    """

    documents: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    def where(self, answerer: object) -> Filter | None:
        """Return the filter, `None` where nothing was picked.

        Raises:
            QuestionError: whoever asks knows of none of the collections, and no document was picked.
        """
        if not (self.documents or self.collections):
            return None
        held, known = [DocumentSet(frozenset(self.documents))], bool(self.documents)
        for name in self.collections:
            try:
                found = answerer.resolved(Filter(collections=(name,))) if isinstance(answerer, _Resolving) else None
            except ConfigError:
                continue  # it was deleted meanwhile, or is not theirs any more: less is asked, never more
            if found is not None and found.among:  # an index without collections knows of none
                held.append(found.among[-1])
                known = True
        if not known:
            raise QuestionError("the chosen collection is not there any more: choose again what to ask")
        return Filter(among=(DocumentSet.union(held),))


def picked_from(text: str) -> Picked:
    """Read what a page sends: `{"documents": [ids], "collections": [names]}`, or nothing.

    Raises:
        QuestionError: it is something else; asked without it, the question would be asked of everything.
    """
    if not text:
        return Picked()
    try:
        choice = json.loads(text)
        documents, collections = choice.get("documents", []), choice.get("collections", [])
    except (ValueError, RecursionError, AttributeError):
        raise QuestionError("what is to be asked can't be read: choose it again") from None
    if not (_names(documents) and _names(collections)):
        raise QuestionError("what is to be asked can't be read: choose it again")
    return Picked(tuple(documents), tuple(collections))


def _names(value: object) -> bool:
    some = isinstance(value, list) and len(value) <= _MOST
    return some and isinstance(value, Sequence) and all(isinstance(one, str) and len(one) <= _LONGEST for one in value)
