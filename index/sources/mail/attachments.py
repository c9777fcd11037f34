"""Files within a file (attachments of a message): each goes to its own reader and becomes documents of its own.

So do the files of a zip archive that was sent along; one within another is named and left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from index.errors import SourceError
from index.language.hygiene import clean_line, printable
from index.sources.office.archive import SafeZip
from index.sources.types import Extract, ReadContext, RefusedError

__all__ = ["AttachedFile", "read_attached"]

_MOST_DEPTH = 4
_MOST_PACKED = 500  # files of an archive
_MOST_CHARACTERS = 40_000_000  # of all texts of one file together
_NAME_LENGTH = 200
_UNREADABLE, _ZIP = "unsupported", b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OUTLOOK = "__substg1.0_".encode("utf-16-le")
_OLD_OFFICE = tuple(name.encode("utf-16-le") for name in ("WordDocument", "PowerPoint Document", "Workbook"))


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file as it comes in another one.

    Attributes:
        name: the name that it was sent under, or `""`.
        data: its bytes.
    """

    name: str
    data: bytes = field(repr=False)


def read_attached(file: AttachedFile, title: str, context: ReadContext) -> list[Extract]:
    """Return the texts of an attached file, marked as attachments of what is called `title`.

    What can't be read is named in a warning and costs nothing else: the message stays.
    """
    from index.sources.registry import choose

    name = printable(clean_line(PurePosixPath(file.name.replace("\\", "/")).name))[:_NAME_LENGTH] or "without a name"
    unread = f"the attachment {name!r} was not read"
    if context.depth >= _MOST_DEPTH:
        context.warn(f"{unread}: too many files within files")
        return []
    if context.characters > _MOST_CHARACTERS:
        context.warn(f"{unread}: more than {_MOST_CHARACTERS:,} characters in one file; split it")
        return []
    inner = replace(context, path=context.path.with_name("attachment" + _suffix(name)), depth=context.depth + 1)
    inner.warnings = []
    try:
        data, suffix = _current(file.data, _suffix(name), name, context)
        reader = choose(data, suffix, name)
        is_archive = reader.name == _UNREADABLE and data.startswith(_ZIP)
        extracts = _unpacked(SafeZip(data), title, inner) if is_archive else list(reader.read(data, inner))
    except (RefusedError, SourceError) as error:
        context.warn(f"{unread}: {error.reason}")
        return []
    except ImportError as error:
        context.warn(f"{unread}: it needs the package {error.name}")
        return []
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:  # a parser tripped over it
        context.warn(f"{unread}: it is damaged ({type(error).__name__})")
        return []
    context.characters = inner.characters + sum(len(extract.text) for extract in extracts)
    for warning in inner.warnings:
        context.warn(f"{name}: {warning}")
    return [_named(extract, name, title) for extract in extracts if extract.text.strip()]


def _unpacked(archive: SafeZip, title: str, context: ReadContext) -> list[Extract]:
    """Return the texts of the files in an archive, hidden ones aside: programs leave those there, not people."""
    if context.depth >= _MOST_DEPTH:
        raise RefusedError("too many files within files", skipped=True)
    inner = replace(context, depth=_MOST_DEPTH - 1)  # shares the list of warnings
    packed = sorted(one for one in archive.names if one[-1:] != "/" and PurePosixPath(one).name[:1] != ".")
    if len(packed) > _MOST_PACKED:
        raise RefusedError(f"{len(packed):,} entries in its archive; the limit is {_MOST_PACKED}", skipped=True)
    found: list[Extract] = []
    with archive:
        for one in packed:
            context.step(one)
            try:
                file = AttachedFile(one, archive.read(one))
            except RefusedError as error:
                context.warn(f"the attachment {one!r} was not read: {error.reason}")
            else:
                found += read_attached(file, title, inner)
    return found


def _current(data: bytes, suffix: str, name: str, context: ReadContext) -> tuple[bytes, str]:
    """Return a file and its ending, an old Office file made new where that can be done."""
    is_old = data.startswith(_OLE) and _OUTLOOK not in data and any(mark in data for mark in _OLD_OFFICE)
    if context.convert is None or not is_old:
        return data, suffix
    context.step(name)
    made = context.convert(data)
    context.warn(f"{name}: converted by LibreOffice before it was read")
    return made, ""


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower() if name.isprintable() and "\0" not in name else ""


def _named(extract: Extract, name: str, title: str) -> Extract:
    own = clean_line(extract.title) or next((heading for _, _, heading in extract.headings), "")
    if "attachment_of" not in extract.fields:  # of a message in a message: its own files say so themselves
        shown = f"{own} ({name})" if own and own != name else name
        extract.title = f"{shown}, attachment of {title}" if title else f"{shown}, an attachment"
        extract.fields = {**extract.fields, "attachment_of": title, "file_name": name}
    extract.id = ""  # an identifier in an attachment may be that of the same file elsewhere
    return extract
