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

Each says what happened, to which file (`problem`), and what to do next (`fix`); its text is both, in one line, with a
semicolon between. The command line prints it as it stands and exits with 1.
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
    "with_fix",
]


def with_fix(problem: str, fix: str) -> str:
    """Return a problem and what to do about it in one line."""
    return f"{problem}; {fix}" if fix else problem


def _again(kind: type[RagError], args: tuple[object, ...], values: dict[str, object]) -> RagError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(values)
    return error


class RagError(Exception):
    """Root of every error that this project raises on purpose.

    Attributes:
        problem: what is wrong, and with what.
        fix: what to do about it; `""` where the problem says it, or nobody can do anything.
    """

    def __init__(self, problem: str, fix: str = "") -> None:
        super().__init__(with_fix(problem, fix))
        self.problem = problem
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        """Let it be copied and sent to another process, whatever its class takes."""
        return _again, (type(self), self.args, self.__dict__)


class ConfigError(RagError):
    """A setting, a spec or an option that makes no sense; the message names it and the valid ones."""


class SourceError(RagError):
    """A source text that can't be read.

    Attributes:
        source: the file or address as the user knows it.
        reason: what is wrong with it and what to do, without the name.
    """

    def __init__(self, source: str, problem: str, fix: str = "") -> None:
        super().__init__(f"{source}: {problem}", fix)
        self.source = source
        self.reason = with_fix(problem, fix)

    def of(self, source: str) -> SourceError:
        """Return the same of another source, such as the page behind an address."""
        return SourceError(source, self.problem.removeprefix(f"{self.source}: "), self.fix)


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
