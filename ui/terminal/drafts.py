"""What `rag check` prints: each quotation and each claim with its verdict and the words that decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ui.terminal.colours import Line, Span, Style, line
from ui.terminal.lines import one_line

if TYPE_CHECKING:
    from rag import CheckedDraft, Citation, Difference

__all__ = ["draft_lines"]

_STYLES: Mapping[str, Style] = {
    "exact": "good",
    "nearly": "doubt",
    "absent": "bad",
    "supported": "good",
    "partly": "doubt",
    "not found": "quiet",
    "contradicted": "bad",
}
_WORDS: Mapping[str, str] = {"nearly": "nearly exact"}


def draft_lines(draft: CheckedDraft) -> list[Line]:
    """Return a line or more for each quotation and each claim, and how many there are of each verdict."""
    lines: list[Line] = []
    for quotation in draft.quotations:
        lines.append(_head(quotation.verdict, f"“{quotation.words}”", _row(draft.text, quotation.start)))
        lines += _differences(quotation.differences)
        lines += [_source(citation, shown=quotation.verdict != "exact") for citation in quotation.citations]
    for claim in draft.claims:
        lines.append(_head(claim.verdict, claim.text, _row(draft.text, claim.start)))
        lines += _differences(claim.differences)
        lines += [_source(claim.citation, shown=True)] if claim.citation and claim.verdict != "not found" else []
    lines += [line()] * bool(lines)
    return [*lines, *_counts(draft)]


def _row(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _head(verdict: str, words: str, row: int) -> Line:
    verdict_span = Span(_WORDS.get(verdict, verdict), _STYLES[verdict])
    return line(Span(f"{row}: ", "quiet"), verdict_span, f": {one_line(words)}", indent=4)


def _differences(differences: Sequence[Difference]) -> Iterator[Line]:
    for one in differences:
        said = Span(f"“{one_line(one.said)}”" if one.said else "nothing", "bad" if not one.declared else "")
        stands = Span(f"“{one_line(one.stands)}”" if one.stands else "nothing", "good")
        note = " (marked by brackets)" if one.declared else ""
        yield line("    ", said, " where the source has ", stands, note, indent=6)


def _source(citation: Citation, *, shown: bool) -> Line:
    place = f", {citation.location}" if citation.location else ""
    source = Span(one_line(f"({citation.source}{place})"), "quiet")
    words = f": “{one_line(citation.quote)}”" if shown else ""
    return line("    ", Span(one_line(citation.title), "title"), " ", source, words, indent=6)


def _counts(draft: CheckedDraft) -> Iterator[Line]:
    for name, found in (("quotations", draft.quotations), ("claims", draft.claims)):
        counts = Counter[str](one.verdict for one in found)
        listed = ", ".join(f"{counts[v]} {_WORDS.get(v, v)}" for v in _STYLES if counts[v])
        yield line(f"{len(found)} {name}" + (f": {listed}" if listed else ""))
