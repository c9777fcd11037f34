"""The numbers that OpenDocument puts before list items and headings by itself.

A list names a style with a format a level (`num-format`, prefix, suffix, how many levels are shown); headings follow
the document's outline style (ODF 1.3 part 3, 16.30 to 16.34).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from index.sources.text.numerals import numeral
from index.sources.text.xml import XmlElement, attribute, find_all, local

__all__ = ["OdfNumbers"]

_MOST_LEVELS = 10


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str
    prefix: str
    suffix: str
    shown: int
    start: int


_Style = dict[int, _Level]


@dataclass(slots=True)
class OdfNumbers:
    """Counts list items and headings in the order of the document.

    Attributes:
        styles: formats by level of each list style, by name; `""` is the outline of headings.
        counts: what was counted last at each level of the list at work.
        kept: the counts of the last list of each style: another may go on from it.
    """

    styles: dict[str, _Style] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    kept: dict[str, dict[int, int]] = field(default_factory=dict)
    outline: dict[int, int] = field(default_factory=dict)

    def learn(self, root: XmlElement) -> None:
        """Take in the styles of `content.xml` or `styles.xml`."""
        for style in find_all(root, "list-style"):
            self.styles[attribute(style, "name")] = _levels(style)
        for style in find_all(root, "outline-style"):
            self.styles[""] = _levels(style)

    def item(self, item: XmlElement) -> str:
        """Return what stands before a list item."""
        lists = [above for above in item.iterancestors() if local(above) == "list"]
        level = len(lists)
        name = next((attribute(each, "style-name") for each in lists if attribute(each, "style-name")), None)
        style = self.styles.get(name or "\0", {})
        if level not in style:
            return "-"
        outer = lists[-1]
        if level == 1 and outer.find("*") is item:  # a new list
            goes_on = attribute(outer, "continue-numbering") == "true" or attribute(outer, "continue-list")
            self.counts = self.kept.get(name or "", {}) if goes_on else {}
            self.kept[name or ""] = self.counts
        given = attribute(item, "start-value")
        _count(self.counts, level, style, int(given) if given.isdigit() else None)
        return _shown(self.counts, level, style) or "-"

    def heading(self, heading: XmlElement, level: int) -> str:
        """Return what stands before a heading, `""` for most."""
        style = self.styles.get("", {})
        if level not in style or attribute(heading, "is-list-header") == "true":
            return ""
        _count(self.outline, level, style, None)
        return _shown(self.outline, level, style)


def _levels(style: XmlElement) -> _Style:
    found = {}
    for entry in find_all(style, "list-level-style-number", "outline-level-style"):
        level, kind = attribute(entry, "level"), attribute(entry, "num-format")
        if level.isdigit() and kind:
            shown, start = attribute(entry, "display-levels"), attribute(entry, "start-value")
            found[int(level)] = _Level(
                kind,
                attribute(entry, "num-prefix"),
                attribute(entry, "num-suffix"),
                int(shown) if shown.isdigit() else 1,
                int(start) if start.isdigit() else 1,
            )
    return found


def _count(counts: dict[int, int], level: int, style: _Style, given: int | None) -> None:
    start = style[level].start
    counts[level] = given if given is not None else counts.get(level, start - 1) + 1
    for below in range(level + 1, _MOST_LEVELS + 1):
        counts.pop(below, None)


def _shown(counts: dict[int, int], level: int, style: _Style) -> str:
    own = style[level]
    first = max(1, level - own.shown + 1)
    parts = [numeral(counts.get(at, 1), style[at].kind) for at in range(first, level + 1) if at in style]
    return f"{own.prefix}{'.'.join(parts)}{own.suffix}".strip()
