"""Code on a PDF page: lines in letters of one width, whose places tell their indentation and blanks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

from index.sources.office.codestyles import is_monospaced, tells_code
from index.sources.pdf.lines.segments import Char
from index.sources.tables.pages.pdf import Block
from index.sources.text.marks import mark_code

__all__ = ["is_fixed_font", "without_code"]

_WORD_PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])")  # "LiberationMono"
_TYPEWRITER = re.compile(r"(?:\+|^)(?:cm|sf|ec|lm)(?:sl|v|vt)?tt|lmmono", re.IGNORECASE)  # of TeX
_FARTHEST = 3.2  # of the letters' size, between two lines of a block
_USUAL_STEP = 1.6  # of the letters' size: the largest distance of two lines without a blank one between them
_MOST_COLUMNS = 400
_TYPEWRITTEN = 0.8  # share of the lines of a page: each line of code is one, and a paragraph has many

Line = Sequence[Char]


def is_fixed_font(name: str) -> bool:
    """Tell by the name of a PDF's font whether all of its letters are of one width."""
    return is_monospaced(_WORD_PARTS.sub(" ", name)) or bool(_TYPEWRITER.search(name))


def without_code(
    lines: Sequence[Line], blocks: Mapping[int, Sequence[Block]], fixed: Callable[[int], bool]
) -> tuple[list[Line], Mapping[int, Sequence[Block]]]:
    """Return the lines of a page that are no code, and what stands between them: the code, and what `blocks` holds.

    Args:
        lines: of the page.
        blocks: what stands before which line.
        fixed: says whether the character of a number is set in letters of one width.
    """
    marks = [_is_fixed(line, fixed) for line in lines]
    if not any(marks) or not tells_code(marks, _TYPEWRITTEN):
        return list(lines), blocks
    kept: list[Line] = []
    found: dict[int, list[Block]] = {}
    at = 0
    while at <= len(lines):
        found.setdefault(len(kept), []).extend(blocks.get(at, ()))
        if at == len(lines):
            break
        end = _end(lines, marks, at, blocks)
        if end > at:
            found[len(kept)].append(mark_code("\n".join(_shown(lines[at:end]))))
        else:
            kept.append(lines[at])
        at = max(end, at + 1)
    return kept, found


def _is_fixed(line: Line, fixed: Callable[[int], bool]) -> bool:
    shown = [char for char in line if not char.made_up and not char.text.isspace()]
    return len(shown) > 1 and all(fixed(char.number) for char in (shown[0], shown[len(shown) // 2], shown[-1]))


def _end(lines: Sequence[Line], marks: Sequence[bool], at: int, blocks: Mapping[int, Sequence[Block]]) -> int:
    """Return where the block of code ends that begins at a line; the line itself where it is none."""
    end = at
    while end < len(lines) and marks[end] and (end == at or not blocks.get(end)):
        if end > at and not 0 < lines[end - 1][0].y - lines[end][0].y <= _FARTHEST * lines[end][0].size:
            break
        end += 1
    return end


def _shown(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the lines of a block with the blanks that their places tell, and those that are empty."""
    real = [[char for char in line if not char.made_up and not char.text.isspace()] for line in lines]
    left = min(char.x for line in real for char in line)
    steps = [two.x - one.x for line in real for one, two in itertools.pairwise(line) if two.x > one.x]
    width = min(median(steps), 0.7 * real[0][0].size) if steps else 0.6 * real[0][0].size
    down = [one[0].y - two[0].y for one, two in itertools.pairwise(real)]
    step = min([*down, _USUAL_STEP * real[0][0].size])
    for number, line in enumerate(real):
        yield from [""] * (round(down[number - 1] / step) - 1 if number else 0)
        text = ""
        for char in line:
            text = text.ljust(min(round((char.x - left) / width), _MOST_COLUMNS)) + char.text
        yield text
