"""The words by which documents are called, and the documents by these words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from index.language.scripts import script_of
from index.stores.base import DocumentHeader
from rag.overview.asked.asked_of_files import alike, bare, shared_beginning, words_of

__all__ = ["BEGUN", "by_beginnings", "kin", "name_of"]

BEGUN = 3
"""Letters in which forms of a word begin alike."""
_STEM, _SHARED = 5, 0.6  # letters that two words with long endings share, and what part of the longer one that is
_ROOT = 3  # letters of an Arabic root
_WEAK = re.compile(r"[اوي]|ه\Z")


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


def kin(one: str, other: str) -> bool:
    """Tell whether two folded words are forms of one noun, however far the endings or, in Arabic, the plural go.

    "sözleşmeleri" and "sözleşmesi" share their beginning; "عقود" and "عقد" all but the weak letters. For words that are
    compared with the few of a name: among all words of a text too many would be taken for one.
    """
    if alike(one, other) or alike(bare(one), bare(other)):
        return True
    if script_of(one) == script_of(other) == "Arab":
        root = _root(one)
        return len(root) >= _ROOT and root == _root(other)
    shared = shared_beginning(one, other)
    return shared >= max(_STEM, _SHARED * max(len(one), len(other)))


def _root(word: str) -> str:
    return _WEAK.sub("", bare(word))
