"""Code on a page: each block becomes a plain `pre` with its lines, code within a sentence plain words."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["keep_code"]

Element = Any
"""An lxml element; lxml brings no types of its own."""

_WORDS = ("code", "samp", "kbd", "tt")
_LINES = frozenset(["div", "p", "li", "tr", "ol", "ul", "table"])
_AS_WRITTEN = re.compile(r"white-space(?:-collapse)?\s*:\s*(?:pre(?:-wrap)?|preserve)\b", re.IGNORECASE)
_GUTTER = re.compile(r"\b(?:linenos?|line-?numbers?|gutter|rouge-gutter)\b", re.IGNORECASE)
_NUMBERS = re.compile(r"[\s\d]+\Z")


def keep_code(tree: Element) -> None:
    """Put, in place, each block of code as one `pre` of text, and take the marks off code within sentences."""
    _drop_gutters(tree)
    for element in list(tree.iter("pre", "div", "p", *_WORDS)):
        if element.getparent() is None or any(above.tag == "pre" for above in element.iterancestors()):
            continue
        if element.tag == "pre" or _is_as_written(element):
            _flatten(element, element, spaces=True)
        elif element.tag in _WORDS:
            lone = _alone(element)
            if lone is not None and any(True for _ in element.iter("br")):
                _flatten(lone, element, spaces=False)
            else:
                element.drop_tag()


def _drop_gutters(tree: Element) -> None:
    """Take out columns of line numbers; a table that only puts them beside code becomes its code."""
    for gutter in [one for one in tree.iter("td", "th", "span", "div", "a", "pre") if _is_gutter(one)]:
        if gutter.getparent() is not None:
            gutter.drop_tree()
    for table in list(tree.iter("table")):
        blocks = list(table.iter("pre"))
        cells = list(table.iter("td", "th"))
        if len(blocks) == 1 and len(cells) == 1 and table.getparent() is not None:
            block = blocks[0]
            block.tail = table.tail
            table.getparent().replace(table, block)


def _is_gutter(element: Element) -> bool:
    classes = element.get("class") or ""
    return bool(classes and _GUTTER.search(classes) and _NUMBERS.match("".join(element.itertext())))


def _is_as_written(element: Element) -> bool:
    """Tell whether a style keeps the lines of an element, and it holds words alone."""
    style = element.get("style")
    if not style or not _AS_WRITTEN.search(style):
        return False
    return "mono" in style.lower() or any(child.tag in _WORDS for child in element)


def _alone(element: Element) -> Element | None:
    """Return the block of which a piece of code is all there is."""
    block = element.getparent()
    if block is None or block.tag not in ("p", "div", "td", "dd", "blockquote"):
        return None
    outside = (block.text or "") + "".join(child.tail or "" for child in block)
    return block if len(block) == 1 and not outside.strip() else None


def _flatten(block: Element, element: Element, *, spaces: bool) -> None:
    """Make an element a `pre` of nothing but text; without `spaces` only the breaks end lines."""
    text = "".join(_pieces(element, spaces=spaces))
    tail = block.tail
    for child in list(block):
        block.remove(child)
    block.tag, block.text, block.tail = "pre", None, tail
    inner = block.makeelement("code")  # by which trafilatura knows code from a quotation
    inner.text = text.strip("\n")
    block.append(inner)


def _pieces(element: Element, *, spaces: bool) -> list[str]:
    parts = [_written(element.text, spaces=spaces)]
    for child in element:
        if isinstance(child.tag, str):
            if child.tag == "br":
                parts.append("\n")
            elif child.tag in _LINES:
                before = "".join(parts)
                parts = [before if not before or before.endswith("\n") else f"{before}\n"]
                parts += [*_pieces(child, spaces=spaces), "\n"]
            else:
                parts += _pieces(child, spaces=spaces)
        tail = _written(child.tail, spaces=spaces)
        parts.append("" if child.tag in _LINES and tail.isspace() else tail)
    return parts


def _written(text: str | None, *, spaces: bool) -> str:
    return (text or "") if spaces else re.sub(r"\s+", " ", text or "")
