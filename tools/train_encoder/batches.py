"""Batches of questions with their passages and a hard negative each, with all sentences of all passages told apart."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from tools.training.arrays import BEGIN, END, Ints, Questions, sampling
from tools.training.encoder import padded

__all__ = ["Contrast", "Maker", "Stream"]

LONGEST, LONGEST_QUESTION, LONGEST_TITLE = 256, 60, 30  # tokens
_TITLED = 0.85
_SORTED = 4  # batches drawn together and sorted by length


@dataclass(frozen=True)
class Contrast:
    """A batch of q questions, p passages (that of each question first, then negatives) with s sentences in all.

    Attributes:
        question, question_mask: token ids, shape (q, length).
        passage, passage_mask: token ids, shape (p, length).
        sentence: number among all sentences of each token of a passage, -1 outside, shape (p, length).
        owner: passage of each sentence, shape (s,).
        holds_too: passages that hold a question's answer though they aren't its own, shape (q, p).
        right: sentences in which the answer lies, shape (q, s).
        doubtful: sentences that count neither as right nor as wrong, shape (q, s).
    """

    question: Tensor
    question_mask: Tensor
    passage: Tensor
    passage_mask: Tensor
    sentence: Tensor
    owner: Tensor
    holds_too: Tensor
    right: Tensor
    doubtful: Tensor

    def to(self, where: torch.device) -> Contrast:
        """Return the batch on a device."""
        return Contrast(*(getattr(self, field.name).to(where, non_blocking=True) for field in fields(self)))


class Maker:
    """Makes batches from numbers of questions.

    Args:
        questions: of a bundle.
        negatives: paragraphs near each question, shape (questions, n), -1 for none.
    """

    def __init__(self, questions: Questions, negatives: Ints) -> None:
        self._of, self._negatives = questions, negatives
        self._bytes = [_bytes(body) for body in questions.body]

    def usable(self, numbers: Ints) -> Ints:
        """Return the questions whose answer stands far enough in front to be read."""
        span = self._of.span[numbers]
        return numbers[(span[:, 0] >= 0) & (span[:, 1] < LONGEST - LONGEST_TITLE - 10)]

    def length(self, number: int) -> int:
        """Return how many tokens the passage of a question has."""
        return len(self._of.body[self._of.paragraph[number]])

    def __call__(self, numbers: Sequence[int] | Ints, dice: random.Random) -> Contrast:
        """Return the batch of some questions."""
        asked = self._of
        places = [int(asked.paragraph[number]) for number in numbers]
        for number in numbers:
            near = self._negatives[number][self._negatives[number] >= 0]
            if len(near):
                places.append(int(near[min(len(near) - 1, int(len(near) * dice.random() ** 2))]))
        passages = [self._passage(place, titled=dice.random() < _TITLED) for place in places]
        sentence, owner, own_number = _numbered([numbers_of for _, numbers_of in passages])
        holds_too = self._holding(numbers, np.array(places))
        right, doubtful = self._sentences(numbers, owner, own_number, holds_too)
        rows = [[BEGIN, *asked.prefix_query, *asked.question[n][:LONGEST_QUESTION], END] for n in numbers]
        tensors = [torch.from_numpy(array) for array in (sentence, owner, holds_too, right, doubtful)]
        ids, mask = padded([ids for ids, _ in passages])
        wide = torch.full(ids.shape, -1, dtype=torch.long)
        wide[:, : sentence.shape[1]] = tensors[0]
        return Contrast(*padded(rows), ids, mask, wide, *tensors[1:])

    def _passage(self, place: int, *, titled: bool) -> tuple[list[int], list[int]]:
        """Return token ids of a passage and the sentence of each, -1 for what stands before and behind."""
        title = self._of.title[place][:LONGEST_TITLE].tolist() if titled else []
        before = [BEGIN, *self._of.prefix_passage, *title]
        body = self._of.body[place][: LONGEST - len(before) - 1].tolist()
        return [*before, *body, END], [-1] * len(before) + self._of.sentence[place][: len(body)].tolist() + [-1]

    def _holding(self, numbers: Sequence[int] | Ints, places: Ints) -> np.ndarray:
        asked = self._of
        found = np.zeros((len(numbers), len(places)), bool)
        for row, number in enumerate(numbers):
            mine, (first, last) = int(asked.paragraph[number]), asked.span[number]
            answer = _bytes(asked.body[mine][first : last + 1])
            found[row] = [answer in self._bytes[place] for place in places]
            found[row] |= asked.parallel[places] == asked.parallel[mine]
            found[row, row] = False
        return found

    def _sentences(
        self, numbers: Sequence[int] | Ints, owner: Ints, own_number: Ints, holds_too: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        asked = self._of
        right, doubtful = np.zeros((len(numbers), len(owner)), bool), holds_too[:, owner].copy()
        for row, number in enumerate(numbers):
            first, last = asked.span[number]
            needed = set(asked.sentence[int(asked.paragraph[number])][first : last + 1].tolist())
            for column in np.nonzero(owner == row)[0]:
                right[row, column] = int(own_number[column]) in needed
                held = asked.held_by(int(number), int(own_number[column]))
                doubtful[row, column] = held and not right[row, column]
        return right, doubtful


def _numbered(rows: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number the sentences of all passages through: of each token, their passages, their numbers in these."""
    longest = max(map(len, rows))
    numbers = np.full((len(rows), longest), -1, np.int64)
    owner: list[int] = []
    own: list[int] = []
    for row, sentences in enumerate(rows):
        found = np.array(sentences)
        present = np.unique(found[found >= 0])
        numbers[row, : len(found)] = np.where(found >= 0, np.searchsorted(present, found) + len(owner), -1)
        owner += [row] * len(present)
        own += present.tolist()
    return numbers, np.array(owner), np.array(own)


class Stream(IterableDataset[Contrast]):
    """Endless batches of `size` questions out of `training`, drawn with dice of each worker's own."""

    def __init__(self, maker: Maker, questions: Questions, training: Ints, size: int, seed: int) -> None:
        super().__init__()
        self._maker, self._training, self._size, self._seed = maker, training, size, seed
        self._share = sampling(questions.set[training], len(questions.sets))

    def __iter__(self) -> Iterator[Contrast]:
        """Yield batches."""
        worker = get_worker_info()
        seed = self._seed * 1_000 + (worker.id if worker else 0)
        dice, draw = random.Random(seed), np.random.default_rng(seed)
        while True:
            count = self._size * _SORTED
            drawn = draw.choice(self._training, count, replace=len(self._training) < count, p=self._share)
            drawn = np.array(sorted(drawn.tolist(), key=self._maker.length))
            order = list(range(0, count, self._size))
            dice.shuffle(order)
            for start in order:
                yield self._maker(drawn[start : start + self._size], dice)


def _bytes(tokens: Ints) -> bytes:
    return tokens.astype("<u4").tobytes()
