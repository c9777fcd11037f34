"""The words of XFA forms: XML beside the pages, which hold no more than "Please wait" in forms that are drawn from it.

What is printed on the form (`draw`), the captions of its fields and what was filled in come in the order of the
form; a form without its template says what was filled in.
"""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

from index.language.hygiene import clean_line
from index.sources.text.xml import XmlElement, attribute, children, find_all, local, parse_xml
from index.sources.types import RefusedError

__all__ = ["is_placeholder", "xfa_lines"]

_MOST_BYTES = 20_000_000
_MOST_LINES = 20_000
_PLACEHOLDER = re.compile(r"please wait|adobe reader|acrobat", re.IGNORECASE)
_LONGEST_PLACEHOLDER = 1_500
_HOLDERS = frozenset(["subform", "subformSet", "template", "area", "exclGroup", "pageSet", "pageArea", "contentArea"])
_HIDDEN = ("hidden", "inactive")
_Values = dict[str, deque[str]]


def is_placeholder(text: str) -> bool:
    """Tell whether the pages say only that another program must draw them."""
    words = text.strip()
    return not words or (len(words) <= _LONGEST_PLACEHOLDER and bool(_PLACEHOLDER.search(words)))


def xfa_lines(document: Any) -> list[str]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the lines of an XFA form; none where there is no such form, or its XML is broken."""
    try:
        template, data = (_packet(document, name) for name in ("template", "datasets"))
    except RefusedError:
        return []
    values = _values(data)
    lines = list(_shown(template, values)) if template is not None else []
    rest = [f"{name}: {value}" for name, left in values.items() for value in left]
    return [line for line in (*lines, *rest) if line.strip()][:_MOST_LINES]


def _packet(document: Any, wanted: str) -> XmlElement | None:  # noqa: ANN401
    from pypdfium2 import raw

    for number in range(max(0, raw.FPDF_GetXFAPacketCount(document))):
        size = ctypes.c_ulong()
        length = raw.FPDF_GetXFAPacketName(document, number, None, 0)
        name = ctypes.create_string_buffer(max(1, min(length, 100)))
        raw.FPDF_GetXFAPacketName(document, number, name, len(name))
        if name.value.decode("latin-1") != wanted:
            continue
        raw.FPDF_GetXFAPacketContent(document, number, None, 0, size)
        if not 0 < size.value <= _MOST_BYTES:
            return None
        place = ctypes.create_string_buffer(size.value)
        raw.FPDF_GetXFAPacketContent(document, number, place, size.value, size)
        return parse_xml(place.raw)
    return None


def _values(data: XmlElement | None) -> _Values:
    """Return what was filled in, by the names of the fields, in order."""
    found: _Values = defaultdict(deque)
    for part in find_all(data, "data") if data is not None else ():
        for element in part.iter():
            words = clean_line(element.text or "") if not len(element) else ""
            if words:
                found[local(element)].append(words)
        break
    return found


def _shown(element: XmlElement, values: _Values) -> Iterator[str]:
    """Yield the lines of a form; recursion is bounded by the XML parser."""
    for child in element:
        name = local(child)
        if name == "draw":
            yield _words(child, "value")
        elif name == "field":
            yield _field(child, values)
        elif name in _HOLDERS and attribute(child, "presence") not in _HIDDEN:
            yield from _shown(child, values)


def _field(field: XmlElement, values: _Values) -> str:
    if attribute(field, "presence") in _HIDDEN:
        return ""
    filled = values.get(attribute(field, "name"))
    value = filled.popleft() if filled else _words(field, "value")
    label = _words(field, "caption") or attribute(field, "name")
    return f"{label.rstrip(' :')}: {value}" if value else ""


def _words(element: XmlElement, part: str) -> str:
    """Return the words in a part of an element, plain or formatted."""
    texts = (text for found in children(element, part) for text in found.itertext())
    return clean_line(" ".join(texts))
