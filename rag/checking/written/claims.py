"""What a backend wrote, taken apart: the plain text, the markers, and the sentences that the markers belong to."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.language.sentences.answer_sentences import sentence_spans
from index.language.words import tokens
from rag.checking.written.courtesies import is_courtesy
from rag.checking.written.markers import find_markers
from rag.checking.written.table_rows import is_rule, row_lines
from rag.checking.written.wrapping import cut_source_list, file_name, unwrapped
from rag.llms.events import Quoted, Spoken, glued, text_of
from rag.types import ScoredPassage

__all__ = [
    "Claim",
    "Mark",
    "claims",
    "code_blocks",
    "first_claims",
    "followings_of",
    "put_in",
    "says_something",
    "take_out",
]

# Brackets with numbers in quoted words would look like markers; wide brackets read the same and are none.
_BRACKETED = re.compile(r"[\[【](\s*\^?\d[\d\s,;–—-]*)[\]】]")
_FENCES = "`~"
_OPENING = re.compile(r"[ \t]{0,3}(`{3,}|~{3,})")
# A block of code that is quoted, fences and all.
_FENCED = re.compile(r"^((?:`{3,})\n[\s\S]*?\n`{3,}$)", re.MULTILINE)
# A sentence that only introduces what follows, asks, or is a heading claims nothing; a long one, or one with a number,
# may well claim something in that form.
_INTRODUCES = (":", "：", "?", "？", "؟")
_LONGEST_INTRODUCTION = 100
_FEWEST_WORDS = 3
# Behind the end of a line the next one begins within so many characters.
_NEXT_LINE = 12
# The number of a list's item, at the beginning of a line.
_ITEM = re.compile(r"^[^\S\n]*(\d{1,3})[.)]\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker that was taken out of the text.

    Attributes:
        place: where it stood, as an offset in the text without markers.
        numbers: the sources that it names.
        span: the exact words in the document, where the backend knows them.
    """

    place: int
    numbers: tuple[int, ...]
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the draft, `body[start:end]`.

    Attributes:
        start: its first character.
        end: one past its last.
        text: the sentence, without the number of a list's item.
        marks: the markers in and right behind it.
        paragraph: number of its paragraph.
        asserts: it says something that needs a proof.
        row: it is a row of a table.
        code: it is a block of code, fences and all.
    """

    start: int
    end: int
    text: str
    marks: tuple[Mark, ...]
    paragraph: int
    asserts: bool
    row: bool = False
    code: bool = False


def take_out(pieces: Sequence[Spoken], passages: Sequence[ScoredPassage] = ()) -> tuple[str, list[Mark]]:
    """Return the text without its markers, and the markers; what models put around an answer is dropped.

    A backend that yields `Quoted` pieces means nothing else as a marker.

    Args:
        pieces: what the backend yielded.
        passages: the numbered sources.
    """
    if any(isinstance(piece, Quoted) for piece in pieces):
        return _take_quoted(pieces)
    names = {name for hit in passages for name in (hit.title, hit.source, hit.source.rpartition("/")[2])}
    text, listed = cut_source_list(unwrapped(glued(pieces)), names)
    sources = [hit.passage.text for hit in passages]
    body, marks = _take_marked(text, sources)
    if listed and not marks:  # the answer names its sources there alone
        numbers = dict.fromkeys(number for marker in find_markers(listed, sources) for number in marker.numbers)
        marks = [Mark(len(body), tuple(numbers))] if numbers else []
    return body, marks


def _take_marked(text: str, sources: Sequence[str]) -> tuple[str, list[Mark]]:
    body: list[str] = []
    marks: list[Mark] = []
    position = length = 0
    for marker in find_markers(text, sources):
        body.append(text[position : marker.start])
        length += marker.start - position
        marks.append(Mark(length, marker.numbers))
        position = marker.end
    body.append(text[position:])
    return "".join(body), marks


def _take_quoted(pieces: Sequence[Spoken]) -> tuple[str, list[Mark]]:
    body: list[str] = []
    marks: list[Mark] = []
    length = 0
    for piece in pieces:
        if isinstance(piece, Quoted):
            marks.append(Mark(length, (piece.number,), (piece.start, piece.end)))
        else:
            body.append(_bare(text_of(piece)))
            length += len(body[-1])
    return "".join(body), marks


def _bare(piece: str) -> str:
    """Return quoted words without brackets that look like markers; in code, where none is one, they stay."""
    parts = _FENCED.split(piece)
    return "".join(part if at % 2 else _BRACKETED.sub("［\\1］", part) for at, part in enumerate(parts))


def claims(body: str, marks: Sequence[Mark]) -> list[Claim]:
    """Return the sentences of the text with their markers; a marker behind a full stop belongs to what it follows."""
    quoted = [mark.place for mark in marks if mark.span is not None]
    code = [found.span() for found in _FENCED.finditer(body)] if quoted else code_blocks(body)
    rows = [row for row in row_lines(body) if not _within(row[0], code)]
    spans = _with_rows(_sentences(body, quoted), sorted([*rows, *code]) if code else rows)
    owned: list[list[Mark]] = [[] for _ in spans]
    at = 0
    for mark in marks:
        while at + 1 < len(spans) and _follows(body, spans[at], spans[at + 1], mark):
            at += 1
        if spans:
            owned[at].append(mark)
    found = []
    paragraph = 0
    items, heads, lines = _items(body), _heads(body, rows), set(rows)
    for place, (start, end) in enumerate(spans):
        text = body[items.get(start, start) : end]
        if (start, end) in code:
            text = text.strip(_FENCES).strip("\n") if quoted else _inside(text)
        paragraph += place > 0 and "\n" in body[spans[place - 1][1] : start]
        asserts = (start, end) not in heads and says_something(text)
        kinds = (start, end) in lines, (start, end) in code
        found.append(Claim(start, end, text, tuple(owned[place]), paragraph, asserts, *kinds))
    return found


def _inside(block: str) -> str:
    """Return what a block of code says: all but its fences and the one word that names its language."""
    opening, _, rest = block.partition("\n")
    before = opening.strip().strip(_FENCES).strip()
    words = rest.strip().strip(_FENCES).strip("\n")
    return words if len(before.split()) <= 1 and words else f"{before}\n{words}".strip()


def _within(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a place lies in one of some spans, which are in order and apart."""
    at = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return at >= 0 and place < spans[at][1]


