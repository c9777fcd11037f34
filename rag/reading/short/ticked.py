"""A choice whose options stand in a line, each with its box: "Fee: ☒ Annual ☐ Monthly" says annual.

A reader that doesn't know the boxes may point at any of the options, or at several.
"""

from __future__ import annotations

import re

__all__ = ["ticked_option"]

_BOX = re.compile(
    r"(?P<ticked>[☑☒✓✔✅◉⦿🗹🗷●■]|(?<!\S)(?:\[[xX✓]\]|\([xX✓]\)))|(?P<empty>☐|(?<!\S)\[ ?\])|[□○◯]|(?<!\S)\( \)"
)
_EDGES = " \t,;/|"


def ticked_option(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where the option that is ticked stands, for words among the options of a line.

    Args:
        text: of the passage.
        start: where the words begin in it.
        end: where they end.

    Returns:
        `None` where the line has no boxes that are empty; signs that begin items as well are none without a ticked one
        beside them. An empty place where what was chosen isn't sure: none or several are ticked, the boxes stand
        behind their options, or the words before them.
    """
    low, high = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    high = high if high >= 0 else len(text)
    boxes = list(_BOX.finditer(text, low, high))
    ticked = [box for box in boxes if box["ticked"]]
    if len(boxes) == len(ticked) or not (ticked or any(box["empty"] for box in boxes)):
        return None
    if len(ticked) != 1 or start < boxes[0].start() or not text[boxes[-1].end() : high].strip(_EDGES):
        return start, start
    first = ticked[0].end()
    last = next((box.start() for box in boxes if box.start() > first), high)
    words = text[first:last]
    first += len(words) - len(words.lstrip(_EDGES))
    return (first, first + len(words.strip(_EDGES))) if words.strip(_EDGES) else (start, start)
