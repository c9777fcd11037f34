from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.question.followups import is_elliptical, resolve_follow_up, standalone_question
from rag.types import Turn

FIRST = {
    "en": "What does Factory 200 in Helwan produce?",
    "de": "Was stellt die Fabrik 200 in Helwan her?",
    "es": "¿Qué produce la Fábrica 200 en Helwan?",
    "ar": "ماذا ينتج مصنع 200 الحربي في حلوان؟",
    "ru": "Что производит завод 200 в Хелуане?",
    "zh": "赫勒万的200号工厂生产什么？",
}


@pytest.mark.parametrize(
    ("language", "question", "carried"),
    [
        ("en", "and in which city?", "Factory"),
        ("en", "When was it built?", "200"),
        ("en", "Who heads it?", "Helwan"),
        ("en", "Why?", "produce"),
        ("de", "und in welcher Stadt?", "Fabrik"),
        ("de", "Wann wurde sie gebaut?", "200"),
        ("es", "¿y en qué ciudad?", "Fábrica"),
        ("es", "¿Cuándo?", "200"),
        ("ar", "وفي أي مدينة؟", "مصنع"),
        ("ar", "متى؟", "200"),
        ("ru", "а в каком городе?", "завод"),
        ("ru", "Когда он был построен?", "200"),
        ("en", "What did he say Iran is ready to form?", "Factory"),
        ("de", "Über welchem Meer?", "Fabrik"),
        ("de", "Wo soll sie Zuflucht finden?", "Fabrik"),
        ("ar", "ما المجالات التي ذكرها؟", "مصنع"),
        ("zh", "那在哪个城市？", "工厂"),
        ("zh", "它是什么时候建的？", "200"),
    ],
)
def test_what_leans_on_the_last_turn_gets_its_words(language: str, question: str, carried: str) -> None:
    standalone = standalone_question(question, [Turn(FIRST[language], "…")])
    assert standalone is not None
    assert standalone.endswith(question)
    assert carried in standalone


@pytest.mark.parametrize(
    "question",
    [
        "Which Egyptian minister offered to establish complete production lines in Iraq?",
        "Who was Ludwig van Beethoven?",
        "Welche Länder liegen am Bodensee?",
        "¿Quién dirige la Organización Árabe para la Industrialización?",
        "من هو المتحدث باسم الرئاسة المصرية؟",
        "Wie alt war Peyton Manning, als er im Finale spielte?",
        "Wer ist Merkel?",
        "من يرأس الهيئة العربية للتصنيع في القاهرة؟",
        "Кто возглавляет Арабскую организацию по индустриализации?",
        "贝多芬出生在哪一座城市里？",
        "How many soldiers serve on the northern border?",
        "And what does Egypt offer to Iraq?",
    ],
)
def test_what_stands_alone_is_left_alone(question: str) -> None:
    assert standalone_question(question, [Turn("Where do bananas grow in summer?", "…")]) is None


def test_a_chain_of_followups_goes_back_to_its_subject() -> None:
    history = [Turn(FIRST["en"], "Tanks."), Turn("and in which city?", "Helwan.")]
    assert "Factory" in (standalone_question("and since when?", history) or "")


def test_nothing_to_carry_over() -> None:
    assert standalone_question("and why?", []) is None
    assert standalone_question("and why?", [Turn("why?", "…")]) is None


@given(st.text(min_size=1, max_size=80), st.lists(st.tuples(st.text(max_size=80), st.text(max_size=20)), max_size=3))
def test_any_text_is_kept_at_the_end(question: str, turns: list[tuple[str, str]]) -> None:
    standalone = standalone_question(question, [Turn(*turn) for turn in turns])
    assert standalone is None or standalone.endswith(question)
    assert is_elliptical(question) in (True, False)


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        ("How much is the deposit for Harbour Road?", "And for Mill Lane?", "How much is the deposit for Mill Lane?"),
        ("Wer hat den Leuchtturm in Kiel gebaut?", "Und in Rostock?", "Wer hat den Leuchtturm in Rostock gebaut?"),
        ("¿Cuánto cuesta la entrada para adultos?", "¿Y para niños?", "¿Cuánto cuesta la entrada para niños?"),
        (
            "Quel est le prix pour les adultes ?",
            "Et pour les enfants ?",
            "Quel est le prix pour les enfants ?",
        ),
        ("Сколько стоит билет для взрослых?", "А для детей?", "Сколько стоит билет для детей?"),
        (
            "Who leads the site in Rome and reports to Ann?",
            "And in Paris?",
            "Who leads the site in Paris and reports to Ann?",
        ),
        ("Who leads the site?", "And the clinic?", "Who leads the clinic?"),
    ],
)
def test_another_thing_takes_the_place_of_the_one_before(before: str, question: str, meant: str) -> None:
    """It is read like any question, so it has no focus of its own."""
    found = resolve_follow_up(question, [Turn(before, "Somebody said something [1].")])
    assert (found.standalone, found.focus) == (meant, None)


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("What does a ticket cost?", "And for children?"),  # nothing stands in that place
        ("How high is the rent for the flat?", "And the deposit?"),  # an article says not which place
        ("Who built the lighthouse?", "And when is it open?"),  # asks something else
        ("What is the weather in Rome?", "And in which month?"),
    ],
)
def test_what_has_no_place_to_take_is_joined(before: str, question: str) -> None:
    found = resolve_follow_up(question, [Turn(before, "Somebody said something [1].")])
    assert (found.standalone, found.focus) == (f"{before} {question}", question)
