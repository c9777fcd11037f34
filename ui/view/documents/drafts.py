"""HTML of a checked text: how much of each verdict, then each quotation and claim with the words that decide."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag.drafts.types import CheckedClaim, CheckedDraft, CheckedQuotation, Difference
from rag.types import Citation
from ui.view import strings
from ui.view.markup.direction import direction
from ui.view.markup.escape import escape
from ui.view.markup.html import badge, element, label
from ui.view.markup.isolation import isolated
from ui.view.render_sources import language_of, meta_html, title_html

__all__ = ["draft_html"]

_ICONS = {
    "exact": "support-supported",
    "supported": "support-supported",
    "nearly": "support-partly",
    "partly": "support-partly",
}
_ORDER = ("absent", "contradicted", "nearly", "not found", "partly", "exact", "supported")  # what to look at first
_LONGEST = 1_500  # characters of a quotation or a claim that are drawn


def draft_html(draft: CheckedDraft, language: str) -> str:
    """Return what was found out about a text.

    Args:
        draft: the text with its quotations and claims.
        language: interface language of the labels.
    """
    if not draft.quotations and not draft.claims:
        return label(language, "check_none", tag="p", class_="bq-note")
    parts = [
        _part("check_quotations", draft.quotations, [_quotation(one, language) for one in draft.quotations], language),
        _part("check_claims", draft.claims, [_claim(one, language) for one in draft.claims], language),
    ]
    notes = "".join(_left_out(warning, language) for warning in draft.warnings)
    return notes + "".join(parts)


def _left_out(warning: str, language: str) -> str:
    """Return what a warning says, how many there are and how many of them are checked, in the interface's language."""
    numbers = re.findall(r"\d+", warning)
    if len(numbers) != 2:
        return element("p", escape(warning), class_="bq-note", dir="auto")
    return label(language, "check_cut", tag="p", class_="bq-note", n=numbers[0], limit=numbers[1])


def _part(
    key: str, found: Sequence[CheckedQuotation] | Sequence[CheckedClaim], drawn: Sequence[str], language: str
) -> str:
    if not found:
        return ""
    counts = Counter[str](one.verdict for one in found)
    tally = "".join(
        element("li", _verdict(verdict, language) + element("b", str(counts[verdict])), data_verdict=verdict)
        for verdict in _ORDER
        if counts[verdict]
    )
    head = label(language, key, tag="h3") + element("ul", tally, class_="bq-tally")
    listing = element("ol", "".join(drawn), class_="bq-findings")
    return element("section", element("div", head, class_="bq-findings-head") + listing, class_="bq-finding-part")


def _verdict(verdict: str, language: str) -> str:
    icon = badge(_ICONS.get(verdict, "support-not_found"))
    return icon + label(language, f"check_{verdict.replace(' ', '_')}")


def _quotation(one: CheckedQuotation, language: str) -> str:
    return _finding(one.verdict, one.words, one.differences, one.citations, language, quoted=True)


def _claim(one: CheckedClaim, language: str) -> str:
    # The nearest words to a claim that was not found decide nothing.
    citations = (one.citation,) if one.citation is not None and one.verdict != "not found" else ()
    return _finding(one.verdict, one.text, one.differences, citations, language, quoted=False)


def _finding(
    verdict: str,
    words: str,
    differences: Sequence[Difference],
    citations: Sequence[Citation],
    language: str,
    *,
    quoted: bool,
) -> str:
    shown = " ".join(words[:_LONGEST].split()) + (" …" if len(words) > _LONGEST else "")
    way = direction(shown)
    text = element(
        "q" if quoted else "p", _marked(shown, [d.said for d in differences], "del", way), class_="bq-said", dir=way
    )
    state = element("p", _verdict(verdict, language), class_="bq-verdict", data_verdict=verdict)
    changes = "".join(_difference(one, language) for one in differences)
    changes = element("ul", changes, class_="bq-differences") if changes else ""
    sources = "".join(_source(one, differences, language, shown=verdict != "exact") for one in citations)
    sources = element("ul", sources, class_="bq-deciding") if sources else ""
    return element("li", state + text + changes + sources, class_="bq-finding", data_verdict=verdict)


def _marked(text: str, parts: Sequence[str], tag: str, way: str) -> str:
    """Return a text with parts of it marked, each where it first stands behind the one before."""
    drawn, at = "", 0
    for part in parts:
        place = text.find(part, at) if part else -1
        if place >= 0:
            drawn += isolated(text[at:place], way) + element(tag, isolated(part, way))  # type: ignore[arg-type]
            at = place + len(part)
    return drawn + isolated(text[at:], way)  # type: ignore[arg-type]


def _difference(one: Difference, language: str) -> str:
    """Return one difference as two lines: what the text has, and what the document has there."""

    def side(key: str, words: str, tag: str) -> str:
        content = (
            element(tag, escape(words), dir=direction(words)) if words else label(language, "check_nothing", tag="i")
        )
        return element("span", label(language, key, class_="bq-side") + " " + content)

    note = " " + label(language, "check_marked", class_="bq-declared") if one.declared else ""
    return element("li", side("check_said", one.said, "del") + side("check_stands", one.stands, "ins") + note)


def _source(citation: Citation, differences: Sequence[Difference], language: str, *, shown: bool) -> str:
    """Return where it stands, as a way to the place in the reader, with the words where they differ."""
    title = title_html(
        citation.title,
        "button",
        type="button",
        class_="bq-source-open",
        data_do="overview-point",
        data_doc=citation.document_id,
        data_start=str(citation.start),
        data_end=str(citation.end),
        aria_label=f"{strings.text(language, 'open_source')}: {citation.title}",
    )
    meta = meta_html(citation.source, citation.language, "", citation.location, language)
    words = ""
    if shown:
        quote = " ".join(citation.quote[:_LONGEST].split())
        way = direction(quote)
        inner = _marked(quote, [one.stands for one in differences], "ins", way)
        words = element("blockquote", inner, class_="bq-stands", dir=way, lang=language_of(citation.language))
    return element("li", words + title + meta)
