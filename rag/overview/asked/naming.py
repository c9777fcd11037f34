"""Which documents a question names, by the letters of their titles and file names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from index.language.folding import fold
from index.language.words import grams
from index.stores.base import DocumentHeader

__all__ = ["named"]

# Share of what is rare in a title that a question must hold to name the document.
_ENOUGH = 0.2
_EXACT = 10.0  # a file name that stands in the question as it is


def named(question: str, headers: Sequence[DocumentHeader]) -> list[str]:
    """Return the ids of the documents that a question names, best first.

    A file name counts most; then what title and file name share with the question, weighted by how rare it is among
    all titles, since "report" names nothing where every title has it.

    Args:
        question: its text.
        headers: of all documents that come into question.
    """
    asked, folded = grams(question), fold(question)
    names = {each.id: (grams(each.title), grams(_spaced(PurePosixPath(each.source).stem))) for each in headers}
    holders = Counter(gram for title, stem in names.values() for gram in title | stem)
    rare = {gram: math.log(len(headers) / count) if len(headers) > 1 else 1.0 for gram, count in holders.items()}
    scores: dict[str, float] = {}
    for header in headers:
        share = max(_share(asked, name, rare) for name in names[header.id])
        whole = fold(PurePosixPath(header.source).name) in folded
        scores[header.id] = share + _EXACT * whole
    found = [name for name, score in scores.items() if score >= _ENOUGH]
    return sorted(found, key=lambda name: (-scores[name], name))


def _share(asked: frozenset[str], name: frozenset[str], rare: dict[str, float]) -> float:
    whole = sum(rare[gram] for gram in name)
    return sum(rare[gram] for gram in asked & name) / whole if whole else 0.0


def _spaced(text: str) -> str:
    return text.replace("_", " ").replace("-", " ")
