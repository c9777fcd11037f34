"""Texts of documents as they lie in the database: in blocks of equal length, each compressed by itself.

A passage is a cut of its document, so its words lie there once: the blocks that hold it are read, and no others.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

__all__ = ["StoredText", "packed_text"]

_BLOCK = 4096  # code points: a passage lies in one or two; 16,384 would take a tenth less and four times as long
_NUMBER = struct.Struct("<I")
_BARE = -15  # deflate with neither header nor checksum: the file has one


def packed_text(text: str) -> bytes:
    """Return the bytes that `StoredText` reads: the number of blocks, where each ends, then the blocks.

    Raises:
        UnicodeEncodeError: the text holds half a character.
    """
    blocks = [_compressed(text[at : at + _BLOCK].encode()) for at in range(0, len(text), _BLOCK)]
    numbers, end = [len(blocks)], 0
    for block in blocks:
        end += len(block)
        numbers.append(end)
    return b"".join([*map(_NUMBER.pack, numbers), *blocks])


def _compressed(block: bytes) -> bytes:
    at_work = zlib.compressobj(wbits=_BARE)
    return at_work.compress(block) + at_work.flush()


class StoredText:
    """A text as it is stored; blocks that were read once are kept as long as this object.

    Args:
        stored: what `packed_text` gave, or the text itself, as earlier versions stored it.
    """

    def __init__(self, stored: bytes | str) -> None:
        self._stored = stored
        self._read: dict[int, str] = {}

    def whole(self) -> str:
        """Return the text.

        Raises:
            ValueError: what is stored is damaged.
        """
        if isinstance(self._stored, str):
            return self._stored
        return self._joined(range(self._number(0)))

    def cut(self, start: int, end: int) -> str:
        """Return `text[start:end]`, offsets in code points; raises `ValueError` where what is stored is damaged."""
        if isinstance(self._stored, str):
            return self._stored[start:end]
        if end <= start:
            return ""
        first = start // _BLOCK
        return self._joined(range(first, (end - 1) // _BLOCK + 1))[start - first * _BLOCK : end - first * _BLOCK]

    def _joined(self, blocks: Iterable[int]) -> str:
        try:
            return "".join(map(self._block, blocks))
        except zlib.error as error:
            raise ValueError(f"a text can't be read ({error})") from error

    def _block(self, number: int) -> str:
        if number not in self._read:
            assert isinstance(self._stored, bytes)
            before = _NUMBER.size * (self._number(0) + 1)
            start, end = self._number(number) if number else 0, self._number(number + 1)
            self._read[number] = zlib.decompress(self._stored[before + start : before + end], _BARE).decode()
        return self._read[number]

    def _number(self, place: int) -> int:
        assert isinstance(self._stored, bytes)
        try:
            found: int = _NUMBER.unpack_from(self._stored, _NUMBER.size * place)[0]
        except struct.error as error:
            raise ValueError(f"a text can't be read ({error})") from error
        return found
