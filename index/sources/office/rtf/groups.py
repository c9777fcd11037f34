"""What striprtf drops of an RTF file, or shows though it is hidden: footnotes, comments, text boxes, boxes of forms.

These are groups of the file. They are written anew in it as plain paragraphs, or taken out, before its text is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from index.sources.office.leftout import LeftOut

__all__ = ["group_end", "left_out_of", "with_groups"]

_BRACE = re.compile(r"\\[\\{}]|[{}]")
_NOTE = re.compile(r"\{(?:\\\*)?\\(?:footnote|annotation)(?![a-z])")
_RUNNING = re.compile(r"\{\\(header|footer)([lrf]?)(?![a-z])")
_OPENING = re.compile(r"\{(?:\\[a-z]+-?\d* ?)+")
_CONTROL = re.compile(r"\\[a-zA-Z]+-?\d* ?|\\'[0-9a-fA-F]{2}|[{}]")
_LINE_END = re.compile(r"\\(?:par|line)(?![a-z])")
_LEAST, _LEAST_NUMBERED = 3, 12  # letters; see `index.sources.office.runninglines`
_SHAPE = re.compile(r"\{(?:\\\*)?\\shp(?![a-z])")
_SHAPE_TEXT = re.compile(r"\{\\shptxt(?![a-z])")
_FIELD = re.compile(r"\{\\field(?![a-z])")
_TICKED = re.compile(r"\\ff(?:def)?res1(?!\d)")
_HIDDEN = re.compile(r"\\(?:v|deleted)(?![a-z0-9-]) ?")
_SHOWN_AGAIN = re.compile(r"\\(?:v0|deleted0|plain)(?![a-z0-9])|\\[\\{}]|[{}]")
_AUTHOR = re.compile(r"\{\\\*\\atnauthor ([^{}\\]{1,100})\}")
_ABOUT = re.compile(r"\{\\\*\\atn[a-z]+ ?[^{}]*\}")
_MOST = 20_000
_DEEPEST = 5


def with_groups(source: str) -> str:
    """Return a file with its footnotes, comments, text boxes and boxes of forms as words, without what is hidden."""
    source = source.replace("{\\pntext", "{\\listtext")
    source = _without_hidden(source)
    source = _rewritten(source, _FIELD, _box)
    source = _rewritten(source, _SHAPE, _shape)
    notes: list[str] = []
    author = ""

    def take(group: str) -> str:
        nonlocal author
        if "\\annotation" in group[:14]:
            words = _ABOUT.sub("", group[group.index("\\annotation") + 11 : -1])
            notes.append(f"[Comment by {author or 'somebody'}: {{{words}}}]")
        else:
            notes.append(group[group.index("\\footnote") + 9 : -1])
        return ""

    def keep(group: str) -> str:
        words = _running_line(group)
        if words not in notes:
            notes.append(words)
        return ""

    found = _AUTHOR.search(source)
    author = found[1].strip() if found else ""
    source = _rewritten(_rewritten(source, _NOTE, take), _RUNNING, keep)
    notes = [note for note in notes if note]
    end = source.rfind("}")
    if notes and end >= 0:
        source = source[:end] + "".join(f"\\par\\pard {{{note}}}" for note in notes) + source[end:]
    return source


def _running_line(group: str) -> str:
    """Return the header or the footer of a page as a line of text, or `""` where it has hardly more than a number."""
    kind = "Header" if group.startswith("{\\header") else "Footer"
    words = _LINE_END.sub(" ", _OPENING.sub("", group, count=1)[:-1]).strip()
    letters = sum(map(str.isalpha, _CONTROL.sub("", words)))
    return f"[{kind}: {{{words}}}]" if letters >= (_LEAST_NUMBERED if "\\chpgn" in words else _LEAST) else ""


def left_out_of(source: str) -> LeftOut:
    """Count the files of other programs that a file holds."""
    found = LeftOut()
    found.objects = source.count("\\objdata")
    return found


def group_end(source: str, start: int) -> int:
    """Return where the group ends that begins at `start`, one past its bracket."""
    depth = 0
    for match in _BRACE.finditer(source, start):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if not depth:
                return match.end()
    return len(source)


def _rewritten(source: str, opening: re.Pattern[str], written: Callable[[str], str]) -> str:
    """Return a file with each group of a kind written anew."""
    parts: list[str] = []
    at = 0
    for count, match in enumerate(opening.finditer(source)):
        if match.start() < at or count > _MOST:
            continue
        end = group_end(source, match.start())
        parts += [source[at : match.start()], written(source[match.start() : end])]
        at = end
    return "".join([*parts, source[at:]]) if parts else source


def _box(field: str) -> str:
    """Return the box of a form in the place of its field; any other field as it is."""
    if "FORMCHECKBOX" not in field:
        return field
    return "\\u9746?" if _TICKED.search(field) else "\\u9744?"


def _shape(shape: str, depth: int = 0) -> str:
    """Return the words of a shape as paragraphs of their own."""
    match = _SHAPE_TEXT.search(shape)
    if match is None:
        return ""
    words = shape[match.end() : group_end(shape, match.start()) - 1]
    inner = _rewritten(words, _SHAPE, lambda group: _shape(group, depth + 1)) if depth < _DEEPEST else words
    return f"{{\\par {inner}}}"


def _without_hidden(source: str) -> str:
    parts: list[str] = []
    at = 0
    for count, match in enumerate(_HIDDEN.finditer(source)):
        if match.start() < at or count > _MOST:
            continue
        parts.append(source[at : match.start()])
        at = _hidden_end(source, match.end())
    return "".join([*parts, source[at:]]) if parts else source


def _hidden_end(source: str, start: int) -> int:
    """Return where hidden words end: at the end of their group, or where they are shown again."""
    depth = 0
    for match in _SHOWN_AGAIN.finditer(source, start):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            if not depth:
                return match.start()
            depth -= 1
        elif not depth and match[0][1] not in "\\{}":
            return match.start()
    return len(source)
