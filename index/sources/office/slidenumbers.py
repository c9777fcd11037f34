"""The numbers that PowerPoint puts before the paragraphs of a shape by itself (ECMA-376 part 1, 21.1.2.4.1)."""

from __future__ import annotations

import re

from index.sources.text.numerals import numeral
from index.sources.text.xml import XmlElement, attribute, children

__all__ = ["SlideNumbers"]

_KIND = re.compile(r"(alphaLc|alphaUc|romanLc|romanUc|arabic)")


class SlideNumbers:
    """Counts the paragraphs of one shape in their order."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def before(self, paragraph: XmlElement) -> str:
        """Return the number of a paragraph with a space behind it, or `""`."""
        for properties in children(paragraph, "pPr"):
            indent = attribute(properties, "lvl")
            level = int(indent) if indent.isdigit() else 0
            for level_below in [at for at in self._counts if at > level]:
                del self._counts[level_below]
            for mark in children(properties, "buAutoNum"):
                start = attribute(mark, "startAt")
                first = int(start) if start.isdigit() else 1
                self._counts[level] = self._counts.get(level, first - 1) + 1
                return _shown(self._counts[level], attribute(mark, "type")) + " "
            self._counts.pop(level, None)
            return ""
        self._counts.clear()
        return ""


def _shown(number: int, kind: str) -> str:
    found = _KIND.match(kind)
    shown = numeral(number, found[1] if found else "1")
    if kind.endswith("ParenBoth"):
        return f"({shown})"
    return shown + (")" if kind.endswith("ParenR") else "" if kind.endswith(("Plain", "Minus")) else ".")
