"""Where the links of an RTF file lead, written behind their words before the file is read."""

from __future__ import annotations

import re

from index.sources.text.links import Links

__all__ = ["with_links"]

_FIELD = re.compile(r"\{\\field(?![a-z])")
_BRACE = re.compile(r"\\[{}\\]|[{}]")
_RESULT = re.compile(r"\{(?:\\\*)?\\fldrslt(?![a-z])")
_TARGET = re.compile(r"HYPERLINK\s+(?:\\+[a-z]\s+)*\"([^\"{}]{1,2000})\"", re.IGNORECASE)
_LOCAL = re.compile(r"HYPERLINK\s+\\+l\b", re.IGNORECASE)
_CONTROL = re.compile(r"\\'[0-9a-fA-F]{2}|\\[a-zA-Z]+-?\d* ?|\\.|[{}\r\n]")
_MOST = 5_000
_LONGEST = 20_000


def with_links(source: str) -> str:
    """Return a file in which the target of each link stands in brackets behind its words.

    Args:
        source: the file, its bytes as Latin-1.
    """
    fields = [match.start() for match in _FIELD.finditer(source)][:_MOST]
    if not fields:
        return source
    count = len(_TARGET.findall(source))
    links = Links(count, len(source) // 4)
    parts: list[str] = []
    at = 0
    for start in fields:
        end = _group_end(source, start)
        if start < at or end < 0:
            continue
        parts += [source[at:start], _shown(source[start:end], links)]
        at = end
    return "".join([*parts, source[at:]])


def _shown(field: str, links: Links) -> str:
    """Return a field with its target behind its words, and nothing in it that reads as a link."""
    result = _RESULT.search(field)
    target = _TARGET.search(field[: result.start()]) if result else None
    if result is None or target is None:
        return field
    end = _group_end(field, result.start())
    words = _CONTROL.sub("", field[result.end() : end])
    address = "" if _LOCAL.search(field[: result.start()]) else target[1].replace("\\\\", "\\")
    behind = "".join(f"\\{letter}" if letter in "\\{}" else letter for letter in links.behind(words, address))
    bare = field[: result.start()].replace("HYPERLINK", "LINKED")
    return f"{bare}{field[result.start() : end]}{{{behind}}}{field[end:]}" if behind else bare + field[result.start() :]


def _group_end(source: str, start: int) -> int:
    """Return one past the brace that closes the group which begins at `start`, -1 where none does nearby."""
    depth = 0
    for brace in _BRACE.finditer(source, start, start + _LONGEST):
        if brace[0] == "{":
            depth += 1
        elif brace[0] == "}":
            depth -= 1
            if not depth:
                return brace.end()
    return -1
