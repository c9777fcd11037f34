"""HTML of an answer's sources: quote cards, and the passages that were read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from index.codeblocks import code_parts
from index.language.codes import UNKNOWN, canonical
from ui.view import strings
from ui.view.cards import PassageCard, SourceCard, TurnCard
from ui.view.markup.direction import Direction, direction
from ui.view.markup.escape import escape
from ui.view.markup.html import badge, element, label, named
from ui.view.markup.isolation import isolated
from ui.view.sentences import said

__all__ = ["card_html", "code_html", "language_of", "meta_html", "row_html", "sources_html", "title_html"]

_PAGE = re.compile(r"p\. (\d+)")
_CODE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SNIPPET_CHARACTERS = 420
_LONGEST_HEADING = 120
_MOST_SPANS = 10


def sources_html(turn: TurnCard, language: str) -> str:
    """Return what stands beside an answer: cards of its quotes, then everything that was read."""
    if turn.state == "failed":
        return ""
    if turn.state in ("thinking", "streaming"):
        bones = "".join(element("div", "<i></i><i></i><i></i>", class_="bq-bone") for _ in range(2))
        return element("aside", bones, class_="bq-sources bq-loading", aria_hidden="true")
    # The extractive backend answers in the sources' own words, whatever the question's language.
    written_in = "und" if turn.llm == "extractive" else turn.language if turn.llm else None
    cards = "".join(card_html(card, language, written_in) for card in turn.sources)
    heading = label(language, "sources" if turn.sources else "nearest", tag="h3", class_="bq-side-title")
    if turn.sources:
        inner = heading + element("ol", cards, class_="bq-cards") + _why(turn, language)
    elif turn.passages:
        inner = heading + element("ol", _passages(turn, language), class_="bq-cards bq-passages")
    else:
        return ""
    return element("aside", inner, class_="bq-sources", **named(language, "sources", turn.question[:80]))


def card_html(
    card: SourceCard, language: str, written_in: str | None, words: Sequence[tuple[int, int]] | None = None
) -> str:
    """Return the card of a quote: where it comes from, the words, and what its support is called.

    Args:
        card: the quote.
        language: interface language of the labels.
        written_in: BCP 47 code of the answer's text, `None` where that is nothing but the quotes.
        words: where, in the document, those of its words stand that answer; `None` marks all of it.
    """
    number = element("span", str(card.number), class_="bq-num", aria_hidden="true")
    opens = named(language, "source_n", card.title, n=card.number)
    title = title_html(card.title, "button", type="button", class_="bq-open", **opens)
    meta = meta_html(card.outlet or card.source, card.language, card.date, card.location, language)
    head = element("div", number + element("div", title + meta, class_="bq-head-text"), class_="bq-card-head")
    # An answer in the sources' own words makes no claim that a quote could support or not.
    support = "" if written_in is None else _support(card, language, written_in)
    return element(
        "li",
        head + _quote(card, words) + support + _only(language),
        class_="bq-card",
        dir=direction(card.quote + card.title),
        data_cite=str(card.number),
        data_answer_words=",".join(f"{low}-{high}" for low, high in words[:_MOST_SPANS]) if words else None,
        data_doc=card.document_id,
        data_start=str(card.start),
        data_end=str(card.end),
    )


def _only(language: str) -> str:
    """Return the button that asks the next question of this document alone."""
    return element("button", label(language, "scope_this"), type="button", class_="bq-tool bq-only", data_do="only")


def _support(card: SourceCard, language: str, written_in: str) -> str:
    verdict = card.support.replace(" ", "_")
    shown = "across" if verdict == "supported" and _differ(card.language, written_in) else verdict
    words = badge(f"support-{verdict}") + label(language, f"support_{shown}")
    return element("p", words, class_="bq-support", data_support=card.support)


def _differ(one: str, other: str) -> bool:
    """Tell whether two texts are known to be in two languages, where words can't be the same."""
    first, second = map(canonical, (one, other))
    return UNKNOWN not in (first, second) and first != second


def _quote(card: SourceCard, words: Sequence[tuple[int, int]] | None) -> str:
    way = direction(card.quote, direction(card.before + card.after))
    inner = element("span", isolated(card.before, way), class_="bq-context") if card.before else ""
    inner += _marked_words(card, words, way)
    inner += element("span", isolated(card.after, way), class_="bq-context") if card.after else ""
    return element("blockquote", inner, class_="bq-quote", dir=way, lang=language_of(card.language))


def _marked_words(card: SourceCard, words: Sequence[tuple[int, int]] | None, way: Direction) -> str:
    """Return a quote with the words in it that answer marked, all of it for `None`; code in its lines."""
    length = len(card.quote)
    marks = [(0, length)] if words is None else [(low - card.start, high - card.start) for low, high in sorted(words)]
    marks = [(low, high) for low, high in marks if 0 <= low < high <= length]
    return "".join(
        _part(card.quote, low, high, marks, way, code=code) for low, high, code in code_parts(card.code, 0, length)
    )


def _part(text: str, start: int, end: int, marks: Sequence[tuple[int, int]], way: Direction, *, code: bool) -> str:
    """Return a part of a quote, all prose or all code."""
    shown: Callable[[str], str] = escape if code else partial(isolated, way=way)
    parts: list[str] = []
    position = start
    for first, last in marks:
        low, high = max(first, position), min(last, end)
        if low < high:
            parts += [shown(text[position:low]), element("mark", shown(text[low:high]))]
            position = high
    inner = "".join([*parts, shown(text[position:end])])
    return element("span", inner, class_="bq-code", dir="ltr") if code else inner


