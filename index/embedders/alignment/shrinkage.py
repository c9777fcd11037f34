"""What a corpus adds to the language vectors that come with the package: a shrinkage estimate in two levels."""

from __future__ import annotations

import numpy as np

from index.embedders.alignment.language_means import Means
from index.embedders.alignment.language_table import LanguageTable
from index.embedders.profile import AlignmentProfile
from index.types import FloatArray

__all__ = ["for_questions", "shifts_of"]


def shifts_of(table: LanguageTable, means: Means, profile: AlignmentProfile) -> FloatArray:
    """Return what the corpus adds to each row of the table, shape (languages, dimension).

    A shrinkage estimate in two levels: languages towards what all have in common, that towards nothing.
    """
    shifts = np.zeros_like(table.passages)
    if not means:
        return shifts
    rows = [table.row_of[language] for language in means]
    apart = np.stack([mean for mean, _ in means.values()]) - table.passages[rows]
    size = np.array([count for _, count in means.values()], dtype=np.float32)
    listed = np.array([language in table.listed for language in means])
    weight = (size / (size + np.where(listed, profile.n0, profile.n0_unlisted)))[:, None].astype(np.float32)
    common = (weight * apart).sum(axis=0) / (weight.sum() + (1.0 if table.listed else 0.0))
    if table.listed:
        shifts += common
    else:
        apart, common = apart - common, np.zeros_like(common)  # only differences between languages are known
    shifts[rows] = common + weight * (apart - common)
    return shifts


def for_questions(table: LanguageTable, shifts: FloatArray, reach: float) -> FloatArray:
    """Return the shifts, shortened: passages are apart from sentences by their length too, which questions are not."""
    length = np.linalg.norm(shifts, axis=1, keepdims=True)
    bound = np.where(np.array([[code in table.listed] for code in table.languages]), reach, np.inf)
    return np.asarray(shifts * np.minimum(1.0, bound / np.maximum(length, 1e-9)), dtype=np.float32)
