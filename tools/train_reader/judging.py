"""How good the reader is on questions and claims that it was not trained on: one line for the log."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from tools.train_reader.batches import Claims, batch_of
from tools.train_reader.model import Reader
from tools.train_reader.pairs import Pair, Pairs
from tools.training.arrays import Ints, Questions
from tools.training.encoder import device
from tools.training.runs import roc_auc

__all__ = ["judged"]

_MOST = 3_000  # questions
_BATCH, _CLAIMS = 64, 128
_SEED = 7  # the same pairs each time


def judged(model: Reader, pairs: Pairs, questions: Questions, held: Ints, claims: Claims) -> str:
    """Return what the reader gets right of the questions and claims that were held back."""
    model.eval()
    dice = random.Random(_SEED)
    drawn = [(int(number), pairs.of(int(number), dice, whole=True)) for number in held[:_MOST]]
    groups = [(bool(questions.answered[number]), group) for number, group in drawn if group]
    with torch.no_grad():
        scores = _Scores()
        for start in range(0, len(groups), _BATCH):
            scores.take(model, groups[start : start + _BATCH])
        supported, labels = _verdicts(model, claims)
    truth, three = labels == 0, labels < 3
    share = (supported.argmax(1) == labels)[three].mean() if three.any() else float("nan")
    auc = roc_auc(supported[truth, 0], supported[~truth, 0])
    return f"held back: {scores}; claims supported AUC {100 * auc:.2f}, three kinds {100 * share:.2f} (n {len(labels)})"


class _Scores:
    """Adds up what the heads say."""

    def __init__(self) -> None:
        self._yes: list[float] = []
        self._no: list[float] = []
        self._people: list[float] = []
        self._ahead: list[bool] = []
        self._sentence: list[bool] = []
        self._exact: list[bool] = []

    def take(self, model: Reader, groups: Sequence[tuple[bool, list[Pair]]]) -> None:
        """Read the pairs of some questions."""
        batch = batch_of([group for _, group in groups]).to(device())
        read = model.read(batch.ids, batch.mask, batch.segments, batch.sentences)
        scores, right = read.answers.float().cpu().numpy(), (batch.answers > 0).cpu().numpy()
        self._yes += scores[right].tolist()
        self._no += scores[~right].tolist()
        versus = batch.versus.cpu().numpy()
        self._ahead += (scores[versus[:, 0]] > scores[versus[:, 1]]).tolist()
        self._sentence += (read.sentences.argmax(1) == batch.sentence).cpu().numpy()[right].tolist()
        both = (read.starts.argmax(1) == batch.start) & (read.ends.argmax(1) == batch.end)
        self._exact += both.cpu().numpy()[right].tolist()
        first = 0
        for answered, group in groups:
            self._people += [] if answered else [float(scores[first])]
            first += len(group)

    def __str__(self) -> str:
        yes, no, people = map(np.array, (self._yes, self._no, self._people))
        return (
            f"answers AUC {100 * roc_auc(yes, no):.2f} (n {len(yes)} and {len(no)}), "
            f"ahead of its rival {100 * np.mean(self._ahead):.2f}, sentence {100 * np.mean(self._sentence):.2f}, "
            f"span {100 * np.mean(self._exact):.2f}, against people's unanswerable {100 * roc_auc(yes, people):.2f} "
            f"(n {len(people)})"
        )


def _verdicts(model: Reader, claims: Claims) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of the three verdicts, shape (n, 3), and labels, shape (n,)."""
    shares, labels = [np.zeros((0, 3), np.float32)], [np.zeros(0, np.int64)]
    for start in range(0, len(claims.held), _CLAIMS):
        ids, mask, segments, label = claims.batch(claims.held[start : start + _CLAIMS])
        logits = model.judge(ids.to(device()), mask.to(device()), segments.to(device()))
        shares.append(functional.softmax(logits, 1).float().cpu().numpy())
        labels.append(label.numpy())
    return np.concatenate(shares), np.concatenate(labels)
