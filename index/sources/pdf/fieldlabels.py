"""What names the field of a form on the page of a PDF: the words left of it, of a box to tick those right of it.

The names that a file gives its fields ("Text12") are its maker's; people see what is printed beside them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from index.language.hygiene import clean_line
from index.sources.pdf.places import Box
from index.sources.text.marks import MARK

__all__ = ["label_of", "without_labels"]

_LONGEST = 80
_INNER = 0.25  # of a field's height at its upper and lower edge: words there stand beside another one
_FARTHEST, _ABOVE = 300.0, 16.0  # points: where words are looked for


def label_of(textpage: Any, field: Box, others: Sequence[Box], *, is_box: bool) -> str:  # noqa: ANN401 - no types
    """Return the words that name a field, `""` where none stand beside it.

    Args:
        textpage: of pypdfium2.
        field: where it is on the page.
        others: where all fields are; words beyond one are its own.
        is_box: whether it is ticked, not written in.
    """
    left, low, right, high = field
    inner = _INNER * (high - low)
    beside = [one for one in others if one[1] < high - inner and one[3] > low + inner and one != field]
    before = max((one[2] for one in beside if one[2] <= left), default=left - _FARTHEST)
    behind = min((one[0] for one in beside if one[0] >= right), default=right + _FARTHEST)
    sides = [(before, low + inner, left, high - inner)]
    if is_box:
        sides.insert(0, (right, low + inner, behind, high - inner))
    else:
        sides.append((left, high, right, high + _ABOVE))
    found = (clean_line(textpage.get_text_bounded(*side)) for side in sides)
    return next((words.rstrip(":： ") for words in found if _names(words)), "")


def without_labels(lines: Sequence[str], labels: Collection[str], filled: Sequence[str]) -> list[str]:
    """Return the lines of a page without those that hold nothing but names of its fields.

    "Fee Annual Monthly" says of a choice that it can be made, and looks like an answer to what was chosen.

    Args:
        lines: of its text.
        labels: the names.
        filled: the lines with what was filled in, in which a name stands again.
    """
    told = (label for label in labels if label and any(label in line for line in filled))
    again = sorted(told, key=len, reverse=True)  # a longer name may hold a shorter one
    return [line for line in lines if line.startswith(MARK) or not _only_names(line, again)]


def _only_names(line: str, labels: Sequence[str]) -> bool:
    rest = clean_line(line)
    for label in labels:
        rest = rest.replace(label, " ")
    return rest != clean_line(line) and not any(map(str.isalnum, rest))


def _names(words: str) -> bool:
    return len(words) <= _LONGEST and any(map(str.isalpha, words))
