"""Reading as a step of a question's way: order, quotes, confidence, the short answer, and going on without a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from index.embedders.profile import profile_of as numbers_of
from index.errors import ConfigError
from index.language.words import tokens
from index.types import Passage
from rag import Assistant
from rag.config import AnswerConfig
from rag.reading import stage
from rag.reading.best import confidence_of, order_score, read_best, said
from rag.reading.profile import ReadingProfile, profile_of
from rag.reading.quotes.choosing import pick_sentences
from rag.retrieval.retrieve import Retrieved
from rag.testing.doubles import document, tiny_index
from rag.types import Reading, ScoredPassage, ScoredSentence

PROFILE = profile_of("generic")


class WordReader:
    """Reads by shared words: discriminates, and says what it was asked to read."""

    spec = "words"

    def __init__(self, answer: str = "") -> None:
        self.answer = answer
        self.read_texts: list[str] = []

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        self.read_texts += [hit.passage.text for hit in passages]
        return [self._one(question, hit) for hit in passages]

    def _one(self, question: str, hit: ScoredPassage) -> Reading:
        asked = {token.form for token in tokens(question)}
        text, start = hit.passage.text, hit.passage.start
        places = hit.sentences or (ScoredSentence(start, start + len(text), 0.0),)
        shared = [
            len(asked & {token.form for token in tokens(text[one.start - start : one.end - start])}) for one in places
        ]
        at = max(text.find(self.answer), 0) if self.answer else 0
        end = at + (len(self.answer) if self.answer and self.answer in text else 1)
        scores = tuple(float(count - max(shared)) for count in shared)
        return Reading(2.0 * max(shared) - 3.0, start + at, start + end, -0.1, scores, scores)


def hit(text: str, score: float, name: str = "d", language: str = "en", start: int = 0) -> ScoredPassage:
    passage = Passage(f"{name}:0", name, start, start + len(text), text, language, "")
    sentences, position = [], 0
    while (stop := text.find(".", position)) >= 0:
        sentences.append(ScoredSentence(start + position, start + stop + 1, 0.5))
        position = stop + 2
    return ScoredPassage(passage, name, f"{name}.md", score, {}, tuple(sentences))


QUESTION = "Who painted the old bridge?"
RIGHT = hit("The town lies by a river. Anna Weiss painted the old bridge. It rains there.", 0.50, "right")
WRONG = hit("The bridge is long. Many people cross it.", 0.55, "wrong")
OTHER = hit("Bread is baked in the morning.", 0.40, "other")


def read(*hits: ScoredPassage, profile: ReadingProfile = PROFILE) -> tuple[ScoredPassage, ...]:
    return read_best(WordReader(), QUESTION, hits, profile)


def test_the_names_of_a_file_are_those_of_what_stands_in_it() -> None:
    about = hit("About the file bridge.md. Also called: old bridge. Who: unknown.", 9.0, "one")
    about = replace(about, metadata={"properties": [0, len(about.passage.text)]})
    body = hit("Anna Weiss painted the old bridge.", 0.1, "one", start=len(about.passage.text))
    stranger = replace(body, passage=replace(body.passage, document_id="two"))
    worth = replace(PROFILE, worth=1.0, sure=-9.0, ahead=0.5)
    assert read(about, body, profile=worth)[0].passage == body.passage
    assert read(about, stranger, profile=worth)[0].passage == about.passage  # the names of another file
    plain = replace(about, metadata={})
    assert read(plain, body, profile=worth)[0].passage == plain.passage


def test_the_passage_that_answers_comes_first_and_scores_still_fall() -> None:
    found = read(WRONG, RIGHT, OTHER)
    assert [one.passage.document_id for one in found] == ["right", "wrong", "other"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert [one.ranks["reader"].rank for one in found] == [1, 2, 3]


def test_passages_behind_those_that_are_read_stay_where_they_are() -> None:
    rest = [hit("Anna Weiss painted the old bridge.", 0.3, f"late{n}") for n in range(3)]
    found = read(WRONG, OTHER, RIGHT, *rest)
    assert [one.passage.document_id for one in found][3:] == ["late0", "late1", "late2"]
    assert all(one.reading is None for one in found[3:])


def test_a_sure_first_passage_that_leads_is_read_alone() -> None:
    reader = WordReader()
    first = replace(RIGHT, score=0.9)
    read_best(reader, QUESTION, [first, WRONG, OTHER], replace(PROFILE, sure=1.0, ahead=0.1))
    assert reader.read_texts == [first.passage.text]


@pytest.mark.parametrize("change", [{"sure": 99.0, "ahead": 0.1}, {"sure": 1.0, "ahead": 0.9}])
def test_an_unsure_or_closely_followed_first_passage_is_not(change: dict[str, float]) -> None:
    reader = WordReader()
    profile = replace(PROFILE, sure=change["sure"], ahead=change["ahead"])
    read_best(reader, QUESTION, [replace(RIGHT, score=0.9), WRONG, OTHER], profile)
    assert len(reader.read_texts) == 3


def test_what_retrieval_says_counts_beside_what_was_read() -> None:
    one = read(RIGHT)[0]
    plain, weighed = (order_score(one, replace(PROFILE, worth=worth)) for worth in (0.0, 30.0))
    assert weighed - plain == pytest.approx(30.0 * one.score)


def test_the_quote_is_the_sentence_that_answers_in_the_passage_that_answers() -> None:
    picks = pick_sentences(read(WRONG, RIGHT, OTHER), 1, QUESTION, "en")
    assert picks[0].text == "Anna Weiss painted the old bridge."
    assert picks[0].number == 1


def test_only_passages_that_were_read_are_quoted() -> None:
    found = read(WRONG, RIGHT, OTHER, hit("Anna Weiss painted the old bridge again.", 0.39, "unread"))
    assert all(found[pick.number - 1].reading for pick in pick_sentences(found, 5, QUESTION, "en", shown=False))


def test_a_passage_that_repeats_another_s_sentences_gives_no_second_quote() -> None:
    twin = replace(RIGHT, score=0.45)
    picks = pick_sentences(read(RIGHT, twin, OTHER), 3, QUESTION, "en")
    assert len({(pick.start, pick.end) for pick in picks}) == len(picks)


def test_a_title_is_not_quoted_where_a_sentence_answers() -> None:
    text = "Anna Weiss painted the old bridge. She, Anna Weiss, painted the old bridge in May."
    titled = replace(hit(text, 0.5), title="Anna Weiss painted the old bridge.")
    assert pick_sentences(read(titled), 1, QUESTION, "en")[0].text.startswith("She")


def test_confidence_rises_with_what_the_reader_says() -> None:
    sure, unsure = read(RIGHT)[0], read(OTHER)[0]
    assert confidence_of(sure, 0.0, "en", PROFILE) > 0.5 > confidence_of(unsure, 0.0, "en", PROFILE)


def test_what_a_reader_says_across_languages_counts_less() -> None:
    profile = replace(PROFILE, confidence=replace(PROFILE.confidence, across=0.25))
    codes = {"en": 1.0, "en-GB": 1.0, "es": 0.25, "de": 0.25}
    hits = [read(replace(RIGHT, passage=replace(RIGHT.passage, language=code)))[0] for code in codes]
    assert [said(one, "en", profile) / one.reading.answers for one in hits if one.reading] == list(codes.values())
    assert all(said(one, "und", profile) == one.reading.answers for one in hits if one.reading)
    odds = [
        confidence_of(one, 0.0, "en", replace(profile, confidence=replace(profile.confidence, apart=-1.0)))
        for one in hits
    ]
    assert [one < confidence_of(hit, 0.0, "en", profile) for one, hit in zip(odds, hits, strict=True)] == [0, 0, 1, 1]
    assert said(hits[3], "de-AT", profile) == hits[3].reading.answers  # type: ignore[union-attr]


def test_an_answer_has_the_words_that_answer_as_a_citation(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = WordReader("Anna Weiss")
    monkeypatch.setattr(stage, "load_reader", lambda spec: reader)
    live = tiny_index([document("a", f"{RIGHT.passage.text} {WRONG.passage.text}", "en")])
    answer = Assistant(index=live, config=AnswerConfig(min_confidence=0.0)).answer(QUESTION)
    assert answer.short is not None
    assert answer.short.quote == "Anna Weiss"
    with live.reading() as opened:
        assert opened.store.document("a").text[answer.short.start : answer.short.end] == "Anna Weiss"
    inside = answer.citations[answer.short.number - 1]
    assert inside.start <= answer.short.start < answer.short.end <= inside.end


def test_a_refusal_has_no_short_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "load_reader", lambda spec: WordReader())
    live = tiny_index([document("a", OTHER.passage.text, "en")])
    answer = Assistant(index=live).answer("Who painted seven green ships?")
    assert answer.refused
    assert answer.short is None


def test_everything_works_without_a_reader() -> None:
    live = tiny_index([document("a", RIGHT.passage.text, "en")])
    answer = Assistant(index=live, config=AnswerConfig(min_confidence=0.0, reader="none")).answer(QUESTION)
    assert not answer.refused
    assert answer.short is None
    assert "read" not in answer.timings


def test_a_reader_that_fails_is_named_and_the_answer_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(spec: str) -> None:
        raise ConfigError("the reader's weights are damaged")

    monkeypatch.setattr(stage, "load_reader", broken)
    live = tiny_index([document("a", RIGHT.passage.text, "en")])
    answer = Assistant(index=live, config=AnswerConfig(min_confidence=0.0)).answer(QUESTION)
    assert not answer.refused
    assert any("weights are damaged" in warning for warning in answer.warnings)


def test_nothing_found_is_nothing_to_read() -> None:
    empty = Retrieved((), "en", None, numbers_of(""))
    assert stage.read_found(empty, QUESTION, "bundled") == empty
    assert stage.probability(empty) == 0.0


def test_every_profile_is_complete_and_a_stranger_takes_the_generic_one() -> None:
    assert profile_of("../bundled") == profile_of("generic") == profile_of("stranger:model")
    assert profile_of("bundled:x") == profile_of("bundled") != profile_of("generic")
    assert 0.0 < profile_of("bundled").confidence.threshold < 1.0


def test_evidence_that_the_subject_is_right_does_not_make_up_for_a_reader_that_sees_no_answer() -> None:
    one = read(OTHER)[0]
    assert one.reading is not None
    mute = replace(one, reading=replace(one.reading, answers=-7.0))
    profile = profile_of("bundled")
    weights = profile.confidence
    assert confidence_of(mute, 50.0, "en", profile) == confidence_of(mute, weights.enough, "en", profile)
    assert confidence_of(mute, 50.0, "en", profile) < weights.threshold
    assert confidence_of(mute, 0.0, "en", profile) < confidence_of(mute, 1.0, "en", profile)


FURTHER = replace(PROFILE, most=2, at_last=4, unsure=0.9, behind=0.25)


def test_where_the_first_passages_do_not_answer_those_close_behind_are_read_too() -> None:
    hits = [WRONG, OTHER, replace(RIGHT, score=0.39), hit("Far away.", 0.34, "near"), hit("Farther.", 0.33, "fifth")]
    reader = WordReader()
    found = read_best(reader, QUESTION, hits, FURTHER, -1.0, "en")
    assert len(reader.read_texts) == 4
    assert found[0].passage.document_id == "right"
    assert found[4].reading is None


@pytest.mark.parametrize(
    ("hits", "evidence", "change"),
    [
        ([WRONG, OTHER, replace(RIGHT, score=0.29)], -1.0, {}),  # too far behind
        ([WRONG, RIGHT, OTHER], -1.0, {}),  # the second answers
        ([WRONG, OTHER, replace(RIGHT, score=0.35)], None, {}),  # nothing is known of the search
        ([WRONG, OTHER, replace(RIGHT, score=0.35)], -1.0, {"at_last": 2}),
    ],
)
def test_no_further_passage_is_read_without_need(
    hits: list[ScoredPassage], evidence: float | None, change: dict[str, int]
) -> None:
    reader = WordReader()
    read_best(reader, QUESTION, hits, replace(FURTHER, at_last=change.get("at_last", 4)), evidence, "en")
    assert len(reader.read_texts) == 2
