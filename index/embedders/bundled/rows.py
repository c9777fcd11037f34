"""What the encoder reads: the rows of words and places, looked up for token ids in the packed model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.packed import PackedModel, decode

__all__ = ["InputRows"]


class InputRows:
    """What the first LayerNorm gets for each token: the rows of its word and of its place.

    Args:
        model: the packed weights.
    """

    def __init__(self, model: PackedModel) -> None:
        hidden = model.sizes.hidden
        self._words = model.blocks("emb.word", hidden)
        self._places = model.matrix("emb.pos", hidden) + model.matrix("emb.type", hidden)[0]

    def padded(self, batch: Sequence[Sequence[int]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return rows (batch, length, hidden) and a mask (batch, length) that is 1 where a token stands."""
        length = max(map(len, batch))
        ids = np.zeros((len(batch), length), np.int32)
        mask = np.zeros((len(batch), length), np.float32)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1.0
        return decode(self._words[ids]) + self._places[:length], mask
