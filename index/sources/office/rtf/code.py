"""Which paragraphs of an RTF file are code: those that stand in letters of one width throughout.

striprtf names no fonts, so that such paragraphs get a mark before, which its text still shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from index.sources.office.codestyles import is_monospaced, tells_code

__all__ = ["is_code_line", "unmarked_line", "with_code"]

_MARK = "\ufdd3"
_WRITTEN = "\\u-557?"  # the same, as a file holds it
_FONT = re.compile(r"\{\\f(\d+)((?:[^{};]|\{[^{}]*\})*)([^{};\\]*);?\}")
_TABLE = re.compile(r"\{\\fonttbl(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")
_DEFAULT = re.compile(r"\\deff(\d+)")
_TOKEN = re.compile(r"\\([a-zA-Z]+)(-?\d+)? ?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]|[{}]|[^\\{}\r\n]+|[\r\n]+")
_ENDS = frozenset(["par", "line", "cell", "row", "sect", "page", "nestcell", "nestrow"])
_SILENT = frozenset(
    (
        *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata", "generator", "fldinst"),
        *("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"),
        *("listtable", "listoverridetable"),
    )
)
_MOST_TOKENS = 3_000_000


@dataclass(slots=True)
class _Line:
    """A line: where its first words begin in the file, and whether all of its words are in one width."""

    start: int = -1
    fixed: bool = True


def with_code(source: str) -> str:
    """Return a file with a mark before each line of code."""
    fixed = _fixed_fonts(source)
    if not fixed:
        return source
    lines = list(_lines(source, fixed))
    if not tells_code(line.fixed for line in lines):
        return source
    parts, at = [], 0
    for line in lines:
        if line.fixed:
            parts += [source[at : line.start], _WRITTEN]
            at = line.start
    return "".join([*parts, source[at:]])


def is_code_line(line: str) -> bool:
    """Tell whether a line of the text is marked as code."""
    return line.startswith(_MARK)


def unmarked_line(line: str) -> str:
    """Return a line without its marks."""
    return line.replace(_MARK, "")


def _fixed_fonts(source: str) -> frozenset[str]:
    """Return the numbers of the fonts whose letters are of one width."""
    table = _TABLE.search(source[: 1 << 20])
    if table is None:
        return frozenset()
    fonts = _FONT.findall(table[0][9:])
    return frozenset(number for number, controls, name in fonts if is_monospaced(name) or "\\fprq1" in controls)


def _lines(source: str, fixed: frozenset[str]) -> Iterator[_Line]:
    """Yield the lines that hold any words."""
    default = _DEFAULT.search(source[: 1 << 16])
    state = _State(default[1] if default else "")
    line = _Line()
    for token in islice(_TOKEN.finditer(source), _MOST_TOKENS):
        word, text = token[1], token[0]
        if state.takes(word, token[2], text):
            continue
        if word in _ENDS:
            if line.start >= 0:
                yield line
            line = _Line()
        elif _is_text(text) or word == "u":
            line.start = token.start() if line.start < 0 else line.start
            line.fixed = line.fixed and (state.font in fixed or not text.strip())
    if line.start >= 0:
        yield line


class _State:
    """The font at a place of a file, and whether what stands there is shown."""

    def __init__(self, usual: str) -> None:
        self.font = self._usual = usual
        self._silent = self._first = False
        self._outer: list[tuple[str, bool]] = []

    def takes(self, word: str | None, number: str | None, text: str) -> bool:
        """Go on over a piece of the file; says whether it is none of what is shown."""
        first, self._first = self._first, text == "{"
        if text == "{":
            self._outer.append((self.font, self._silent))
        elif text == "}":
            self.font, self._silent = self._outer.pop() if self._outer else (self._usual, False)
        elif word in ("f", "plain"):
            self.font = (number if word == "f" else None) or self._usual
        elif word in _SILENT or (text == "\\*" and first):
            self._silent = True
        else:
            return self._silent
        return True


def _is_text(text: str) -> bool:
    """Tell whether a piece of a file is words, blanks at the beginning of a line among them."""
    return text[0] not in "\\{}\r\n" or text.startswith("\\'")
