"""The words by which documents are called, and the documents by these words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from index.stores.base import DocumentHeader
from rag.overview.asked.asked_of_files import bare, words_of

__all__ = ["BEGUN", "by_beginnings", "name_of"]

BEGUN = 3
"""Letters in which forms of a word begin alike."""


def name_of(header: DocumentHeader) -> frozenset[str]:
    """Return the words by which a document is called: title, file and folders, subject, who wrote it or got it."""
    known = header.metadata
    source = re.sub(r"[_.\-/\\]", " ", header.source)
    people = (known.get("author"), known.get("sender"), known.get("recipients"))
    return words_of(header.title, source, known.get("subject"), *people)


def by_beginnings(names: Mapping[str, frozenset[str]]) -> dict[str, dict[str, list[str]]]:
    """Return the documents by the words of their names, those by the letters in which forms of a word begin alike.

    Args:
        names: the words of each document's name.
    """
    holders: dict[str, list[str]] = defaultdict(list)
    for name, forms in names.items():
        for form in forms:
            holders[form].append(name)
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for form, documents in holders.items():
        for begun in {form[:BEGUN], bare(form)[:BEGUN]}:
            found[begun][form] = documents
    return dict(found)
