"""Babelquote: ask your own documents in any language, and get an answer whose every claim points at the exact words.

This package only exports what `rag` and `index` offer to programs, under a name that no other project has:

    >>> from babelquote import answer, build
    >>> report = build(["articles/"])  # doctest: +SKIP
    >>> print(answer("Who heads the AOI?"))  # doctest: +SKIP
"""

from __future__ import annotations

from importlib.metadata import version as _version
from typing import TYPE_CHECKING

import index as _index
import rag as _rag
from rag import *  # noqa: F403 - its public names are ours

if TYPE_CHECKING:
    from index import *  # noqa: F403 - the same, of the index

__all__ = sorted({*_rag.__all__, *_index.__all__, "__version__"} - {"open"})  # noqa: PLE0605 - it is a list

__version__: str = _version("babelquote")


def __getattr__(name: str) -> object:
    """Import a public name of `index` when it is first used: asking never pays for what building needs."""
    if name not in __all__:
        raise AttributeError(f"module 'babelquote' has no attribute {name!r}")
    return getattr(_index, name)
