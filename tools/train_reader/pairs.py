"""What the reader is shown of each question: the passage that answers, and passages that nearly do.

A passage that answers is sometimes a window of its sentences, sometimes joined with its neighbour in the article. The
same passage without the sentences that hold the answer, a hard negative, and questions that people or rules made
unanswerable must be told from it. Needs NumPy alone.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tools.training.arrays import BEGIN, END, Ints, Questions

__all__ = ["LONGEST", "Pair", "Pairs"]

LONGEST = 320  # tokens of a pair
LONGEST_QUESTION, LONGEST_TITLE = 64, 30
_TITLED = 0.85  # share of pairs that keep their title
_WINDOWED = 0.5
_WITHOUT = 0.7  # share of questions that also come with the answering sentences taken out
_JOINED = 0.25  # share of passages that are joined with a neighbour
_NEARER = 2  # negatives are drawn by the square of a random number: the nearest most often
_MISS_ALONE = 0.6  # share of unanswerable questions that come without a negative beside them
# Sets whose questions and paragraphs are in different languages: all that their answers come in serve as negatives.
_ACROSS = ("mlqa", "afriqa", "scenes-across")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with a passage, as token ids.

    Attributes:
        ids: `<s> question </s></s> title passage </s>`.
        passage: place of the first token of the title or passage.
        sentences: sentence of each token, -1 outside the passage.
        span: first and last token of the answer, `None` where the passage doesn't answer.
        choice: number of the choice that the pair takes part in, of whose wrong passages the hardest trains; -1: none.
    """

    ids: list[int]
    passage: int
    sentences: list[int]
    span: tuple[int, int] | None
    choice: int = -1


@dataclass(frozen=True, slots=True)
class _Cut:
    """Some sentences of a paragraph: tokens, sentence of each from 0 on, place of each token in the paragraph."""

    tokens: Ints
    sentences: Ints
    places: Ints


