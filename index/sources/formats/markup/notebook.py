"""Jupyter notebooks: text cells as Markdown, code cells and their results: plain text, and words in pictures by OCR."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from index.sources.formats.markup.markdown import extract_markdown
from index.sources.text.encoding import decode
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_MOST_OUTPUT = 10_000


def _sniff(head: Head) -> float:
    if not head.text.lstrip().startswith("{"):
        return 0.0
    return 0.95 if '"cells"' in head.text and ('"nbformat"' in head.text or head.suffix == ".ipynb") else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    try:
        notebook = json.loads(decode(data)[0])
    except ValueError as error:
        raise RefusedError(f"no valid notebook ({error})") from error
    cells = notebook.get("cells") if isinstance(notebook, Mapping) else None
    parts = [part for cell in cells or [] if isinstance(cell, Mapping) for part in _parts(cell)]
    extract = extract_markdown("\n\n".join(parts), context)
    metadata = notebook.get("metadata", {}) if isinstance(notebook, Mapping) else {}
    if isinstance(metadata, Mapping) and isinstance(metadata.get("title"), str):
        extract.title = metadata["title"]
    return [extract]


def _parts(cell: Mapping[str, Any]) -> Iterator[str]:
    text = _joined(cell.get("source"))
    if cell.get("cell_type") == "markdown":
        yield _with_attached(text, cell.get("attachments"))
    elif text.strip():
        yield _fenced(text)
        for output in cell.get("outputs") or []:
            if isinstance(output, Mapping):
                data = output.get("data")
                shown = _joined(output.get("text") or (data.get("text/plain") if isinstance(data, Mapping) else ""))
                if shown.strip():
                    yield _fenced(shown[:_MOST_OUTPUT])
                yield from _pictures(data)


def _with_attached(text: str, attachments: object) -> str:
    """Return a cell of text with the pictures that are kept in it as addresses that hold them."""
    for name, data in attachments.items() if isinstance(attachments, Mapping) else ():
        address = next(_addresses(data), "")
        text = text.replace(f"(attachment:{name})", f"({address})") if address else text
    return text


def _pictures(data: object) -> Iterator[str]:
    yield from (f"![]({address})" for address in _addresses(data))


def _addresses(data: object) -> Iterator[str]:
    """Yield the `data:` address of a picture that is kept in several forms."""
    kinds = (kind for kind in ("image/png", "image/jpeg") if isinstance(data, Mapping) and data.get(kind))
    for kind in islice(kinds, 1):
        assert isinstance(data, Mapping)
        yield f"data:{kind};base64,{''.join(_joined(data[kind]).split())}"


def _joined(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _fenced(text: str) -> str:
    """Return a code block whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


READER = Reader("Jupyter notebook", (".ipynb",), _sniff, _read)
