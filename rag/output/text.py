"""An answer for terminals, logs and notebooks, in the order of the page: what answers, its proof, everything else."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from index.language.codes import canonical
from index.language.words import visible
from index.records import untitled_file
from rag.output.code import INDENT, code_in, quoted_lines
from rag.output.strings import phrase
from rag.output.tables import cell_by_cell, cells_of_row, is_row, is_table
from rag.output.whole_thoughts import introduces, items_of

if TYPE_CHECKING:
    from rag.types import Answer, Citation, ScoredPassage

__all__ = [
    "agreement_line",
    "answer_html",
    "answer_text",
    "best_first",
    "differing_lines",
    "nearest_rows",
    "quotes_itself",
    "refusal_lines",
    "short_lines",
]

_STYLE = "max-width:44rem;line-height:1.6"
_ROWS = 3  # passages that follow a refusal
_ROW_CHARACTERS = 150
_LEFTWARD = frozenset({"R", "AL"})


def quotes_itself(answer: Answer) -> bool:
    """Tell whether the text is nothing but the quotes, which the list of sources shows as well."""
    return answer.llm.partition(":")[0] == "extractive" and bool(answer.citations) and not answer.refused


def answer_text(answer: Answer) -> str:
    """Return the short answer, the text where it is more than the quotes, and one line a source; nothing unseen."""
    return visible(_plain(answer))


def _plain(answer: Answer) -> str:
    if answer.refused:
        rows = [f"- {where}: {words}" for where, words in nearest_rows(answer)]
        return "\n".join([answer.text, *refusal_lines(answer), *([""] if rows else []), *rows])
    head = list(short_lines(answer)) if quotes_itself(answer) else [cell_by_cell(answer.text), *differing_lines(answer)]
    sources = [_source_lines(answer, citation) for citation in best_first(answer)]
    return "\n".join([*head, *([""] if head and sources else []), *sources])


def refusal_lines(answer: Answer) -> Iterator[str]:
    """Yield what a refusal says besides: what the passages speak of, and which words of the question they lack."""
    if answer.topics:
        listed = "; ".join(map(_line, answer.topics))
        yield f"{phrase(answer.language, 'speaks_of')} {listed}"
    if answer.missing:
        listed = ", ".join(map(_line, answer.missing))
        yield f"{phrase(answer.language, 'missing')} {listed}. {phrase(answer.language, 'reword')}"
    if answer.filtered:
        yield phrase(answer.language, "unfiltered")


def nearest_rows(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield, for a refusal's nearest passages, where each stands and how it begins, one line each.

    The best of each document comes before further ones, and of these the asker's language first. The rows of a table
    are one document here.
    """
    best = {_place(hit): hit for hit in reversed(answer.passages)}
    order = sorted(
        answer.passages,
        key=lambda hit: (
            hit is not best[_place(hit)],
            canonical(hit.passage.language) != canonical(answer.language),
        ),
    )
    for hit in order[:_ROWS] if answer.refused else ():
        words = _line(_without_heading(hit))
        begins = words if len(words) <= _ROW_CHARACTERS else f"{words[:_ROW_CHARACTERS].rsplit(maxsplit=1)[0]} …"
        yield f"{_line(hit.title)} ({_line(hit.source)})", begins


def _place(hit: ScoredPassage) -> str:
    return untitled_file(hit.title, hit.source) or hit.passage.document_id


def _without_heading(hit: ScoredPassage) -> str:
    """Return a passage's text without the heading that it opens with, which would run into its first sentence."""
    first, _, rest = hit.passage.text.partition("\n")
    heading = hit.passage.heading.rpartition(">")[2].strip(" #")
    return rest if rest.strip() and heading and first.strip(" #*_") == heading else hit.passage.text


def agreement_line(answer: Answer) -> str:
    """Return whether the sources agree, with what the others say, or each where they don't; `""` for a single one."""
    if answer.short is None or not answer.witnesses:
        return ""
    others = [(one.citation, one.rendered) for one in answer.witnesses]
    agree = all(one.agrees for one in answer.witnesses)
    pairs = others if agree else [(answer.short, answer.rendered), *others]
    listed = ", ".join(f"{_line(_with(each.quote, own))} ({_line(each.title)})" for each, own in pairs)
    said = phrase(answer.language, "agree", n=1 + len(others)) if agree else phrase(answer.language, "differ")
    return f"{said} {listed}"


def best_first(answer: Answer) -> list[Citation]:
    """Return the citations, before the others the one in which the short answer stands."""
    first = answer.short.number if answer.short is not None and quotes_itself(answer) else 0
    return sorted(answer.citations, key=lambda one: one.number != first)


def short_lines(answer: Answer) -> Iterator[str]:
    """Yield the short answer, the same for whoever asked where it differs, and whether the sources agree."""
    if answer.short is None:
        return
    mark = f" [{answer.short.number}]" if answer.short.number else ""
    code = list(quoted_lines(code_in(answer, answer.short)))
    yield from code[:-1]
    yield f"{code[-1] if code else _run_on(items_of(answer.short.quote))}{mark}"
    if answer.rendered:
        yield f"≈ {_line(answer.rendered)} ({phrase(answer.language, 'ours')})"
    if line := agreement_line(answer):
        yield line


