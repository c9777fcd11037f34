"""Lists of terms on a page: a term and the few words beside it stand on one line, `Length: 12 m`.

A term alone says nothing, and what stands beside it doesn't say of what.
"""

from __future__ import annotations

from typing import Any

from index.records import BLANK

__all__ = ["join_terms"]

Element = Any
"""An lxml element; lxml brings no types of its own."""

_LONGEST_TERM = 80
_INLINE = frozenset(
    ["a", "b", "i", "em", "strong", "span", "small", "font", "var", "u", "cite", "abbr", "time", "code"]
)


def join_terms(tree: Element) -> None:
    """Write, in place, a term and its only description, where both are plain words, as one line.

    An empty one says so.
    """
    for term in list(tree.iter("dt")):
        words = "".join(term.itertext()).strip()
        description = term.getnext()
        if not 0 < len(words) <= _LONGEST_TERM or words[-1] in ".?!;" or description is None or description.tag != "dd":
            continue
        beyond = description.getnext()
        alone = beyond is None or beyond.tag != "dd"
        if alone and _is_plain(term) and _is_plain(description):
            description.text = (description.text or "") if "".join(description.itertext()).strip() else BLANK
            _join(term, description, " " if words[-1] in ":：" else ": ")


def _is_plain(element: Element) -> bool:
    return all(isinstance(child.tag, str) and child.tag in _INLINE for child in element.iterdescendants())


def _join(term: Element, description: Element, between: str) -> None:
    if len(term):
        term[-1].tail = (term[-1].tail or "").rstrip() + between + (description.text or "").lstrip()
    else:
        term.text = (term.text or "").rstrip() + between + (description.text or "").lstrip()
    term.extend(list(description))
    term.tail = description.tail
    description.getparent().remove(description)
