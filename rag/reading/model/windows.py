"""Questions and passages as the token sequences that the reader was trained on.

`<s> question </s></s> title text </s>`, the three texts tokenised each by itself; for claims there is no title. What
does not fit into one sequence is read in several that overlap by half.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.embedders.bundled.tokens.unigram import Tokens, Unigram
from index.folders import titled
from index.language.sentences.splitting import sentences
from rag.types import ScoredPassage

__all__ = ["Text", "Window", "claim_windows", "question_windows", "text_of"]

_BEGIN, _END = 0, 2
_QUESTION, _TITLE, _ALL = 64, 30, 320
"""Tokens of the question, of the title and of the whole sequence, as in training."""
_CLAIM, _ALL_OF_CLAIM = 110, 360


@dataclass(frozen=True, slots=True)
class Text:
    """What of a passage is read.

    Attributes:
        title: what stands before the text: the document's title, and the heading.
        text: the passage's own text.
        bounds: where each sentence lies in it, in order.
    """

    title: str
    text: str
    bounds: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Window:
    """One sequence that the reader reads.

    Attributes:
        ids: token ids.
        head: how many tokens, from the first on, belong to the question or claim and its markers.
        body: number of the first token of the text.
        spans: code points of the text for each of its tokens.
        sentences: number of the sentence of each of these tokens; never falling.
    """

    ids: tuple[int, ...]
    head: int
    body: int
    spans: tuple[tuple[int, int], ...]
    sentences: tuple[int, ...]


def text_of(hit: ScoredPassage) -> Text:
    """Return what of a hit is read."""
    passage = hit.passage
    length = len(passage.text)
    if hit.sentences:
        found = [(each.start - passage.start, each.end - passage.start) for each in hit.sentences]
    else:
        found = [(each.start, each.end) for each in sentences(passage.text, passage.language)]
    bounds = tuple((min(max(start, 0), length), min(max(end, 0), length)) for start, end in found)
    return Text(_title(titled(hit.title, hit.source), passage.heading), passage.text, bounds)


def question_windows(unigram: Unigram, question: Tokens, text: Text) -> list[Window]:
    """Return the sequences in which a text is read for a question: one where it fits."""
    title = unigram.encode(text.title).ids[:_TITLE]
    head = [_BEGIN, *question.ids[:_QUESTION], _END, _END]
    return _windows(head, title, unigram.encode(text.text), text.bounds, _ALL)


def claim_windows(unigram: Unigram, claim: str, passage: str) -> list[Window]:
    """Return the sequences in which a passage is read for a claim."""
    head = [_BEGIN, *unigram.encode(claim).ids[:_CLAIM], _END, _END]
    return _windows(head, [], unigram.encode(passage), ((0, len(passage)),), _ALL_OF_CLAIM)


def _title(title: str, heading: str) -> str:
    """Return title and heading in one, the heading only where it says something that the title doesn't."""
    title, heading = title.strip(), heading.strip()
    if heading.casefold() in title.casefold():
        return title
    return heading if title.casefold() in heading.casefold() else f"{title}: {heading}"


def _windows(
    head: Sequence[int], title: Sequence[int], text: Tokens, bounds: Sequence[tuple[int, int]], most: int
) -> list[Window]:
    room = most - len(head) - len(title) - 1
    sentence = _sentence_of(text.spans, [start for start, _ in bounds])
    return [
        Window(
            ids=(*head, *title, *text.ids[start : start + room], _END),
            head=len(head),
            body=len(head) + len(title),
            spans=tuple(text.spans[start : start + room]),
            sentences=tuple(sentence[start : start + room]),
        )
        for start in _starts(len(text.ids), room)
    ]


def _starts(length: int, room: int) -> list[int]:
    """Return where windows begin: half a window apart, the last one ending with the text."""
    if length <= room:
        return [0]
    return [*range(0, length - room, room // 2), length - room]


def _sentence_of(spans: Sequence[tuple[int, int]], starts: Sequence[int]) -> list[int]:
    """Return each token's sentence: the last one that begins at or before the token's middle."""
    return [max(bisect_right(starts, (start + end) / 2) - 1, 0) for start, end in spans]