def code_html(text: str) -> str:
    """Return code as it stands, from left to right."""
    return element("span", escape(text), class_="bq-code", dir="ltr")


def _why(turn: TurnCard, language: str) -> str:
    if not turn.passages:
        return ""
    summary = element("summary", label(language, "why"))
    detail = label(language, "why_detail", tag="p", class_="bq-why-detail")
    listing = element("ol", _passages(turn, language), class_="bq-cards bq-passages")
    return element("details", summary + detail + listing, class_="bq-why")


def _passages(turn: TurnCard, language: str) -> str:
    best = max((card.score for card in turn.passages), default=0.0)
    return "".join(_passage(card, best, language) for card in turn.passages)


def _passage(card: PassageCard, best: float, language: str) -> str:
    title = title_html(card.title, "button", type="button", class_="bq-open")
    meta = meta_html(card.outlet or card.source, card.language, card.date, "", language)
    share = max(0.0, min(1.0, card.score / best)) if best > 0 else 0.0
    bar = element("span", element("i", style=f"inline-size:{round(100 * share)}%"), class_="bq-bar", aria_hidden="true")
    ranks = "".join(_rank(name, rank, score, language) for name, (rank, score) in card.ranks.items())
    cited = label(language, "cited", class_="bq-cited") if card.cited else ""
    figure = label(language, "score") + element("bdi", f"{card.score:.3f}", class_="bq-figure")
    score = element("div", bar + element("span", figure, class_="bq-fused") + ranks + cited, class_="bq-score")
    text = card.text if len(card.text) <= _SNIPPET_CHARACTERS else card.text[:_SNIPPET_CHARACTERS].rstrip() + " …"
    snippet = _snippet(text, card.code, card.language)
    return element(
        "li",
        title + meta + snippet + score,
        class_="bq-card bq-passage",
        dir=direction(card.text),
        data_doc=card.document_id,
        data_start=str(card.start),
        data_end=str(card.end),
    )


def row_html(card: PassageCard, language: str) -> str:
    """Return a passage as a compact row: its title, where it comes from, and how it begins."""
    title = title_html(card.title, "button", type="button", class_="bq-open")
    meta = meta_html(card.outlet or card.source, card.language, card.date, "", language)
    kept = _without_heading(card.text)
    by = card.text.index(kept)
    snippet = _snippet(kept[:_SNIPPET_CHARACTERS], [(low - by, high - by) for low, high in card.code], card.language)
    return element(
        "li",
        title + meta + snippet,
        class_="bq-card bq-passage bq-row",
        dir=direction(card.text),
        data_doc=card.document_id,
        data_start=str(card.start),
        data_end=str(card.end),
    )


def _snippet(text: str, code: Sequence[tuple[int, int]], language: str) -> str:
    """Return how a passage begins; lines count in code alone."""
    way = direction(text)
    parts = ((text[low:high], is_code) for low, high, is_code in code_parts(code, 0, len(text)))
    inner = "".join(
        code_html(part) if is_code else isolated(" ".join(part.split()), way) + " " for part, is_code in parts
    )
    return element("p", inner.strip(), class_="bq-snippet", dir=way, lang=language_of(language))


def _without_heading(text: str) -> str:
    """Return a passage without the heading that it opens with: a short line, no full stop behind it, then a gap."""
    first, gap, rest = text.strip().partition("\n\n")
    heads = gap and "\n" not in first and len(first) <= _LONGEST_HEADING and first[-1:].isalnum()
    return rest if heads else text


def _rank(name: str, rank: int, score: float, language: str) -> str:
    known = f"rank_{name}" in strings.table("en")
    how = label(language, f"rank_{name}") if known else element("bdi", escape(name))
    return element("span", how + element("bdi", f"{rank} ({score:.2f})"), class_="bq-rank")


def meta_html(outlet: str, code: str, date: str, location: str, language: str) -> str:
    """Return one line about a source: who published it, its language, its date, the place in it."""
    parts = [element("bdi", escape(outlet))] if outlet else []
    if lang := language_of(code):
        parts.append(element("span", escape(lang), data_lang=lang))
    if date:
        parts.append(element("time", escape(date), datetime=date))
    if page := _PAGE.fullmatch(location):
        parts.append(label(language, "page_n", tag="bdi", n=page[1]))
    elif location:
        parts.append(element("bdi", ", ".join(_place(part, language) for part in location.split(", "))))
    return (
        element("p", '<span class="bq-dot" aria-hidden="true">·</span>'.join(parts), class_="bq-meta") if parts else ""
    )


def _place(part: str, language: str) -> str:
    """Return a part of a location, which is said in English: "row 250"; a name stays as it is."""
    if page := _PAGE.fullmatch(part):
        return label(language, "page_n", n=page[1])
    return element("span", escape(said(language, part)), data_said=part)


def title_html(text: str, tag: str, **attributes: str | None) -> str:
    """Return an element that holds a title and runs as most of its letters do."""
    way = direction(text)
    return element(tag, isolated(text, way), dir=way, **attributes)


def language_of(code: str) -> str | None:
    """Return a code as an attribute may hold it; `None` for anything that is none."""
    return code if _CODE.fullmatch(code) and code != "und" else None
