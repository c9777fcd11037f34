"""Zip archives that may be hostile: bounded by what is inflated, never by what their directory says."""

from __future__ import annotations

import io
import zipfile
import zlib
from types import TracebackType
from typing import Self

from index.sources.types import RefusedError

__all__ = ["SafeZip"]

_MOST_ENTRIES = 20_000
_MOST_PER_ENTRY = 64 * 1024 * 1024
_MOST_TOTAL = 256 * 1024 * 1024
_KEPT_FOR_TEXT = 128 * 1024 * 1024
_RATIO, _RATIO_FROM = 150, 8 * 1024 * 1024
_CHUNK = 256 * 1024
# What OOXML, ODF and EPUB allow. Of the others Python inflates whole blocks at once: 700 bytes of bzip2 hold 300 MB.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class SafeZip:
    """Reads entries of a zip into memory; nothing is ever written to disk, so names can't lead anywhere.

    Limits: entries, bytes of an entry, bytes of all entries, and the ratio of inflated to packed bytes, each counted
    while inflating.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
            raise RefusedError(f"damaged: not a whole zip archive ({error})") from error
        self._left = _MOST_TOTAL
        infos = self._zip.infolist()
        if len(infos) > _MOST_ENTRIES:
            raise RefusedError(f"{len(infos):,} entries in its archive; the limit is {_MOST_ENTRIES:,}", skipped=True)
        self.names = frozenset(info.filename for info in infos)
        if len(self.names) < len(infos):  # programs differ in which of two they read: what was shown is not what is
            raise RefusedError("damaged: its archive holds two entries of one name")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes:
        """Return an entry.

        Raises:
            RefusedError: it is not there, damaged, encrypted, or inflates beyond the limits.
        """
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & 0x1:
                raise RefusedError("encrypted", "save it without a password", skipped=True)
            if info.compress_type not in _METHODS:
                raise RefusedError(f"damaged: {name} in its archive is packed in a way that documents are not")
            return self._inflate(info)
        except KeyError as error:
            raise RefusedError(f"damaged: {name} is missing from its archive") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise RefusedError(f"damaged: {name} in its archive can't be unpacked ({error})") from error

    def picture(self, name: str) -> bytes:
        """Return an entry that a text can do without, nothing when it is missing, damaged or too large.

        Pictures never take what the other entries are allowed to unpack to.
        """
        if name not in self.names or self._zip.getinfo(name).file_size > self._left - _KEPT_FOR_TEXT:
            return b""
        try:
            return self.read(name)
        except RefusedError:
            return b""

    def _inflate(self, info: zipfile.ZipInfo) -> bytes:
        parts, size = [], 0
        with self._zip.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                parts.append(chunk)
                size += len(chunk)
                self._left -= len(chunk)
                grown = size > _RATIO_FROM and size > _RATIO * max(1, info.compress_size)
                if grown or size > _MOST_PER_ENTRY or self._left < 0:
                    raise RefusedError("unpacks to far more than it holds, like a decompression bomb", skipped=True)
        return b"".join(parts)
