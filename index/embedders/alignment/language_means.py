"""The mean vectors of the languages of a corpus, and what they alone tell of its languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from index.embedders.alignment.language_table import LanguageTable
from index.language.codes import UNKNOWN, canonical
from index.types import FloatArray

__all__ = ["Means", "means_of", "table_of_corpus"]

Means: TypeAlias = Mapping[str, tuple[FloatArray, int]]
"""Language (BCP 47) → mean of its passages' vectors, shape (dimension,), and how many these are."""


def means_of(vectors: FloatArray, languages: Sequence[str]) -> dict[str, tuple[FloatArray, int]]:
    """Return mean vector and number of passages of each language that is known."""
    codes = np.array([canonical(language) for language in languages], dtype=np.str_)
    found: dict[str, tuple[FloatArray, int]] = {}
    for code in sorted(set(codes.tolist()) - {UNKNOWN}):
        chosen = codes == code
        found[code] = (vectors[chosen].mean(axis=0, dtype=np.float64).astype(np.float32), int(chosen.sum()))
    return found


def table_of_corpus(means: Means, dimension: int) -> LanguageTable:
    """Return a table that knows nothing but how to tell the languages of the corpus by their means."""
    names = tuple(means)
    centres = np.stack([mean for mean, _ in means.values()]) if means else np.zeros((0, dimension), np.float32)
    nothing = np.zeros_like(centres)
    weights, bias = 2 * centres, -(centres**2).sum(axis=1)  # nearest mean
    pairs = np.ones((len(names), len(names)), np.float32)
    return LanguageTable(names, nothing, nothing, pairs, weights, bias).with_stand_ins()
