"""The folders of a list of documents, as their sources tell them: what narrows the list to one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from index.opening.listing import Listed
from index.sources.web.addresses import is_address

__all__ = ["below", "folders"]

_MOST = 12  # that are shown


def below(source: str, folder: str) -> bool:
    """Tell whether a source lies in a folder, or in one inside it."""
    return source.startswith(folder.rstrip("/") + "/")


def folders(documents: Sequence[Listed], folder: str = "") -> list[dict[str, object]]:
    """Return the folders next below one, those with most documents first.

    Args:
        documents: those of the list.
        folder: where the list is already; one that holds nothing but one other folder is passed by.
    """
    sources = [one.source for one in documents if one.id]
    at, counted = folder.rstrip("/"), Counter[str]()
    while True:
        counted = Counter(_next(source, at) for source in sources)
        inner = [one for one in counted if one]
        if len(counted) != 1 or not inner:
            break
        at = inner[0]
    ordered = sorted(((name, count) for name, count in counted.items() if name), key=lambda one: (-one[1], one[0]))
    return [{"folder": name, "documents": count} for name, count in ordered[:_MOST]]


def _next(source: str, at: str) -> str:
    """Return the folder next below one in which a source lies, `""` for one that lies there itself."""
    parts = _parts(source)
    depth = len(_parts(at)) if at else 0
    return _joined(parts[: depth + 1]) if len(parts) > depth + 1 else ""


def _parts(source: str) -> list[str]:
    """Return the steps of a source; the first one of an address is its server."""
    if not is_address(source):
        return source.split("/")
    scheme, _, server, *rest = source.split("/")
    return [f"{scheme}//{server}", *rest]


def _joined(parts: Iterable[str]) -> str:
    return "/".join(parts)
