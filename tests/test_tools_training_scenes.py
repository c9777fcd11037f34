"""Scenes and near misses of finer kinds: what they say of each other holds in every language."""

from __future__ import annotations

import random
import re

import pytest

from tools.training.answered_claims import with_answered_claims
from tools.training.conditions import conditioned, dated_questions, turned_questions
from tools.training.corpus import LABELS, Claim, Corpus, Paragraph, Question
from tools.training.scenes import Scene, filled, read_scenes, scene_claims, with_scenes

LISTS = ("true", "false", "silent", "asked", "unasked")


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return read_scenes()


def test_each_scene_says_the_same_in_all_its_languages(scenes: list[Scene]) -> None:
    assert len(scenes) >= 30
    for scene in scenes:
        assert "en" in scene.told and len(scene.told) >= 5, scene.name
        counts = {tuple(len(told[key]) for key in LISTS) for told in scene.told.values()}
        assert len(counts) == 1, f"{scene.name}: lists of different lengths {counts}"
        for language, told in scene.told.items():
            texts = [told["title"], told["passage"], *(text for key in LISTS for text in map(str, told[key]))]
            used = {name for text in texts for name in re.findall(r"\{(\w*)\}", text)}
            assert used <= set(scene.slots), f"{scene.name}, {language}: {used - set(scene.slots)} is no slot"
            assert not set(told["true"]) & set(told["false"]), scene.name


def test_a_filled_scene_has_no_slots_left_and_the_same_numbers_everywhere(scenes: list[Scene]) -> None:
    scene = next(one for one in scenes if "year" in one.slots.values() and {"ar", "ru"} <= set(one.told))
    told = filled(scene, random.Random(3))
    assert "{" not in str(list(told.values())).replace("{'", "")
    years = [set(re.findall(r"(?:19|20|18)\d\d", words["passage"])) for words in told.values()]
    assert set.intersection(*years)
    assert filled(scene, random.Random(4)) != told


def test_questions_of_scenes_point_at_their_words_in_their_own_and_in_another_language(scenes: list[Scene]) -> None:
    corpus = with_scenes(Corpus([], []), scenes[:6])
    assert {question.source for question in corpus.questions} == {"scenes", "scenes-across"}
    for question in corpus.questions:
        paragraph = corpus.paragraphs[question.paragraph]
        assert (question.language == paragraph.language) == (question.source == "scenes")
        if question.answered:
            assert paragraph.text[question.start :].startswith(question.answer)
    assert {q.answered for q in corpus.questions} == {True, False}
    assert len({p.parallel for p in corpus.paragraphs}) == 6, "fillings of one scene must never be each other's rivals"


def test_claims_of_scenes_keep_their_kind(scenes: list[Scene]) -> None:
    claims = scene_claims(scenes[:2])
    said = {
        text: key for scene in scenes[:2] for told in scene.told.values() for key in LISTS[:3] for text in told[key]
    }
    whole = [claim for claim in claims if claim.text in said]  # those without slots
    assert whole
    kinds = {"true": "support", "false": "contradict", "silent": "silent"}
    assert all(claim.label == LABELS[kinds[said[claim.text]]] for claim in whole)
    assert {claim.source for claim in claims} == {"scenes", "scenes-across"}


def _asked(text: str, question: str, answer: str, language: str = "en") -> tuple[Corpus, Question]:
    asked = Question("own", language, question, 0, text.index(answer), answer)
    return Corpus([Paragraph("a", language, "", "a", text, "a")], [asked]), asked


def test_a_question_turned_round_is_not_answered() -> None:
    corpus, asked = _asked("The first mayor was Ann Bell.", "Who was the first mayor?", "Ann Bell")
    made = list(turned_questions(corpus, asked, random.Random(1)))
    assert [(one.text, one.answered) for one in made] == [("Who was the last mayor?", False)]


def test_no_question_is_turned_to_what_the_passage_also_speaks_of() -> None:
    corpus, asked = _asked(
        "The first mayor was Ann Bell, the last one Carl Dorn.", "Who was the first mayor?", "Ann Bell"
    )
    assert not list(turned_questions(corpus, asked, random.Random(1)))


@pytest.mark.parametrize(
    ("text", "question", "answer", "language", "own"),
    [
        (
            "The club moved to Kiel in 1974.",
            "Where did the club move?",
            "Kiel",
            "en",
            "Where did the club move in 1974?",
        ),
        ("Der Klub zog 1974 nach Kiel.", "Wohin zog der Klub?", "Kiel", "de", "Wohin zog der Klub im Jahr 1974?"),
        ("俱乐部于1974年迁往基尔。", "俱乐部迁往哪里？", "基尔", "zh", "1974年，俱乐部迁往哪里？"),
    ],
)
def test_a_year_is_its_own_or_another_ones(text: str, question: str, answer: str, language: str, own: str) -> None:
    corpus, asked = _asked(text, question, answer, language)
    right, wrong = dated_questions(corpus, asked, random.Random(1))
    assert (right.text, right.answered, right.answer) == (own, True, answer)
    assert not wrong.answered
    assert "1974" not in wrong.text and re.sub(r"\d{4}", "1974", wrong.text) == own


def test_a_sentence_of_two_years_and_a_language_without_a_pattern_make_no_dated_question() -> None:
    for text, language in (("From 1974 to 1980 it was in Kiel.", "en"), ("1974 it was in Kiel.", "xx")):
        corpus, asked = _asked(text, "Where was it?", "Kiel", language)
        assert not list(dated_questions(corpus, asked, random.Random(1)))


def test_conditioned_questions_are_of_both_kinds() -> None:
    corpus, _ = _asked("The first mayor was Ann Bell in 1950.", "Who was the first mayor?", "Ann Bell")
    made = conditioned(corpus, 10)
    assert sorted({one.source for one in made}) == ["made-dated", "made-turned"]


def test_claims_that_are_question_and_answer_become_questions_unless_they_judge() -> None:
    passage = "The bridge of Arden was opened by Ann Bell."
    claims = [
        Claim("qa", "Who opened the bridge of Arden? Ann Bell.", passage, LABELS["support"]),
        Claim("qa", "Who opened the bridge of Arden? Carl Dorn.", passage, LABELS["not"]),
        Claim("qa", "Is the bridge of Arden open? yes", passage, LABELS["support"]),
        Claim("nli", "Ann Bell opened a bridge.", passage, LABELS["support"]),
    ]
    made = with_answered_claims(Corpus([], []), claims).questions
    assert [(one.text, one.answer, one.start) for one in made] == [
        ("Who opened the bridge of Arden?", "Ann Bell", passage.index("Ann Bell"))
    ]
    many = [claims[0]] * 40
    assert 30 <= len(with_answered_claims(Corpus([], []), many).questions) < 40, "every tenth judges"
