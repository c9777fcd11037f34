"""HTML of the reader: a document with quotes marked, tables as tables, code in its lines, headings as headings.

What is drawn holds every character of the text and none besides, so that places in it are places in the document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.building.passages.headings import headings_of
from index.codeblocks import code_spans
from index.records import location, tables_of
from index.types import Document, Sentence
from ui.view import strings
from ui.view.documents.reader_tables import table_html
from ui.view.markup.direction import Direction, direction
from ui.view.markup.escape import escape
from ui.view.markup.html import element, label
from ui.view.markup.isolation import isolated
from ui.view.render_sources import language_of, meta_html, title_html

__all__ = ["Mark", "Ways", "document_html"]

Mark = tuple[int, int, int]
"""Number of a quote, its first code point, one past its last."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways from a document's text to where it came from.

    Attributes:
        pages: its pages can be shown as they look.
        original: its file can be had.
        web: address of its page in the web, at the quoted words, or `""`.
    """

    pages: bool = False
    original: bool = False
    web: str = ""


# A reader pane with a whole book in it scrolls badly on a phone.
_READER_CHARACTERS = 300_000
_HEADING_CHARACTERS = 300  # a longer line is no heading, whatever its source says
_TABLE_CHARACTERS = 60_000  # of a table around the quote that are drawn as a table


def document_html(
    document: Document,
    marks: list[Mark],
    current: int,
    language: str,
    answer_spans: Sequence[tuple[int, int]] = (),
    overview: Sequence[Sentence] = (),
    ways: Ways | None = None,
) -> str:
    """Return a whole document with quotes marked in it, for the reader pane.

    Args:
        document: the source text.
        marks: the quotes; those that lie outside the text are left out, and of two that overlap the one that is not
            `current`.
        current: number of the quote to show first.
        language: interface language of the labels.
        answer_spans: from where to where words within the quotes answer.
        overview: sentences that cover the document; they are shown above it, unfolded where no quote is.
        ways: to its pages as they look and to where it came from.
    """
    text, way = document.text, direction(document.text)
    sound = _sound_marks(marks, current, len(text))
    focus = next((start for number, start, _ in sound if number == current), 0)
    low, high = _window(len(text), focus)
    kept = [mark for mark in sound if low <= mark[1] and mark[2] <= high]
    inner = _drawn(document, _Marker(text, way, kept, current, answer_spans), low, high, focus)
    cut = label(language, "reader_cut", tag="p", class_="bq-note") if high - low < len(text) else ""
    head = _head_html(document, focus, language)
    head += _overview_html(document, overview, language, unfolded=not sound) if overview else ""
    body = element("div", inner, class_="bq-text", dir=way, lang=language_of(document.language))
    return _header_html(head, direction(document.title, way), ways or Ways()) + cut + body


def _head_html(document: Document, focus: int, language: str) -> str:
    """Return the title, what is known of the document, and in which language it is where that is another one."""
    head = title_html(document.title, "h2") + _document_meta(document, focus, language)
    if (code := language_of(document.language)) and code.split("-")[0] != language:
        shown = escape(strings.table(language)["original_in"].replace("{language}", code))
        head += element("p", shown, class_="bq-original", data_i18n="original_in", data_value_language=code)
    return head


def _header_html(head: str, way: str, ways: Ways) -> str:
    return element(
        "header",
        head,
        class_="bq-reader-head",
        dir=way,
        data_pages="yes" if ways.pages else None,
        data_original="yes" if ways.original else None,
        data_web=ways.web or None,
    )


def _overview_html(document: Document, sentences: Sequence[Sentence], language: str, *, unfolded: bool) -> str:
    """Return the sentences that cover a document, each a way to its place."""
    items = ""
    for one in sentences:
        words = " ".join(document.text[one.start : one.end].split())
        way = direction(words)
        point = element(
            "button",
            isolated(words, way),
            type="button",
            class_="bq-point",
            dir=way,
            lang=language_of(document.language),
            data_do="overview-point",
            data_doc=document.id,
            data_start=str(one.start),
            data_end=str(one.end),
        )
        items += element("li", point)
    write = label(language, "overview_write", tag="button", class_="bq-tool", does="overview-write")
    place = element("div", write, class_="bq-write", tabindex="-1", hidden="")
    inner = label(language, "overview", tag="summary") + element("ol", items)
    return place + element("details", inner, class_="bq-overview", open="" if unfolded else None)


def _document_meta(document: Document, focus: int, language: str) -> str:
    outlet, date = document.metadata.get("outlet"), str(document.metadata.get("date") or "")
    known = outlet if isinstance(outlet, str) and outlet.lower() != "unknown" else document.source
    iso = date if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", date) else ""
    return meta_html(known, document.language, iso, location(document, focus, focus + 1), language)


def _sound_marks(marks: list[Mark], current: int, length: int) -> list[Mark]:
    sound: list[Mark] = []
    for number, start, end in sorted(marks, key=lambda mark: mark[0] != current):  # the one to show comes first
        if 0 <= start < end <= length and all(end <= low or start >= high for _, low, high in sound):
            sound.append((number, start, end))
    return sorted(sound, key=lambda mark: mark[1])


def _window(length: int, focus: int) -> tuple[int, int]:
    low = max(0, min(focus - _READER_CHARACTERS // 2, length - _READER_CHARACTERS))
    return low, min(length, low + _READER_CHARACTERS)


@dataclass(frozen=True, slots=True)
class _Marker:
    """Writes pieces of the text with what is marked in them; a quote over several pieces is marked in each."""

    text: str
    way: Direction
    marks: Sequence[Mark]
    current: int
    answer_spans: Sequence[tuple[int, int]]

    def write(self, start: int, end: int, *, code: bool = False) -> str:
        """Return `text[start:end]` as HTML."""
        parts: list[str] = []
        position = start
        for number, first, last in self.marks:
            low, high = max(first, position), min(last, end)
            if low < high:
                here = "true" if number == self.current else None
                inner = self._answering(low, high, code=code)
                parts.append(self._plain(position, low, code=code))
                parts.append(element("mark", inner, data_cite=str(number), aria_current=here, tabindex="-1"))
                position = high
        return "".join([*parts, self._plain(position, end, code=code)])

    def _answering(self, start: int, end: int, *, code: bool) -> str:
        parts: list[str] = []
        position = start
        for first, last in sorted(self.answer_spans):
            low, high = max(first, position), min(last, end)
            if low < high:
                parts += [self._plain(position, low, code=code)]
                parts.append(element("b", self._plain(low, high, code=code), class_="bq-answer-words"))
                position = high
        return "".join([*parts, self._plain(position, end, code=code)])

    def _plain(self, start: int, end: int, *, code: bool) -> str:
        words = self.text[start:end]
        return escape(words) if code else isolated(words, self.way)


def _drawn(document: Document, marker: _Marker, low: int, high: int, focus: int) -> str:
    """Return the text between two places: tables and code in their own form, all else as it stands."""
    text, write = document.text, marker.write
    blocks: list[tuple[int, int, str]] = []
    for start, end in code_spans(document.metadata):
        if low <= start and end <= high:
            blocks.append((start, end, element("code", write(start, end, code=True), class_="bq-code", dir="ltr")))
    for table in tables_of(document.metadata):
        start, end = _whole_lines(text, table.start, table.end, (low, high), focus)
        drawn = table_html(text, table, (start, end), write) if start < end else ""
        blocks += [(start, end, drawn)] if drawn else []
    blocks += _headings(document, marker, low, high, blocks)
    parts: list[str] = []
    position = low
    for start, end, drawn in sorted(blocks):
        if start >= position:
            parts += [write(position, start), drawn]
            position = end
    return "".join([*parts, write(position, high)])


def _headings(
    document: Document, marker: _Marker, low: int, high: int, blocks: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Return the lines that are headings, as far as they stand in the window and in no table or code."""
    taken = sorted((start, end) for start, end, _ in blocks)
    starts = [start for start, _ in taken]
    found: list[tuple[int, int, str]] = []
    for one in headings_of(document):
        stop = document.text.find("\n", one.start)
        end = stop if stop >= 0 else len(document.text)
        before = bisect_right(starts, one.start) - 1
        free = (before < 0 or taken[before][1] <= one.start) and (before + 1 >= len(taken) or end <= starts[before + 1])
        if low <= one.start < end <= high and free and end - one.start <= _HEADING_CHARACTERS:
            depth = str(min(one.level + 2, 6))  # below the title's own
            drawn = marker.write(one.start, end)
            found.append(
                (one.start, end, element("span", drawn, class_="bq-heading", role="heading", aria_level=depth))
            )
    return found


def _whole_lines(text: str, start: int, end: int, window: tuple[int, int], focus: int) -> tuple[int, int]:
    """Return which lines of a table are drawn: those in the window, of a long table those around the quote."""
    low, high = max(start, window[0]), min(end, window[1])
    if high - low > _TABLE_CHARACTERS:
        middle = min(max(focus, low), high)
        low, high = max(low, middle - _TABLE_CHARACTERS // 2), min(high, middle + _TABLE_CHARACTERS // 2)
    if low > start:
        low = text.find("\n", low, high) + 1 or high
    if high < end:
        high = max(low, text.rfind("\n", low, high))
    return low, high
