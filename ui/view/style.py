"""The style sheet of every page that the server sends."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["style"]

_STYLES = ("chat.css", "library.css", "picker.css", "asking.css")


def style() -> str:
    """Return the style sheet."""
    return "".join((files("ui") / "static" / name).read_text("utf-8") for name in _STYLES)