def code_blocks(body: str) -> list[tuple[int, int]]:
    """Return from where to where blocks of code stand, fences and all (CommonMark 0.31.2, 4.5); one may never end."""
    found: list[tuple[int, int]] = []
    opened, fence, at = -1, "", 0
    for line in body.split("\n"):
        mark = _OPENING.match(line)
        if opened < 0 and mark:
            opened, fence = at, mark[1]
        elif opened >= 0 and mark and mark[1].startswith(fence) and not line.strip(" \t" + _FENCES):
            found.append((opened, at + len(line)))
            opened = -1
        at += len(line) + 1
    if opened >= 0:
        found.append((opened, len(body)))
    return found


def _with_rows(sentences: Sequence[tuple[int, int]], rows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the sentences, a row of a table as one, whatever full stops stand in it."""
    found: list[tuple[int, int]] = []
    waiting = list(reversed(rows))
    for start, end in sentences:
        while waiting and waiting[-1][1] <= start:
            waiting.pop()
        span = waiting[-1] if waiting and waiting[-1][0] <= start else (start, end)
        if not found or found[-1] != span:
            found.append(span)
    return found


def _heads(body: str, rows: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the rows that name the columns of a table."""
    follow = [(row, after) for row, after in pairwise(rows) if after[0] - row[1] < _NEXT_LINE]
    return {row for row, after in follow if is_rule(body[after[0] : after[1]])}


def _items(body: str) -> dict[int, int]:
    """Return where list items begin, and where their text does behind the number.

    A number is one of a list when another line has the one before or after it; alone it may be a day or a year.
    """
    found = [(int(item.group(1)), item.start(1), item.end()) for item in _ITEM.finditer(body)]
    numbers = {number for number, _, _ in found}
    return {start: end for number, start, end in found if numbers & {number - 1, number + 1}}


def _sentences(body: str, ends: Sequence[int]) -> list[tuple[int, int]]:
    """Return the sentences of the text; behind a quotation a new one begins, full stop or not."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in [*ends, len(body)]:
        found += [(start + first, start + last) for first, last in sentence_spans(body[start:end])]
        start = end
    return found


def _follows(body: str, this: tuple[int, int], after: tuple[int, int], mark: Mark) -> bool:
    """Tell whether a marker stands in the later sentence, or opens the line that it stands on.

    That of a quotation always stands behind it, below code on a line of its own.
    """
    place = mark.place
    return place > after[0] or (mark.span is None and place > this[1] and "\n" in body[this[1] : place])


def says_something(text: str) -> bool:
    """Tell whether a sentence says something; what stands in a block of code does so too, whatever made it one."""
    words = text.strip(_FENCES)
    if file_name(words) or is_courtesy(words):
        return False
    count = len(tokens(words))
    if any(letter.isnumeric() for letter in words):
        return count > 1  # the number of a list's item stands alone
    introduces = words.startswith("#") or words.endswith(_INTRODUCES)
    return count >= _FEWEST_WORDS and not (introduces and len(words) <= _LONGEST_INTRODUCTION)


def first_claims(found: list[Claim], body: str, marks: list[Mark], most: int) -> tuple[list[Claim], str, list[Mark]]:
    """Return what is read of an answer: no more than so many claims, the text up to there, and its markers.

    Args:
        found: all claims, in order.
        body: the text without its markers.
        marks: the markers.
        most: how many claims at most.
    """
    if len(found) <= most:
        return found, body, marks
    last = found[most - 1]
    body = body[: max([last.end, *(mark.place for mark in last.marks)])]
    return found[:most], body, [mark for mark in marks if mark.place <= len(body)]


def followings_of(found: Sequence[Claim]) -> list[tuple[Mark, ...]]:
    """Return for each claim the next markers of the same paragraph: "A. B [1]." often means both."""
    following: list[tuple[Mark, ...]] = []
    after: Claim | None = None
    marks: tuple[Mark, ...] = ()
    for claim in reversed(found):
        marks = () if after is None or after.paragraph != claim.paragraph else after.marks or marks
        following.append(marks)
        after = claim
    return following[::-1]


def put_in(body: str, insertions: Mapping[int, str], emptied: Collection[int] = ()) -> str:
    """Put markers back where they stood; where one is gone (`emptied`), the space before it goes as well."""
    written: list[str] = []
    position = 0
    for place in sorted({*insertions, *emptied}):
        part = body[position:place]
        if place not in insertions and not body[place : place + 1].isalnum():
            part = part.removesuffix(" ")
        written += [part, insertions.get(place, "")]
        position = place
    return "".join([*written, body[position:]])
