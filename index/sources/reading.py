"""Reads one file in this process: bytes, format, texts, documents."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from index.errors import SourceError, SourceSkippedError
from index.language.codes import language_code
from index.language.hygiene import clean_line, printable
from index.sizes import limit_text
from index.sources.registry import choose
from index.sources.text.dates import iso_date
from index.sources.types import Extract, ReadContext, ReadOptions, ReadResult, RefusedError, SourceFile
from index.types import Document, JsonValue

__all__ = ["derived_id", "document_digest", "parse", "read", "read_bytes"]

_ID_LENGTH = 200
_TITLE_LENGTH = 300
_SLUG_LENGTH = 40
_NOBODY = frozenset(["anonymous", "unknown", "unspecified", "untitled", "none", "python-docx", "openpyxl"])
"""What programs write as an author or, in brackets, as a title when nobody gave them one."""


# Drawn as nothing, though Unicode counts them as letters, signs or marks.
_FILLERS = frozenset("\u2800\u3164\uffa0\u115f\u1160\u17b4\u17b5\u034f" + "".join(map(chr, range(0xFE00, 0xFE10))))


def read(
    file: SourceFile,
    options: ReadOptions | None = None,
    step: Callable[[str], None] | None = None,
    convert: Callable[[bytes], bytes] | None = None,
) -> ReadResult:
    """Read a file in this process, without the limits of `read_many`: for files that are trusted.

    Args:
        file: a file that `discover` found.
        options: choices of the person who indexes.
        step: called before each part of a long file, with its name.
        convert: makes a new file of an old Office file that lies in this one; raises `RefusedError`.

    Returns:
        Its documents, in the order of the file.

    Raises:
        SourceError: the file can't be read; names it and the reason.
        SourceSkippedError: it holds no text that could be indexed (empty, binary, encrypted, scanned …).
    """
    options = options or ReadOptions()
    return parse(read_bytes(file, options.max_bytes), file, options, step=step, convert=convert)


def read_bytes(file: SourceFile, limit: int) -> bytes:
    """Return the bytes of a regular file; what replaced it since the walk (a link, a pipe) is not followed.

    Raises:
        SourceError: it is gone, not readable, or not a file any more.
        SourceSkippedError: it is empty or has grown above the limit.
    """
    source = printable(file.source)
    if not Path(os.path.realpath(file.path.parent)).is_relative_to(os.path.realpath(file.root)):
        raise SourceError(source, "a folder on the way to it became a link that leaves the folder", "index again")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(file.path, flags), "rb") as stream:  # noqa: PTH123 - flags need a descriptor
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise SourceSkippedError(source, "not a file any more", "index again")
            data = stream.read(limit + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SourceError(source, f"can't be opened ({reason})", "check that it is there and readable") from error
    if not data:
        raise SourceSkippedError(source, "empty")
    if len(data) > limit:
        raise SourceSkippedError(source, f"has grown since; {limit_text(limit)}")
    return data


def parse(
    data: bytes,
    file: SourceFile,
    options: ReadOptions,
    declared: Mapping[str, str] | None = None,
    step: Callable[[str], None] | None = None,
    convert: Callable[[bytes], bytes] | None = None,
) -> ReadResult:
    """Turn the bytes of a file into documents; `declared` is what a server said of them (`charset`)."""
    source = printable(file.source)
    context = ReadContext(source, file.path, options, declared or {})
    if step is not None:
        context.step = step
    context.convert = convert
    reader = choose(data, file.path.suffix, source)
    try:
        extracts = reader.read(data, context)
    except RecursionError as error:
        raise SourceError(source, f"nested too deeply to be read as {reader.name}") from error
    except ImportError as error:
        package = error.name or clean_line(str(error))
        raise SourceError(
            source, f"reading {reader.name} needs the package {package}", "install it with pip"
        ) from error
    except RefusedError as error:
        raise error.of(source) from error
    texts = [extract for extract in extracts if _says_something(extract.text)]
    if not texts:
        raise SourceSkippedError(source, _without_text(reader.name, context.warnings))
    used: set[str] = set()
    documents = tuple(_document(extract, file, context, used) for extract in texts)
    return ReadResult(documents, tuple(f"{source}: {warning}" for warning in context.warnings))


def document_digest(document: Document) -> str:
    """Return the SHA-256 of text, title and metadata, hexadecimal: equal digests need no new passages."""
    parts = [document.text, document.title, _plain(document.metadata)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=True).encode("ascii")).hexdigest()


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _says_something(text: str) -> bool:
    """Tell whether anything of a text can be seen: blanks of every width, joiners and fillers can't."""
    return any(letter not in _FILLERS and unicodedata.category(letter)[0] not in "ZC" for letter in set(text))


def _without_text(name: str, warnings: Sequence[str]) -> str:
    return f"no text in this {name} file" + (f" ({'; '.join(warnings)})" if warnings else "")


def _document(extract: Extract, file: SourceFile, context: ReadContext, used: set[str]) -> Document:
    source = file.source if extract.number is None else f"{file.source}#{extract.number}"
    language = language_code(extract.language)
    if extract.number is None:
        extract.warnings = [*extract.warnings, *context.warnings]
    document = Document(
        id=_document_id(extract, source, context, used),
        title=_title(extract, source),
        source=source,
        language=language,
        text=extract.text,
        metadata=_metadata(extract),
    )
    return replace(document, digest=document_digest(document))


def _metadata(extract: Extract) -> dict[str, JsonValue]:
    metadata: dict[str, JsonValue] = {key: value for key, value in extract.fields.items() if value not in ("", None)}
    if str(metadata.get("author", "")).strip(" ()").casefold() in _NOBODY:
        del metadata["author"]
    date = iso_date(metadata.pop("date", ""))
    if date:
        metadata["date"] = date
    if extract.headings:
        metadata["headings"] = [[offset, level, title] for offset, level, title in extract.headings]
    if extract.pages:
        metadata["pages"] = list(extract.pages)
    if extract.tables:
        metadata["tables"] = [dict(table) for table in extract.tables]
    if extract.code:
        metadata["code"] = [list(span) for span in extract.code]
    if extract.warnings:
        metadata["warnings"] = list(extract.warnings)
    return metadata


def _title(extract: Extract, source: str) -> str:
    first = next((title for _, _, title in extract.headings), "")
    file = source if extract.number is None else source.rpartition("#")[0]
    stem = PurePosixPath(file).stem
    number = f" #{extract.number}" if extract.number is not None else ""
    own = clean_line(extract.title)[:_TITLE_LENGTH].strip()
    own = "" if own.startswith("(") and own.strip("()").casefold() in _NOBODY else own
    return own or first[:_TITLE_LENGTH] or clean_line(stem + number)


def _document_id(extract: Extract, source: str, context: ReadContext, used: set[str]) -> str:
    own = clean_line(extract.id)[:_ID_LENGTH]
    if own and own in used:
        context.warn(f"the identifier {own!r} occurs more than once; later ones got another")
        own = ""
    identifier = own or derived_id(source)
    used.add(identifier)
    return identifier


def derived_id(source: str) -> str:
    """Return a short readable identifier that stays the same as long as the source keeps its name."""
    name = PurePosixPath(source.partition("#")[0]).stem
    number = source.partition("#")[2]
    letters = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", f"{name}-{number}" if number else name).lower())
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{letters.strip('-_')[:_SLUG_LENGTH]}-{digest}".lstrip("-")
