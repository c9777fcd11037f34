"""Notes of Obsidian: its own marks become plain Markdown, its comments and queries go.

https://help.obsidian.md/obsidian-flavored-markdown and, for `key:: value`, the plug-in Dataview.
"""

from __future__ import annotations

import re

__all__ = ["is_vault_note", "link_words", "vault_text"]

_LINK = re.compile(r"(?P<embed>!?)\[\[(?P<target>[^\[\]\n|]*)(?:\|(?P<alias>[^\[\]\n]*))?\]\](?!\()")
_COMMENT = re.compile(r"%%.*?%%", re.DOTALL)
_CALLOUT = re.compile(
    r"^(?P<quote>(?:[ \t]*>)+[ \t]*)\[!(?P<kind>[\w-]+)(?:\|[^\]\n]*)?\][+-]?[ \t]*(?P<title>[^\n]*)$", re.MULTILINE
)
_BLOCK_NAME = re.compile(r"(?:[ \t]|^)\^[A-Za-z0-9-]+[ \t]*$", re.MULTILINE)
_MARKED = re.compile(r"==(?=\S)([^=\n]+?)(?<=\S)==")
_FIELD = re.compile(
    r"^(?P<before>[ \t]*(?:[-*+][ \t]+)?)(?P<name>\**[^\W\d][^\n:\[\](){}`]{0,60}?\**)::[ \t]+(?P<value>\S[^\n]*)$",
    re.MULTILINE,
)
_INLINE_FIELD = re.compile(r"[\[(](?P<name>[^\W\d][\w -]{0,60})::[ \t]*(?P<value>[^\[\]()\n]+)[\])]")
_CODE = re.compile(
    r"^(?P<fence>(?P<mark>`{3,}+|~{3,}+)[ \t]*(?P<language>[\w-]*)[^\n]*\n.*?(?:^(?P=mark)[^\n]*$|\Z))"
    r"|(?<!`)(?P<ticks>`{1,9})(?!`)[^\n]{0,2000}?(?<!`)(?P=ticks)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_QUERIES = ("dataview", "dataviewjs", "tasks", "query", "button", "excalidraw")
_PICTURES = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp|mp[34]|webm|wav|mov|ogg)$", re.IGNORECASE)


def is_vault_note(text: str) -> bool:
    """Say whether a Markdown text uses marks that only Obsidian (or a program like it) knows."""
    plain = _CODE.sub("", text)
    linked = any(any(map(str.isalpha, found["target"])) for found in _LINK.finditer(plain))
    return linked or bool(_CALLOUT.search(plain) or _COMMENT.search(plain))


def vault_text(text: str) -> str:
    """Return the text as Markdown that any program reads; code stays as it is."""
    parts, place = [], 0
    text = _without_comments(text)
    for code in _CODE.finditer(text):
        parts.append(_plain(text[place : code.start()]))
        is_query = code["fence"] is not None and code["language"].lower() in _QUERIES
        parts.append("" if is_query else code[0])
        place = code.end()
    return "".join([*parts, _plain(text[place:])])


def link_words(text: str) -> str:
    """Return the words that links show, as where a property of a note holds one."""
    return _LINK.sub(_linked, text) if "[[" in text else text


def _without_comments(text: str) -> str:
    """Take comments out, but not percent signs within code."""
    parts, place = [], 0
    for code in _CODE.finditer(text):
        parts += [text[place : code.start()], code[0]]
        place = code.end()
    parts.append(text[place:])
    codes = {f"\0{number}\0": part for number, part in enumerate(parts) if number % 2}
    joined = "".join(f"\0{number}\0" if number % 2 else part for number, part in enumerate(parts))
    kept = _COMMENT.sub("", joined)
    return re.sub("\0\\d+\0", lambda found: codes[found[0]], kept)


def _plain(text: str) -> str:
    text = _LINK.sub(_linked, text)
    text = _CALLOUT.sub(_titled, text)
    text = _MARKED.sub(r"\1", _BLOCK_NAME.sub("", text))
    text = _INLINE_FIELD.sub(r"\g<name>: \g<value>", text)
    return _FIELD.sub(r"\g<before>\g<name>: \g<value>  ", text)  # two spaces: the line ends here


def _linked(found: re.Match[str]) -> str:
    target, alias = found["target"].strip(), (found["alias"] or "").strip()
    if found["embed"] and _PICTURES.search(target):
        return ""
    page, _, below = target.partition("#")
    below = "" if below.startswith("^") else below.replace("#", " > ")
    return alias if alias and not found["embed"] else " > ".join(part for part in (page, below) if part)


def _titled(found: re.Match[str]) -> str:
    title = found["title"].strip() or found["kind"].replace("-", " ").capitalize()
    return f"{found['quote']}**{title}**\n{found['quote'].rstrip()}"
