"""Puts a text together from blocks, and notes where headings and pages start in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.language.hygiene import clean, clean_line
from index.sources.text.lines.leaders import is_pair, leader_rows
from index.sources.text.marks import MARK, Marked, mark_code, unmarked
from index.sources.types import Extract, RefusedError
from index.types import JsonValue

__all__ = ["TextBuilder"]

_TRAILING = re.compile(r"(?<![ \t])[ \t]++(?=\n|\Z)")  # from where a run begins: else a long one costs its square
_MOST_CHARACTERS = 20_000_000
_GAPS = re.compile(r"\n{3,}")
_LONGEST_TITLE = 80  # code points
_NO_TITLE = re.compile(r"[.!?…。！？؟।;,，、]\Z|\A[-*•◦▪‣·●○■□–]\s")


class TextBuilder:
    """Collects cleaned blocks; `extract` gives the text with offsets that are exact by construction.

    Lines that are marked as records of a table or as code (`index.sources.text.marks`) are noted as such.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.headings: list[tuple[int, int, str]] = []
        self.pages: list[int] = []
        self.tables: list[dict[str, JsonValue]] = []
        self.spans: list[tuple[int, int]] = []  # of code
        self._by_ocr: list[list[int]] = []  # from where to where
        self._pairs: list[str] = []  # paragraphs that may be lines of a list

    def block(self, text: str, pages: Sequence[int] = ()) -> None:
        """Add a paragraph, keeping its own line ends; an empty one is nothing. Pages may begin in it, at `pages`."""
        if "\n" not in text.strip("\n") and not pages and is_pair(text):
            self._pairs.append(text.strip("\n"))
            return
        text = "\n".join(leader_rows(text.split("\n"))) if "\n" in text else text.strip()
        start = self._add(text, "\n\n")
        self.pages += [min(start + page, self._length) for page in pages]

    def _end_pairs(self) -> None:
        """Write the paragraphs that wait for others of a list: each alone where they are none."""
        pairs, self._pairs = self._pairs, []
        rows = leader_rows(pairs)
        if rows == pairs:
            for pair in pairs:
                self._add(pair.strip(), "\n\n")
        else:
            self._add("\n".join(rows), "\n\n")

    def line(self, text: str) -> None:
        """Add a line right below what was added last (a list item, a table row)."""
        self._add(text, "\n")

    def code(self, text: str) -> None:
        """Add code: its lines, indentation and blanks stay as they are."""
        self._add(mark_code(text), "\n\n")

    def recognised(self, text: str) -> None:
        """Add a paragraph that was read by OCR, and note that it was."""
        self._end_pairs()
        start = self._add(text.strip(), "\n\n")
        if start < self._length:
            self._by_ocr.append([start, self._length])

    def heading(self, level: int, text: str) -> None:
        """Add a heading of level 1 to 6 on a line of its own."""
        title = clean_line(text)
        if title:
            self.headings.append((self._add(title, "\n\n"), min(max(level, 1), 6), title))

    def holds(self, line: str) -> bool:
        """Say whether some words stand in what was added so far."""
        return any(line in part for part in (*self._parts, *self._pairs))

    def page(self) -> None:
        """Note that the next block starts a new page."""
        self._end_pairs()
        self.pages.append(-1)

    def extract(self) -> Extract:
        """Return what was collected."""
        self._end_pairs()
        pages = [self._length if start < 0 else start for start in self.pages]
        extract = Extract("".join(self._parts), headings=list(self.headings), pages=pages, tables=list(self.tables))
        extract.code = list(self.spans)
        extract.fields = {"ocr": list(self._by_ocr)} if self._by_ocr else {}
        return extract

    def _add(self, text: str, separator: str) -> int:
        if self._pairs and text.strip():
            self._end_pairs()
        text, records, code = unmarked(text) if MARK in text else (clean(text), [], [])
        if not records and not code:
            text = _GAPS.sub("\n\n", _TRAILING.sub("", text)).strip("\n")
        if not text.strip():
            return self._length
        if self._parts:
            self._parts.append(separator)
            self._length += len(separator)
        start = self._length
        self.pages = [start if page < 0 else page for page in self.pages]
        self._parts.append(text)
        self._length += len(text)
        if self._length > _MOST_CHARACTERS:
            raise RefusedError(f"more than {_MOST_CHARACTERS:,} characters of text", "split it", skipped=True)
        for record in records:
            self._note(record, start, text)
        self.spans += [(start + low, start + high) for low, high in code if low < high]
        return start

    def _note(self, record: Marked, offset: int, text: str) -> None:
        """Note a record of a text that begins at an offset; one right below the last belongs to the same table."""
        start, end = offset + record.start, offset + record.end
        last = self.tables[-1] if self.tables and record.details is None else None
        if last is not None and last["end"] == start - 1:
            lines, rows = int(str(last["lines"])), last["rows"]
            assert isinstance(rows, list)
            line, number = rows[-1]
            if record.row != number + lines - line:
                rows.append([lines, record.row])
            last |= {"end": end, "lines": lines + 1}
            return
        details = record.details or {}
        note: dict[str, JsonValue] = {"start": start, "end": end, "lines": 1, "rows": [[0, record.row]]}
        for key, kind in (("name", str), ("title", str), ("columns", list)):
            value = details.get(key)
            if value and isinstance(value, kind):
                note[key] = value
        if "title" not in note and (title := self._title_above(text[: record.start], offset)):
            note["title"] = title
        self.tables.append(note)

    def _title_above(self, before: str, offset: int) -> str:
        """Return the line above a table, if it may be its title: a short one that ends no sentence and is no heading.

        Tables of the same columns ("Weekdays", "Weekends") are told apart by it alone.

        Args:
            before: what stands above the table in its own block.
            offset: where that block begins.
        """
        if not before.strip() and len(self._parts) > 2:
            before = self._parts[-3]
            offset -= len(before) + len(self._parts[-2])
        line = before.rstrip().rpartition("\n")[2]
        end = offset + len(before.rstrip())
        title = line.strip().rstrip(":： ")
        if not title or len(title) > _LONGEST_TITLE or _NO_TITLE.search(title) or title[0].islower():
            return ""
        is_known = self.headings and self.headings[-1][0] == end - len(line)
        is_row = self.tables and self.tables[-1]["end"] == end
        return "" if is_known or is_row else title
