"""An optional last word on the order: a cross-encoder reads question and passage together (Nogueira & Cho 2019).

Packages may bring other rerankers by the entry point group `babelquote.rerankers`.

It sees what two vectors can't, and costs a pass of a model for each passage; so it reads only the best few, for a
limited time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from index.errors import ConfigError
from index.language.words import visible
from index.plugins import Kind, Plug, blaming
from rag.retrieval.cross_encoders import LONGEST, find_model, load_model
from rag.types import Rank, ScoredPassage

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["CrossEncoderReranker", "Reranker", "check_reranker_spec", "load_reranker"]

_ROLE = "the reranker"
_TOGETHER = 4  # passages read between two looks at the clock


@runtime_checkable
class Reranker(Protocol):
    """Puts passages into another order."""

    @property
    def most(self) -> int:
        """How many passages it wants to see."""
        ...

    def __call__(self, question: str, passages: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:
        """Return the same passages, best first."""
        ...


class CrossEncoderReranker:
    """Orders the best passages by a cross-encoder with one output, within bounded time.

    Args:
        model: a folder, or a name on the hub that was downloaded before; loaded at the first use.
        most: how many passages it reads.
        seconds: after this time no further passage is read; loading the model is not counted.

    Raises:
        ConfigError: no such model, or no safetensors.
    """

    def __init__(self, model: str, *, most: int = 20, seconds: float = 2.0) -> None:
        self._folder = find_model(model, _ROLE)
        self.most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._loaded: CrossEncoder | None = None

    def __call__(self, question: str, passages: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:
        """Return the passages, those that were read first, best first, then the others as they were.

        The fused scores are handed out anew in the order found, so that they still fall; what the model said is
        `ranks["reranker"]`.

        Raises:
            ConfigError: the model can't be loaded, or has more than one output.
        """
        scores = self._read(question, passages[: self.most])
        order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
        fused = sorted((hit.score for hit in passages[: len(scores)]), reverse=True)
        read = [
            replace(
                passages[place], score=score, ranks={**passages[place].ranks, "reranker": Rank(rank, scores[place])}
            )
            for rank, (place, score) in enumerate(zip(order, fused, strict=True), start=1)
        ]
        return (*read, *passages[len(scores) :])

    def _read(self, question: str, passages: Sequence[ScoredPassage]) -> list[float]:
        """Return the scores of as many passages, from the best on, as there is time for; at least a few."""
        asked = visible(question)
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._folder)
            ends = time.monotonic() + self._seconds
            scores: list[float] = []
            for start in range(0, len(passages), _TOGETHER):
                if start and time.monotonic() > ends:
                    break
                some = [(asked, _text_of(hit)) for hit in passages[start : start + _TOGETHER]]
                scores += map(float, self._loaded.predict(some, show_progress_bar=False))
        return scores


def _text_of(hit: ScoredPassage) -> str:
    return visible(f"{hit.title}\n{hit.passage.text}")[:LONGEST]


def _load(folder: Path) -> CrossEncoder:
    model = load_model(folder, _ROLE)
    if model.config.num_labels != 1:
        raise ConfigError(
            f"{_ROLE} in {folder} has {model.config.num_labels} outputs", "choose one that gives one score"
        )
    return model


class _CheckedReranker:
    """Passes on the order of a reranker that returns each passage once, with the words that it was given.

    Args:
        reranker: of another package.
        who: names it in messages.

    Raises:
        ConfigError: it wants to see no passage; when asked: it fails, or returns something else than the passages.
    """

    def __init__(self, reranker: Reranker, who: str) -> None:
        self._reranker = reranker
        self._who = who
        with blaming(who):
            self.most = int(reranker.most)
        if self.most < 1:
            raise self._wrong(f"wants to see {self.most} passages")

    def __call__(self, question: str, passages: Sequence[ScoredPassage]) -> tuple[ScoredPassage, ...]:
        """Return the passages, best first."""
        with blaming(self._who):
            ordered = tuple(self._reranker(question, passages))
        if not all(isinstance(hit, ScoredPassage) and math.isfinite(hit.score) for hit in ordered):
            raise self._wrong("returned something else than passages with scores")
        given = {_place(hit): hit.passage for hit in passages}
        if len(ordered) != len(passages) or {_place(hit): hit.passage for hit in ordered} != given:
            raise self._wrong("returned other passages than it was given")
        return ordered

    def _wrong(self, what: str) -> ConfigError:
        return ConfigError(f"{self._who} {what}", "report it to those who made it")


def _place(hit: ScoredPassage) -> tuple[str, int, int]:
    return hit.passage.document_id, hit.passage.start, hit.passage.end


_KINDS = {
    "sentence-transformers": Kind("rag.retrieval.reranking:CrossEncoderReranker", "NAME_OR_FOLDER"),
}
_PLUG = Plug[Reranker](
    "babelquote.rerankers", "reranker", _KINDS, others=("nothing at all",), protocol=Reranker, checked=_CheckedReranker
)


def check_reranker_spec(spec: str) -> str:
    """Return a spec as it stands, `""` when none is wanted; raises `ConfigError` when there is no such reranker."""
    return _PLUG.check(spec) if spec else ""


@lru_cache(maxsize=2)
def load_reranker(spec: str) -> Reranker | None:
    """Return the reranker of a spec, kept by the process; `None` for `""`.

    Raises:
        ConfigError: no such model.
    """
    return _PLUG.make(spec) if spec else None
