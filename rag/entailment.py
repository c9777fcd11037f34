"""A second opinion on support: a cross-encoder that reads quote and claim together and says whether one follows.

Optional, because such models are large. Only safetensors are read, and no code that comes with a model is run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from index.errors import ConfigError, EmbedderError
from rag.text import clean

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["CrossEncoderJudge", "Judge", "Relation", "check_spec", "load_judge"]

Relation: TypeAlias = Literal["entailment", "neutral", "contradiction"]
Judge: TypeAlias = Callable[[str, str], Relation]
"""Tells how a claim (second) relates to a quote (first)."""

_KIND = "sentence-transformers"
_RELATIONS: tuple[Relation, ...] = ("entailment", "neutral", "contradiction")
_LONGEST = 4_000


class CrossEncoderJudge:
    """A cross-encoder with the three classes of natural language inference, in whatever order its config names them.

    Args:
        model: a folder, or a name on the hub; loaded at the first use.

    Raises:
        ConfigError: no such model, no safetensors, or other classes than the three.
    """

    def __init__(self, model: str) -> None:
        from index.embedders.sentence_transformers import model_folder, require_safetensors

        try:
            self._folder = model_folder(model)
            require_safetensors(self._folder)
        except EmbedderError as error:
            raise ConfigError(f"the model for nli: {error}") from error
        self._lock = threading.Lock()
        self._loaded: tuple[CrossEncoder, list[Relation]] | None = None

    def __call__(self, quote: str, claim: str) -> Relation:
        """Return the most probable relation of a claim to a quote.

        Raises:
            ConfigError: the model can't be loaded, or has other classes.
        """
        with self._lock:
            if self._loaded is None:
                model = _load(self._folder)
                self._loaded = model, _order(model, self._folder)
            model, order = self._loaded
            scores = model.predict([(clean(quote)[:_LONGEST], clean(claim)[:_LONGEST])], show_progress_bar=False)
        return order[int(scores[0].argmax())]


def _load(folder: Path) -> CrossEncoder:
    from sentence_transformers import CrossEncoder

    try:
        return CrossEncoder(
            str(folder),
            device="cpu",
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:  # the loaders name no error class
        reason = " ".join(str(error).split())[:300]
        raise ConfigError(f"the model for nli in {folder} can't be loaded: {reason}") from error


def _order(model: CrossEncoder, folder: Path) -> list[Relation]:
    """Return the relation of each output, by the names in the model's config."""
    names = {int(place): str(name).lower() for place, name in dict(model.config.id2label).items()}
    order = [next((r for r in _RELATIONS if names[place].startswith(r[:6])), None) for place in sorted(names)]
    if sorted(map(str, order)) != sorted(_RELATIONS):
        found = ", ".join(names[place] for place in sorted(names))
        raise ConfigError(f"the model for nli in {folder} has the classes {found}; needed: {', '.join(_RELATIONS)}")
    return cast("list[Relation]", order)


def check_spec(spec: str) -> str:
    """Return the name or folder in a spec, `""` when none is wanted.

    Raises:
        ConfigError: another kind, or nothing behind the colon.
    """
    kind, _, model = spec.partition(":")
    if spec and (kind != _KIND or not model.strip()):
        raise ConfigError(f"nli={spec[:100]!r}: write {_KIND}:NAME_OR_FOLDER, or nothing")
    return model.strip()


@lru_cache(maxsize=2)
def load_judge(spec: str) -> Judge | None:
    """Return the judge of a spec, kept by the process; `None` for `""`.

    Raises:
        ConfigError: no such model.
    """
    model = check_spec(spec)
    return CrossEncoderJudge(model) if model else None
