"""Cuts documents into passages, the unit that is embedded and retrieved, and into sentences, the unit of a quote.

Passages keep to what the author meant to belong together: no passage crosses a heading, whole paragraphs stay whole
where they fit, short neighbours share a passage, and only a paragraph that is too long is cut between its sentences,
repeating a sentence or so to keep the thread. A row of a table is a passage and a sentence of its own, never cut, and a
block of code one sentence, a long one its lines. The
bound is in tokens of the embedder. The default of 256 is half of what multilingual-e5 reads: a mean of fewer tokens
says more about each of them, and the longest paragraphs of news and encyclopaedias, some 250 words, still fit in two.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.building.passages.headings import headings_of
from index.building.passages.splitting import LONGEST_TOKEN, split_span
from index.codeblocks import code_spans, code_units
from index.config import ChunkingConfig
from index.language.codes import canonical
from index.language.identification import detect_within, scripts_of_language
from index.language.scripts import script_of
from index.language.sentences.linebreaks import hard_breaks
from index.language.sentences.splitting import split_at, trimmed_spans
from index.records import Rows, table_at, tables_of
from index.types import Document, Passage, Sentence

__all__ = ["CHUNKING_VERSION", "Chunked", "chunk", "embedding_text", "sentence_embedding_text"]

CHUNKING_VERSION = 4

_DEFAULT = ChunkingConfig()
_FULL = 0.6  # share of the bound beyond which a passage takes no further paragraph
_SMALL = 0.16  # share of the bound under which a passage looks for company: about 40 tokens of 256
_CONTEXT_LENGTH = 80  # code points of a title or a heading that a sentence is read with
_LOOKED_AT = 400  # code points of a paragraph that tell its script
_FINAL = frozenset(".!?…。！？؟۔।॥։።؛;៕။,")


@dataclass(frozen=True, slots=True)
class Chunked:
    """What a document is cut into.

    Attributes:
        passages: the passages in reading order; every sentence lies within at least one.
        sentences: the sentences in reading order; one too long for a passage, or for the embedder, comes in pieces.
    """

    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence with its estimated tokens, whether it begins a paragraph, and whether it is a row of a table."""

    start: int
    end: int
    tokens: int
    opens: bool
    row: bool = False


_Run = tuple[int, int]  # first and one past the last of the units of a passage


def chunk(
    document: Document,
    count_tokens: Callable[[str], int],
    config: ChunkingConfig = _DEFAULT,
) -> Chunked:
    """Cut a document into passages of at most `config.max_tokens` tokens, and into sentences.

    A passage holds more only where a single code point has more, or a row of a table (`index.records`). Headings are
    read from `document.metadata["headings"]`, a list of `[offset, level, title]`; a heading line stands at the head of
    the passage that follows it.
    The work grows with n log n in the length of the text, whatever the text.

    Args:
        document: the source text.
        count_tokens: tokens of a text for the embedder; asked for texts of at most 16 characters a token allowed.
        config: bound and overlap.

    Returns:
        Passages and sentences in reading order; both empty for a text without anything to read.
    """
    return _Cutter(document, count_tokens, config).cut()


def embedding_text(document_title: str, passage: Passage) -> str:
    """Return what the embedder reads for a passage: title and heading as context, then the text.

    Neither is said twice: a title that the heading or the text begins with is left out.
    """
    return "\n".join([*_context(passage.text, document_title, passage.heading), passage.text])


def sentence_embedding_text(document_title: str, passage: Passage, text: str) -> str:
    """Return what the embedder reads for a sentence: title and heading as context, then the sentence.

    A sentence alone often doesn't name what it is about ("It was opened in 1903"). Only the first words of a line of
    context are taken, so that they don't drown what the sentence says.

    Args:
        document_title: title of its document.
        passage: where it stands.
        text: the sentence.
    """
    return "\n".join([*map(_beginning, _context(text, document_title, passage.heading)), text])


def _context(text: str, *lines: str) -> list[str]:
    """Return those of the lines that tell something about the text that it doesn't begin with."""
    context: list[str] = []
    for line in map(str.strip, lines):
        if line and line not in context and not text.startswith(line):
            context.append(line)
    return context


