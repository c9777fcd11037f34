"""The sentences that cover a text best, in its own words.

Greedy facility location (Lin & Bilmes 2011, https://aclanthology.org/P11-1052): each sentence of the text should have a
chosen one near it. Central sentences are chosen, and none that says what a chosen one says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedders.answer_profiles import TextsProfile
from index.language.scripts import script_of
from index.stores.base import PassageStore
from index.types import FloatArray, JsonValue, Sentence
from rag.output.whole_thoughts import is_labelled, stands_alone

__all__ = ["covering", "sentences_of", "telling"]

# Sentences that are looked at; of longer documents every so many-th.
_MOST = 1_200
_SHORTEST, _LONGEST = 30, 400  # code points of a sentence that can stand for others
_SHORTEST_SIGNS = 10  # … in Chinese and Japanese, where a word has one or two
_SIGNS, _LOOKED_AT = frozenset({"Hani", "Kana"}), 4_000


def sentences_of(store: PassageStore, document_id: str) -> tuple[list[Sentence], FloatArray]:
    """Return the sentences of a document in reading order and their vectors, shape (n, dimension).

    Headings, and what the file says about itself, are no sentences of its text.
    """
    metadata = store.headers([document_id])[document_id].metadata
    headings = [one[0] for one in _lists(metadata.get("headings")) if one]
    low, high = (_lists([metadata.get("properties")]) or [[-1, -1]])[0]
    found: dict[Sentence, FloatArray] = {}
    for sentences, vectors in store.sentences(store.keys(document_id)):
        found.update(zip(sentences, vectors, strict=True))
    texts = [each for each in found if each.start not in headings and not low <= each.start < high]
    order = sorted(texts, key=lambda each: (each.start, each.end))
    step = -(-len(order) // _MOST) or 1
    kept = order[::step]
    rows = [found[each] for each in kept]
    return kept, np.array(rows, np.float32).reshape(len(kept), store.dimension)


def telling(sentences: Sequence[Sentence], text: str) -> NDArray[np.bool_]:
    """Tell which sentences say something by themselves, a line with a label ("Rent: 800") too; all where none does.

    Args:
        sentences: of a text.
        text: in which they stand.
    """
    words = [text[each.start : each.end] for each in sentences]
    found = np.array([len(one) <= _LONGEST and (stands_alone(one) or is_labelled(one)) for one in words], bool)
    return found if found.any() else np.ones(len(words), bool)


def _lists(value: JsonValue) -> list[list[Any]]:
    """Return the lists in a list; other programs may have written anything there."""
    return [one for one in value if isinstance(one, list)] if isinstance(value, list) else []


def covering(
    sentences: Sequence[Sentence], vectors: FloatArray, most: int, text: str = "", *, profile: TextsProfile
) -> list[int]:
    """Return the places of at most so many sentences that cover all, in reading order.

    Texts say early what they are about: the first sentences count more.

    Args:
        sentences: of a text, in reading order.
        vectors: unit vectors, shape (len(sentences), dimension).
        most: how many are chosen at most.
        text: in which they stand; with it, those that say nothing by themselves are left out, unless all are so.
        profile: of the embedder of the vectors.
    """
    if not len(sentences):
        return []
    near = np.clip(vectors @ vectors.T, 0.0, 1.0)
    lengths = np.array([each.end - each.start for each in sentences])
    shortest = _SHORTEST_SIGNS if script_of(text[:_LOOKED_AT]) in _SIGNS else _SHORTEST
    fits = (lengths >= shortest) & (lengths <= _LONGEST)
    alone = np.array([bool(text) and stands_alone(text[each.start : each.end]) for each in sentences])
    fits = fits & alone if (fits & alone).any() else fits
    if not fits.any():
        fits[:] = True
    early = profile.early * len(sentences) * np.exp(-np.arange(len(sentences)) / max(3.0, len(sentences) / 10)) / most
    covered, chosen = np.zeros(len(sentences), np.float32), list[int]()
    for _ in range(min(most, int(fits.sum()))):
        gains = np.maximum(near, covered[None, :]).sum(axis=1) - covered.sum() + early
        repeats = (near[:, chosen] > profile.repeats).any(axis=1)
        gains[~fits | np.isin(np.arange(len(sentences)), chosen) | repeats] = -np.inf
        best = int(gains.argmax())
        if np.isneginf(gains[best]):
            break  # what is left repeats what was chosen
        chosen.append(best)
        covered = np.maximum(covered, near[best])
    return sorted(chosen)
