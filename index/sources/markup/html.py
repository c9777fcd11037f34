"""HTML as a reader sees it: parsing without network, hidden parts taken out, blocks walked without recursion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree, html

from index.sources.markup.code import keep_code
from index.sources.markup.forms import fill_forms
from index.sources.markup.formulas import formula_text
from index.sources.markup.levels import BLOCKS, put_level
from index.sources.markup.terms import join_terms
from index.sources.tables.html import tabulate
from index.sources.text.builder import TextBuilder
from index.sources.text.links import Links, picture_words
from index.sources.text.marks import marked_again
from index.sources.text.numerals import numeral

__all__ = [
    "Element",
    "fill_blocks",
    "is_hidden_tag",
    "parse_html",
    "pictures_of",
    "plain_text",
    "remove_hidden",
    "show_links",
]

Element = Any
"""An lxml element; lxml brings no types of its own."""

_STYLE_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|(?:text-indent|left|top)\s*:\s*-\d{3,}"
    r"|(?<![-\w])color\s*:\s*(?:transparent|rgba\([^()]*,\s*0(?:\.0+)?\s*\))",
    re.IGNORECASE,
)
_TAG_HIDDEN = re.compile(r"""\shidden(?=[\s=>/]|$)""", re.IGNORECASE)
_STYLE = re.compile(r"""style\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""", re.IGNORECASE)
_DROPPED = frozenset(
    ["script", "style", "noscript", "template", "head", "iframe", "object", "embed", "svg", "audio",
    "video", "canvas", "select", "option", "button", "input", "textarea", "datalist", "rt", "rp", "dialog", "map",
    "del"]
)  # fmt: skip
_MOST_LINKS = 5000  # a page of more is a list of links
_MENUS = frozenset(["nav", "header", "footer", "aside", "menu"])
_BARE_MARK = re.compile(r"-|\w*\.")
_HEADING = re.compile(r"h([1-6])$")


def parse_html(text: str) -> Element | None:
    """Parse decoded HTML; `None` when there is nothing in it. Broken markup is repaired as browsers do it."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, encoding="utf-8")
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def is_hidden_tag(tag: str) -> bool:
    """Say whether an opening tag, as written, hides what is in it."""
    style = _STYLE.search(tag)
    declared = next((part for part in style.groups() if part), "") if style else ""
    return bool(_TAG_HIDDEN.search(tag) or _STYLE_HIDDEN.search(declared))


def remove_hidden(tree: Element, styles: str = "") -> None:
    """Take out, in place, what a browser does not show: hidden elements, scripts, controls, zero-size text.

    What it shows by its place is put in words: raised and lowered type, the rows of tables; code keeps its lines.

    Args:
        tree: a page.
        styles: rules for how it looks (CSS) that don't stand in it.
    """
    styles += "\n".join(element.text or "" for element in tree.iter("style"))
    fill_forms(tree)
    for formula in list(tree.iter("math")):
        _replace(formula, formula_text(formula) or formula.get("alttext") or "")
    doomed = [element for element in tree.iter() if isinstance(element.tag, str) and _is_hidden(element)]
    for element in doomed:
        parent = element.getparent()
        if parent is not None and element.tag != "head":
            element.drop_tree()
    put_level(tree, styles)
    join_terms(tree)
    keep_code(tree)
    tabulate(tree)