def _run_on(items: Sequence[str]) -> str:
    """Return the items of a list on one line, behind what introduces them."""
    head = f"{items[0]} " if len(items) > 1 and introduces(items[0]) else ""
    return head + "; ".join(items[bool(head) :])


def differing_lines(answer: Answer) -> Iterator[str]:
    """Yield what the source says where a language model says otherwise, with the place where it stands."""
    if answer.short is None or not answer.differs:
        return
    words = _line(_with(answer.short.quote, answer.rendered))
    place = f"[{answer.short.number}]" if answer.short.number else f"({_line(answer.short.title)})"
    yield f"{phrase(answer.language, 'in_source')} {words} {place}"


def _with(quote: str, own: str) -> str:
    return f"{quote} ≈ {own}" if own else quote


def _source_lines(answer: Answer, citation: Citation) -> str:
    """Return a source on one line: whatever line ends stand in a name or a quote, none looks like another's.

    Code and lists stand below in their own lines, indented, so that these don't either.
    """
    place = f", {citation.location}" if citation.location else ""
    named = f"{citation.title} ({citation.source}{place})"
    code = [f"{INDENT}{line}" for line in quoted_lines(code_in(answer, citation))]
    listed = citation.quote.splitlines() if len(items_of(citation.quote)) > 1 else []
    if below := code or [f"{INDENT}{_line(line)}" for line in listed if line.strip()]:
        return "\n".join([f"[{citation.number}] {_line(named)}:", *below])
    return f"[{citation.number}] {_line(f'{named}: “{citation.quote}”')}"


def _line(text: str) -> str:
    return " ".join(text.split())


def answer_html(answer: Answer) -> str:
    """Return the answer as HTML for a notebook: escaped text and no address that anything could be loaded from."""
    parts = [_element("p", answer.question, "font-size:1.25rem;margin:0 0 .6rem")]
    if answer.refused:
        parts += [_element("p", line, "margin:.3rem 0") for line in (answer.text, *refusal_lines(answer))]
    elif quotes_itself(answer):
        parts += _short_html(answer)
    else:
        parts += _text_html(answer.text)
        parts += [_element("p", line, "margin:0 0 .6rem;font-weight:600") for line in differing_lines(answer)]
    for citation in best_first(answer):
        code = any(True for _ in quoted_lines(code_in(answer, citation)))
        parts.append(_source_html(citation, answer.short, is_code=code))
    return f'<div style="{_STYLE}">{"".join(parts)}</div>'


def _text_html(text: str) -> Iterator[str]:
    """Yield the paragraphs of a text as they stand, and its tables drawn."""
    for in_table, group in groupby(text.split("\n"), key=is_row):
        lines = list(group)
        if in_table and is_table(lines):
            yield _table_html(lines)
        elif words := "\n".join(lines).strip("\n"):
            yield _element("p", words, "white-space:pre-wrap;margin:0 0 .6rem")


def _table_html(lines: Sequence[str]) -> str:
    rows = [cells_of_row(line) for line in (lines[0], *lines[2:])]
    styles = [f"text-align:start;vertical-align:top;padding:.3rem .6rem;font-weight:{weight}" for weight in (600, 400)]
    cells = ("".join(_element("td", cell, styles[bool(place)]) for cell in row) for place, row in enumerate(rows))
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f'<table dir="{_way(" ".join(rows[0]))}" style="margin:0 0 .6rem;border-collapse:collapse">{body}</table>'


def _short_html(answer: Answer) -> Iterator[str]:
    for place, line in enumerate(short_lines(answer)):
        yield _element("p", line, "margin:.2rem 0;" + ("font-size:1.6rem" if not place else "opacity:.75"))


def _source_html(citation: Citation, short: Citation | None, *, is_code: bool) -> str:
    quote = citation.quote
    inside = short is not None and short.document_id == citation.document_id
    low, high = (short.start - citation.start, short.end - citation.start) if inside and short else (0, 0)
    if 0 <= low < high <= len(quote):
        words = f"{_escape(quote[:low])}<mark>{_escape(quote[low:high])}</mark>{_escape(quote[high:])}"
    else:
        words = _escape(quote)
    place = f", {citation.location}" if citation.location else ""
    named = f"[{citation.number}] {citation.title} ({citation.source}{place})"
    style = "margin:.4rem 0;padding-inline-start:.9rem;border-inline-start:3px solid"
    if is_code:
        words = f'<pre dir="ltr" style="margin:0;overflow-x:auto">{words}</pre>'
    body = f'<blockquote dir="{_way(quote)}" style="{style}">{words}</blockquote>'
    return body + _element("p", named, "margin:0 0 .9rem;opacity:.75;font-size:.9em")


def _element(tag: str, text: str, style: str) -> str:
    return f'<{tag} dir="{_way(text)}" style="{style}">{_escape(text)}</{tag}>'


def _escape(text: str) -> str:
    """Return a text escaped, without what nobody sees and what turns the text around it."""
    return html.escape("".join(one for one in visible(text) if unicodedata.category(one) != "Co"))


def _way(text: str) -> str:
    """Return the direction of a text: that of most of its letters."""
    ways = [unicodedata.bidirectional(letter) for letter in text]
    return "rtl" if sum(way in _LEFTWARD for way in ways) > ways.count("L") else "ltr"
