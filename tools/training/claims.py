"""Claims made from the questions' paragraphs, beside those that people wrote.

A sentence as it stands or shortened, held against its passage, or against the passage of another language that
holds its translation, is supported. With a number, a name, an answer, two roles or one word turned round it is
contradicted. A sentence of a neighbouring passage is not mentioned. A question with its answer is supported. With
another answer of the same passage it is not: so the model has to read who did what.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tools.training import statements
from tools.training.corpus import LABELS, Claim, Corpus, Paragraph, Question

__all__ = ["made_claims"]

_SHORTEST, _LONGEST = 20, 300  # code points of a sentence that becomes a claim
_FALSE = 2  # false claims of one sentence
_ANY_SENTENCE = 0.4  # share of claims made from any sentence, not from the one that answers a question
_TRANSLATED = 0.7
_SAME_PASSAGE = 0.7  # share of wrong answers that stand in the passage themselves
_NEARBY = 30  # paragraphs of an article that give other answers


def made_claims(corpus: Corpus, paragraphs: int, seed: int = 1) -> list[Claim]:
    """Return the claims made from that many paragraphs, drawn at random."""
    dice = random.Random(seed)
    places = sorted(corpus.asked)
    dice.shuffle(places)
    return [claim for place in places[:paragraphs] for claim in _of_paragraph(corpus, place, dice)]


def _of_paragraph(corpus: Corpus, place: int, dice: random.Random) -> Iterator[Claim]:
    paragraph = corpus.paragraphs[place]
    whole = _sentences(corpus, place)
    if not whole:
        return
    question = dice.choice(corpus.asked[place])
    said = _sentence_at(corpus, place, question.start) or whole[0]
    against = _translation(corpus, place, dice) if said in whole and dice.random() < _TRANSLATED else None
    if against is None:
        against = paragraph
        said = dice.choice(whole) if dice.random() < _ANY_SENTENCE else said
    true = statements.shortened(said, dice) if dice.random() < 0.5 else said
    yield Claim("made", true, against.text, LABELS["support"], made=True)
    yield from _false(corpus, place, said, against, dice)
    yield from _silent(corpus, place, against, dice)
    yield from _answered(corpus, place, dice.choice(corpus.asked[place]), dice)


def _sentences(corpus: Corpus, place: int) -> list[str]:
    text = corpus.paragraphs[place].text
    found = (text[start:end] for start, end in corpus.sentences[place])
    return [sentence for sentence in found if _SHORTEST <= len(sentence) <= _LONGEST]


def _sentence_at(corpus: Corpus, place: int, offset: int) -> str | None:
    text = corpus.paragraphs[place].text
    found = next((text[start:end] for start, end in corpus.sentences[place] if start <= offset < end), "")
    return found if _SHORTEST <= len(found) <= _LONGEST else None


def _translation(corpus: Corpus, place: int, dice: random.Random) -> Paragraph | None:
    """Return a paragraph of another language that holds the translation of the answering sentence."""
    mine = corpus.paragraphs[place]
    others = [corpus.paragraphs[other] for other in corpus.parallels[mine.parallel]]
    others = [other for other in others if other.language != mine.language]
    return dice.choice(others) if others else None


def _answers_near(corpus: Corpus, place: int) -> list[str]:
    near = corpus.neighbours(place, _NEARBY)
    return [question.answer for other in near for question in corpus.asked.get(other, ())]


def _false(corpus: Corpus, place: int, said: str, against: Paragraph, dice: random.Random) -> Iterator[Claim]:
    paragraph = corpus.paragraphs[place]
    own = [question.answer for question in corpus.asked[place]]
    ways = {
        "number": statements.another_number(said, dice),
        "answer": statements.another_answer(said, own, _answers_near(corpus, place), dice),
        "name": statements.another_name(said, paragraph.text, dice),
        "roles": statements.roles_swapped(said, own, dice),
        "denial": statements.denied(said, paragraph.language, dice),
        "opposite": statements.turned(said, paragraph.language, dice),
    }
    made = [(way, text) for way, text in ways.items() if text and text != said and text not in against.text]
    for way, text in dice.sample(made, min(_FALSE, len(made))):
        yield Claim(f"made-{way}", text, against.text, LABELS["contradict"], made=True)


def _silent(corpus: Corpus, place: int, against: Paragraph, dice: random.Random) -> Iterator[Claim]:
    parallel = corpus.paragraphs[place].parallel
    near = [n for n in corpus.neighbours(place) if n != place and corpus.paragraphs[n].parallel != parallel]
    if near:
        others = [text for text in _sentences(corpus, dice.choice(near)) if text not in against.text]
        if others:
            yield Claim("made", dice.choice(others), against.text, LABELS["silent"], made=True)


def _overlaps(text: str, words: str, question: Question) -> bool:
    """Tell whether the words stand across the answer's place: "Charles I" in "King Charles I" for "King Charles"."""
    end, at = question.start + len(question.answer), text.find(words)
    while at >= 0:
        if at < end and at + len(words) > question.start:
            return True
        at = text.find(words, at + 1)
    return False


def _answered(corpus: Corpus, place: int, question: Question, dice: random.Random) -> Iterator[Claim]:
    """Claim what the question asks, with its answer and with another one."""
    text = corpus.paragraphs[place].text
    true = statements.statement(question.text, question.answer, question.language)
    yield Claim("made-answer", true, text, LABELS["support"], made=True)
    kind = any(char.isdigit() for char in question.answer)
    right = [other for other in corpus.asked[place] if other.text == question.text]
    others = [
        other
        for other in _answers_near(corpus, place)
        if not any(statements.same_thing(one.answer, other) or _overlaps(text, other, one) for one in right)
        and any(char.isdigit() for char in other) == kind
    ]
    inside = [other for other in others if other in text]
    chosen = inside if inside and dice.random() < _SAME_PASSAGE else others
    if chosen:
        false = statements.statement(question.text, dice.choice(chosen), question.language)
        yield Claim("made-answer", false, text, LABELS["not"], made=True)
