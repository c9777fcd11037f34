"""The language vectors that come with the package, made by `tools/language_vectors.py`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from index.embedders.profile import profile_of
from index.language.codes import UNKNOWN
from index.language.identification import scripts_of_language
from index.types import FloatArray

__all__ = ["LanguageTable", "bundled_table", "read_table"]

_FILE = Path(__file__).with_name("languages.npz")


@dataclass(frozen=True)
class LanguageTable:
    """Language vectors of one model.

    Attributes:
        languages: BCP 47 codes of the rows.
        queries: mean embedding of questions in each language, shape (languages, dimension).
        passages: the same for passages.
        agreement: mean similarity, after alignment, of a question (row) and a passage (column) that say the same.
        weights: shape (languages, dimension): with `bias`, a linear classifier of a question's language.
        bias: shape (languages,).
        listed: the languages that were measured, not stood in for.
        cross: agreement of a language that was not measured with others.
        same: its agreement with itself.
    """

    languages: tuple[str, ...]
    queries: FloatArray
    passages: FloatArray
    agreement: FloatArray
    weights: FloatArray
    bias: FloatArray
    listed: frozenset[str] = frozenset()
    cross: float = 1.0
    same: float = 1.0

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each language."""
        return {language: row for row, language in enumerate(self.languages)}

    def stand_in(self, language: str) -> int:
        """Return the row for a language outside the table: that of its script, else that of all."""
        return self.row_of.get(f"{UNKNOWN}-{scripts_of_language(language)[0]}", self.row_of[UNKNOWN])

    def with_languages(self, further: Sequence[str]) -> LanguageTable:
        """Return the table with rows for languages outside it, filled with what stands in for them."""
        rows = [self.stand_in(language) for language in further]
        low = np.full(len(rows), -np.inf, np.float32)  # never found by the vector: nothing is known of them
        return LanguageTable(
            (*self.languages, *further),
            np.concatenate([self.queries, self.queries[rows]]),
            np.concatenate([self.passages, self.passages[rows]]),
            self._wider_agreement(len(rows)),
            np.concatenate([self.weights, np.zeros_like(self.weights[rows])]),
            np.concatenate([self.bias, low]),
            self.listed,
            self.cross,
            self.same,
        )

    def _wider_agreement(self, further: int) -> FloatArray:
        """Return the agreement with rows and columns for languages of which none was measured."""
        known = len(self.agreement)
        wider = np.full((known + further, known + further), self.cross, np.float32)
        if self.listed:
            np.fill_diagonal(wider, self.same)
        wider[:known, :known] = self.agreement
        return wider

    def with_stand_ins(self) -> LanguageTable:
        """Return the table with rows that stand for further languages of a script, and one for all others."""
        groups: dict[str, list[int]] = defaultdict(list)
        for row, language in enumerate(self.languages):
            groups[f"{UNKNOWN}-{scripts_of_language(language)[0]}"].append(row)
        groups[UNKNOWN] = list(range(len(self.languages)))

        def with_means(array: FloatArray) -> FloatArray:
            means = [array[rows].mean(axis=0) if rows else np.zeros(array.shape[1]) for rows in groups.values()]
            return np.concatenate([array, np.stack(means).astype(np.float32)])

        return LanguageTable(
            (*self.languages, *groups),
            with_means(self.queries),
            with_means(self.passages),
            self._wider_agreement(len(groups)),
            np.concatenate([self.weights, np.zeros((len(groups), self.weights.shape[1]), np.float32)]),
            np.concatenate([self.bias, np.full(len(groups), -np.inf, np.float32)]),  # none of them is ever found
            self.listed,
            self.cross,
            self.same,
        )


@lru_cache(maxsize=1)
def bundled_table(fingerprint: str) -> LanguageTable | None:
    """Return the language vectors of a model, `None` for a model that none are shipped for."""
    return read_table(_FILE, fingerprint)


def read_table(path: Path, fingerprint: str) -> LanguageTable | None:
    """Return the language vectors in a file, `None` if they are of another model.

    Args:
        path: what `tools/language_vectors.py` wrote.
        fingerprint: of the embedder.
    """
    with np.load(path, allow_pickle=False) as stored:
        if json.loads(str(stored["provenance"]))["fingerprint"] != fingerprint:
            return None
        names = tuple(str(language) for language in stored["languages"])
        stems = ("query", "passage", "agreement", "weights", "bias")
        query, passage, agreement, weights, bias = (np.asarray(stored[name], np.float32) for name in stems)
    fitted = profile_of(fingerprint).alignment
    every = names, query, passage, agreement, weights, bias, frozenset(names), fitted.cross, fitted.same
    return LanguageTable(*every).with_stand_ins()