class Pairs:
    """Makes the pairs of each question.

    Args:
        questions: of a bundle.
        negatives: paragraphs that are near each question, -1 for none, shape (questions, n).
        rivals: wrong passages from among which each one is chosen.
    """

    def __init__(self, questions: Questions, negatives: Ints, rivals: int = 1) -> None:
        self._of = questions
        self._negatives = negatives
        self._rivals = rivals
        self._languages = _languages_of_answers(questions)
        self._next = _neighbours(questions)

    def of(self, number: int, dice: random.Random, *, whole: bool = False) -> list[Pair]:
        """Return the pairs of one question, the one that answers first; none where the answer doesn't fit.

        Args:
            number: of the question.
            dice: what is left to chance.
            whole: passages come whole and alone, as for judging.
        """
        asked, place = self._of, int(self._of.paragraph[number])
        titled = dice.random() < _TITLED
        found: list[Pair] = []
        if asked.answered[number]:
            right = self._right(number, dice, titled=titled, whole=whole)
            if right is None:
                return []
            found.append(right)
            without = self._without(number, dice, titled=titled, whole=whole)
            found += [without] if without else []
        else:
            cut = self._cut(place, self._all(place), dice, None if whole else ())
            found.append(self._pair(number, self._title(place, titled=titled), cut))
            if dice.random() < _MISS_ALONE:
                return found
        wanted = 2 if asked.answered[number] and len(found) < 2 else 1
        return found + self._negative(number, dice, wanted, titled=titled, whole=whole)

    def _right(self, number: int, dice: random.Random, *, titled: bool, whole: bool) -> Pair | None:
        asked, place = self._of, int(self._of.paragraph[number])
        first, last = (int(token) for token in asked.span[number])
        if first < 0:
            return None
        needed = set(asked.sentence[place][first : last + 1].tolist())
        cut = self._cut(place, self._all(place), dice, None if whole else needed)
        span = int(np.searchsorted(cut.places, first)), int(np.searchsorted(cut.places, last))
        if span[1] >= len(cut.places) or cut.places[span[0]] != first:
            return None
        if not whole and dice.random() < _JOINED:
            cut, span = self._joined(place, cut, span, asked.body[place][first : last + 1], dice)
        return self._pair(number, self._title(place, titled=titled), cut, span)

    def _without(self, number: int, dice: random.Random, *, titled: bool, whole: bool) -> Pair | None:
        """Return the passage less the sentences that hold the answer, if it is worth it."""
        place = int(self._of.paragraph[number])
        every = self._all(place)
        left = {sentence for sentence in every if not self._of.held_by(number, sentence)}
        if not 2 <= len(left) < len(every) or dice.random() >= _WITHOUT:
            return None
        return self._pair(
            number, self._title(place, titled=titled), self._cut(place, left, dice, None if whole else ())
        )

    def _negative(self, number: int, dice: random.Random, count: int, *, titled: bool, whole: bool) -> list[Pair]:
        near = self._negatives[number]
        near = near[near >= 0]
        near = near[np.isin(self._of.passage_language[near], self._languages[int(self._of.set[number])][number])]
        found = []
        for choice in range(count if len(near) else 0):
            rivals = 1 if whole else self._rivals
            drawn = {int(near[min(len(near) - 1, int(len(near) * dice.random() ** _NEARER))]) for _ in range(rivals)}
            for other in sorted(drawn):
                cut = self._cut(other, self._all(other), dice, None if whole else ())
                pair = self._pair(number, self._title(other, titled=titled), cut)
                found.append(pair if len(drawn) == 1 else replace(pair, choice=choice))
        return found

    def _all(self, place: int) -> set[int]:
        return set(self._of.sentence[place].tolist())

    def _title(self, place: int, *, titled: bool) -> Ints:
        return self._of.title[place][:LONGEST_TITLE] if titled else self._of.title[place][:0]

    def _cut(self, place: int, kept: set[int], dice: random.Random, around: Collection[int] | None) -> _Cut:
        """Return the sentences kept, half the time only a window of them; it holds the sentences `around`."""
        order = sorted(kept)
        if around is not None and len(order) > 2 and dice.random() < _WINDOWED:
            order = _window(order, around, dice)
        sentences = self._of.sentence[place]
        where = np.nonzero(np.isin(sentences, order))[0]
        return _Cut(self._of.body[place][where], np.searchsorted(order, sentences[where]), where)

    def _joined(
        self, place: int, cut: _Cut, span: tuple[int, int], answer: Ints, dice: random.Random
    ) -> tuple[_Cut, tuple[int, int]]:
        """Put the next paragraph of the article before or behind, unless it holds the answer or is too long."""
        other = self._next.get(place)
        if other is None or len(cut.tokens) + len(self._of.body[other]) > LONGEST - LONGEST_QUESTION - LONGEST_TITLE:
            return cut, span
        more, numbers = self._of.body[other], self._of.sentence[other]
        if answer.tobytes() in more.tobytes():
            return cut, span
        if dice.random() < 0.5:
            behind = numbers + 1 + int(cut.sentences.max(initial=-1))
            return _Cut(np.concatenate([cut.tokens, more]), np.concatenate([cut.sentences, behind]), cut.places), span
        moved = cut.sentences + 1 + int(numbers.max(initial=-1))
        joined = _Cut(np.concatenate([more, cut.tokens]), np.concatenate([numbers, moved]), cut.places)
        return joined, (span[0] + len(more), span[1] + len(more))

    def _pair(self, number: int, title: Ints, cut: _Cut, span: tuple[int, int] | None = None) -> Pair:
        head = [BEGIN, *self._of.question[number][:LONGEST_QUESTION].tolist(), END, END]
        before = len(head) + len(title)
        room = LONGEST - 1 - before
        if span and span[1] >= room:  # the answer would be cut off: begin later
            first = max(0, min(span[0], len(cut.tokens) - room))
            cut = _Cut(cut.tokens[first:], cut.sentences[first:] - cut.sentences[first], cut.places)
            span = span[0] - first, min(span[1] - first, room - 1)
        ids = [*head, *title.tolist(), *cut.tokens[:room].tolist(), END]
        sentences = [-1] * before + cut.sentences[:room].tolist() + [-1]
        return Pair(ids, len(head), sentences, (before + span[0], before + span[1]) if span else None)


def _window(order: Sequence[int], around: Collection[int], dice: random.Random) -> list[int]:
    """Return neighbouring sentences in a random number, those `around` among them."""
    size = dice.randint(2, len(order))
    needed = [place for place, sentence in enumerate(order) if sentence in around] or [dice.randrange(len(order))]
    low, high = sorted((max(0, needed[-1] - size + 1), min(needed[0], len(order) - size)))
    first = max(0, dice.randint(low, high))
    return sorted({*order[first : first + size], *(sentence for sentence in around if sentence in order)})


class _Allowed:
    """Languages in which the negatives of a set's questions may come.

    They are those that its answers come in, or the model would learn that another language means no answer.
    """

    def __init__(self, questions: Questions, everywhere: NDArray[np.integer] | None) -> None:
        self._questions, self._everywhere = questions, everywhere

    def __getitem__(self, number: int) -> Ints:
        if self._everywhere is not None:
            return self._everywhere
        return self._questions.passage_language[[self._questions.paragraph[number]]]


def _languages_of_answers(questions: Questions) -> list[_Allowed]:
    found = []
    for place, name in enumerate(questions.sets):
        mine = questions.paragraph[(questions.set == place) & questions.answered]
        found.append(_Allowed(questions, np.unique(questions.passage_language[mine]) if name in _ACROSS else None))
    return found


def _neighbours(questions: Questions) -> dict[int, int]:
    """Return the next paragraph of the same article in the same language, for each that has one."""
    last: dict[tuple[int, int], int] = {}
    found = {}
    for place in range(len(questions.body)):
        key = int(questions.article[place]), int(questions.passage_language[place])
        if key in last and questions.parallel[last[key]] != questions.parallel[place]:
            found[last[key]] = place
        last[key] = place
    return found
