"""Puts the pages of a PDF together: paragraphs that go over a page's end stay whole, notes stand beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from index.language.hygiene import clean, clean_line
from index.sources.pdf.layout import full_length, joined, paragraphs
from index.sources.pdf.notes import goes_over, parted
from index.sources.text.builder import TextBuilder
from index.sources.text.marks import MARK
from index.sources.types import Extract

__all__ = ["Story"]


class Story:
    """Takes the pages one after the other; `extract` gives the text.

    Args:
        words: of the document, in small letters, by which the hyphens at the ends of lines are understood.
    """

    def __init__(self, words: Collection[str]) -> None:
        self._builder = TextBuilder()
        self._words = words
        self._open = ""  # the last paragraph of the page before, which may go on
        self._starts: list[int] = []  # where in it further pages begin
        self._last_line, self._full = "", 0.0
        self._beside: list[str] = []  # notes and marks of the page that it began on
        self._pictures: list[str] = []  # what was read in its pictures

    def page(
        self, lines: Sequence[str], titles: Mapping[str, int], marks: Sequence[str], pictures: Sequence[str] = ()
    ) -> None:
        """Add a page.

        Args:
            lines: its lines, without running heads.
            titles: the level of each heading on it, by its words in small letters.
            marks: lines about what stands beside its text: filled fields, comments, links.
            pictures: paragraphs that OCR read in its pictures.
        """
        body, notes = parted(lines)
        texts = [text if MARK in text else clean(text) for text in paragraphs(body, titles, self._words)]
        if texts and goes_over(self._open, texts[0], self._last_line, self._full, titles):
            self._write_beside()
            self._open, start = joined(self._open, texts[0].strip(), self._words)
            self._starts.append(start)
            texts = texts[1:]
            if texts:
                self._close()
        else:
            self._close()
            self._builder.page()
        for text in texts[:-1]:
            self._block(text, titles)
        if texts and clean_line(texts[-1]).casefold() not in titles:
            self._open, self._starts = texts[-1].strip(), []
        elif texts:
            self._block(texts[-1], titles)
        self._last_line, self._full = (body[-1] if body else ""), full_length(body)
        self._beside += [*paragraphs(notes, {}, self._words), "\n".join(marks)]
        self._pictures += pictures

    def end(self, running: Sequence[tuple[str, str]]) -> None:
        """Write, after the last page, what stands above and below many pages: what it is, and its words."""
        self._beside += [f"[{kind}: {words}]" for kind, words in running]

    def extract(self) -> Extract:
        """Return the text of all pages."""
        self._close()
        return self._builder.extract()

    def _close(self) -> None:
        """Write the open paragraph, then what stands beside it."""
        self._builder.block(self._open, self._starts)
        self._open, self._starts = "", []
        self._write_beside()

    def _block(self, text: str, titles: Mapping[str, int]) -> None:
        level = titles.get(clean_line(text).casefold(), 0)
        if level:
            self._builder.heading(level, text)
        else:
            self._builder.block(text)

    def _write_beside(self) -> None:
        for text in self._beside:
            self._builder.block(text)
        for text in self._pictures:
            self._builder.recognised(text)
        self._beside, self._pictures = [], []
