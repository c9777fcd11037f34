"""Documents to an index on disk: readers, chunking, embedders, stores, builds. Imports nothing from `rag` or `ui`.

    report = index.build(["articles/"])
    with index.open() as opened:
        vector, language = opened.embed_query("Who heads the AOI?")
        hits = opened.store.dense(vector, 5)

Names are imported when they are first used, so that asking a question never pays for what building needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.building import build
    from index.config import ChunkingConfig
    from index.health import IndexStatus, sources_of, status, verify
    from index.live import LiveIndex
    from index.opening import Index, open
    from index.report import BuildReport, Progress

__all__ = [
    "BuildReport",
    "ChunkingConfig",
    "Index",
    "IndexStatus",
    "LiveIndex",
    "Progress",
    "build",
    "open",
    "sources_of",
    "status",
    "verify",
]

_HOMES = {
    "BuildReport": "report",
    "ChunkingConfig": "config",
    "Index": "opening",
    "IndexStatus": "health",
    "LiveIndex": "live",
    "Progress": "report",
    "build": "building",
    "open": "opening",
    "sources_of": "health",
    "status": "health",
    "verify": "health",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'index' has no attribute {name!r}")
    found: object = getattr(import_module(f"index.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
