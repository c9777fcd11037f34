"""The folders that a file lay in, as a reader of its title wants to know them; imports nothing that reads files."""

from __future__ import annotations

__all__ = ["folders_of", "titled"]


def folders_of(source: str) -> str:
    """Return the names of the folders between the one that was indexed and the file: `"Nordfrost 2024"`, or `""`."""
    if source.lower().startswith(("http://", "https://")):
        return ""
    return " ".join(source.partition("#")[0].split("/")[1:-1])


def titled(title: str, source: str) -> str:
    """Return a title as models read it: behind the folders of the file, where they tell something more."""
    folders = folders_of(source)
    return title if folders.casefold() in title.casefold() else f"{folders}: {title}"
