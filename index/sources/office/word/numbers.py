"""The numbers that Word puts before paragraphs by itself ("2.2", "Article 7 (a)"): they are in no run of text.

A paragraph names a list (`num`) and a level, itself or by its style; the list follows a definition (`abstractNum`) with
a pattern a level (`%1.%2`), and counts on through the document (ECMA-376 part 1, 17.9).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from index.sources.text.numerals import numeral
from index.sources.text.xml import XmlElement, attribute, children, find_all

__all__ = ["BULLET", "WordNumbers"]

BULLET = "-"
_PLACE = re.compile(r"%([1-9])")
_MOST_LEVELS = 9


@dataclass(slots=True)
class _Level:
    pattern: str = ""
    style: str = "decimal"
    start: int = 1
    restarts_after: int | None = None
    legal: bool = False


@dataclass(slots=True)
class _List:
    definition: str
    levels: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class WordNumbers:
    """Counts; ask for each paragraph once, in the order of the document.

    Args:
        numbering: root of `numbering.xml`, or `None`.
        styles: root of `styles.xml`, or `None`.
    """

    def __init__(self, numbering: XmlElement | None, styles: XmlElement | None) -> None:
        self._lists = {} if numbering is None else _lists(numbering)
        self._styles = {} if styles is None else _styles(styles)
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()

    def label(self, paragraph: XmlElement) -> str | None:
        """Return what stands before a paragraph: a number as shown, `BULLET`, `""`, or `None` outside of lists."""
        name, level = self._place(paragraph)
        found = self._lists.get(name)
        if found is None:
            return None
        own = found.levels.get(level)
        if own is None or own.style == "bullet":
            return BULLET
        counts = self._counts.setdefault(found.definition, {})
        self._count(name, found, level, counts)
        return "" if own.style == "none" and "%" in own.pattern else self._shown(found, own, counts)

    def _place(self, paragraph: XmlElement) -> tuple[str, int]:
        """Return list and level of a paragraph: its own, else of its style; list `0` means none."""
        name, level = "", -1
        for properties in children(paragraph, "pPr"):
            style = next((attribute(mark, "val") for mark in children(properties, "pStyle")), "")
            name, level = self._styles.get(style, ("", -1))
            own_name, own_level = _number_properties(properties)
            name, level = own_name or name, own_level if own_level >= 0 else level
            if level < 0 and style and name in self._lists:
                level = 0
        return name, min(max(level, 0), _MOST_LEVELS - 1)

    def _count(self, name: str, found: _List, level: int, counts: dict[int, int]) -> None:
        if level in found.starts and (name, level) not in self._started:
            self._started.add((name, level))
            counts[level] = found.starts[level]
        elif level in counts:
            counts[level] += 1
        else:
            counts[level] = found.levels[level].start
        for above in range(level):
            counts.setdefault(above, found.levels[above].start if above in found.levels else 1)
        for below in range(level + 1, _MOST_LEVELS):
            after = found.levels[below].restarts_after if below in found.levels else None
            if after is None or (after and level < after):
                counts.pop(below, None)

    @staticmethod
    def _shown(found: _List, own: _Level, counts: Mapping[int, int]) -> str:
        def number(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            level = found.levels.get(at, _Level())
            return numeral(counts.get(at, level.start), "decimal" if own.legal else level.style)

        return _PLACE.sub(number, own.pattern).strip()


def _number_properties(properties: XmlElement) -> tuple[str, int]:
    for numbered in children(properties, "numPr"):
        name = next((attribute(mark, "val") for mark in children(numbered, "numId")), "")
        level = next((attribute(mark, "val") for mark in children(numbered, "ilvl")), "")
        return name, int(level) if level.isdigit() else -1
    return "", -1


def _lists(root: XmlElement) -> dict[str, _List]:
    definitions = {attribute(each, "abstractNumId"): _levels(each) for each in children(root, "abstractNum")}
    found = {}
    for entry in children(root, "num"):
        name = next((attribute(mark, "val") for mark in children(entry, "abstractNumId")), "")
        one = _List(name, dict(definitions.get(name, {})))
        for change in children(entry, "lvlOverride"):
            level = attribute(change, "ilvl")
            one.levels |= _levels(change)
            start = next((attribute(mark, "val") for mark in children(change, "startOverride")), "")
            if level.isdigit() and start.isdigit():
                one.starts[int(level)] = int(start)
        found[attribute(entry, "numId")] = one
    return found


def _levels(definition: XmlElement) -> dict[int, _Level]:
    found = {}
    for entry in children(definition, "lvl"):
        values = {child.tag.rpartition("}")[2]: attribute(child, "val") for child in entry}
        number = attribute(entry, "ilvl")
        if number.isdigit():
            found[int(number)] = _Level(
                pattern=values.get("lvlText", ""),
                style=values.get("numFmt", "decimal"),
                start=int(values["start"]) if values.get("start", "").isdigit() else 1,
                restarts_after=int(values["lvlRestart"]) if values.get("lvlRestart", "").isdigit() else None,
                legal="isLgl" in values and values["isLgl"] not in ("0", "false"),
            )
    return found


def _styles(root: XmlElement) -> dict[str, tuple[str, int]]:
    """Return list and level of each style, from the style that it is based on where it says none itself."""
    own: dict[str, tuple[str, int]] = {}
    based: dict[str, str] = {}
    for style in find_all(root, "style"):
        name = attribute(style, "styleId")
        based[name] = next((attribute(mark, "val") for mark in children(style, "basedOn")), "")
        for properties in children(style, "pPr"):
            own[name] = _number_properties(properties)
    found = {}
    for name in based:
        at, numbered, level = name, "", -1
        for _ in range(20):
            said, said_level = own.get(at, ("", -1))
            numbered, level = numbered or said, level if level >= 0 else said_level
            at = based.get(at, "")
        found[name] = (numbered, level)
    return found
