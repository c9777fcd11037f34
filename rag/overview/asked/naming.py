"""Which documents a question names, by the letters of their titles and file names."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from index.language.folding import fold
from index.language.words import grams
from index.stores.base import DocumentHeader

__all__ = ["Titles", "named"]

# Share of what is rare in a title that a question must hold to name the document.
_ENOUGH = 0.2
_EXACT = 10.0  # a file name that stands in the question as it is


def named(question: str, headers: Sequence[DocumentHeader]) -> list[str]:
    """Return the ids of the documents that a question names, best first; see `Titles.named`."""
    return Titles(headers).named(question)


class Titles:
    """Titles and file names of documents, by the letters in them.

    Args:
        headers: of all documents that come into question.
    """

    def __init__(self, headers: Sequence[DocumentHeader]) -> None:
        self._ids = [header.id for header in headers]
        self._files = [fold(PurePosixPath(header.source).name) for header in headers]
        self._holders: dict[str, array[int]] = defaultdict(lambda: array("I"))  # of each run of letters, ascending
        for place, header in enumerate(headers):
            for half, name in enumerate((header.title, _spaced(PurePosixPath(header.source).stem))):
                for gram in grams(name):
                    self._holders[gram].append(2 * place + half)
        self._rare: dict[str, float] = {}
        self._whole = array("d", bytes(8 * 2 * len(headers)))  # weight of all that is in a title, in a file name
        for gram, holders in self._holders.items():
            count = len({place // 2 for place in holders})
            self._rare[gram] = math.log(len(headers) / count) if len(headers) > 1 else 1.0
            for place in holders:
                self._whole[place] += self._rare[gram]

    def named(self, question: str) -> list[str]:
        """Return the ids of the documents that a question names, best first.

        A file name counts most; then what title and file name share with the question, weighted by how rare it is among
        all titles, since "report" names nothing where every title has it.

        Args:
            question: its text.
        """
        folded, shares = fold(question), dict[int, float]()
        for gram in sorted(grams(question) & self._holders.keys()):
            for place in self._holders[gram]:
                shares[place] = shares.get(place, 0.0) + self._rare[gram]
        exact = {place for place, name in enumerate(self._files) if name in folded}
        scores = {
            place: _EXACT * (place in exact) + max(self._share(shares, 2 * place), self._share(shares, 2 * place + 1))
            for place in exact | {half // 2 for half in shares}
        }
        found = [place for place, score in scores.items() if score >= _ENOUGH]
        return [self._ids[place] for place in sorted(found, key=lambda one: (-scores[one], self._ids[one]))]

    def _share(self, shares: Mapping[int, float], place: int) -> float:
        return shares.get(place, 0.0) / self._whole[place] if self._whole[place] else 0.0


def _spaced(text: str) -> str:
    return text.replace("_", " ").replace("-", " ")
