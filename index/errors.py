"""The errors of the project, one tree.

    RagError
    ├── ConfigError              a setting, a spec or an option that makes no sense
    ├── SourceError              a source text that can't be read (names the file and the reason)
    │   └── SourceSkippedError   left out on purpose: hidden, binary, too large, encrypted …
    ├── EmbedderError            a model that can't be loaded or gave unusable vectors
    ├── StoreError               the files of an index
    │   ├── IndexMissingError        nothing was built there yet
    │   ├── IndexDamagedError        a checksum or a structure does not hold
    │   ├── IndexIncompatibleError   another format, embedder or dimension
    │   ├── IndexBusyError           another build holds the lock
    │   └── StoreUnreachableError    the server of an index doesn't answer; it may come back
    ├── QuestionError            a question that can't be asked (in rag.errors)
    ├── LLMError                 a language model that failed (in rag.errors)
    └── ReceiptError             a receipt that can't be written or read (in rag.errors)

Each message says what happened, to which file, and what to do next, in one line. The command line prints it as
it stands and exits with 1.
"""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "EmbedderError",
    "IndexBusyError",
    "IndexDamagedError",
    "IndexIncompatibleError",
    "IndexMissingError",
    "RagError",
    "SourceError",
    "SourceSkippedError",
    "StoreError",
    "StoreUnreachableError",
]


class RagError(Exception):
    """Root of every error that this project raises on purpose."""


class ConfigError(RagError):
    """A setting, a spec or an option that makes no sense; the message names it and the valid ones."""


class SourceError(RagError):
    """A source text that can't be read.

    Attributes:
        source: the file or address as the user knows it.
        reason: what is wrong with it, without the name.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class SourceSkippedError(SourceError):
    """A source that is left out on purpose: hidden, binary, too large, encrypted, without text."""


class EmbedderError(RagError):
    """An embedding model that can't be loaded, or that gave unusable vectors."""


class StoreError(RagError):
    """Something about the files of an index."""


class IndexMissingError(StoreError):
    """No index was built in that folder yet."""


class IndexDamagedError(StoreError):
    """A checksum or a structure of the index does not hold; nothing of it is searched."""


class IndexIncompatibleError(StoreError):
    """The index was made by another format version, embedder or dimension; never searched."""


class IndexBusyError(StoreError):
    """Another build holds the lock of this index."""


class StoreUnreachableError(StoreError):
    """The server that keeps an index doesn't answer, or has no connection left; it may come back."""
