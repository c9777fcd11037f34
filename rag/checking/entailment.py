"""A second opinion on support: a cross-encoder that reads quote and claim together and says whether one follows.

Optional, because such models are large. Packages may bring other judges by the entry point group `babelquote.judges`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from index.errors import ConfigError
from index.language.words import visible
from index.plugins import Kind, Plug, blaming
from rag.retrieval.cross_encoders import LONGEST, find_model, load_model

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["CrossEncoderJudge", "Judge", "Relation", "check_spec", "load_judge"]

Relation: TypeAlias = Literal["entailment", "neutral", "contradiction"]
Judge: TypeAlias = Callable[[str, str], Relation]
"""Decides how a claim (second) relates to a quote (first)."""

_ROLE = "the model for nli"
_RELATIONS: tuple[Relation, ...] = ("entailment", "neutral", "contradiction")


class CrossEncoderJudge:
    """A cross-encoder with the three classes of natural language inference, in whatever order its config names them.

    Args:
        model: a folder, or a name on the hub; loaded at the first use.

    Raises:
        ConfigError: no such model, no safetensors, or other classes than the three.
    """

    def __init__(self, model: str) -> None:
        self._folder = find_model(model, _ROLE)
        self._lock = threading.Lock()
        self._loaded: tuple[CrossEncoder, list[Relation]] | None = None

    def __call__(self, quote: str, claim: str) -> Relation:
        """Return the most probable relation of a claim to a quote.

        Raises:
            ConfigError: the model can't be loaded, or has other classes.
        """
        with self._lock:
            if self._loaded is None:
                model = load_model(self._folder, _ROLE)
                self._loaded = model, _order(model, self._folder)
            model, order = self._loaded
            scores = model.predict([(visible(quote)[:LONGEST], visible(claim)[:LONGEST])], show_progress_bar=False)
        return order[int(scores[0].argmax())]


def _order(model: CrossEncoder, folder: Path) -> list[Relation]:
    """Return the relation of each output, by the names in the model's config."""
    names = {int(place): str(name).lower() for place, name in dict(model.config.id2label).items()}
    order = [next((r for r in _RELATIONS if names[place].startswith(r[:6])), None) for place in sorted(names)]
    if sorted(map(str, order)) != sorted(_RELATIONS):
        found = ", ".join(names[place] for place in sorted(names))
        raise ConfigError(
            f"{_ROLE} in {folder} has the classes {found}", f"choose one that has {', '.join(_RELATIONS)}"
        )
    return cast("list[Relation]", order)


_KINDS = {
    "sentence-transformers": Kind("rag.checking.entailment:CrossEncoderJudge", "NAME_OR_FOLDER"),
}


def _checked(judge: Judge, who: str) -> Judge:
    """Return a judge of another package that fails by name, where it fails or says something else."""

    def judged(quote: str, claim: str) -> Relation:
        with blaming(who):
            found = judge(quote, claim)
        if found not in _RELATIONS:
            raise ConfigError(f"{who} said {str(found)[:50]!r}", f"it may say {', '.join(_RELATIONS)}")
        return found

    return judged


_PLUG = Plug[Judge](
    "babelquote.judges",
    "model for nli",
    _KINDS,
    others=("nothing at all",),
    protocol=cast("type", Callable),
    checked=_checked,
)


def check_spec(spec: str) -> str:
    """Return a spec as it stands, `""` when none is wanted; raises `ConfigError` when there is no such judge."""
    return _PLUG.check(spec) if spec else ""


@lru_cache(maxsize=2)
def load_judge(spec: str) -> Judge | None:
    """Return the judge of a spec, kept by the process; `None` for `""`.

    Raises:
        ConfigError: no such model.
    """
    return _PLUG.make(spec) if spec else None
