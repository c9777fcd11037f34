"""XML that may be hostile: no entities, no external parts, no network, bounded depth; elements by their local name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from index.sources.text.encoding import decode
from index.sources.types import RefusedError

__all__ = ["XmlElement", "attribute", "children", "find_all", "local", "parse_xml"]

XmlElement = Any
"""An lxml element; lxml brings no types of its own."""

_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)""")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DTD = re.compile(r"<!ENTITY|<!DOCTYPE[^<>\[]*+\[", re.IGNORECASE)


def parse_xml(data: bytes, declared: str = "") -> XmlElement:
    """Return the root of a document.

    The text is decoded here, so that nothing can hide in an odd encoding, and refused when it declares entities: that
    is how external files are drawn in and how a few lines grow to gigabytes.

    Args:
        data: the whole document.
        declared: the encoding that a server named, which counts before the document's own (RFC 7303), or `""`.

    Raises:
        RefusedError: it declares entities, is malformed, or is nested more than 256 deep.
    """
    declaration = _DECLARED.match(data[:400])
    text, _ = decode(data, declared or (declaration[1].decode("ascii") if declaration else ""))
    if _DTD.search(text):
        raise RefusedError("declares XML entities, which are not read", skipped=True)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(_DECLARATION.sub("", text.lstrip("\ufeff")).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        too_deep = "depth" in str(error).lower()
        raise RefusedError(f"malformed XML ({error})", skipped=too_deep) from error


def local(element: XmlElement) -> str:
    """Return an element's name without its namespace (transitional and strict Office files differ only there)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: XmlElement, name: str) -> str:
    """Return an attribute by its local name, or `""`."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def children(element: XmlElement, *names: str) -> Iterator[XmlElement]:
    """Yield the direct children of these local names."""
    return (child for child in element if local(child) in names)


def find_all(element: XmlElement, *names: str) -> Iterator[XmlElement]:
    """Yield every descendant of these local names, in document order."""
    return (child for child in element.iter() if local(child) in names)
