"""The words of a diagram (SmartArt), which lie in a part of their own: a line for each of its boxes."""

from __future__ import annotations

from collections.abc import Mapping

from index.sources.office.ooxml import Package
from index.sources.text.xml import XmlElement, attribute, find_all

__all__ = ["diagram_text"]


def diagram_text(package: Package, relations: Mapping[str, tuple[str, str]], mark: XmlElement) -> str:
    """Return the words of the diagram that an element refers to.

    Args:
        package: of the file.
        relations: of the part that holds the element: kind and target by identifier.
        mark: the element.
    """
    target = relations.get(attribute(mark, "dm"), ("", ""))[1]
    root = package.part(target) if target in package.zip.names else None
    lines = ("".join(part.text or "" for part in find_all(point, "t")) for point in _points(root))
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


def _points(root: XmlElement | None) -> list[XmlElement]:
    return [] if root is None else list(find_all(root, "pt"))
