"""Documents to an index on disk: readers, chunking, embedders, stores, builds. Imports nothing from `rag` or `ui`."""

from __future__ import annotations
