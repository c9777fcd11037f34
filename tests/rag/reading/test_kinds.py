"""Words of the kind that is asked for: the only ones of a sentence are told by an unsure reader, one of two is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.question.kinds.answer_type import Expectation
from rag.reading.short.kinds import fitted
from rag.reading.short.short_answer import short_answer
from rag.testing.doubles import document
from rag.types import ScoredPassage, ScoredSentence
from tests.harness.pointing_reader import passage

WHEN = Expectation(amount=0.01, date=0.95, year=0.02)
HOW_MANY = Expectation(amount=0.95, date=0.02, year=0.0)
OTHER = Expectation(amount=0.01, date=0.02, year=0.0)
ONE_DATE = "The minister came to the harbour on 5 May. He spoke to the crew."
TWO_DATES = "The minister came to the harbour on 5 May and left the town on 9 June."
ONE_NAME = "The head of the harbour, Nora Brandt, announced that a delegation will come."
TWO_NAMES = "The head of the harbour, Nora Brandt, announced that Ada Lind will come."


def hit_of(text: str, words: str, *others: str, answers: float = -4.0, apart: float = 2.0) -> ScoredPassage:
    """A passage in which an unsure reader points at words, and less at others."""
    hit = passage(text, words)
    assert hit.reading is not None
    end = text.index(". ") + 1 if ". " in text else len(text)
    pieces = [ScoredSentence(0, end, 0.5)] + ([ScoredSentence(end + 1, len(text), 0.1)] if end < len(text) else [])
    places = tuple((text.index(one), text.index(one) + len(one), -0.1 - apart) for one in others)
    scores = (-0.05, -3.0)[: len(pieces)]
    reading = replace(hit.reading, answers=answers, sentences=scores, words=scores, others=places)
    return replace(hit, sentences=tuple(pieces), reading=reading)


def short(hit: ScoredPassage, question: str, wanted: Expectation | None, confidence: float = 0.25) -> str:
    """The short answer to a question that is answered, though nobody is sure; `""` for none."""
    stored = document("d", hit.passage.text, "en")
    result = short_answer([hit], question, "en", lambda _: stored, (), confidence, "", wanted).citation
    return result.quote if result else ""


@pytest.mark.parametrize(
    ("text", "words", "question", "wanted", "expected"),
    [
        (ONE_DATE, "5 May", "When did the minister come?", WHEN, "5 May"),
        (TWO_DATES, "5 May", "When did the minister come?", WHEN, ""),
        ("In late May he came, on 5 May.", "5 May", "When did he come?", WHEN, "5 May"),
        ("The port has 15 cranes.", "15", "How many cranes are there?", HOW_MANY, "15"),
        ("The port has 15 cranes and 7 quays.", "15", "How many cranes are there?", HOW_MANY, ""),
        ("The port had 15 cranes in 1999.", "15", "How many cranes were there in 1999?", HOW_MANY, "15"),
        (ONE_DATE, "5 May", "When did the minister come?", None, ""),
        (ONE_NAME, "Nora Brandt", "Who announced it?", OTHER, "Nora Brandt"),
        (ONE_NAME, "Nora Brandt", "What did she announce?", OTHER, ""),
        (TWO_NAMES, "Nora Brandt", "Who announced it?", OTHER, ""),
        (ONE_NAME, "Nora Brandt", "Who told it to Brandt?", OTHER, ""),
    ],
)  # fmt: skip
def test_an_unsure_reader_is_believed_where_nothing_else_fits(
    text: str, words: str, question: str, wanted: Expectation | None, expected: str
) -> None:
    assert short(hit_of(text, words), question, wanted) == expected
    assert not short(hit_of(text, words, answers=-8.0), question, wanted)


def test_the_only_name_takes_the_place_of_words_that_are_none() -> None:
    question = "Who announced it?"
    assert short(hit_of(ONE_NAME, "a delegation", "Nora Brandt", apart=0.7), question, OTHER) == "Nora Brandt"
    assert not short(hit_of(ONE_NAME, "a delegation", "Nora Brandt", apart=2.0), question, OTHER)


@pytest.mark.parametrize(("answers", "apart", "expected"), [(-1.0, 2.0, ""), (1.0, 2.0, "5 May"), (-1.0, 5.0, "5 May")])
def test_of_two_dates_a_reader_must_know_which(answers: float, apart: float, expected: str) -> None:
    hit = hit_of(TWO_DATES, "5 May", "9 June", answers=answers, apart=apart)
    assert short(hit, "When did he come?", WHEN, 0.5) == expected


def test_the_same_date_in_other_words_is_no_rival() -> None:
    hit = hit_of("In late May he came, on 5 May.", "5 May", "late May", answers=-1.0)
    assert fitted(hit, "When did he come?", WHEN)[1] == "alone"


@pytest.mark.parametrize(
    ("words", "fit"),
    [("the harbour", "misfit"), ("nineteenth century", "unknown"), ("22,000 years ago", "alone"), ("1850", "alone")],
)
def test_words_that_are_no_date_are_no_answer_to_when(words: str, fit: str) -> None:
    hit = hit_of(f"It was built here: {words}.", words, answers=4.0)
    assert fitted(hit, "When was it built?", WHEN)[1] == fit
    assert bool(short(hit, "When was it built?", WHEN, 0.9)) == (fit != "misfit")
    assert short(hit, "When was it built?", replace(WHEN, date=0.7), 0.9)  # the kind isn't certain


def test_a_word_is_told_whole() -> None:
    assert (
        short(hit_of("Two-thirds of them left.", "wo-thir", answers=4.0), "What share left?", None, 0.9) == "Two-thirds"
    )
    hit = hit_of("\u0648\u0627\u0644\u0645\u062f\u064a\u0646\u0629 here", "\u0645\u062f\u064a\u0646\u0629", answers=4.0)
    assert short(hit, "What is it?", None, 0.9) == "\u0645\u062f\u064a\u0646\u0629"  # the article stays apart


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Did the minister come to the harbour?", "en", ""),
        ("Wurde der Minister empfangen?", "de", ""),
        ("Est-ce que le ministre est venu ?", "fr", ""),
        ("¿Ha venido el ministro?", "es", ""),
        ("Приехал ли министр?", "ru", ""),
        ("Bakan geldi mi?", "tr", ""),
        ("هل جاء الوزير؟", "ar", ""),
        ("آیا وزیر آمد؟", "fa", ""),
        ("האם השר בא?", "he", ""),
        ("部长来了吗？", "zh", ""),
        ("大臣は来ましたか。", "ja", ""),
        ("Kommt die Ministerin in den Hafen?", "de", ""),  # the verb comes first
        ("¿Viene la ministra al puerto?", "es", ""),
        ("¿La ministra viene al puerto?", "es", ""),  # the question mark alone tells
        ("La ministre vient-elle au port ?", "fr", ""),
        ("La ministre vient au port ?", "fr", ""),
        ("A ministra vem ao porto?", "pt", ""),
        ("Komt de minister naar de haven?", "nl", ""),
        ("وهل جاء الوزير؟", "ar", ""),
        ("Bakan geldi miydi?", "tr", ""),
        ("部长来不来港口？", "zh", ""),
        ("大臣は来るか", "ja", ""),
        ("Isn't the minister coming?", "en", ""),
        ("Worin sieht die Ministerin ein Problem?", "de", "Nora Brandt"),
        ("Nennen Sie die Ministerin?", "de", "Nora Brandt"),
        ("¿El nombre de la ministra?", "es", "Nora Brandt"),
        ("Qu'a-t-elle dit au port ?", "fr", "Nora Brandt"),
        ("Comment s'appelle-t-elle ?", "fr", "Nora Brandt"),
        ("Who came to the harbour?", "en", "Nora Brandt"),
        ("Is it known who came?", "en", "Nora Brandt"),
        ("Was it Ada Lind or Nora Brandt?", "en", "Nora Brandt"),
        ("大臣は誰ですか。", "ja", "Nora Brandt"),
        ("Apakah nama menteri?", "id", "Nora Brandt"),
        ("AOI head?", "en", "Nora Brandt"),
    ],
)
def test_yes_or_no_is_not_said_by_a_name(question: str, language: str, expected: str) -> None:
    hit = hit_of("The minister, Nora Brandt, denied on Friday that she would come.", "Nora Brandt", answers=4.0)
    stored = document("d", hit.passage.text, "en")
    found = short_answer([hit], question, language, lambda _: stored, (), 0.9).citation
    assert (found.quote if found else "") == expected


def test_yes_or_no_may_be_said_by_a_clause() -> None:
    clause = "denied on Friday that she would come"
    hit = hit_of(f"The minister, Nora Brandt, {clause}.", clause, answers=4.0)
    assert short(hit, "Did the minister come?", None, 0.9) == clause


@pytest.mark.parametrize(
    ("language", "span", "expected"), [("en", -0.7, "the harbour"), ("de", -0.7, ""), ("de", -0.2, "the harbour")]
)
def test_an_unsure_reader_is_not_believed_across_languages(language: str, span: float, expected: str) -> None:
    hit = hit_of("The minister came to the harbour.", "the harbour", answers=-1.0)
    hit = replace(hit, reading=replace(hit.reading, reader="bundled", span=span) if hit.reading else None)
    stored = document("d", hit.passage.text, "en")
    found = short_answer([hit], "Besuch?", language, lambda _: stored, (), 0.9).citation
    assert (found.quote if found else "") == expected
