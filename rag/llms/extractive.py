"""The backend without a model: the sentences of the sources that answer best, in their own words.

Nothing can be invented, nothing leaves the machine, and an answer takes no longer than the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.errors import ConfigError
from rag.errors import LLMError
from rag.llms.base import Quoted
from rag.text import clean, tokens
from rag.types import Message, Prompt, ScoredPassage, ScoredSentence

__all__ = ["Extractive", "Pick", "create", "pick_sentences"]

# A sentence is judged by itself and by the passage that it stands in, in equal parts.
_SENTENCE_SHARE = 0.5
# Supporting sentences may score this much less than the best one; beyond it they are padding.
_MARGIN = 0.12
# Two sentences that share this part of their words say the same.
_SAME = 0.75
# Shorter sentences are headings, bylines and remnants more often than answers.
_SHORT = 4
_SHORT_PENALTY = 0.1


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence that was chosen.

    Attributes:
        number: the passage that it stands in, from 1.
        start: first code point in `Document.text`.
        end: one past the last.
        text: the words, without line breaks and control characters.
        score: how well it answers, on the scale of cosines.
    """

    number: int
    start: int
    end: int
    text: str
    score: float


class Extractive:
    """Quotes the best sentences, at most `max_quotes`, no two alike: the best first, the others in reading order."""

    wants_messages = False

    def __init__(self, max_quotes: int = 3) -> None:
        self._max_quotes = max_quotes

    @property
    def spec(self) -> str:
        """The spec `extractive`."""
        return "extractive"

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        """Yield each chosen sentence followed by its marker.

        Raises:
            LLMError: plain messages were given, which hold no scored passages.
        """
        if not isinstance(messages, Prompt):
            raise LLMError("the extractive backend quotes retrieved passages; it can't read plain messages")
        picks = pick_sentences(messages.passages, self._max_quotes)
        for place, pick in enumerate(picks):
            if place:
                same = messages.passages[picks[place - 1].number - 1].passage.document_id
                yield " " if same == messages.passages[pick.number - 1].passage.document_id else "\n\n"
            yield pick.text + " "
            yield Quoted(pick.number, pick.start, pick.end)


def create(argument: str) -> Extractive:
    """Make the backend from its spec; `extractive:2` quotes at most two sentences.

    Raises:
        ConfigError: the argument is no number from 1 to 20.
    """
    if not argument:
        return Extractive()
    if not (argument.isascii() and argument.isdigit() and 1 <= int(argument[:3]) <= 20):
        raise ConfigError(f"extractive:{argument[:50]}: write the most quotes to show, from 1 to 20, or nothing")
    return Extractive(int(argument))


def pick_sentences(passages: Sequence[ScoredPassage], count: int) -> list[Pick]:
    """Choose at most `count` sentences that answer, the best one first, the others in reading order.

    Reading order is the rank of the document, then the place in it.
    """
    ordered = sorted(_candidates(passages), key=lambda pick: (-pick.score, pick.number, pick.start))
    chosen: list[Pick] = []
    for pick in ordered:
        if len(chosen) == count or (chosen and pick.score < chosen[0].score - _MARGIN):
            break
        if not any(_alike(pick, other) for other in chosen):
            chosen.append(pick)
    rank: dict[str, int] = {}
    for hit in passages:
        rank.setdefault(hit.passage.document_id, len(rank))
    chosen[1:] = sorted(chosen[1:], key=lambda pick: (rank[passages[pick.number - 1].passage.document_id], pick.start))
    return chosen


def _candidates(passages: Sequence[ScoredPassage]) -> Iterator[Pick]:
    seen: set[tuple[str, int, int]] = set()
    for number, hit in enumerate(passages, start=1):
        whole = ScoredSentence(hit.passage.start, hit.passage.end, hit.score)
        for sentence in hit.sentences or (whole,):
            where = (hit.passage.document_id, sentence.start, sentence.end)
            text = _words_of(hit, sentence)
            if where in seen or not text:
                continue
            seen.add(where)
            yield Pick(number, sentence.start, sentence.end, text, _score(hit, sentence, text))


def _words_of(hit: ScoredPassage, sentence: ScoredSentence) -> str:
    offset = hit.passage.start
    return " ".join(clean(hit.passage.text[max(0, sentence.start - offset) : sentence.end - offset]).split())


def _score(hit: ScoredPassage, sentence: ScoredSentence, text: str) -> float:
    score = (1 - _SENTENCE_SHARE) * hit.score + _SENTENCE_SHARE * sentence.score
    return score - _SHORT_PENALTY if len(tokens(text)) < _SHORT else score


def _alike(one: Pick, other: Pick) -> bool:
    """Tell whether one sentence repeats (or is contained in) the other."""
    first, second = ({token.form for token in tokens(pick.text)} for pick in (one, other))
    smaller = min(len(first), len(second))
    return bool(smaller) and len(first & second) >= _SAME * smaller
