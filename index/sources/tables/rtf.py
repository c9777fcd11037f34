"""What striprtf leaves out of an RTF file: which cells of its tables are merged, and which type is raised."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.sources.tables.grid import Grid
from index.sources.tables.records import table_text
from index.sources.text.raised import lowered, raised

__all__ = ["rtf_blocks", "with_levels"]

_DEFINED = re.compile(r"\\(trowd|row|cellx-?\d+|clmgf|clmrg|clvmgf|clvmrg|nestrow)(?![a-z])")
_LEVEL = re.compile(r"\\(super|sub|up\d*|dn\d*)(?![a-z])\s?")
_WORD = re.compile(r"\\(?:'[0-9a-fA-F]{2}|u-?\d+ ?\??|[a-zA-Z]+-?\d* ?|.)|[{}]|[^\\{}\r\n]+|[\r\n]+", re.DOTALL)
_END = re.compile(r"\\(?:nosupersub|plain|super|sub|up0?|dn0?|par|pard|cell|row|line|tab)(?![a-z])")
_UNICODE = re.compile(r"\\u(-?\d{1,5}) ?(?:\?|\\'[0-9a-fA-F]{2})?")  # with what stands for it elsewhere
_MOST_RAISED = 50_000
_SAME_EDGE = 60  # twips by which the cells of a column may end apart


def rtf_blocks(text: str, source: str) -> Iterator[str]:
    """Yield the blocks of a text that striprtf made, rows of tables as records.

    Args:
        text: what striprtf made of the file: a row's cells end with bars.
        source: the file, for which cells are merged.
    """
    defined = list(_defined(source))
    rows: list[str] = []
    seen = tables = 0
    for line in [*text.split("\n"), ""]:
        if line.strip().endswith("|"):
            rows.append(line.strip())
            continue
        if rows:
            tables += 1
            yield table_text(_grid(rows, defined[seen : seen + len(rows)], tables))[0]
            seen += len(rows)
            rows = []
        yield line


def _grid(rows: Sequence[str], defined: Sequence[Sequence[_Defined]], number: int) -> Grid:
    grid = Grid(name=f"table {number}")
    edges = _edges(defined)
    for place, row in enumerate(rows):
        grid.row()
        texts = row[:-1].split("|")
        fits = place < len(defined) and len(defined[place]) == len(texts)
        _put_cells(grid, texts, defined[place] if fits else [_Defined("", -1)] * len(texts), edges)
    return grid


def _put_cells(grid: Grid, texts: Sequence[str], defined: Sequence[_Defined], edges: Sequence[int]) -> None:
    """Put the cells of a row; one spans as many columns as other rows have cells in its place."""
    at = done = 0
    while at < len(texts):
        end = at + 1
        while end < len(texts) and "clmrg" in defined[end].marks:
            end += 1
        right = defined[end - 1].edge
        reached = bisect_right(edges, right + _SAME_EDGE) if right >= 0 else done + end - at
        width = max(1, reached - done)
        if "clvmrg" in defined[at].marks:
            grid.repeat(width)
        else:
            grid.cell(texts[at], width)
        at, done = end, done + width


def _edges(defined: Sequence[Sequence[_Defined]]) -> list[int]:
    """Return where the columns of a table end: wherever a cell of a row does."""
    edges: list[int] = []
    for edge in sorted({cell.edge for row in defined for cell in row}):
        if not edges or edge - edges[-1] > _SAME_EDGE:
            edges.append(edge)
    return edges


@dataclass(frozen=True, slots=True)
class _Defined:
    """What a file says of a cell before its words: how it is merged, and where it ends, in twips."""

    marks: str
    edge: int


def _defined(source: str) -> Iterator[list[_Defined]]:
    """Yield for each row what is said of its cells."""
    cells: list[_Defined] = []
    controls: list[str] = []
    for match in _DEFINED.finditer(source):
        word = match[1]
        if word == "trowd":
            cells, controls = [], []
        elif word == "row":
            yield cells
        elif word.startswith("cellx"):
            cells, controls = [*cells, _Defined(" ".join(controls), int(word[5:]))], []
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
        if code := _UNICODE.match(source, at):
            words += chr(int(code[1]) % 0x10000)
            at = code.end()
            continue
        if piece.startswith("\\"):
            if not piece[1].isalpha():
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
