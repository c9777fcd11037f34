"""Headers and footers of pages: out of the text, where they would stand in the middle of sentences, but kept once.

They tell what nothing else does: an address, a reference, "valid from 1 May", "confidential".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from index.language.hygiene import clean_line
from index.sources.office.ooxml import Package
from index.sources.text.builder import TextBuilder
from index.sources.text.xml import XmlElement, attribute, find_all, local

__all__ = ["RunningLines", "write_word_lines"]

_LEAST = 3  # letters; "p. 3" says nothing
_LEAST_NUMBERED = 12  # letters that a line with the page's number has at least: "Page 3 of 10" has fewer
_MOST = 50
_BLANKS = re.compile(r"\s+")


class RunningLines:
    """Collects the headers and footers of a file, each different one once, and writes them at its end."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def add(self, kind: str, words: str, *, numbered: bool = False) -> None:
        """Keep a line.

        Args:
            kind: `"Header"` or `"Footer"`.
            words: what stands there.
            numbered: whether the number of the page is among them.
        """
        line = _BLANKS.sub(" ", clean_line(words)).strip()
        letters = sum(map(str.isalpha, line))
        if letters >= (_LEAST_NUMBERED if numbered else _LEAST) and len(self._found) < _MOST:
            self._found.setdefault(line, kind)

    def write(self, builder: TextBuilder) -> None:
        """Write what was collected and does not stand in the text anyway."""
        for line, kind in self._found.items():
            if not builder.holds(line):
                builder.block(f"[{kind}: {line}]")


def write_word_lines(
    package: Package,
    relations: Mapping[str, tuple[str, str]],
    words: Callable[[XmlElement], str],
    builder: TextBuilder,
) -> None:
    """Write the headers and footers of a Word file; `words` gives those of a paragraph."""
    found = RunningLines()
    for kind, part in sorted(set(relations.values())):
        root = package.part(part) if kind in ("header", "footer") else None
        for paragraph in () if root is None else find_all(root, "p"):
            if not any(local(parent) == "Fallback" for parent in paragraph.iterancestors()):
                marks = find_all(paragraph, "fldSimple", "instrText")
                numbered = any("PAGE" in attribute(mark, "instr") + (mark.text or "") for mark in marks)
                found.add(kind.title(), words(paragraph), numbered=numbered)
    found.write(builder)
