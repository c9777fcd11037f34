"""What discovery finds, what a reader is asked, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import SourceError, SourceSkippedError, with_fix
from index.language.hygiene import clean_line
from index.types import Document, JsonValue

__all__ = [
    "MAX_BYTES",
    "Discovery",
    "Extract",
    "Head",
    "ReadContext",
    "ReadOptions",
    "ReadResult",
    "Reader",
    "RefusedError",
    "SourceFile",
    "WebPolicy",
]

_WARNING_LENGTH = 400
MAX_BYTES = 100 * 1024 * 1024
"""Largest file that is read, in bytes, unless the caller says otherwise."""


def _no_step(_part: str) -> None:
    """Say nothing: nobody limits the time."""


class RefusedError(Exception):
    """Raised by helpers that know what is wrong but not with which file; `reading` turns it into a `SourceError`.

    Attributes:
        problem: what is wrong, without the name.
        fix: what to do about it, or `""`.
        skipped: whether that is a file left out on purpose (encrypted, scanned …) and no damage.
    """

    def __init__(self, problem: str, fix: str = "", *, skipped: bool = False) -> None:
        super().__init__(with_fix(problem, fix))
        # It may quote the file: nothing of it may reach a terminal.
        self.problem, self.fix = clean_line(problem)[:_WARNING_LENGTH], clean_line(fix)[:_WARNING_LENGTH]
        self.skipped = skipped

    @property
    def reason(self) -> str:
        """What is wrong and what to do about it."""
        return with_fix(self.problem, self.fix)[:_WARNING_LENGTH]

    def of(self, source: str) -> SourceError:
        """Return the error of the file or address that is meant."""
        return (SourceSkippedError if self.skipped else SourceError)(source, self.problem, self.fix)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that may hold source texts.

    Attributes:
        path: absolute path.
        source: the name that people see: the root folder's name, `/`, and the path in it with `/`.
        size: bytes.
        mtime_ns: time of the last change, nanoseconds since the epoch.
        root: the folder that was given (for a single file, the folder that holds it).
        ctime_ns: time of the last change to the file or to what is noted of it, which no program can set; 0 unknown.
        inode: number of the file on its disk; 0 unknown.
    """

    path: Path
    source: str
    size: int
    mtime_ns: int
    root: Path
    ctime_ns: int = 0
    inode: int = 0


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a walk over the given paths found.

    Attributes:
        files: what to read, sorted by `source`.
        skipped: each thing that was left out, once, with the reason.
    """

    files: tuple[SourceFile, ...]
    skipped: tuple[SourceSkippedError, ...]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Choices of the person who indexes; an empty field name means "guess, and say so".

    Attributes:
        title_field: column or key that holds the title of a row (CSV, TSV, JSON, JSON lines).
        text_field: column or key that holds the text.
        id_field: column or key that holds an identifier.
        language_field: column or key that holds a language code.
        max_bytes: largest file that is read.
        ocr: how pictures of text are read: `"auto"` by the models that fit, `"off"` not at all, else the names of
            Tesseract's models, such as `"deu+eng"`; `""` is what `RAG_OCR` says, else `"auto"`.
    """

    title_field: str = ""
    text_field: str = ""
    id_field: str = ""
    language_field: str = ""
    max_bytes: int = MAX_BYTES
    ocr: str = ""


@dataclass(frozen=True, slots=True)
class WebPolicy:
    """What fetching may do.

    Attributes:
        allow_private: whether addresses of this machine and its network may be fetched.
        max_bytes: largest page.
        seconds: time for one page, all redirects included; for one step with a place.
        max_redirects: redirects that are followed.
        max_pages: pages taken from a sitemap.
        max_files: files taken from a place.
    """

    allow_private: bool = False
    max_bytes: int = 20 * 1024 * 1024
    seconds: float = 30.0
    max_redirects: int = 5
    max_pages: int = 1000
    max_files: int = 100_000


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The texts of one file, and what a person should know about how they were read."""

    documents: tuple[Document, ...]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Extract:
    """One text as a format gives it, before it becomes a `Document`.

    Attributes:
        text: cleaned text (see `index.language.hygiene`); offsets below count in it.
        title: the title that the file states, or `""`.
        language: the language code that the file states, or `""`.
        id: the identifier that the file states, or `""`.
        headings: `(offset, level, title)` of each heading, in reading order.
        pages: offsets at which page 1, 2, … start.
        tables: where records of tables lie, as `index.records.tables_of` reads them.
        code: from where to where the text is code, whose lines, indentation and blanks are kept.
        fields: other things that the file states: `date`, `author`, `outlet`, `topics` …
        warnings: sentences about this text.
        number: which of several texts of the file this is, from 1; `None` for the only one.
    """

    text: str
    title: str = ""
    language: str = ""
    id: str = ""
    headings: list[tuple[int, int, str]] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    tables: list[dict[str, JsonValue]] = field(default_factory=list)
    code: list[tuple[int, int]] = field(default_factory=list)
    fields: dict[str, JsonValue] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What a format may look at to recognise a file.

    Attributes:
        data: the first bytes of the file (all of them when the file is short).
        text: those bytes decoded, or `""` when they are no text.
        suffix: the extension, lower case, with its dot: a hint, never a proof.
        members: names in the archive when the file is a zip.
        whole: whether `data` is the whole file.
    """

    data: bytes
    text: str
    suffix: str
    members: frozenset[str]
    whole: bool


@dataclass(slots=True)
class ReadContext:
    """What a reader knows about the file besides its bytes, and where it leaves warnings.

    Attributes:
        source: the name that people see.
        path: where it lies.
        options: choices of the person who indexes.
        declared: what a server said of it.
        warnings: sentences for the person who indexes.
        step: called before each part of a long file, with its name: a limit on time is one for each part.
        depth: in how many other files it lies.
        characters: of all texts so far, where files lie within files.
        convert: makes a new file of an old Office file that lies in this one, or raises `RefusedError`; `None` where
            that can't be done.
    """

    source: str
    path: Path
    options: ReadOptions = field(default_factory=ReadOptions)
    declared: Mapping[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    step: Callable[[str], None] = _no_step
    depth: int = 0
    characters: int = 0
    convert: Callable[[bytes], bytes] | None = None

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the person who indexes; the same sentence is kept once."""
        shown = clean_line(sentence)[:_WARNING_LENGTH]
        if shown not in self.warnings:
            self.warnings.append(shown)


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: how to recognise it and how to read it. One per file in `index.sources.formats`.

    Attributes:
        name: what people call the format.
        extensions: usual extensions, lower case, with their dot; they break ties, they never decide alone.
        sniff: how sure the reader is that the file is its own: 0 no, 1 certain.
        read: the bytes of the whole file to its texts; raises `SourceError` or `SourceSkippedError`.
    """

    name: str
    extensions: tuple[str, ...]
    sniff: Callable[[Head], float]
    read: Callable[[bytes, ReadContext], Sequence[Extract]]
