"""The lines of calendars (iCalendar, RFC 5545) and contacts (vCard 2.1 to 4, RFC 6350): names, parameters, values."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["ContentLine", "content_lines", "parts_of", "plain_value"]

_FOLD = re.compile(r"\r?\n[ \t]")
_PARAMETER = re.compile(r';([\w-]+)(?:=("[^"]*"|[^;"]*))?')
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_BETWEEN = re.compile(r"(?<!\\);")


@dataclass(frozen=True, slots=True)
class ContentLine:
    """A property: its name in capitals, its parameters in capitals with their values, and its value as written."""

    name: str
    parameters: Mapping[str, str]
    value: str


def content_lines(text: str) -> Iterator[ContentLine]:
    """Yield the properties of a file, folded lines put together."""
    if "QUOTED-PRINTABLE" in text.upper():  # of vCard 2.1, whose values go on behind "="
        text = "\n".join(_joined(text))
    for line in _FOLD.sub("", text).splitlines():
        end = _value_start(line)
        if end < 0:
            continue
        name, _, _ = line[:end].partition(";")
        found = {key.upper(): value.strip('"') for key, value in _PARAMETER.findall(line[:end])}
        value = line[end + 1 :]
        if "QUOTED-PRINTABLE" in (found.get("ENCODING", "").upper(), *map(str.upper, found)):
            value = _decoded(value, found.get("CHARSET", "utf-8"))
        yield ContentLine(name.rpartition(".")[2].strip().upper(), found, value)


def plain_value(value: str) -> str:
    """Return a value as people read it."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def parts_of(value: str) -> list[str]:
    """Return the parts of a value that has several, such as an address, without the empty ones."""
    return [part for part in map(plain_value, _BETWEEN.split(value)) if part]


def _joined(text: str) -> Iterator[str]:
    open_line = ""
    for line in text.splitlines():
        whole = open_line + line
        soft = "QUOTED-PRINTABLE" in whole.partition(":")[0].upper() and whole.endswith("=")
        open_line = whole[:-1] if soft else ""
        if not soft:
            yield whole
    if open_line:
        yield open_line


def _value_start(line: str) -> int:
    """Return where the colon stands before a value, outside quotation marks; -1 for none."""
    quoted = False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return at
    return -1


def _decoded(value: str, charset: str) -> str:
    try:
        return quopri.decodestring(value.encode("utf-8", "replace")).decode(charset, "replace")
    except LookupError:
        return quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
