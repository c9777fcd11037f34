"""What the commands print of answers, passages and receipts: the words of each line, and how its parts are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ui.terminal.colours import Line, Span, Style, line
from ui.terminal.lines import harmless, one_line

if TYPE_CHECKING:
    from rag.receipts.judging import Verdict
    from rag.types import Answer, ScoredPassage

__all__ = ["answer_lines", "passage_lines", "verdict_line"]

_MARKS = re.compile(r"(\[[0-9]+\])|(⚠)")
_ITEM = re.compile(r"\s*(?:[-*•]|[0-9]+[.)])\s+")
_STATES: Mapping[str, Style] = {"holds": "good", "moved": "doubt", "gone": "bad"}


def answer_lines(answer: Answer) -> list[Line]:
    """Return the short answer, the text where it is more than quotes, the numbered sources, a refusal's rows."""
    from rag.output.code import INDENT, code_in, quoted_lines
    from rag.output.tables import cell_by_cell
    from rag.output.text import best_first, differing_lines, nearest_rows, quotes_itself, refusal_lines, short_lines

    quoted = quotes_itself(answer)
    lines = (
        [line(*_marked(each)) for each in short_lines(answer)]
        if quoted
        else list(_text_lines(cell_by_cell(answer.text)))
    )
    lines += [] if quoted else [line(*_marked(each)) for each in differing_lines(answer)]
    if answer.refused:
        lines += [line(each) for each in refusal_lines(answer)]
        rows = list(nearest_rows(answer))
        lines += [line()] * bool(rows)
        lines += [line("- ", Span(one_line(where), "title"), f": {one_line(words)}", indent=2) for where, words in rows]
    if answer.citations:
        lines += [line()] * bool(lines)
    for citation in best_first(answer):
        place = f", {citation.location}" if citation.location else ""
        number, title = Span(f"[{citation.number}]", "mark"), Span(one_line(citation.title), "title")
        source = Span(one_line(f"({citation.source}{place})"), "quiet")
        code = list(quoted_lines(code_in(answer, citation)))
        words = ":" if code else f": “{one_line(citation.quote)}”"
        lines.append(line(number, " ", title, " ", source, words, indent=4))
        lines += [line(f"{INDENT}{harmless(each)}", breaks=False) for each in code]
    return lines


def _text_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text; tables and code keep theirs, and what goes on of an item stands below its words."""
    code = False
    for row in text.split("\n"):
        fence = row.lstrip().startswith("```")
        code = code != fence
        item = _ITEM.match(row)
        breaks = not (code or fence or row.lstrip().startswith("|"))
        yield line(*_marked(row), indent=len(item.group()) if item else 0, breaks=breaks)


def _marked(text: str) -> Iterator[Span]:
    """Yield a text's parts with its markers apart."""
    at = 0
    for found in _MARKS.finditer(text):
        yield Span(text[at : found.start()])
        yield Span(found.group(), "mark" if found.group(1) else "doubt")
        at = found.end()
    yield Span(text[at:])


def passage_lines(number: int, hit: ScoredPassage) -> list[Line]:
    """Return where a passage stands, and its words."""
    from rag.output.code import INDENT, laid_out

    about = f"({hit.source}, {hit.passage.language}, {hit.score:.3f})"
    head = line(f"{number}. ", Span(one_line(hit.title), "title"), " ", Span(one_line(about), "quiet"), indent=3)
    parts = laid_out(hit.passage.text, hit.passage.start, hit.metadata)
    rows = [(each, code) for words, code in parts for each in words.split("\n")]
    return [
        head,
        *(line(f"   {'' if not code else INDENT}{harmless(each)}", indent=3, breaks=not code) for each, code in rows),
    ]


def verdict_line(verdict: Verdict) -> Line:
    """Return what became of a citation, on one line whatever its names hold."""
    style = _STATES[verdict.state]
    named = {"short": "short answer", "witness": "another source"}.get(verdict.part, f"[{verdict.number}]")
    number, state = Span(named, "mark"), Span(verdict.state, style)
    details = one_line(f": {verdict.source}: “{verdict.quote}” ({verdict.reason})")
    return line(number, " ", state, details, indent=4)
