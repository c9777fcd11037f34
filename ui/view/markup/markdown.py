"""The small part of Markdown that an answer may use, as HTML made from escaped text only.

Paragraphs, lists, tables, bold, code, formulas and the citation markers `[n]`. There are no links, images or raw HTML
on purpose: an address in an answer could carry the reader's question away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from ui.view.markup.direction import Direction, direction
from ui.view.markup.escape import escape, visible
from ui.view.markup.formulas import formula_html
from ui.view.markup.isolation import Parts

__all__ = ["Marker", "markdown_html", "plain_html"]

Marker: TypeAlias = Callable[[int], str | None]
"""Turns the number of a citation into its chip; `None` leaves the marker as plain text."""

# A dollar sign is money unless the signs cling to what they hold, and a formula's sign stands in it.
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`|\*\*(?P<bold>[^*\n]+)\*\*"
    r"|\$\$(?P<wide>[^$\n]{1,500})\$\$|\\\((?P<round>[^\\\n]{0,99}(?:\\[^()\n][^\\\n]{0,99}){0,50})\\\)"
    r"|\\\[(?P<square>[^\\\n]{0,99}(?:\\[^\[\]\n][^\\\n]{0,99}){0,50})\\\]"
    r"|\$(?P<formula>(?![\s$])(?=[^$\n]{0,300}?[\\^_]|(?:(?![A-Za-z]{2})[^$\n]){1,99}\$)[^$\n]{1,300}(?<!\s))\$(?![\d\w])"
)
_CITE = re.compile(r"(?P<space>[ ]?)\[(?P<cite>\d{1,3})\]")
_CITES_ONLY = re.compile(r"(?:[ ]?\[\d{1,3}\])+")
# The end of a text to which a chip clings: a word, or one character of a script without spaces, with its punctuation.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff"
_LAST_WORD = re.compile(rf"(?:[^\s{_UNSPACED}]{{1,24}}|[{_UNSPACED}][^\w\s]{{0,3}})\Z")
_KEPT_CHARACTERS = 40
_CITES = re.compile(r"(?:[ ]?\[\d{1,3}\])+[.。؟!?،,;؛…]*")
_ITEM = re.compile(r"[ ]{0,3}(?:(?P<bullet>[-*•])|\d{1,3}[.)])[ ]+(?P<text>.*)")
_FENCED = re.compile(r"^`{3,}\n([\s\S]*?)(?:\n`{3,}$|\Z)", re.MULTILINE)  # the last one may still be coming
_HEADING = re.compile(r"#{1,6}[ ]+(?P<text>.*)")

_CELL_ENDS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*")
_SHORT_CELL = 60  # code points; of a table with longer cells few columns fit a small screen
_FENCES = ("```", "~~~")
# A formula on lines of its own, by what opens it and what closes it.
_FORMULAS = {"$$": "$$", "\\[": "\\]"}

Kind: TypeAlias = Literal["p", "h", "ul", "ol", "pre", "table", "math"]


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, a heading, a list (one line per item), a table, or a block of code or of a formula."""

    kind: Kind
    lines: tuple[str, ...]


def markdown_html(text: str, marker: Marker) -> str:
    """Return the answer as HTML; each block carries its own direction."""
    text = visible(text)
    overall = direction(text)
    return "".join(_block_html(block, marker, overall) for block in _blocks(text))


def plain_html(text: str, marker: Marker) -> str:
    """Return a text whose words must stand as they are (quoted sources): paragraphs and citation chips only.

    Quotes that run in different directions get paragraphs of their own: in one line they could not be read. Code
    between fences keeps its lines.
    """
    parts = _FENCED.split(visible(text))
    return "".join(_code_html(part) if at % 2 else _plain(part, marker) for at, part in enumerate(parts))


def _code_html(text: str) -> str:
    return f'<pre dir="ltr"><code>{escape(text)}</code></pre>'


def _plain(text: str, marker: Marker) -> str:
    paragraphs = (part.strip("\n") for part in re.split(r"\n[ \t]*\n", text))
    said = (group for part in paragraphs for group in groupby(_quotes(part, marker), key=lambda quote: quote[0]))
    return "".join(f'<p dir="{way}">{"".join(html for _, html in quotes).strip()}</p>' for way, quotes in said)


def _quotes(text: str, marker: Marker) -> Iterator[tuple[Direction, str]]:
    """Cut a paragraph after its citation markers; yield the direction of each part and its HTML."""
    way = direction(text)
    position = 0
    for found in _CITES.finditer(text):
        words = text[position : found.end()]
        position = found.end()
        way = direction(_CITE.sub("", words), way)
        yield way, _cited(words, marker, way).replace("\n", "<br>")
    if text[position:].strip():
        # What follows the last marker is mostly its full stop.
        way = direction(text[position:], way)
        yield way, _cited(text[position:], marker, way).replace("\n", "<br>")


def _blocks(text: str) -> Iterator[_Block]:
    kind: Kind = "p"
    lines: list[str] = []
    closing = ""
    for line in [*text.split("\n"), ""]:
        bare = line.strip()
        if closing:
            if bare.startswith(closing):
                yield _Block(kind, tuple(lines))
                kind, lines, closing = "p", [], ""
            else:
                lines.append(line)
            continue
        opened = _opened(bare)
        next_kind, content = _classify("" if opened else line)
        if lines and (not content or next_kind != kind):
            yield _Block(kind, tuple(lines))
            lines = []
        kind = next_kind
        if opened:
            kind, closing = ("math" if opened in _FORMULAS.values() else "pre"), opened
        elif content:
            lines.append(content)
    if closing and "".join(lines).strip():  # a block that is still open while the answer streams
        yield _Block(kind, tuple(lines[:-1]))


