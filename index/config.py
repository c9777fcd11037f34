"""Where things are kept, and the few settings of a build."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from index.errors import ConfigError

__all__ = ["APP", "ChunkingConfig", "cache_dir", "clone_root", "default_index_dir", "forget_parts", "seeds_dir"]

APP = "babelquote"
_DAY = 86_400.0
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class ChunkingConfig:
    """How documents are cut into passages; part of what an index is, kept in its manifest.

    Attributes:
        max_tokens: most tokens of the embedder that a passage may have, heading and title not counted.
        overlap_sentences: how many sentences a passage repeats of the one before.
    """

    max_tokens: int = 256
    overlap_sentences: int = 1

    def __post_init__(self) -> None:
        """Refuse sizes that no passage could keep."""
        if self.max_tokens < 8:
            raise ConfigError(f"chunking: max_tokens is {self.max_tokens}", "it must be at least 8")
        if self.overlap_sentences < 0:
            raise ConfigError(f"chunking: overlap_sentences is {self.overlap_sentences}", "it can't be negative")


def clone_root() -> Path | None:
    """Return the folder of the clone that this code runs from, or `None` when it was installed from a wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "seeds").is_dir() else None


def default_index_dir() -> Path:
    """Return the index folder: `RAG_INDEX`, else `var/index` in a clone, else the platform's user data folder."""
    chosen = os.environ.get("RAG_INDEX")
    if chosen:
        return Path(chosen)
    root = clone_root()
    return root / "var" / "index" if root else Path(platformdirs.user_data_dir(APP)) / "index"


def cache_dir() -> Path:
    """Return the folder for what can be made again (converted weights …): `RAG_CACHE`, else the platform's."""
    chosen = os.environ.get("RAG_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir(APP))


def seeds_dir() -> Path:
    """Return the folder of the sample articles, in the clone or in the installed package."""
    root = clone_root()
    return root / "seeds" if root else _PACKAGE / "_seeds"


def forget_parts(folder: Path) -> None:
    """Remove what was begun in a folder as `*.part` and not finished within a day."""
    for part in folder.glob("*.part"):
        with suppress(OSError):
            if time.time() - part.lstat().st_mtime < _DAY:
                continue
            if part.is_dir() and not part.is_symlink():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)
