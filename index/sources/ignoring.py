"""What a `.ragignore` file leaves out: patterns of the `.gitignore` syntax, for its folder and those below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from pathspec import GitIgnoreSpec

__all__ = ["IGNORE_FILE", "IGNORE_FILE_LIMIT", "Ignores", "is_ignored"]

IGNORE_FILE = ".ragignore"
IGNORE_FILE_LIMIT = 1024 * 1024
Ignores: TypeAlias = Sequence[tuple[str, GitIgnoreSpec]]
"""Each file's folder (with `/` at its end, `""` for the root) and patterns, from the root down."""


def is_ignored(relative: str, ignores: Ignores) -> bool:
    """Tell whether a path from the root on is left out."""
    verdict = False
    for prefix, spec in ignores:  # from the root down: the nearest file that says something wins
        found = spec.check_file(relative[len(prefix) :]).include
        if found is not None:
            verdict = found
    return verdict
