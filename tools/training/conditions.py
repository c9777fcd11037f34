"""Near misses of finer kinds: a question with one word turned round, or with a year that is another one's.

The words stay those of the passage, so that only reading can tell. A question with its own year stays answered: the
year by itself says nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace

from tools.training import statements
from tools.training.corpus import Corpus, Question

__all__ = ["conditioned", "dated_questions", "turned_questions"]

_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)")
_APART = (-60, -25, -12, -7, -4, -3, -2, -1, 1, 2, 3, 4, 7, 12, 25)  # years between a question's and the passage's
_FIRST, _LAST = 1000, 2026
_MARKS = "?？؟"


def conditioned(corpus: Corpus, count: int, seed: int = 4) -> list[Question]:
    """Return at most `count` questions of each of the two kinds, over the whole corpus at random."""
    dice = random.Random(seed)
    order = [question for question in corpus.questions if question.answered]
    dice.shuffle(order)
    turned = [made for question in order for made in turned_questions(corpus, question, dice)]
    dated = [made for question in order for made in dated_questions(corpus, question, dice)]
    return turned[:count] + dated[:count]


def turned_questions(corpus: Corpus, question: Question, dice: random.Random) -> Iterator[Question]:
    """Turn a word of the question round: the first for the last, unless the passage speaks of that, too."""
    text = statements.turned(question.text, question.language, dice, units=False)
    if text is None or any(text == other.text for other in corpus.asked[question.paragraph]):
        return
    word = _changed(question.text, text)
    if word.casefold() not in corpus.paragraphs[question.paragraph].text.casefold():
        yield Question("made-turned", question.language, text, question.paragraph)


def _changed(before: str, after: str) -> str:
    """Return what of the second text is new."""
    start = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return after[start : len(after) - end]


def dated_questions(corpus: Corpus, question: Question, dice: random.Random) -> Iterator[Question]:
    """Add the year of the sentence that answers, and a year that the passage doesn't hold."""
    text = corpus.paragraphs[question.paragraph].text
    sentence = next((text[a:b] for a, b in corpus.sentences[question.paragraph] if a <= question.start < b), "")
    years = _YEAR.findall(sentence)
    if len(years) != 1 or years[0] in question.answer or any(char.isdigit() for char in question.text):
        return
    other = str(int(years[0]) + dice.choice(_APART))
    for year, answered in ((years[0], True), (other, False)):
        asked = statements.dated(question.text.rstrip(_MARKS + " "), year, question.language)
        if asked is None or (not answered and (year in text or not _FIRST < int(year) <= _LAST)):
            continue
        asked += question.text[len(question.text.rstrip(_MARKS)) :]
        if answered:
            yield replace(question, source="made-dated", text=asked)
        else:
            yield Question("made-dated", question.language, asked, question.paragraph)
