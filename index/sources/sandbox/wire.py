"""What parent and child of the sandbox say to each other: JSON objects, each after its length in four bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import IO, Any

from index.types import Document

__all__ = ["document_from", "document_to", "read_message", "write_message"]

_LENGTH = struct.Struct(">I")
_LIMIT = 1 << 30


def write_message(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write one object and flush."""
    data = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read_message(stream: IO[bytes]) -> dict[str, Any]:
    """Read one object.

    Raises:
        EOFError: the other side is gone.
        ValueError: what came is no message.
    """
    size = _LENGTH.unpack(_exactly(stream, _LENGTH.size))[0]
    if size > _LIMIT:
        raise ValueError(f"a message of {size} bytes")
    message = json.loads(_exactly(stream, size).decode("utf-8", "surrogatepass"))
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")  # noqa: TRY004 - of the stream, not of an argument
    return message


def document_to(document: Document) -> dict[str, Any]:
    """Return a document as JSON."""
    return {**{name: getattr(document, name) for name in document.__slots__}, "metadata": dict(document.metadata)}


def document_from(item: Mapping[str, Any]) -> Document:
    """Return the document that `document_to` wrote."""
    return Document(**item)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data
