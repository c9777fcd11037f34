"""What is filled in in the form of a page: words in fields, what is chosen, what is ticked."""

from __future__ import annotations

from typing import Any

__all__ = ["fill_forms"]

Element = Any
"""An lxml element; lxml brings no types of its own."""

_WRITTEN = frozenset(["", "text", "email", "tel", "number", "date", "time", "month", "week", "datetime-local", "url"])
_MENUS = frozenset(["nav", "header", "footer", "aside", "menu"])


def fill_forms(tree: Element) -> None:
    """Write, in place, what fields hold; empty ones, buttons, passwords and hidden ones say nothing."""
    for field in list(tree.iter("input", "select", "textarea")):
        if any(above.tag in _MENUS for above in field.iterancestors()) or "hidden" in field.attrib:
            continue
        words = _said(field)
        if words:
            field.tail = f" {words} {field.tail or ''}"


def _said(field: Element) -> str:
    if field.tag == "textarea":
        return " ".join("".join(field.itertext()).split())
    if field.tag == "select":
        chosen = [option for option in field.iter("option") if "selected" in option.attrib]
        return ", ".join(" ".join("".join(option.itertext()).split()) for option in chosen)
    kind = (field.get("type") or "").lower()
    if kind in ("checkbox", "radio"):
        return "☒" if "checked" in field.attrib else "☐"
    return " ".join((field.get("value") or "").split()) if kind in _WRITTEN else ""
