"""A file format: `.recipe` files, whose first line is `RECIPE`, the second a title, and the rest the text."""

from __future__ import annotations

from collections.abc import Sequence

from index.sources.types import Extract, Head, ReadContext, Reader

__all__ = ["READER"]

_MARK = "RECIPE"


def _sniff(head: Head) -> float:
    """Return how sure it is that the file is one: the mark decides, whatever the file is called."""
    return 0.9 if head.text.startswith(f"{_MARK}\n") else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    _, _, rest = data.decode("utf-8", errors="replace").partition("\n")
    title, _, text = rest.partition("\n")
    if not text.strip():
        context.warn("the recipe has a title only")
    return [Extract(text=text.strip(), title=title.strip())]


READER = Reader("recipe", (".recipe",), _sniff, _read)
