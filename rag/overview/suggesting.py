"""Questions to begin with: made from what the documents speak of, and shown only where asking them is answered."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from index.errors import RagError
from index.stores.base import Filter, PassageStore
from index.stores.filtering import allows
from rag.overview.terms import terms_in
from rag.types import Answer

__all__ = ["suggestions"]

# Documents that are looked into; the first of the library, in the order of their sources.
_DOCUMENTS = 6
_LOOKED_INTO = 500
_TITLE = 80  # code points; longer titles make no question that people would ask
_LOOKED_AT = 50_000
_TEXTS = Path(__file__).with_name("suggestions.toml")


def suggestions(
    store: PassageStore,
    ask: Callable[[str], Answer],
    language: str,
    most: int = 4,
    where: Filter | None = None,
) -> list[str]:
    """Return questions that the documents answer, in a language of the interface.

    Args:
        store: the open index.
        ask: answers a question; what it refuses or answers from elsewhere is not suggested.
        language: BCP 47 code in which the questions are put; others than those of the interface get English.
        most: how many at most.
        where: which documents count; `None` means all.
    """
    found: list[str] = []
    for question, holds in _candidates(store, language, where):
        if len(found) == most:
            break
        try:
            answer = ask(question)
        except RagError:
            continue
        if not answer.refused and any(holds == one.document_id or holds in one.quote for one in answer.citations):
            found.append(question)
    return found


def _candidates(store: PassageStore, language: str, where: Filter | None) -> Iterator[tuple[str, str]]:
    """Yield a question, and what a citation of its answer must hold: a document's id, or a name."""
    texts = _texts().get(language.partition("-")[0]) or _texts()["en"]
    names = list(islice(store.document_ids(), _LOOKED_INTO))
    headers = store.headers(names) if names else {}
    meant = [name for name in names if allows(where, headers[name])][:_DOCUMENTS]
    said = [terms_in(store.document(name).text[:_LOOKED_AT]) for name in meant]
    asked: set[str] = set()
    for place, name in enumerate(meant):
        title = " ".join(headers[name].title.split())
        if 0 < len(title) <= _TITLE and place < _DOCUMENTS // 2:
            yield texts["document"].format(title=title), name
        for one in said[place][:2]:
            if one not in asked:
                asked.add(one)
                yield texts["name"].format(name=one), one


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
