"""Jupyter notebooks: text cells as Markdown, code cells and the plain text of their results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index.sources.formats.markdown import extract_markdown
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
        yield text
    elif text.strip():
        yield _fenced(text)
        for output in cell.get("outputs") or []:
            if isinstance(output, Mapping):
                data = output.get("data")
                shown = _joined(output.get("text") or (data.get("text/plain") if isinstance(data, Mapping) else ""))
                if shown.strip():
                    yield _fenced(shown[:_MOST_OUTPUT])


def _joined(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _fenced(text: str) -> str:
    """Return a code block whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


READER = Reader("Jupyter notebook", (".ipynb",), _sniff, _read)
