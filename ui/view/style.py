"""The style sheet of every page that the server sends."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["ICON", "style"]

# Two quotation marks, as beside the name on the page; within the page, so that no browser looks for it at the root of
# a server behind which the chat has a sub-path.
_DRAWN = (
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='9' fill='%23a63a1b'/%3E"
    "%3Cpath d='M8 9h7v8q0 6-7 6zM18 9h7v8q0 6-7 6z' fill='%23fff'/%3E%3C/svg%3E"
)
ICON = f'<link rel="icon" href="data:image/svg+xml,{_DRAWN}">'
"""What goes into the head of every page for its icon."""

_STYLES = ("chat.css", "library.css", "picker.css", "asking.css", "check.css", "page.css", "scope.css")


def style() -> str:
    """Return the style sheet."""
    return "".join((files("ui") / "static" / name).read_text("utf-8") for name in _STYLES)
