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
    from index.backup.archiving import Backup, back_up
    from index.backup.restoring import restore
    from index.building.build import build
    from index.building.report import BuildReport, Progress
    from index.config import ChunkingConfig
    from index.disk.files import FileStamp
    from index.disk.manifest import EmbedderInfo, Manifest, TakenOver, VectorSearch
    from index.embedders.base import Embedder
    from index.locations import Database
    from index.opening.health import IndexStatus, sources_of, status, verify
    from index.opening.live import LiveIndex
    from index.opening.opened import Index, open
    from index.sources.types import ReadOptions, WebPolicy
    from index.stores.base import DocumentHeader, Filter, GenerationWriter, Hit, KeywordHits, PassageStore
    from index.stores.sets import DocumentSet
    from index.types import Document, Passage, Sentence

__all__ = [
    "Backup",
    "BuildReport",
    "ChunkingConfig",
    "Database",
    "Document",
    "DocumentHeader",
    "DocumentSet",
    "Embedder",
    "EmbedderInfo",
    "FileStamp",
    "Filter",
    "GenerationWriter",
    "Hit",
    "Index",
    "IndexStatus",
    "KeywordHits",
    "LiveIndex",
    "Manifest",
    "Passage",
    "PassageStore",
    "Progress",
    "ReadOptions",
    "Sentence",
    "TakenOver",
    "VectorSearch",
    "WebPolicy",
    "back_up",
    "build",
    "open",
    "restore",
    "sources_of",
    "status",
    "verify",
]

_HOMES = {
    "Backup": "index.backup.archiving",
    "BuildReport": "index.building.report",
    "ChunkingConfig": "index.config",
    "Database": "index.locations",
    "Document": "index.types",
    "DocumentHeader": "index.stores.base",
    "DocumentSet": "index.stores.sets",
    "Embedder": "index.embedders.base",
    "EmbedderInfo": "index.disk.manifest",
    "FileStamp": "index.disk.files",
    "Filter": "index.stores.base",
    "GenerationWriter": "index.stores.base",
    "Hit": "index.stores.base",
    "Index": "index.opening.opened",
    "IndexStatus": "index.opening.health",
    "KeywordHits": "index.stores.base",
    "LiveIndex": "index.opening.live",
    "Manifest": "index.disk.manifest",
    "Passage": "index.types",
    "PassageStore": "index.stores.base",
    "Progress": "index.building.report",
    "ReadOptions": "index.sources.types",
    "Sentence": "index.types",
    "TakenOver": "index.disk.manifest",
    "VectorSearch": "index.disk.manifest",
    "WebPolicy": "index.sources.types",
    "back_up": "index.backup.archiving",
    "build": "index.building.build",
    "open": "index.opening.opened",
    "restore": "index.backup.restoring",
    "sources_of": "index.opening.health",
    "status": "index.opening.health",
    "verify": "index.opening.health",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module 'index' has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found
