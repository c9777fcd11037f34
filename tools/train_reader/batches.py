"""Batches of pairs and of claims, made by worker processes while the GPU trains."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from tools.train_reader.model import CLAIM, MOST_SENTENCES, PASSAGE
from tools.train_reader.pairs import LONGEST, Pair, Pairs
from tools.training.arrays import BEGIN, END, Ints, Questions, held_back, load, ragged, sampling
from tools.training.encoder import padded

__all__ = ["Batch", "Claims", "Stream", "batch_of"]

_SORTED = 8  # batches that are drawn together and sorted by length, so that little is padding
_MADE = 0.45  # share of made claims
_BETWEEN = ("mlqa", "scenes-across")
_ACROSS = 1.25  # how much more often questions in another language than their passage come
_MORE_CLAIM = 40  # tokens that a claim with its passage may be longer than a pair


@dataclass(frozen=True)
class Batch:
    """Pairs as tensors, and what is right: all of shape (batch, length) or (batch,).

    Attributes:
        ids, mask, segments, sentences: see `Reader.read`.
        start, end: tokens of the answer, -1 where there is none.
        sentence: sentence of the answer, -1 likewise.
        answers: 1 where the passage answers.
        versus: rows of a passage that answers and of one that doesn't, of one question, shape (n, 2).
        choices: rows of wrong passages of which only the hardest trains, a line for each choice, filled up with -1,
            shape (n, most).
    """

    ids: Tensor
    mask: Tensor
    segments: Tensor
    sentences: Tensor
    start: Tensor
    end: Tensor
    sentence: Tensor
    answers: Tensor
    versus: Tensor
    choices: Tensor

    def without(self, rows: Tensor) -> Batch:
        """Return the batch less some rows, and without choices."""
        kept = torch.ones(len(self.answers), dtype=torch.bool, device=rows.device)
        kept[rows] = False
        place = torch.cumsum(kept, 0) - 1
        versus = place[self.versus[kept[self.versus].all(1)]]
        alone = {field.name: getattr(self, field.name)[kept] for field in fields(self)[:-2]}
        return Batch(**alone, versus=versus, choices=self.choices[:0])

    def to(self, where: torch.device) -> Batch:
        """Return the batch on a device."""
        moved = {field.name: getattr(self, field.name).to(where, non_blocking=True) for field in fields(self)}
        return replace(self, **moved)


def batch_of(groups: Sequence[Sequence[Pair]]) -> Batch:
    """Return the pairs of several questions as one batch."""
    pairs = [pair for group in groups for pair in group]
    ids, mask = padded([pair.ids for pair in pairs])
    segments = np.zeros(ids.shape, np.int64)
    sentences = np.full(ids.shape, -1, np.int64)
    marks = np.full((3, len(pairs)), -1, np.int64)
    for row, pair in enumerate(pairs):
        segments[row, pair.passage : len(pair.ids)] = PASSAGE
        sentences[row, : len(pair.ids)] = pair.sentences
        if pair.span:
            marks[:, row] = *pair.span, min(pair.sentences[pair.span[0]], MOST_SENTENCES - 1)
    versus, choices, first = [], [], 0
    for group in groups:
        if group[0].span:
            versus += [(first, first + place) for place in range(1, len(group))]
        choices += [
            [first + place for place, pair in enumerate(group) if pair.choice == choice]
            for choice in sorted({pair.choice for pair in group} - {-1})
        ]
        first += len(group)
    right = torch.tensor([float(pair.span is not None) for pair in pairs])
    start, end, sentence = (torch.from_numpy(row) for row in marks)
    pairs_of_rows = torch.tensor(versus, dtype=torch.long).view(-1, 2)
    places = torch.from_numpy(segments), torch.from_numpy(sentences)
    return Batch(ids, mask, *places, start, end, sentence, right, pairs_of_rows, _filled_up(choices))


def _filled_up(lines: Sequence[Sequence[int]]) -> Tensor:
    most = max(map(len, lines), default=0)
    rows = [[*line, *[-1] * (most - len(line))] for line in lines]
    return torch.tensor(rows, dtype=torch.long).view(len(rows), most)


def _factors(sets: Iterable[str], more: Mapping[str, float] | None) -> NDArray[np.float64]:
    """Return how much more often each set is drawn: 1 for those that aren't named."""
    return np.array([(more or {}).get(str(name), 1.0) for name in sets])


