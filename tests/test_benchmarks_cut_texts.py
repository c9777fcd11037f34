"""Near misses made of texts: what they lose, and which questions can still be answered."""

from __future__ import annotations

from benchmarks.cut_texts import cut_texts
from benchmarks.data import Asked, Text

FACTS = (
    "The mill was built in 1904.",
    "Its owner is Ada Lind.",
    "It grinds rye and oats.",
    "A canal drives the wheel.",
)
ANSWERS = ("1904", "Ada Lind", "rye", "canal")
TEXTS = [Text(f"a-{number}", "en", "The mill", " ".join(FACTS)) for number in range(60)]
ASKED = [
    Asked(f"{text.id}-{answer}", "en", f"What about {answer}?", (answer,), frozenset({text.id}))
    for text in TEXTS
    for answer in ANSWERS
]


def test_a_question_can_be_answered_just_where_its_answer_stands() -> None:
    kept, answered = cut_texts(TEXTS, ASKED, 1)
    words = {text.id: text.text for text in kept}
    assert set(answered) == {question.id for question in ASKED}
    for question in ASKED:
        (name,) = question.relevant
        assert answered[question.id] == (question.answers[0] in words.get(name, ""))


def test_some_texts_go_some_lose_a_sentence_and_some_stay() -> None:
    kept, answered = cut_texts(TEXTS, ASKED, 2)
    whole = [text for text in kept if text.text == TEXTS[0].text]
    cut = [text for text in kept if text.text != TEXTS[0].text]
    assert 0 < len(whole) < len(kept) < len(TEXTS)
    assert all(sum(fact in text.text for fact in FACTS) == len(FACTS) - 1 for text in cut)
    assert 0.5 < sum(answered.values()) / len(answered) < 0.9
    assert cut_texts(TEXTS, ASKED, 2) == (kept, answered)
