"""What striprtf leaves out of an RTF file: which cells of its tables are merged, and which type is raised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.sources.tables.grid import Grid
from index.sources.tables.records import table_text
from index.sources.text.raised import lowered, raised

__all__ = ["rtf_blocks", "with_levels"]

_DEFINED = re.compile(r"\\(trowd|row|cellx-?\d+|clmgf|clmrg|clvmgf|clvmrg|nestrow)(?![a-z])")
_LEVEL = re.compile(r"\\(super|sub|up\d*|dn\d*)(?![a-z])\s?")
_WORD = re.compile(r"\\(?:'[0-9a-fA-F]{2}|u-?\d+ ?\??|[a-zA-Z]+-?\d* ?|.)|[{}]|[^\\{}\r\n]+|[\r\n]+", re.DOTALL)
_END = re.compile(r"\\(?:nosupersub|plain|super|sub|up0?|dn0?|par|pard|cell|row|line|tab)(?![a-z])")
_MOST_RAISED = 50_000


def rtf_blocks(text: str, source: str) -> Iterator[str]:
    """Yield the blocks of a text that striprtf made, rows of tables as records.

    Args:
        text: what striprtf made of the file: a row's cells end with bars.
        source: the file, for which cells are merged.
    """
    merges = list(_merges(source))
    rows: list[str] = []
    seen = tables = 0
    for line in [*text.split("\n"), ""]:
        if line.strip().endswith("|"):
            rows.append(line.strip())
            continue
        if rows:
            tables += 1
            yield table_text(_grid(rows, merges[seen : seen + len(rows)], tables))[0]
            seen += len(rows)
            rows = []
        yield line


def _grid(rows: Sequence[str], merges: Sequence[Sequence[str]], number: int) -> Grid:
    grid = Grid(name=f"table {number}")
    for place, row in enumerate(rows):
        grid.row()
        cells = row[:-1].split("|")
        marks = merges[place] if place < len(merges) and len(merges[place]) == len(cells) else [""] * len(cells)
        at = 0
        while at < len(cells):
            width = 1
            while at + width < len(cells) and "clmrg" in marks[at + width]:
                width += 1
            if "clvmrg" in marks[at]:
                grid.repeat(width)
            else:
                grid.cell(cells[at], width)
            at += width
    return grid


def _merges(source: str) -> Iterator[list[str]]:
    """Yield for each row what is said of the merging of its cells."""
    cells: list[str] = []
    controls: list[str] = []
    for match in _DEFINED.finditer(source):
        word = match[1]
        if word == "trowd":
            cells, controls = [], []
        elif word == "row":
            yield cells
        elif word.startswith("cellx"):
            cells, controls = [*cells, " ".join(controls)], []
        else:
            controls.append(word)


def with_levels(source: str) -> str:
    """Return a file in which raised and lowered digits and letters are written as such."""
    parts: list[str] = []
    at = count = 0
    for match in _LEVEL.finditer(source):
        if match.start() < at or match[1] in ("up0", "dn0") or count > _MOST_RAISED:
            continue
        count += 1
        end, words = _raised_run(source, match.end())
        if words is None:
            continue
        before = _character_before(source, match.start())
        shown = (raised if match[1][:2] in ("su", "up") and match[1] != "sub" else lowered)(words, before)
        parts += [source[at : match.start()], "".join(_escaped(letter) for letter in shown)]
        at = end
    return "".join([*parts, source[at:]])


def _raised_run(source: str, start: int) -> tuple[int, str | None]:
    """Return where the words end that begin at `start`, and the words; `None` when they are no plain ones."""
    at, words = start, ""
    while match := _WORD.match(source, at):
        piece = match[0]
        if piece in "{}" or _END.match(piece):
            break
        if piece.startswith("\\"):
            if not piece[1].isalpha() or (piece.startswith("\\u") and piece[2:3].isdigit()):
                return at, None
        else:
            words += piece.strip("\r\n")
        at = match.end()
        if len(words) > 40:
            return at, None
    return at, words if words.strip() else None


def _character_before(source: str, place: int) -> str:
    """Return the last character shown before a place, `""` at the beginning of a cell or paragraph."""
    shown = ""
    for match in _WORD.finditer(source, max(0, place - 200), place):
        if match[0] in "{}" or match[0].startswith("\\"):
            shown = "" if _END.match(match[0]) and "par" in match[0] else shown
        elif match[0].strip("\r\n"):
            shown = match[0].strip("\r\n")[-1]
    return shown


def _escaped(letter: str) -> str:
    if letter.isascii():
        return f"\\{letter}" if letter in "\\{}" else letter
    return f"\\u{ord(letter) if ord(letter) < 32768 else ord(letter) - 65536}?"
