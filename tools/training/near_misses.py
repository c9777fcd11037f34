"""Questions that their passage nearly answers, made from questions that it does.

One number, name or other answer in the question is exchanged for another one of the same article, most often for one
that the passage doesn't hold. The passage is still about the subject, and no longer answers.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from tools.training.corpus import Corpus, Question

__all__ = ["NAME", "NUMBER", "exchanged", "near_misses", "same_digits", "stands_at"]

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NAME = re.compile(r"(?<=[\w,;] )[A-ZÀ-ÞА-ЯΑ-Ω][\w’'-]+(?: [A-ZÀ-ÞА-ЯΑ-Ω][\w’'-]+)*")
"""Words with capitals that don't begin the text: names, in the scripts that have capitals."""

_STEPS = (1, 2, 3, 4, 5, 8, 10, 15, 20, 50)
_LONGEST = 40  # code points of an answer that may stand in a question
_FAR = 0.75  # share of exchanges for something that the passage doesn't hold, where there is any


def near_misses(corpus: Corpus, count: int, seed: int = 1) -> list[Question]:
    """Return at most `count` questions without an answer, over the whole corpus at random."""
    dice = random.Random(seed)
    places = [place for place, question in enumerate(corpus.questions) if question.answered]
    dice.shuffle(places)
    made: list[Question] = []
    for place in places:
        if len(made) >= count:
            break
        question = corpus.questions[place]
        text = exchanged(corpus, question, dice)
        asked = {other.text for other in corpus.asked[question.paragraph]}  # the exchange may make a question of people
        if text and text not in asked:
            made.append(Question("made-miss", question.language, text, question.paragraph))
    return made


def exchanged(corpus: Corpus, question: Question, dice: random.Random) -> str | None:
    """Return the question with one thing in it exchanged, `None` where nothing can be."""
    ways = [*_numbers(corpus, question, dice), *_names(corpus, question, dice), *_answers(corpus, question, dice)]
    if not ways:
        return None
    start, end, other = dice.choice(ways)
    return question.text[:start] + other + question.text[end:]


def _numbers(corpus: Corpus, question: Question, dice: random.Random) -> Iterator[tuple[int, int, str]]:
    text = corpus.paragraphs[question.paragraph].text
    for found in NUMBER.finditer(question.text):
        number = found.group()
        if 2 <= len(number) <= 4 and number.isdigit() and number in text:
            value = int(number) + dice.choice((-1, 1)) * dice.choice(_STEPS)
            other = same_digits(str(value), number)
            if value > 0 and other not in text and str(value) not in text:
                yield found.start(), found.end(), other


def same_digits(number: str, like: str) -> str:
    """Write a number in the digits of another one: Arabic, Persian, Devanagari, full-width and so on."""
    first = next((char for char in like if char.isdecimal()), "0")
    zero = ord(first) - int(first)
    return "".join(chr(zero + int(char)) if char.isdecimal() else char for char in number)


def stands_at(text: str, words: str) -> int:
    """Return where the words stand in a text, not as part of a longer word or number; -1 where they don't.

    Letters without capitals may touch: there, many languages write particles without a space.
    """
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        if not _goes_on(text[at - 1 : at], words[0]) and not _goes_on(words[-1], text[end : end + 1]):
            return at
        at = text.find(words, at + 1)
    return -1


def _goes_on(one: str, other: str) -> bool:
    cased = one.lower() != one.upper() and other.lower() != other.upper()
    return cased or (one.isdigit() and other.isdigit())


def _names(corpus: Corpus, question: Question, dice: random.Random) -> Iterator[tuple[int, int, str]]:
    paragraph = corpus.paragraphs[question.paragraph]
    near = corpus.neighbours(question.paragraph)
    for found in NAME.finditer(question.text):
        name = found.group()
        if name not in paragraph.text and question.language == paragraph.language:
            continue
        others = {other.group() for place in near for other in NAME.finditer(corpus.paragraphs[place].text)}
        alike = [
            other
            for other in sorted(others)
            if other not in question.text and name not in other and abs(len(other.split()) - len(name.split())) <= 1
        ]
        if alike:
            yield found.start(), found.end(), _chosen(alike, paragraph.text, dice)


def _answers(corpus: Corpus, question: Question, dice: random.Random) -> Iterator[tuple[int, int, str]]:
    near = corpus.neighbours(question.paragraph)
    answers = sorted(
        {other.answer for place in near for other in corpus.asked.get(place, ()) if 2 <= len(other.answer) <= _LONGEST}
    )
    for answer in answers:
        start = stands_at(question.text, answer)
        if start < 0 or answer == question.answer:
            continue
        alike = [
            a for a in answers if a not in (answer, question.answer) and a not in question.text and _alike(a, answer)
        ]
        if alike:
            text = corpus.paragraphs[question.paragraph].text
            yield start, start + len(answer), _chosen(alike, text, dice)


def _alike(one: str, other: str) -> bool:
    """Tell whether two answers are of a kind: both with a number or neither, both a name or neither, like long."""
    digits = any(c.isdigit() for c in one) == any(c.isdigit() for c in other)
    return digits and one[:1].isupper() == other[:1].isupper() and abs(len(one) - len(other)) <= max(3, len(other))


def _chosen(others: Sequence[str], text: str, dice: random.Random) -> str:
    far = [other for other in others if other not in text]
    return dice.choice(far if far and dice.random() < _FAR else list(others))