class Claims:
    """The claims of a bundle, those that train and those that judge; `more`: how much more often a set is drawn."""

    def __init__(self, bundle: Path, questions: Questions, more: Mapping[str, float] | None = None) -> None:
        arrays = load(bundle / "claims.npz")
        self._claim, self._passages = ragged(arrays, "claim"), questions.body + ragged(arrays, "other")
        self._passage, self._label = arrays["passage"], arrays["label"].astype(np.int64)
        self.held = held_back(np.nonzero(~arrays["made"])[0])
        self.training = np.setdiff1d(np.arange(len(self._label)), [*self.held, *self._judging(questions)])
        made = arrays["made"][self.training]
        share = sampling(arrays["set"][self.training], len(arrays["sets"]))
        share = np.where(made, _MADE * share / share[made].sum(), (1 - _MADE) * share / max(1e-9, share[~made].sum()))
        share = share * _factors(arrays["sets"], more)[arrays["set"][self.training]]
        self.share = share / share.sum()

    def _judging(self, questions: Questions) -> Ints:
        """Return the claims over articles that judge: those that were made state the answers of their questions."""
        article = np.full(len(self._passages), -1)
        article[: len(questions.body)] = questions.article
        return np.nonzero(np.isin(article[self._passage], questions.judging()))[0]

    def length(self, number: int) -> int:
        """Return the tokens of a claim with its passage."""
        return len(self._claim[number]) + len(self._passages[self._passage[number]])

    def batch(self, numbers: Ints) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return ids, mask, segments, shape (n, length), and labels, shape (n,)."""
        heads = [[BEGIN, *self._claim[number].tolist(), END, END] for number in numbers]
        bodies = [self._passages[self._passage[number]].tolist() for number in numbers]
        rows = [[*(head + body)[: LONGEST + _MORE_CLAIM], END] for head, body in zip(heads, bodies, strict=True)]
        ids, mask = padded(rows)
        segments = np.full(ids.shape, CLAIM, np.int64)
        for row, head in enumerate(heads):
            segments[row, len(head) :] = PASSAGE
        return ids, mask, torch.from_numpy(segments), torch.from_numpy(self._label[numbers])


class Stream(IterableDataset[tuple[Batch, tuple[Tensor, Tensor, Tensor, Tensor]]]):
    """Endless batches: each worker draws by dice of its own.

    Args:
        pairs: makes pairs.
        questions: of the bundle.
        training: questions to draw from.
        claims: of the bundle.
        sizes: questions and claims of a batch.
        seed: of the dice; another one after each continuation, or the same batches came again.
        more: how much more often the questions of a set are drawn than its size says.
    """

    def __init__(
        self,
        pairs: Pairs,
        questions: Questions,
        training: Ints,
        claims: Claims,
        sizes: tuple[int, int],
        seed: int,
        more: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__()
        self._pairs, self._training, self._claims, self._sizes, self._seed = pairs, training, claims, sizes, seed
        share = sampling(questions.set[training], len(questions.sets))
        across = np.isin(questions.set[training], [n for n, name in enumerate(questions.sets) if name in _BETWEEN])
        share = np.where(across, share * _ACROSS, share) * _factors(questions.sets, more)[questions.set[training]]
        self.share = share / share.sum()

    def __iter__(self) -> Iterator[tuple[Batch, tuple[Tensor, Tensor, Tensor, Tensor]]]:
        """Yield a batch of pairs with a batch of claims."""
        worker = get_worker_info()
        seed = self._seed * 1_000 + (worker.id if worker else 0)
        dice, draw = random.Random(seed), np.random.default_rng(seed)
        while True:
            batches = self._questions(dice, draw)
            for groups, numbers in zip(batches, self._claim_numbers(dice, draw, len(batches)), strict=True):
                yield batch_of(groups), self._claims.batch(numbers)

    def _questions(self, dice: random.Random, draw: np.random.Generator) -> list[list[list[Pair]]]:
        size = self._sizes[0]
        drawn = draw.choice(self._training, size * _SORTED, p=self.share)
        groups = [group for group in (self._pairs.of(int(number), dice) for number in drawn) if group]
        groups.sort(key=lambda group: max(len(pair.ids) for pair in group))
        batches = [groups[start : start + size] for start in range(0, len(groups), size)]
        dice.shuffle(batches)
        return batches

    def _claim_numbers(self, dice: random.Random, draw: np.random.Generator, count: int) -> list[Ints]:
        size = self._sizes[1]
        drawn = draw.choice(self._claims.training, size * count, p=self._claims.share)
        drawn = np.array(sorted(drawn.tolist(), key=self._claims.length))
        batches = [drawn[start : start + size] for start in range(0, len(drawn), size)]
        dice.shuffle(batches)
        return batches
