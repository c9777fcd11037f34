"""Texts for people on a terminal: colours, and lines that fit its width; without a terminal exactly the same words.

Colours follow https://no-color.org and the `FORCE_COLOR` that other programs know: `NO_COLOR` turns them off,
`FORCE_COLOR` on where they would be off, and `TERM=dumb` takes neither colours nor our line ends. Nothing is ever
broken inside a word: Arabic letters would lose their joins there and an address would no longer be one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, TextIO, TypeAlias

from index.language.icu import line_ends
from ui.terminal.lines import harmless, one_line, put

__all__ = ["Line", "Look", "Span", "Style", "fail_line", "line", "look_of", "note", "rendered", "show"]

Style: TypeAlias = Literal["", "mark", "title", "quiet", "good", "doubt", "bad"]
_CODES: Mapping[str, str] = MappingProxyType(
    {"mark": "36", "title": "1", "quiet": "2", "good": "32", "doubt": "33", "bad": "1;31"}
)
# Less than this is no line that could be read; the terminal breaks it as it likes.
_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a line in one style."""

    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is printed without a terminal.

    Attributes:
        spans: its parts.
        indent: how many columns what goes on in the next line is moved in.
        breaks: it may go on in the next line; a row of a table or of code may not.
    """

    spans: tuple[Span, ...]
    indent: int = 0
    breaks: bool = True

    def __str__(self) -> str:
        """Return its words."""
        return "".join(span.text for span in self.spans)


def line(*spans: Span | str, indent: int = 0, breaks: bool = True) -> Line:
    """Return a line of spans and plain texts; line ends in them become blanks, so that none forges a line of ours."""
    parts = (span if isinstance(span, Span) else Span(span) for span in spans)
    return Line(tuple(Span(_flat(part.text), part.style) for part in parts), indent, breaks)


def _flat(text: str) -> str:
    return " ".join(harmless(text).splitlines()) if len(text.splitlines()) > 1 else harmless(text).rstrip("\n")


@dataclass(frozen=True, slots=True)
class Look:
    """What a stream can show.

    Attributes:
        colours: whether it takes them.
        width: columns of a line; `None`: lines are not broken.
    """

    colours: bool = False
    width: int | None = None


def look_of(out: TextIO) -> Look:
    """Return what a stream can show: nothing but plain lines when it is no terminal."""
    terminal = out.isatty() and os.environ.get("TERM") != "dumb"
    return Look(_takes_colours(terminal=terminal), _width(out) if terminal else None)


def _takes_colours(*, terminal: bool) -> bool:
    forced = os.environ.get("FORCE_COLOR", "").lower()
    if os.environ.get("NO_COLOR") or forced in ("0", "false"):
        return False
    old_windows = os.name == "nt" and not {"WT_SESSION", "TERM", "ANSICON"} & set(os.environ)
    return bool(forced) or (terminal and not old_windows)


def _width(out: TextIO) -> int | None:
    setting = os.environ.get("COLUMNS", "")
    try:
        width = (
            int(setting) if setting.isascii() and setting.isdecimal() else os.get_terminal_size(out.fileno()).columns
        )
    except (OSError, ValueError):
        return None
    return width if width >= _NARROWEST else None


def show(lines: Iterable[Line], out: TextIO | None = None) -> None:
    """Print lines as the stream can show them."""
    stream = out or sys.stdout
    look = look_of(stream)
    for each in lines:
        for text in rendered(each, look):
            put(text, stream)


def note(text: str) -> None:
    """Print a remark as one line on standard error."""
    show([line(Span("note:", "doubt"), f" {one_line(text)}", indent=2)], sys.stderr)


def fail_line(text: str) -> None:
    """Print an error as one line on standard error."""
    show([line(Span("error:", "bad"), f" {one_line(text)}", indent=2)], sys.stderr)


def rendered(each: Line, look: Look) -> Iterator[str]:
    """Yield a line as a terminal gets it, in several where it is too long; its words are those of `str(line)`."""
    if look.width is None or not each.breaks:
        yield _painted(each.spans, look)
        return
    spans = tuple(Span(span.text.replace("\t", "    "), span.style) for span in each.spans)
    text = "".join(span.text for span in spans)
    for number, (start, end) in enumerate(_rows(text, look.width, each.indent)):
        yield (" " * each.indent if number else "") + _painted(_cut(spans, start, end), look)


def _painted(spans: Iterable[Span], look: Look) -> str:
    shown = (span for span in spans if span.text)
    return "".join(
        f"\x1b[{_CODES[span.style]}m{span.text}\x1b[0m" if look.colours and span.style else span.text for span in shown
    )


def _cut(spans: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    """Yield what of the spans lies between two offsets of the whole line."""
    at = 0
    for span in spans:
        yield Span(span.text[max(0, start - at) : max(0, end - at)], span.style)
        at += len(span.text)


def _rows(text: str, width: int, indent: int) -> Iterator[tuple[int, int]]:
    """Yield where each row of a text begins and ends: as many words as fit, blanks at its end left out."""
    from rich.cells import cell_len

    start = at = used = 0
    room = width
    for word in _words(text):
        if at > start and used + cell_len(word.rstrip()) > room:
            yield start, start + len(text[start:at].rstrip())
            start, used, room = at, 0, width - indent
        at, used = at + len(word), used + cell_len(word)
    yield start, start + len(text[start:].rstrip()) if start else len(text)


def _words(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may end, by Unicode's rules (https://unicode.org/reports/tr14).

    Those rules part an address at its strokes and a compound at its hyphen; here it stays whole. Between letters of
    scripts without blanks, such as Chinese and Thai, they are followed.
    """
    kept = ""
    for start, end in pairwise((0, *line_ends(text))):
        piece = text[start:end]
        if kept and not kept[-1].isspace() and kept[-1].isascii() and piece[:1].isascii():
            kept += piece
            continue
        if kept:
            yield kept
        kept = piece
    if kept:
        yield kept