def _replace(element: Element, words: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = words
    element.drop_tag()


def show_links(tree: Element, base: str = "") -> None:
    """Write, in place, where links lead behind their words, and what pictures show; menus are left as they are.

    Args:
        tree: a page without its hidden parts.
        base: the page's own address, or `""`.
    """
    links = list(islice((link for link in tree.iter("a") if link.get("href")), _MOST_LINKS))
    links = [link for link in links if not _in_menu(link)] if len(links) < _MOST_LINKS else links
    shown = Links(len(links), len("".join(tree.itertext())), base)
    for link in links if shown.shown else ():
        link.tail = shown.behind("".join(link.itertext()), link.get("href")) + (link.tail or "")
    for picture in tree.iter("img"):
        words = picture_words(picture.get("alt") or "")
        if words and not _in_menu(picture) and all(above.tag != "a" for above in picture.iterancestors()):
            picture.tail = f" {words} " + (picture.tail or "")


def pictures_of(tree: Element) -> dict[str, bool]:
    """Return where each picture of a page without its hidden parts lies, and whether its author said what it shows."""
    found = {}
    for picture in islice(tree.iter("img"), _MOST_LINKS):
        found[picture.get("src") or ""] = bool(picture_words(picture.get("alt") or ""))
    return found


def _in_menu(element: Element) -> bool:
    return any(above.tag in _MENUS for above in element.iterancestors())


def plain_text(markup: str) -> str:
    """Return the visible text of a piece of HTML, blocks on lines of their own, records of tables marked."""
    tree = parse_html(markup) if markup.strip() else None
    if tree is None:
        return ""
    remove_hidden(tree)
    show_links(tree)
    builder = TextBuilder()
    fill_blocks(tree.find("body"), builder)
    return marked_again(builder.extract())


def fill_blocks(root: Element, builder: TextBuilder) -> None:
    """Write everything visible below an element, block by block, in reading order."""
    walker = _BlockWalker(builder)
    if root is not None:
        for event, element in _events(root):
            walker.handle(event, element)
    walker.flush()


def _is_hidden(element: Element) -> bool:
    if element.tag in _DROPPED:
        return True
    attributes = element.attrib
    if "hidden" in attributes or "pagebreak" in attributes.get("role", "") + attributes.get("epub:type", ""):
        return True
    style = attributes.get("style")
    return bool(style and _STYLE_HIDDEN.search(style))


def _events(root: Element) -> Iterator[tuple[str, Element]]:
    return iter(etree.iterwalk(root, events=("start", "end")))


class _BlockWalker:
    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._parts: list[str] = []
        self._row: list[str] | None = None
        self._tables = 0
        self._first_row = True
        self._lists: list[tuple[str, int]] = []  # kind and next number of each open list; bullets have no kind
        self._level = 0
        self._pre = 0
        self._marked = False

    def handle(self, event: str, element: Element) -> None:
        tag = element.tag
        if not isinstance(tag, str):
            if event == "end":
                self._text(element.tail)
            return
        (self._start if event == "start" else self._end)(tag, element)

    def _start(self, tag: str, element: Element) -> None:
        if tag in BLOCKS and not (self._row is not None and tag not in ("tr", "td", "th")):
            self.flush()
        heading = _HEADING.match(tag)
        self._level = int(heading[1]) if heading else self._level
        self._pre += tag == "pre"
        if tag == "table":
            self._leave_row()
            self._first_row = True
        elif tag == "tr":
            self._row = []
        elif tag == "li":
            self._parts = [] if self._marked else self._parts
            self._parts.append(self._mark(element))
            self._marked = True
        elif tag in ("ol", "ul"):
            self._lists.append(_list_kind(element))
        elif tag == "br":
            self._parts.append("\n")
        elif self._row is not None and tag in BLOCKS:
            self._parts.append(" ")
        self._text(element.text)

    def _end(self, tag: str, element: Element) -> None:
        if tag in ("td", "th") and self._row is not None:
            self._row.append(" ".join("".join(self._parts).split()))
            self._parts.clear()
        elif tag == "tr" and self._row is not None:
            row, self._row = " | ".join(filter(None, self._row)), None
            self._parts.clear()
            if row:
                (self._builder.block if self._first_row else self._builder.line)(row)
                self._first_row = False
        elif tag in BLOCKS and self._row is None:
            self.flush()
            if tag == "li" and self._marked:  # an empty item
                self._parts, self._marked = [], False
        elif tag in BLOCKS:
            self._parts.append(" ")
        if tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        self._pre -= tag == "pre"
        self._text(element.tail)

    def _leave_row(self) -> None:
        """Write what stands in a row before a table that is in one of its cells."""
        if self._row is not None:
            words = [*self._row, " ".join("".join(self._parts).split())]
            self._parts.clear()
            self._row = None
            self._builder.block(" | ".join(filter(None, words)))

    def _mark(self, item: Element) -> str:
        """Return what stands before an item of a list."""
        kind, number = self._lists[-1] if self._lists else ("", 0)
        if not kind:
            return "- "
        value = item.get("value") or ""
        number = int(value) if value.lstrip("-").isdigit() and len(value) < 9 else number
        self._lists[-1] = (kind, number + 1)
        return f"{numeral(number, kind)}. "

    def _text(self, text: str | None) -> None:
        if text:
            self._parts.append(text if self._pre else re.sub(r"\s+", " ", text))

    def flush(self) -> None:
        """Write what was collected as a block."""
        text = "".join(self._parts)
        self._parts.clear()
        is_item, self._marked = self._marked, False
        if not self._pre:
            text = re.sub(r" *\n *", "\n", re.sub(r"[ \t]+", " ", text)).strip()
        if self._level:
            self._builder.heading(self._level, text)
            self._level = 0
        elif is_item and _BARE_MARK.fullmatch(text.strip()):  # its words come in a block of their own
            self._parts, self._marked = [f"{text.strip()} "], True
        elif self._pre:
            self._builder.code(text.removeprefix("- "))
        elif text.strip():
            (self._builder.line if is_item else self._builder.block)(text)


def _list_kind(element: Element) -> tuple[str, int]:
    """Return how the items of a list are numbered, `""` for bullets, and the first number."""
    if element.tag == "ul":
        return "", 0
    start = element.get("start") or ""
    return element.get("type") or "1", int(start) if start.lstrip("-").isdigit() and len(start) < 9 else 1
