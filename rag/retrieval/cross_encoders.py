"""Loads the cross-encoders that read two texts together, for reranking and for a second opinion on support.

Only safetensors are read, and no code that comes with a model is run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ConfigError, EmbedderError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

__all__ = ["LONGEST", "find_model", "load_model"]

LONGEST = 4_000
"""Code points of a text that are read: models take no more than a few hundred tokens."""


def find_model(model: str, role: str) -> Path:
    """Return the folder of a model, a folder itself or a name on the hub that was downloaded before.

    Args:
        model: name or folder.
        role: what it is for, in the words of a message: "the reranker".

    Raises:
        ConfigError: no such model, or no safetensors.
    """
    from index.embedders.sentence_transformers import model_folder, require_safetensors

    try:
        folder = model_folder(model)
        require_safetensors(folder)
    except EmbedderError as error:
        raise ConfigError(f"{role}: {error}") from error
    return folder


def load_model(folder: Path, role: str) -> CrossEncoder:
    """Load the model in a folder.

    Raises:
        ConfigError: it can't be loaded.
    """
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
        raise ConfigError(f"{role} in {folder} can't be loaded: {reason}") from error
