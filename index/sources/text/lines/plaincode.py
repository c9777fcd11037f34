"""Code in plain text, found by its looks: between fences, indented, or lines of a shell.

Where nothing looks like it, one search over the text is all that it costs. Prose and verse are never taken for code;
code that looks like prose is read like prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.sources.text.marks import MARK, mark_code

__all__ = ["with_code_marked"]

_COMMANDS = (
    "sudo|cd|mv|cp|rm|ls|mkdir|chmod|chown|cat|echo|export|source|grep|sed|awk|curl|wget|ssh|scp|rsync|tar|git|docker"
    "|docker-compose|podman|kubectl|helm|systemctl|service|journalctl|apt|apt-get|dnf|yum|brew|pip|pip3|python|python3"
    "|npm|npx|yarn|pnpm|node|make|cmake|cargo|go|java|mvn|gradle|psql|mysql|sqlite3|redis-cli|openssl|crontab|mount"
    "|umount|ping|ip|ifconfig|netsh|ipconfig|reg|powershell|msiexec|Set-[A-Z]\\w+|Get-[A-Z]\\w+|New-[A-Z]\\w+"
)
_COMMAND = re.compile(rf"[ \t]*(?:[$#] )?(?:{_COMMANDS})(?=[ \t])|[ \t]*\$ (?=[a-z./~])")
_PROMPT = re.compile(r"[ \t]*[\w.-]+@[\w.-]+[:~ ][^\n$#]{0,40}[$#] ?\S|[ \t]*(?:PS )?[A-Z]:\\[^\n>]{0,60}> ?\S")
_FENCE = re.compile(r"[ \t]{0,3}(```+|~~~+)")
# What code has and sentences lack: options, paths, assignments, calls, brackets and backslashes at the end of a line.
_SIGNS = re.compile(
    r"\S\s+-{1,2}[A-Za-z][\w-]*|(?:^|\s|=)[~.]{0,2}/\w[\w./-]*|\w=\S|\S=\w|==|!=|:=|=>|->|::|&&|\|\||\$\w|\$\{"
    r"|^\s*[\w.]+\(.*\)\s*[;{:]?$|[{};\\]\s*$|^\s*[}\])]|<\w+[^<>]*>|^\s*//|^\s*#!|\w\.\w+\("
    r"|^\s*(?:def|class|import|from|return|if|for|while|else|try|fn|let|var|const|function|public|private|SELECT|INSERT"
    r"|UPDATE|CREATE)\b.*[:;({]$"
)
_LIKELY = re.compile(rf"(?m)^(?: {{0,3}}(?:```|~~~)|(?: {{4}}|\t)[ \t]*\S|{_COMMAND.pattern}|{_PROMPT.pattern})")
_INDENTED = re.compile(r"(?: {4}|\t)[ \t]*\S")
_COMMENT = re.compile(r"[ \t]*#[ !]")
_SENTENCE = re.compile(r"[.!?…:,;]\s*\Z|\b[a-z]{2,}(?: [a-z]{2,}){5,}")  # its end, or six small words in a row
_COLONS = (":", "：")


def with_code_marked(text: str) -> str:
    """Return a text with the lines marked that are code (`index.sources.text.marks`)."""
    if not _LIKELY.search(text):
        return text
    return "\n".join(_marked(text.replace(MARK, "").split("\n")))


def _marked(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        end, block = _fenced(lines, at) or _indented(lines, at) or _commands(lines, at) or (at + 1, [])
        if block:
            yield mark_code("\n".join(block))
        else:
            yield from lines[at:end]
        at = end


def _fenced(lines: Sequence[str], at: int) -> tuple[int, Sequence[str]] | None:
    """Return the line behind a block between fences, and what is in it; `None` where none begins."""
    opening = _FENCE.match(lines[at])
    if opening is None:
        return None
    for end in range(at + 1, len(lines)):
        if lines[end].strip().startswith(opening[1]) and not lines[end].strip("` \t~"):
            return end + 1, lines[at + 1 : end]
    return len(lines), []


def _indented(lines: Sequence[str], at: int) -> tuple[int, Sequence[str]] | None:
    """Return the line behind an indented block, and the block when most of its lines look like code."""
    above = lines[at - 1].rstrip() if at else ""
    if not _INDENTED.match(lines[at]) or (above and not above.endswith(_COLONS)):
        return None
    end = at
    while end < len(lines) and (_INDENTED.match(lines[end]) or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    filled = [line for line in lines[at:end] if line.strip()]
    signs = sum(bool(_SIGNS.search(line)) or _is_command(line) for line in filled)
    return end, _outdented(lines[at:end]) if 2 * signs >= len(filled) else []


def _outdented(lines: Sequence[str]) -> list[str]:
    """Return the lines without the indentation that all of them have."""
    wide = [line.expandtabs(4) for line in lines]
    by = min(len(line) - len(line.lstrip(" ")) for line in wide if line.strip())
    return [line[by:] for line in wide]


def _commands(lines: Sequence[str], at: int) -> tuple[int, Sequence[str]] | None:
    """Return the line behind the lines of a shell that begin here, and these; `None` for others."""
    if not _is_command(lines[at]) or not (_begins(lines, at) or _SIGNS.search(lines[at]) or _PROMPT.match(lines[at])):
        return None
    end = at + 1
    while end < len(lines) and (
        lines[end - 1].rstrip().endswith("\\") or _is_command(lines[end]) or _COMMENT.match(lines[end])
    ):
        end += 1
    return end, lines[at:end]


def _begins(lines: Sequence[str], at: int) -> bool:
    """Tell whether a line is the first of a paragraph, or what a colon announces."""
    above = lines[at - 1].rstrip() if at else ""
    return not above or above.endswith(_COLONS)


def _is_command(line: str) -> bool:
    """Tell whether a line is one of a shell: what begins with a command's name may still be a sentence."""
    if _PROMPT.match(line):
        return True
    return bool(_COMMAND.match(line)) and not _SENTENCE.search(line)