def _beginning(line: str) -> str:
    """Return the first words of a line, whole where the script puts spaces between them."""
    if len(line) <= _CONTEXT_LENGTH:
        return line
    cut = line[:_CONTEXT_LENGTH]
    return cut.rpartition(" ")[0] or cut


class _Cutter:
    """The work on one document: its text, its headings, its counter."""

    def __init__(self, document: Document, count_tokens: Callable[[str], int], config: ChunkingConfig) -> None:
        self.document, self.text = document, document.text
        self.count, self.config = count_tokens, config
        self.headings = headings_of(document)
        self.heading_starts = [heading.start for heading in self.headings]
        self.tables = tables_of(document.metadata)
        self.rows = Rows(self.text, self.tables)
        units = code_units(self.text, code_spans(document.metadata))
        self.whole = self.rows.with_others(units)

    def cut(self) -> Chunked:
        units = self._units()
        runs = [run for section in self._sections(units) for run in self._pack(units, *section)]
        passages = tuple(self._passage(number, units[a].start, units[b - 1].end) for number, (a, b) in enumerate(runs))
        return Chunked(passages, tuple(Sentence(unit.start, unit.end) for unit in units))

    def _fits(self, start: int, end: int) -> bool:
        bound = self.config.max_tokens
        return end - start <= LONGEST_TOKEN * bound and self.count(self.text[start:end]) <= bound

    def _units(self) -> list[_Unit]:
        """Return the sentences, those too long cut in pieces, each marked where a paragraph begins."""
        text, language = self.text, canonical(self.document.language)
        edges = {edge for heading in self.headings for edge in (heading.start, heading.end)}
        edges.update(self.whole.edges)
        hard = sorted({*hard_breaks(text), *edges} - {0, len(text)})
        units: list[_Unit] = []
        for sentence in self.whole.whole(trimmed_spans(text, split_at(text, language, hard))):
            before = units[-1].end if units else 0
            opens = not units or bisect_right(hard, sentence.start) > bisect_left(hard, before)
            row = self.rows.at(sentence.start) is not None
            for start, end, tokens in self._pieces(sentence.start, sentence.end, language):
                units.append(_Unit(start, end, tokens, opens, row))
                opens = False
        return units

    def _pieces(self, start: int, end: int, language: str) -> Iterator[tuple[int, int, int]]:
        """Yield a sentence with its tokens, or its pieces if it has too many; each is counted once where it can be."""
        bound = self.config.max_tokens
        if end - start <= LONGEST_TOKEN * bound:
            tokens = self.count(self.text[start:end])
            if tokens <= bound:
                yield start, end, tokens
                return
        for first, last in split_span(self.text, start, end, self._fits, bound, language):
            yield first, last, self.count(self.text[first:last])

    def _heading_at(self, offset: int) -> int:
        """Return the number of the nearest heading at or above an offset, -1 above the first."""
        return bisect_right(self.heading_starts, offset) - 1

    def _sections(self, units: Sequence[_Unit]) -> Iterator[_Run]:
        """Yield the units of each section; headings with nothing between them open one section together."""
        first, above, in_heading = 0, -1, True
        for at, unit in enumerate(units):
            heading = self._heading_at(unit.start)
            if heading != above and not in_heading:
                yield first, at
                first = at
            above, in_heading = heading, heading >= 0 and unit.start < self.headings[heading].end
        if units:
            yield first, len(units)

    def _pack(self, units: Sequence[_Unit], first: int, last: int) -> Iterator[_Run]:
        """Yield the passages of one section."""
        bound = self.config.max_tokens
        begin, tokens, script = first, 0, "Zyyy"
        for a, b in self._paragraphs(units, first, last):
            if units[b - 1].row:
                if begin < a:
                    yield from self._cut(units, begin, a)
                yield a, b
                begin, tokens = b, 0
                continue
            size = sum(unit.tokens for unit in units[a:b])
            full = tokens + size > _FULL * bound and min(tokens, size) >= _SMALL * bound
            here = script_of(self.text[units[a].start : units[b - 1].end][:_LOOKED_AT])
            other = here != script and "Zyyy" not in (here, script)
            if tokens and (full or other or tokens + size > bound):
                yield from self._cut(units, begin, a)
                begin, tokens = a, 0
            tokens += size
            script = script if here == "Zyyy" else here
        if begin < last:
            yield from self._cut(units, begin, last)

    def _paragraphs(self, units: Sequence[_Unit], first: int, last: int) -> Iterator[_Run]:
        """Yield the paragraphs; a line that reads like a heading is one with the paragraph below it."""
        starts = [at for at in range(first, last) if units[at].opens or at == first]
        begin, titled = first, False
        for a, b in pairwise([*starts, last]):
            title = b - a == 1 and not units[a].row and self._reads_like_heading(units[a])
            if title and titled:  # lines of a list, rather
                yield begin, a
                begin = a
            if not title or b == last:
                yield begin, b
                begin = b
            titled = title

    def _reads_like_heading(self, unit: _Unit) -> bool:
        return unit.tokens < _SMALL * self.config.max_tokens / 2 and self.text[unit.end - 1] not in _FINAL

    def _cut(self, units: Sequence[_Unit], first: int, last: int) -> Iterator[_Run]:
        """Yield the units as one passage if they fit, else as several of about the same size, overlapping."""
        total = sum(unit.tokens for unit in units[first:last])
        if total <= self.config.max_tokens and self._fits(units[first].start, units[last - 1].end):
            yield first, last
            return
        goal = total / -(-total // self.config.max_tokens) if total else 1
        at = low = first
        while at < last:
            begin = self._with_overlap(units, low, at)
            stop = self._stop(units, begin, at, last, goal)
            if stop == at:  # no room beside what would be repeated
                begin, stop = at, max(at + 1, self._stop(units, at, at, last, goal))
            yield begin, stop
            at, low = stop, begin + 1  # the whole of a passage is never repeated in the next

    def _with_overlap(self, units: Sequence[_Unit], low: int, at: int) -> int:
        """Return where a piece begins: as many sentences back as are repeated, while they take under a quarter."""
        begin, tokens = at, 0
        for back in range(at - 1, max(low, at - self.config.overlap_sentences) - 1, -1):
            tokens += units[back].tokens
            if 4 * tokens > self.config.max_tokens:
                break
            begin = back
        return begin

    def _stop(self, units: Sequence[_Unit], begin: int, at: int, last: int, goal: float) -> int:
        """Return one past the last unit of a piece that starts at `begin`; `at` when nothing new fits."""
        bound, tokens, stop = self.config.max_tokens, sum(unit.tokens for unit in units[begin:at]), at
        fresh = 0.0
        while stop < last and (stop == at or fresh + units[stop].tokens / 2 <= goal):
            tokens += units[stop].tokens
            if tokens > bound or units[stop].end - units[begin].start > LONGEST_TOKEN * bound:
                break
            fresh += units[stop].tokens
            stop += 1
        while stop > at and not self._fits(units[begin].start, units[stop - 1].end):
            stop = at + (stop - at) // 2  # sums of tokens are estimates: this is rare
        return stop

    def _tells_rows(self, text: str) -> bool:
        """Tell whether the document's language may be that of a row."""
        language = self.document.language
        return language not in ("", "und") and script_of(text) in ("Zyyy", *scripts_of_language(language))

    def _passage(self, number: int, start: int, end: int) -> Passage:
        document, text = self.document, self.text[start:end]
        at, table = self._heading_at(end - 1), table_at(self.tables, end - 1, end)
        heading = self.headings[at].title if at >= 0 else ""
        if table is not None and table.title not in heading:
            heading = f"{heading}: {table.title}" if heading else table.title
        known = table is not None and self._tells_rows(text)  # a row is too short to tell
        return Passage(
            id=f"{document.id}:{number}",
            document_id=document.id,
            start=start,
            end=end,
            text=text,
            language=document.language if known else detect_within(text, document.language),
            heading=heading,
        )
