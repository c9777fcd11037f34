"""The reader in torch: the carried encoder with heads, over question and passage together.

A cross-encoder (Nogueira & Cho 2019, https://arxiv.org/abs/1901.04085). The product's own implementation is
`rag.reading`; names are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.training.encoder import HIDDEN, Encoder

__all__ = ["FROZEN", "MOST_SENTENCES", "Read", "Reader"]

FROZEN = 2  # lower layers that stay as carried: words of rare languages keep their meaning
MOST_SENTENCES = 40  # sentences of a passage that are told apart
QUESTION, PASSAGE, CLAIM = 0, 1, 2  # rows of `segment`
_SHUT = -1e4
_COSINE = 0.8  # what cosines of the last states are around


@dataclass(frozen=True)
class Read:
    """What the heads say of a batch: log-odds of an answer (batch,), logits of sentences, of first and last tokens."""

    answers: Tensor
    sentences: Tensor
    starts: Tensor
    ends: Tensor


class Reader(Encoder):
    """Reads pairs; `segment` is added to the states behind the frozen layers."""

    def __init__(self, bundle: Path) -> None:
        super().__init__(bundle, FROZEN)
        self.segment = nn.Parameter(torch.zeros(3, HIDDEN))
        self.answers_pool, self.answers = nn.Linear(2 * HIDDEN, HIDDEN), nn.Linear(HIDDEN, 1)
        self.sentence, self.span = nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, 2)
        self.verdict_pool, self.verdict = nn.Linear(2 * HIDDEN, HIDDEN), nn.Linear(HIDDEN, 3)
        self.scale = nn.Parameter(torch.tensor([10.0, 4.0]))
        for head in (self.answers, self.sentence, self.span, self.verdict):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def keep(self, layers: int) -> None:
        """Train only what lies above that many layers: faster, and what many languages share stays."""
        for layer in self.layers[FROZEN:layers]:
            layer.requires_grad_(requires_grad=False)
        self.segment.requires_grad_(layers <= FROZEN)

    def read(self, ids: Tensor, mask: Tensor, segments: Tensor, sentences: Tensor, dropout: float = 0.0) -> Read:
        """Read questions with passages; all arguments have the shape (batch, length).

        Args:
            ids: token ids.
            mask: which of them are no padding.
            segments: what each token belongs to, see `QUESTION`, `PASSAGE`.
            sentences: the sentence of each token, -1 outside the passage.
            dropout: share of values that is left out.
        """
        states = self.states(ids, mask, self.segment[segments], dropout)
        inside = mask & (sentences >= 0)
        both, question = self._both(states, mask & (segments == QUESTION))
        numbers = sentences.clamp(-1, MOST_SENTENCES - 1) + 1
        member = functional.one_hot(numbers, MOST_SENTENCES + 1)[:, :, 1:].to(states.dtype)
        size = member.sum(1)
        means = torch.einsum("bns,bnh->bsh", member, states) / size.clamp(min=1)[:, :, None]
        cosines = torch.einsum("bsh,bh->bs", functional.normalize(means, dim=2), functional.normalize(question, dim=1))
        best = cosines.masked_fill(size == 0, -1).max(1).values
        answers = self.answers(torch.tanh(self.answers_pool(both))).squeeze(1) + self.scale[1] * (best - _COSINE)
        scores = (self.sentence(means).squeeze(2) + self.scale[0] * cosines).masked_fill(size == 0, _SHUT)
        spans = self.span(states).masked_fill(~inside[:, :, None], _SHUT)
        return Read(answers, scores, spans[:, :, 0], spans[:, :, 1])

    def judge(self, ids: Tensor, mask: Tensor, segments: Tensor, dropout: float = 0.0) -> Tensor:
        """Return the logits of supported, contradicted, silent for claims with passages, shape (batch, 3)."""
        states = self.states(ids, mask, self.segment[segments], dropout)
        both, _ = self._both(states, mask & (segments == CLAIM))
        verdict: Tensor = self.verdict(torch.tanh(self.verdict_pool(both)))
        return verdict

    @staticmethod
    def _both(states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the first state beside the mean of the masked ones, (batch, 2 HIDDEN), and that mean alone."""
        weight = mask.float()[:, :, None]
        mean = (states * weight).sum(1) / weight.sum(1).clamp(min=1)
        return torch.cat([states[:, 0], mean], 1), mean

    def public(self) -> dict[str, Tensor]:
        """Return all that is trained, by its public names."""
        heads = {name: value for name, value in self.state_dict().items() if not name.startswith(("layers.", "first."))}
        return {**self.trained(), **heads}
