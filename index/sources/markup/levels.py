"""Raised and lowered type of a page, by its tags and by its styles, written as such: 10⁶ is not 106."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from index.sources.text.raised import lowered, note_mark, raised

__all__ = ["BLOCKS", "put_level"]

Element = Any
"""An lxml element; lxml brings no types of its own."""

BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "html", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul", "title"]
)  # fmt: skip
"""Elements that begin a line of their own."""
_INLINE = frozenset(["a", "b", "i", "em", "strong", "span", "small", "font", "var", "u", "cite", "abbr", "sup", "sub"])
_STYLED = ("span", "a", "font", "small", "b", "strong", "i", "em")
_NOTE = re.compile(r"\b(?:footnote|noteref|reference|fn(?:ref)?|endnote|doc-noteref)\b|footnote", re.IGNORECASE)
_ALIGNED = re.compile(
    r"vertical-align\s*:\s*(?:(super|text-top)|(sub|text-bottom)|(-?)(\d*\.?\d+)(px|pt|em|ex|rem|%))", re.IGNORECASE
)
_LEAST = {"px": 3.0, "pt": 2.0, "em": 0.2, "ex": 0.4, "rem": 0.2, "%": 20.0}  # less only sets a picture straight
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{0,4000})\}")
_CLASS = re.compile(r"(?:^|[\s>+~])[a-z]*\.([\w-]+)\s*\Z", re.IGNORECASE)
_MOST_STYLES = 500_000


@dataclass(frozen=True, slots=True)
class _Classes:
    """Classes whose letters a page raises (`1`) or lowers (`-1`)."""

    levels: dict[str, int]

    def of(self, element: Element) -> int:
        own = _level(element.get("style") or "")
        names = (element.get("class") or "").split() if self.levels else ()
        return own or next((self.levels[name] for name in names if name in self.levels), 0)


def put_level(tree: Element, styles: str) -> None:
    """Write raised and lowered type, in place: as plain text it would run into the number before it.

    Args:
        tree: a page.
        styles: rules for how it looks (CSS).
    """
    for element, level in list(_moved(tree, _classes(styles[:_MOST_STYLES]))):
        if element.getparent() is None:
            continue
        if any(isinstance(child.tag, str) and child.tag not in _INLINE for child in element.iterdescendants()):
            continue
        shown = note_mark if _is_note(element) else (raised if level > 0 else lowered)
        before = _before(element)
        words = "".join(element.itertext())
        for child in list(element):
            element.remove(child)
        element.text = shown(words, before)
        element.drop_tag()


def _moved(tree: Element, classes: _Classes) -> Iterator[tuple[Element, int]]:
    """Yield the elements whose letters are raised or lowered, each with which it is."""
    for element in tree.iter("sup", "sub", *_STYLED):
        if element.tag in ("sup", "sub"):
            yield element, 1 if element.tag == "sup" else -1
        elif (level := classes.of(element)) and next(element.iter("sup", "sub"), None) is None:
            yield element, level


def _classes(styles: str) -> _Classes:
    levels: dict[str, int] = {}
    if "vertical-align" in styles.lower():
        for selectors, body in _RULE.findall(styles):
            level = _level(body)
            for found in map(_CLASS.search, selectors.split(",") if level else ()):
                if found:
                    levels[found[1]] = level
    return _Classes(levels)


def _level(style: str) -> int:
    """Return whether a style raises letters (1), lowers them (-1) or neither."""
    found = _ALIGNED.search(style) if style else None
    if found is None or (found[4] and float(found[4]) < _LEAST[found[5].lower()]):
        return 0
    return -1 if found[2] or found[3] else 1


def _is_note(element: Element) -> bool:
    """Tell whether a raised mark leads to a note."""
    names = " ".join((element.get(name) or "") for name in ("class", "id", "role"))
    links = [link.get("href") or "" for link in element.iter("a")]
    above = element.getparent()
    if above is not None and above.tag == "a":
        links.append(above.get("href") or "")
    return any(link.startswith("#") for link in links) or bool(_NOTE.search(names))


def _before(element: Element) -> str:
    """Return the character before an element, in its own block."""
    while element is not None and isinstance(element.tag, str) and element.tag not in BLOCKS:
        previous = element.getprevious()
        text = (previous.tail or "".join(previous.itertext())) if previous is not None else None
        parent = element.getparent()
        text = text if previous is not None else (parent.text if parent is not None else "")
        if text:
            return str(text)[-1]
        element = parent if previous is None else previous
    return ""
