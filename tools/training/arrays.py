"""The arrays of a bundle as the trainings read them. Needs NumPy alone."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BEGIN",
    "END",
    "MOST_SENTENCES",
    "PADDING",
    "Questions",
    "from_rows",
    "held_back",
    "load",
    "ragged",
    "sampling",
    "to_rows",
]

PADDING, BEGIN, END = 1, 0, 2
"""Pieces of the vocabulary that are no words."""

MOST_SENTENCES = 64
"""Sentences of a paragraph that are told apart; the last one holds all further ones."""

_LEVELS = 126  # of 8 bits, in even steps: 7 bits pack better and lose next to nothing
_SMALL = 4096  # matrices with fewer weights stay as they are

_HELD, _MOST_HELD = 10, 2_400  # every tenth claim of people judges, at most so many

Ints = NDArray[np.integer[Any]]


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Read all arrays of a file."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def held_back(people: Ints) -> Ints:
    """Return which claims of people train nothing, of the numbers of all of them."""
    shuffled = people.copy()
    np.random.default_rng(3).shuffle(shuffled)
    return shuffled[: min(_MOST_HELD, len(people) // _HELD)]


def ragged(arrays: Mapping[str, NDArray[Any]], name: str) -> list[Ints]:
    """Return the rows of different lengths that lie joined under a name."""
    lengths = arrays[f"{name}_lengths"].astype(np.int64)
    ends = np.cumsum(lengths)
    joined = arrays[name].astype(np.int64)
    return [joined[end - length : end] for end, length in zip(ends, lengths, strict=True)]


class Questions:
    """The questions of a bundle with their paragraphs; attributes are named as the arrays are (see `bundle`)."""

    def __init__(self, folder: Path) -> None:
        arrays = load(folder / "qa.npz")
        self.body, self.sentence = ragged(arrays, "body"), ragged(arrays, "sentence")
        self.title, self.question = ragged(arrays, "title"), ragged(arrays, "question")
        self.paragraph: Ints = arrays["paragraph"]
        self.answered: NDArray[np.bool_] = arrays["answered"]
        self.span: Ints = arrays["span"]
        self.holds: NDArray[np.uint64] = arrays["holds"]
        self.passage_language: Ints = arrays["passage_language"]
        self.question_language: Ints = arrays["question_language"]
        self.article: Ints = arrays["article"]
        self.parallel: Ints = arrays["parallel"]
        self.set: Ints = arrays["set"]
        self.sets = [str(name) for name in arrays["sets"]]
        self.prefix_query: list[int] = arrays["prefix_query"].tolist()
        self.prefix_passage: list[int] = arrays["prefix_passage"].tolist()

    def __len__(self) -> int:
        return len(self.paragraph)

    def held_back(self, seed: int = 0, part: int = 50) -> tuple[Ints, Ints]:
        """Return the questions to train on, and those of every `part`-th article, which judge.

        Made questions don't judge: people's do.
        """
        held = np.isin(self.article[self.paragraph], self.judging(seed, part))
        people = ~np.isin(self.set, [n for n, name in enumerate(self.sets) if name.startswith("made-")])
        return np.nonzero(~held)[0], np.nonzero(held & people)[0]

    def judging(self, seed: int = 0, part: int = 50) -> list[int]:
        """Return the articles that judge: every `part`-th, drawn at random."""
        articles = sorted(set(self.article[self.paragraph].tolist()))
        random.Random(seed).shuffle(articles)
        return articles[: max(1, len(articles) // part)]

    def held_by(self, number: int, sentence: int) -> bool:
        """Tell whether a sentence of the question's paragraph holds the answer's words."""
        return bool(int(self.holds[number]) >> min(sentence, MOST_SENTENCES - 1) & 1)


def sampling(sets: Ints, count: int, power: float = 0.7) -> NDArray[np.float64]:
    """Return the share with which each row is drawn: a set of n rows comes n**power times, not n times.

    Args:
        sets: number of the set of each row.
        count: how many sets there are.
        power: 1 draws each row alike, 0 each set alike.
    """
    size = np.bincount(sets, minlength=count).astype(float)
    share = np.where(size > 0, np.maximum(size, 1) ** (power - 1), 0)[sets]
    return np.asarray(share / share.sum())


def to_rows(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Keep large matrices as rows of 8 bits with a scale each (under `NAME:scale`), all else as it is."""
    kept: dict[str, NDArray[Any]] = {}
    for name, tensor in tensors.items():
        if tensor.ndim == 2 and tensor.size > _SMALL:
            scale = np.abs(tensor.astype(np.float32)).max(1, keepdims=True) / _LEVELS
            steps = 2 * np.round(tensor / np.maximum(scale, 1e-12) / 2)
            kept[name], kept[f"{name}:scale"] = steps.astype(np.int8), scale.astype(np.float32)
        else:
            kept[name] = tensor
    return kept


def from_rows(kept: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """Return the tensors that `to_rows` was given, in float32."""
    return {
        name: (
            tensor.astype(np.float32) * kept[f"{name}:scale"] if f"{name}:scale" in kept else tensor.astype(np.float32)
        )
        for name, tensor in kept.items()
        if not name.endswith(":scale")
    }
