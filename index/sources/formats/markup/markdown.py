"""Markdown: the text as a reader of the rendered page sees it, parsed by markdown-it-py (CommonMark, tables)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from index.language.hygiene import clean
from index.sources.markup.frontmatter import split_front_matter
from index.sources.markup.html import is_hidden_tag, plain_text
from index.sources.markup.vaults import is_vault_note, vault_text
from index.sources.pictures.inline import InlinePictures
from index.sources.tables.grid import Grid
from index.sources.tables.records import table_text
from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decoded
from index.sources.text.lines.fieldlines import are_fields
from index.sources.text.lines.leaders import is_pair
from index.sources.text.links import Links, picture_words
from index.sources.text.raised import lowered, raised
from index.sources.types import Extract, Head, ReadContext, Reader
from index.types import JsonValue

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["READER", "extract_markdown"]

_EXTENSIONS = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd")
_CLOSE_TAG = re.compile(r"</\s*(\w+)")
_LEVEL = re.compile(r"<\s*(/?)\s*(sup|sub)\b", re.IGNORECASE)
_DOLLARS = re.compile(r"\${1,2}")
_OPEN_TAG = re.compile(r"<\s*(\w+)")
_CJK = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")


def _sniff(head: Head) -> float:
    return 0.6 if head.text and head.suffix in _EXTENSIONS else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    return [extract_markdown(decoded(data, context), context)]


def extract_markdown(text: str, context: ReadContext) -> Extract:
    """Return what the page shows and where its links lead: headings as lines, no emphasis marks or comments."""
    fields, body, warning = split_front_matter(clean(text))
    if warning:
        context.warn(warning)
    notes = is_vault_note(body)
    pictures = InlinePictures(body, context)
    body = pictures.text
    tokens = _parser().parse(vault_text(body) if notes else body)
    page = _Page(Links(_count_links(tokens), len(body)), pictures)
    page.walk(tokens)
    pictures.report()
    extract = page.builder.extract()
    extract.id = _pop(fields, "id", "slug")
    extract.title = _pop(fields, "title")
    extract.language = _pop(fields, "language", "lang", "locale")
    author = fields.pop("authors", None)
    if author and "author" not in fields:
        fields["author"] = author if isinstance(author, str) else ", ".join(map(str, _list(author)))
    extract.fields = {**fields, **extract.fields}
    return extract


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) else [value]


def _pop(fields: dict[str, JsonValue], *names: str) -> str:
    found = [str(fields.pop(name)) for name in names if isinstance(fields.get(name), str | int)]
    return found[0] if found else ""


def _count_links(tokens: Sequence[Token]) -> int:
    return sum(child.type == "link_open" for token in tokens for child in token.children or ())


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # most files are of other formats

    class _Parser(MarkdownIt):
        """Which targets are shown is decided later: any will do; checking and spelling them took half of the time."""

        def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 - the parser's names
            return True

        def normalizeLink(self, url: str) -> str:  # noqa: N802 - the parser's name
            return url

    return _Parser("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"]).disable("text_join")


class _Page:
    """Walks the parser's tokens once and writes blocks."""

    def __init__(self, links: Links, pictures: InlinePictures) -> None:
        self.builder = TextBuilder()
        self._links, self._pictures = links, pictures
        self._shown: dict[str, bool] = {}  # pictures that wait for the end of their block
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._marker = ""
        self._grid: Grid | None = None  # of the open table
        self._tables = 0
        self._below = False  # the next block continues a list, without an empty line
        self._heading = 0

    def walk(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            handler = getattr(self, f"_on_{token.type}", None)
            if handler is not None:
                handler(token)

    def _on_heading_open(self, token: Token) -> None:
        self._heading = int(token.tag[1:])

    def _on_inline(self, token: Token) -> None:
        parts = _as_lines(token.children or []) if _has_lines(token.content) else token.children or []
        text = self._pictures.restored(_inline_text(parts, self._links))
        self._shown |= _pictures_of(token.children or [], self._pictures)
        if self._heading:
            self.builder.heading(self._heading, text)
            self._heading = 0
        elif self._grid is not None:
            self._grid.cell(text)
            return
        else:
            self._write(text)
        self._show()

    def _show(self) -> None:
        """Write the words of the pictures of the block above."""
        self._pictures.write(self._shown, self.builder)
        self._shown = {}

    def _write(self, text: str) -> None:
        marker, self._marker = self._marker, ""
        if self._below and marker:
            self.builder.line(marker + text)
        else:
            self.builder.block(marker + text)
        self._below = bool(self._lists)

    def _on_bullet_list_open(self, _token: Token) -> None:
        self._lists.append(None)

    def _on_ordered_list_open(self, token: Token) -> None:
        self._lists.append(int(token.attrGet("start") or 1))

    def _on_bullet_list_close(self, _token: Token) -> None:
        self._lists.pop()
        self._below = bool(self._lists)

    _on_ordered_list_close = _on_bullet_list_close

    def _on_list_item_open(self, _token: Token) -> None:
        number = self._lists[-1]
        self._marker = "  " * (len(self._lists) - 1) + ("- " if number is None else f"{number}. ")
        if number is not None:
            self._lists[-1] = number + 1

    def _on_fence(self, token: Token) -> None:
        marker, self._marker = self._marker, ""
        self.builder.code(("" if marker.endswith("- ") else marker) + self._pictures.restored(token.content))
        self._below = bool(self._lists)

    _on_code_block = _on_fence

    def _on_html_block(self, token: Token) -> None:
        self._write(plain_text(token.content))
        self._shown |= self._pictures.of_markup(token.content)
        self._show()

    def _on_table_open(self, _token: Token) -> None:
        self._tables += 1
        self._grid = Grid(name=f"table {self._tables}", heads=1)

    def _on_tr_open(self, _token: Token) -> None:
        if self._grid is not None:
            self._grid.row()

    def _on_table_close(self, _token: Token) -> None:
        grid, self._grid = self._grid, None
        if grid is not None:
            self.builder.block(table_text(grid)[0])
        self._show()
        self._below = False


def _has_lines(markup: str) -> bool:
    """Tell whether the lines of a paragraph stay lines: fields of a form, or a list of names with their values."""
    lines = markup.split("\n")
    return are_fields(markup) or (len(lines) > 1 and all(map(is_pair, lines)))


def _as_lines(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens of a form, whose lines stay lines though a browser joins them."""
    return [replace(token, type="hardbreak") if token.type == "softbreak" else token for token in tokens]


def _inline_text(tokens: Sequence[Token], links: Links) -> str:
    parts: list[str] = []
    hidden: list[str] = []
    level: list[int] = []
    opened: list[tuple[int, str]] = []  # where the words of each open link begin, and where it leads
    for number, token in enumerate(tokens):
        if token.type == "html_inline":
            _track_hidden(token.content, hidden)
            if not hidden and re.match(r"<br\b", token.content, re.IGNORECASE):
                parts.append("\n")
            _put_level(token.content, parts, level)
        elif hidden:
            continue
        elif token.type == "link_open":
            opened.append((len(parts), str(token.attrGet("href") or "")))
        elif token.type == "link_close" and opened:
            first, target = opened.pop()
            parts.append(links.behind("".join(parts[first:]), target))
        elif token.type == "text_special" and _in_formula(parts, tokens[number + 1 :]):
            parts.append(token.markup)
        else:
            parts.append(_words(token, parts))
    return "".join(parts)


def _pictures_of(tokens: Sequence[Token], pictures: InlinePictures) -> dict[str, bool]:
    """Return where the pictures of a line lie, and whether their author said what they show."""
    found: dict[str, bool] = {}
    for token in tokens:
        if token.type == "image":
            found[str(token.attrGet("src") or "")] = bool(picture_words(token.content))
        elif token.type == "html_inline":
            found |= pictures.of_markup(token.content)
    return found


def _put_level(tag: str, parts: list[str], level: list[int]) -> None:
    """Write what stands between `<sup>` or `<sub>` and its end as raised or lowered type."""
    found = _LEVEL.match(tag)
    if found and not found[1]:
        level.append(len(parts))
    elif found and level:
        start = level.pop()
        words = "".join(parts[start:])
        before = next((part[-1] for part in reversed(parts[:start]) if part), "")
        parts[start:] = [(raised if found[2].lower() == "sup" else lowered)(words, before)]


def _in_formula(before: Sequence[str], after: Sequence[Token]) -> bool:
    """Tell whether words stand between the dollars of a formula, whose strokes are no escapes."""
    opened = len(_DOLLARS.findall("".join(before))) % 2
    return bool(opened) and any("$" in token.content for token in after if token.type == "text")


def _words(token: Token, before: Sequence[str]) -> str:
    if token.type in ("text", "code_inline", "text_special"):
        return token.content
    if token.type == "image":
        return picture_words(token.content)
    if token.type == "softbreak":
        return "" if before and before[-1] and _CJK.match(before[-1][-1]) else " "
    return "\n" if token.type == "hardbreak" else ""


def _track_hidden(tag: str, hidden: list[str]) -> None:
    """Keep the stack of open tags below one that is not shown; empty means that text is seen."""
    closing, opening = _CLOSE_TAG.match(tag), _OPEN_TAG.match(tag)
    if closing and hidden and closing[1] == hidden[-1]:
        hidden.pop()
    elif opening and not tag.endswith("/>") and (hidden or is_hidden_tag(tag)):
        hidden.append(opening[1])


READER = Reader("Markdown", _EXTENSIONS, _sniff, _read)
