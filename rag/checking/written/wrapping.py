"""What models put around an answer: a block of code, a quotation, a list of the sources at its end.

The whole answer in a fence or in quotation marks is the answer all the same. The list repeats what the answer's own
citations say, mostly with file names, and claims nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from index.language.folding import fold
from index.language.lexicon import entries, known_words
from index.language.words import tokens
from rag.checking.written.json_answers import from_json
from rag.checking.written.markers import find_markers

__all__ = ["cut_source_list", "file_name", "unwrapped"]

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<kind>[\w-]*)[ \t]*\Z")
_PROSE = frozenset({"", "markdown", "md", "text", "txt", "plaintext"})
_PAIRS = {'"': '"', "“": "”", "„": "“”", "«": "»", "「": "」", "『": "』"}
_DECORATION = " \t#*_:：>-–—•."
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*\Z")
_BULLET = re.compile(r"\A\s*(?:[-*•]\s+|\d{1,3}[.)]\s+)?")
_DEFINITION = re.compile(r"\s*\[\^?\d{1,3}\]:\s")
_LABEL = re.compile(r"\s*[*_(\[]{0,4}(?P<word>[^:：\n]{1,40}?)[*_]{0,3}\s*[:：]\s*[*_]{0,3}\s*(?P<rest>\S.*)\Z")
_FILE = re.compile(r"(?:https?://\S+|(?<![\w.])[\w./\\%()+-]*\w\.[A-Za-z][A-Za-z0-9]{1,4}(?![\w.]))")
_MOST_ENTRIES = 60
_LONGEST_ENTRY = 400


@lru_cache(maxsize=1)
def _list_headings() -> frozenset[str]:
    """Return what stands above a list of sources, folded."""
    return known_words("sources") | known_words("list_headings")


@lru_cache(maxsize=1)
def _page() -> re.Pattern[str]:
    """Return what finds the number of a page, and signs."""
    return re.compile(rf"\b(?:{'|'.join(entries('page_words'))})\b\.?\s*\d+|[\d\W_]+", re.IGNORECASE)


def unwrapped(text: str) -> str:
    """Return an answer without the JSON, the block of code, the quoted lines or the quotation marks that hold it."""
    text = _unfenced(from_json(text))
    lines = text.split("\n")
    if all(line.lstrip().startswith(">") for line in lines if line.strip()):
        text = "\n".join(line.lstrip().removeprefix(">").removeprefix(" ") for line in lines)
    return _unquoted(text)


def _unfenced(text: str) -> str:
    """Return the inside of a block of code that is no code: it says so, or it has markers."""
    lines = text.strip().split("\n")
    match = _FENCE.match(lines[0])
    if match is None or len(lines) < 3 or lines[-1].strip() != match["fence"] or match["kind"].lower() not in _PROSE:
        return text
    inside = "\n".join(lines[1:-1])
    return inside if match["fence"] not in inside and (match["kind"] or find_markers(inside)) else text


def _unquoted(text: str) -> str:
    """Drop quotation marks around the whole text; inch signs and quotations within it stay."""
    whole = text.strip()
    closing = _PAIRS.get(whole[:1], "")
    if len(whole) < 3 or not closing or whole[-1] not in closing:
        return text
    inside = whole[1:-1]
    signs = [
        place
        for place, letter in enumerate(inside)
        if letter in closing + whole[0] and not (letter == '"' and inside[place - 1 : place].isdigit())
    ]
    first_opens = not signs or inside[signs[0] - 1 : signs[0]].strip(" (") == "" or inside[signs[0]] not in closing
    return inside if first_opens and len(signs) % 2 == 0 else text


def cut_source_list(text: str, names: Collection[str] = ()) -> tuple[str, str]:
    """Return the text without the list of sources at its end, and that list; a text that is only a list stays.

    Args:
        text: what a model wrote.
        names: titles and file names of the sources.
    """
    lines = text.rstrip().split("\n")
    place = _list_begins(lines, [fold(name) for name in names if name.strip()])
    last = place
    while last and (not lines[last - 1].strip() or _RULE.match(lines[last - 1])):
        last -= 1
    if not last or place == len(lines):
        return text, ""
    return "\n".join(lines[:last]).rstrip(), "\n".join(lines[place:])


def _list_begins(lines: Sequence[str], names: Sequence[str]) -> int:
    """Return the number of the line on which the list begins, the number of lines when there is none."""
    sure, maybe = len(lines), len(lines)
    named = True
    for place in range(len(lines) - 1, max(-1, len(lines) - 1 - _MOST_ENTRIES), -1):
        line = lines[place]
        if not line.strip() or _RULE.match(line):
            continue
        if fold(line.strip(_DECORATION)) in _list_headings():
            return place
        if _labelled(line, names):
            sure = maybe = place
            continue
        entry, defined = _entry(line, names)
        if not entry:
            break
        maybe, named = place, named and defined
    return maybe if named and maybe < len(lines) else sure


def _labelled(line: str, names: Sequence[str]) -> bool:
    """Tell whether a line reads "Sources: [1], [2]" or "Source: tower.md"."""
    match = _LABEL.match(line) if len(line) <= _LONGEST_ENTRY else None
    if match is None or fold(match["word"].strip(_DECORATION)) not in _list_headings():
        return False
    return _only_names(match["rest"], names)


def _entry(line: str, names: Sequence[str]) -> tuple[bool, bool]:
    """Tell whether a line may stand in a list of sources, and whether it can stand nowhere else."""
    if len(line) > _LONGEST_ENTRY:
        return False, False
    body = _BULLET.sub("", line, count=1)
    markers = find_markers(body)
    leads = bool(markers) and markers[0].start == 0
    if _DEFINITION.match(line):
        return True, True
    only_names = _only_names(body, names)
    return leads or only_names, leads and only_names


def _only_names(text: str, names: Sequence[str]) -> bool:
    """Tell whether nothing but markers, titles, file names and addresses stands in a text."""
    for marker in reversed(find_markers(text)):
        text = f"{text[: marker.start]} {text[marker.end :]}"
    rest = fold(_FILE.sub(" ", text))
    for name in names:
        rest = rest.replace(name, " ")
    rest = _page().sub(" ", rest)
    return all(token.form in _list_headings() for token in tokens(rest))


def file_name(text: str) -> str:
    """Return the file or the address of which a text is only the name, else `""`."""
    match = _FILE.fullmatch(text.strip(" \t\n\"'“”«»`*_-•.,;:()[]"))
    return match.group() if match else ""
