"""XML that holds data and no prose, as objects with the names of its elements: `<price currency="EUR">12</price>`."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TypeAlias

from index.sources.text.xml import XmlElement, local

__all__ = ["Value", "is_data", "value_of"]

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_TEXTS = frozenset(["rss", "feed", "rdf", "html", "svg", "fictionbook", "tei", "teicorpus", "urlset", "sitemapindex"])
_PROSE = frozenset(
    ["p", "para", "simpara", "paragraph", "line", "l", "lg", "verse", "v", "sp", "speech", "section", "chapter", "div",
    "h1", "h2", "table", "tr", "td", "li"]
)  # fmt: skip
_SHORT, _SHARE = 80, 0.4  # code points of a value, and which part of the words must stand in such ones
_FEWEST, _DEEPEST = 2, 40


def is_data(root: XmlElement) -> bool:
    """Tell whether a file holds values with names: no words beside elements, and most of them short."""
    if local(root).lower() in _TEXTS:
        return False
    short = whole = values = 0
    for element in root.iter():
        if local(element).lower() in _PROSE or (element.tail or "").strip():
            return False
        words = (element.text or "").strip()
        if words and len(element):
            return False
        held = [words, *_attributes(element).values()]
        values += sum(map(bool, held))
        whole += sum(map(len, held))
        short += sum(len(value) for value in held if len(value) <= _SHORT)
    return len(root) > 0 and values >= _FEWEST and short >= _SHARE * whole and _depth(root) <= _DEEPEST


def _depth(element: XmlElement) -> int:
    """Return how many elements stand within each other; the parser bounds them."""
    return 1 + max(map(_depth, element), default=0)


def value_of(root: XmlElement) -> Value:
    """Return what an element holds: a value with its attributes behind it, or its attributes and elements by name.

    Where other elements of its name hold values, one with attributes alone (`<height unit="m"/>`) is an empty value.
    """
    worded = {local(element) for element in root.iter() if (element.text or "").strip()}
    return _value_of(root, worded)


def _value_of(element: XmlElement, worded: Set[str]) -> Value:
    attributes = _attributes(element)
    children: Sequence[XmlElement] = [child for child in element if isinstance(child.tag, str)]
    words = " ".join((element.text or "").split())
    if not children and not words and local(element) in worded:
        return ""
    if not children and (words or not attributes):
        listed = ", ".join(f"{name}: {value}" for name, value in attributes.items())
        return f"{words} ({listed})" if listed else words
    found: dict[str, Value] = dict(attributes)
    for child in children:
        name, value = local(child), _value_of(child, worded)
        if name not in found:
            found[name] = value
            continue
        known = found[name]
        if isinstance(known, list):
            known.append(value)
        else:
            found[name] = [known, value]
    return found


def _attributes(element: XmlElement) -> dict[str, str]:
    """Return the attributes of an element by name, without those that only the parser needs."""
    found = {}
    for key, value in element.attrib.items():
        space, _, name = str(key).rpartition("}")
        if "XMLSchema-instance" not in space and value.strip():
            found[name] = " ".join(value.split())
    return found