def _opened(line: str) -> str:
    """Return what closes the block that a line opens, `""` when it opens none."""
    if line.startswith(_FENCES):
        return line[:3]
    return _FORMULAS.get(line, "")


def _classify(line: str) -> tuple[Kind, str]:
    if item := _ITEM.fullmatch(line):
        return ("ul" if item["bullet"] else "ol"), item["text"].strip()
    if heading := _HEADING.fullmatch(line):
        return "h", heading["text"].strip()
    return ("table" if line.lstrip().startswith("|") else "p"), line.strip()


def _block_html(block: _Block, marker: Marker, overall: Direction) -> str:
    text = "\n".join(block.lines)
    way = direction(text, overall)
    if block.kind == "pre":
        return _code_html(text)
    if block.kind == "math":
        return f'<p dir="ltr">{formula_html(text, block=True)}</p>'
    if block.kind == "table" and len(block.lines) > 1 and _RULE.fullmatch(block.lines[1]):
        return _table(block.lines, marker, way)
    if block.kind in ("ul", "ol"):
        ways = [direction(line, way) for line in block.lines]
        pairs = zip(block.lines, ways, strict=True)
        items = "".join(f'<li dir="{own}">{_inline(line, marker, own)}</li>' for line, own in pairs)
        return f'<{block.kind} dir="{way}">{items}</{block.kind}>'
    inner = "<br>".join(_inline(line, marker, way) for line in block.lines)
    return f'<p dir="{way}"><strong>{inner}</strong></p>' if block.kind == "h" else f'<p dir="{way}">{inner}</p>'


def _table(lines: Sequence[str], marker: Marker, way: Direction) -> str:
    """Return a table; each cell runs its own way, and cells beyond those of the head are shown as well.

    One with whole sentences is marked, for small screens: there its cells stand below each other, named by the head.
    """
    names, rows = _cells(lines[0]), [_cells(line) for line in lines[2:]]
    long = any(len(cell) > _SHORT_CELL for row in rows for cell in row)
    head = _row(names, "th", marker, way)
    body = "".join(_row(row, "td", marker, way, names if long else ()) for row in rows)
    kind = "bq-table bq-stacked" if long else "bq-table"
    return f'<div class="{kind}"><table dir="{way}"><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _cells(line: str) -> list[str]:
    cells = _CELL_ENDS.split(line.strip())[1:]
    cells = cells[:-1] if cells and not cells[-1].strip() else cells
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _row(cells: Sequence[str], tag: str, marker: Marker, way: Direction, names: Sequence[str] = ()) -> str:
    drawn = []
    for place, text in enumerate(cells):
        own = direction(text, way)
        name = f' data-name="{escape(names[place])}"' if place < len(names) else ""
        drawn.append(f'<{tag} dir="{own}"{name}>{_inline(text, marker, own)}</{tag}>')
    return f"<tr>{''.join(drawn)}</tr>"


def _inline(text: str, marker: Marker, way: Direction) -> str:
    parts: list[str] = []
    position = 0
    for match in _INLINE.finditer(text):
        parts.append(_cited(text[position : match.start()], marker, way))
        position = match.end()
        if match["code"] is not None:
            parts.append(f"<code>{escape(match['code'])}</code>")
        elif match["bold"] is not None:
            parts.append(f"<strong>{_cited(match['bold'], marker, way)}</strong>")
        else:
            display = match["wide"] or match["square"]
            tex = display or match["round"] or match["formula"] or ""
            parts.append(formula_html(tex, block=display is not None))
    return "".join([*parts, _cited(text[position:], marker, way)])


def _cited(text: str, marker: Marker, way: Direction) -> str:
    """Return a text with its chips, each of them on one line with the word before it."""
    words = Parts(text, way)
    parts: list[str] = []
    position = 0
    for run in _CITES_ONLY.finditer(text):
        chips = _chips(run[0], marker)
        if not chips:
            continue
        parts.append(words.upto(_last_word(text, position, run.start(), words)))
        parts.append(f'<span class="bq-kept">{words.upto(run.start())}{chips}</span>')
        position = run.end()
        words.skip(position)
    return "".join([*parts, words.upto(len(text))])


def _chips(run: str, marker: Marker) -> str:
    """Return the chips of markers that follow each other; `""` when none of them is known."""
    found = [(one["space"], one[0], marker(int(one["cite"]))) for one in _CITE.finditer(run)]
    if all(chip is None for _, _, chip in found):
        return ""
    return "".join(escape(written) if chip is None else space + chip for space, written, chip in found)


def _last_word(text: str, low: int, high: int, words: Parts) -> int:
    """Return where the word begins that ends at `high`; `high` when there is none short enough to stay on a line."""
    found = _LAST_WORD.search(text, max(low, high - _KEPT_CHARACTERS), high)
    cut = words.whole(found.start() if found else high)
    return cut if low <= cut and high - cut <= _KEPT_CHARACTERS else high
