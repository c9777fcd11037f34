"""From files to documents: discovery, one reader per format, and a child process that keeps bad files harmless.

In: paths and addresses. Out: documents, or the reason why there are none. Imported by building and opening.

found = discover([Path("articles")])
for file, result in read_many(found.files):
    ...  # a ReadResult, or the SourceError that names the file and the reason
"""

from __future__ import annotations

from index.sources.discovery import discover
from index.sources.reading import document_digest, read
from index.sources.sandbox.pool import SandboxLimits, read_many
from index.sources.types import Discovery, ReadOptions, ReadResult, SourceFile, WebPolicy

__all__ = [
    "Discovery",
    "ReadOptions",
    "ReadResult",
    "SandboxLimits",
    "SourceFile",
    "WebPolicy",
    "discover",
    "document_digest",
    "read",
    "read_many",
]
