"""Fields of Word: references to numbered paragraphs, and links that are written as fields.

A field keeps the words that were shown last; they are text like any other. What is made up here is what is missing: the
words of a reference that was never brought up to date, and the address of a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.records import BLANK
from index.sources.office.word.numbers import BULLET, WordNumbers
from index.sources.text.links import Links
from index.sources.text.xml import XmlElement, attribute, find_all, local

__all__ = ["WordFields", "without_prompts"]

_REFERENCE = re.compile(r'\s*REF\s+"?([^\s"\\]+)"?(.*)', re.IGNORECASE)
_LINK = re.compile(r'\s*HYPERLINK\s+"([^"]+)"', re.IGNORECASE)
_NUMBER_SWITCH = re.compile(r"\\[rnw]\b", re.IGNORECASE)


def without_prompts(root: XmlElement) -> None:
    """Write, in place, that nothing was filled in where a form only shows what to do ("Click here to enter text")."""
    for mark in list(find_all(root, "showingPlcHdr")):
        control = next((above for above in mark.iterancestors() if local(above) == "sdt"), None)
        if control is None or attribute(mark, "val") in ("0", "false"):
            continue
        for number, words in enumerate(list(find_all(control, "t"))):
            words.text = "" if number else _label(control) + BLANK


def _label(control: XmlElement) -> str:
    """Return what names a control that has no words of the text before it: the title that Word shows above it."""
    above = [local(parent) for parent in control.iterancestors()]
    paragraph = next((parent for parent in control.iterancestors() if local(parent) == "p"), None)
    said = "tc" in above or (
        paragraph is not None
        and "".join(
            words.text or "" for words in find_all(paragraph, "t") if control not in words.iterancestors()
        ).strip()
    )
    title = next((attribute(mark, "val") for mark in find_all(control, "alias")), "").strip(" :")
    return f"{title}: " if title and not said else ""


class WordFields:
    """Numbers of paragraphs by paragraph, and targets of references by name; found in one walk before the text is read.

    Args:
        root: root of the document, or `None`.
        numbers: counts the paragraphs.
    """

    def __init__(self, root: XmlElement | None, numbers: WordNumbers) -> None:
        # lxml makes a new object at each look unless one is kept
        self._paragraphs = [] if root is None else list(find_all(root, "p"))
        self._labels = {id(paragraph): numbers.label(paragraph) for paragraph in self._paragraphs}
        self._numbers = numbers
        self._read: XmlElement | None = None
        self._ends: dict[int, tuple[XmlElement, str, str]] = {}
        self._targets = {
            attribute(mark, "name"): paragraph
            for paragraph in self._paragraphs
            for mark in find_all(paragraph, "bookmarkStart")
        }

    def label(self, paragraph: XmlElement) -> str | None:
        """Return what stands before a paragraph; see `WordNumbers.label`."""
        return self._labels[id(paragraph)] if id(paragraph) in self._labels else self._numbers.label(paragraph)

    def reference(self, instruction: str) -> str:
        """Return what a reference would show: the number of a paragraph, else its words."""
        found = _REFERENCE.match(instruction)
        target = self._targets.get(found[1]) if found else None
        if found is None or target is None:
            return ""
        label = self._labels.get(id(target))
        if _NUMBER_SWITCH.search(found[2]):
            return "" if label in (None, BULLET) else str(label).rstrip(".")
        return "".join(text.text or "" for text in find_all(target, "t"))[:200]

    def shown(self, mark: XmlElement, links: Links) -> str:
        """Take a begin, separator or end of a field; returns at the end what has to be added to its words."""
        kind = attribute(mark, "fldCharType")
        if kind != "end":
            return ""
        instruction, words = self._field_that_ends(mark)
        if not words.strip():
            return self.reference(instruction)
        link = _LINK.match(instruction)
        return links.behind(words, link[1]) if link else ""

    def _field_that_ends(self, end: XmlElement) -> tuple[str, str]:
        """Return instruction and words of a field; those of a paragraph are found together, with the first."""
        paragraph = next((above for above in end.iterancestors() if local(above) == "p"), None)
        if paragraph is not self._read:
            self._read = paragraph
            self._ends = {} if paragraph is None else {id(each[0]): each for each in _fields(paragraph)}
        _, instruction, words = self._ends.get(id(end), (end, "", ""))
        return instruction, words


def _fields(paragraph: XmlElement) -> Iterator[tuple[XmlElement, str, str]]:
    """Yield the end, the instruction and the words of each field of a paragraph."""
    stack: list[tuple[list[str], list[str]]] = []
    for element in paragraph.iter():
        name = local(element)
        if name == "fldChar":
            kind = attribute(element, "fldCharType")
            if kind == "begin":
                stack.append(([], []))
            elif kind == "end" and stack:
                instruction, words = stack.pop()
                yield element, "".join(instruction), "".join(words)
        elif name in ("instrText", "t") and stack:
            stack[-1][name == "t"].append(element.text or "")
