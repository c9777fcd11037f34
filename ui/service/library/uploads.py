"""Files that people upload: judged by their content, kept under names of our own making, within a quota."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from index.disk.private import owned_tree
from index.errors import SourceError
from index.language.hygiene import printable
from index.sources.registry import readers
from index.sources.sandbox.pool import read_many
from index.sources.types import SourceFile
from index.sources.uploaded import NAMES, PLACE, own_name

__all__ = ["UploadError", "Uploads", "safe_stem", "shown_name"]

_STEM_CHARACTERS = 60
_STEM_BYTES = 150
_FORGOTTEN_SECONDS = 24 * 3600
_NAME_CHARACTERS = 120
_JOINERS = "\u200c\u200d"  # they part and join letters in Persian and the languages of India


class UploadError(Exception):
    """A file that is not taken.

    Attributes:
        status: the HTTP status to answer with.
        key: name of the interface text that says why.
        detail: what else there is to say.
    """

    def __init__(self, status: int, key: str, detail: str = "") -> None:
        super().__init__(key)
        self.status, self.key, self.detail = status, key, detail


@dataclass(slots=True)
class Uploads:
    """A folder of uploaded files, each in a folder of its own with a random name.

    Attributes:
        folder: where they are kept; made when the first one comes.
        file_bytes: most bytes of one file.
        total_bytes: most bytes of all.
        files: most files.
        taken: bytes that came in since the start, so that uploads at the same time share what room is left.
    """

    folder: Path
    file_bytes: int = 50_000_000
    total_bytes: int = 2_000_000_000
    files: int = 5_000
    taken: int = 0
    _naming: threading.Lock = field(default_factory=threading.Lock)

    @staticmethod
    def extensions() -> tuple[str, ...]:
        """Return the file name extensions that are taken."""
        return tuple(sorted({extension for reader in readers() for extension in reader.extensions}))

    async def receive(self, name: str, blocks: AsyncIterator[bytes]) -> Path:
        """Store the bytes of an upload beside the folder, where no build sees them yet, and return where.

        Raises:
            UploadError: the kind, the size or the quota forbids it.
        """
        suffix = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
        if suffix not in self.extensions():
            raise UploadError(415, "upload_kind", suffix)
        self._sweep()
        most = self.taken + self._room()
        place = self.folder.parent / "incoming" / secrets.token_hex(8)
        for folder in (self.folder.parent, place.parent):
            owned_tree(folder)
        place.mkdir(mode=0o700)
        path = place / (safe_stem(name) + suffix)
        try:
            await self._write(path, blocks, most)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return path

    def accept(self, path: Path, name: str = "") -> Path:
        """Read a received file in the sandbox; one that gives text moves into the folder, another is removed.

        Args:
            path: where the file was received.
            name: what its owner calls it; `""` is as it is called there.

        Raises:
            UploadError: it can't be read; `detail` says why.
        """
        look = path.stat()
        file = SourceFile(path, shown_name(name or path.name), look.st_size, look.st_mtime_ns, path.parent)
        for _, result in read_many([file], workers=1):
            if isinstance(result, SourceError):
                shutil.rmtree(path.parent, ignore_errors=True)
                raise UploadError(422, "upload_unreadable", result.reason)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._naming:
            self._name(path.parent.name, shown_name(name or path.name))
            return path.parent.rename(self.folder / path.parent.name) / path.name

    def holds(self, path: str) -> bool:
        """Tell whether a file is one of the uploaded ones."""
        return bool(path) and Path(path).is_relative_to(self.folder)

    def place_of(self, path: str) -> str:
        """Return the random name under which an uploaded file is kept, `""` for any other file."""
        first = Path(path).relative_to(self.folder).parts[:1] if self.holds(path) else ()
        return first[0] if first and PLACE.fullmatch(first[0]) else ""

    def remove(self, path: str) -> None:
        """Remove an uploaded file; what is no uploaded file is left alone."""
        if place := self.place_of(path):
            shutil.rmtree(self.folder / place, ignore_errors=True)
            (self.folder.parent / NAMES / place).unlink(missing_ok=True)

    def _name(self, place: str, name: str) -> None:
        """Keep by what name a file is called; a second one of that name gets a number, to be told apart."""
        taken = {own_name(path) for path in self.folder.glob("*/*")}
        stem, dot, suffix = name.rpartition(".")
        chosen, number = name, 1
        while chosen in taken:
            number += 1
            chosen = f"{stem} ({number}){dot}{suffix}"
        names = self.folder.parent / NAMES
        owned_tree(names)
        with open(os.open(names / place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
            file.write(chosen.encode("utf-8"))

    async def _write(self, path: Path, blocks: AsyncIterator[bytes], most: int) -> None:
        written = 0
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            async for block in blocks:
                written += len(block)
                self.taken += len(block)
                if written > self.file_bytes:
                    raise UploadError(413, "upload_large", str(self.file_bytes // 1_000_000))
                if self.taken > most:
                    raise UploadError(413, "upload_full")
                file.write(block)
        if not written:
            raise UploadError(422, "upload_empty")

    def _sweep(self) -> None:
        """Remove what a server that was killed left half received."""
        for place in (self.folder.parent / "incoming").glob("*/"):
            if PLACE.fullmatch(place.name) and time.time() - place.stat().st_mtime > _FORGOTTEN_SECONDS:
                shutil.rmtree(place, ignore_errors=True)

    def _room(self) -> int:
        places = (self.folder, self.folder.parent / "incoming")
        sizes = [path.stat().st_size for place in places for path in place.glob("*/*") if path.is_file()]
        if len(sizes) >= self.files or sum(sizes) >= self.total_bytes:
            raise UploadError(413, "upload_full")
        return self.total_bytes - sum(sizes)


def shown_name(name: str) -> str:
    """Return the name of a file as its owner knows it, on one line and without its folders."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    hidden = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")  # breaks, orders of direction, half characters
    kept = "".join(one if one in _JOINERS or unicodedata.category(one) not in hidden else " " for one in last)
    stem, dot, suffix = " ".join(printable(kept).split()).rpartition(".")
    stem = stem[:_NAME_CHARACTERS].strip()
    return f"{stem or 'document'}{dot}{suffix.strip()}" if dot else suffix[:_NAME_CHARACTERS] or "document"


def safe_stem(name: str) -> str:
    """Return the name without its extension, as it may be the name of a file: letters and digits, `-` and `_`."""
    stem = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0])
    marks = ("Mn", "Mc")  # vowel signs belong to their letters
    kept = "".join(letter if letter.isalnum() or unicodedata.category(letter) in marks else "-" for letter in stem)
    kept = re.sub("-+", "-", kept)[:_STEM_CHARACTERS].encode("utf-8", "ignore")[:_STEM_BYTES].decode("utf-8", "ignore")
    return kept.strip("-") or "document"
