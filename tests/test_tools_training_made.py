"""What rules make from the questions to train on: near misses, typed questions, claims."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.harness.training_articles import small_corpus, write_data
from tools.training import statements
from tools.training.claims import made_claims
from tools.training.corpus import LABELS, Corpus, Paragraph, Question, read_claims, read_corpus
from tools.training.near_misses import NUMBER, near_misses, stands_at
from tools.training.typed import as_typed, typed_questions


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return small_corpus()


def test_a_corpus_is_read_as_it_was_written(tmp_path: Path, corpus: Corpus) -> None:
    claims = [("a set", "A claim.", "Its passage.", "contradict")]
    data = write_data(tmp_path, corpus, claims)
    read = read_corpus(data)
    assert read.paragraphs == corpus.paragraphs
    assert read.questions == corpus.questions
    assert [(c.text, c.label, c.made) for c in read_claims(data)] == [("A claim.", LABELS["contradict"], False)]
    few = read_corpus(data, most=5)
    assert len(few.questions) == 5
    assert {few.paragraphs[q.paragraph].text for q in few.questions} == {p.text for p in few.paragraphs}


def test_an_answer_that_does_not_stand_there_is_refused(tmp_path: Path, corpus: Corpus) -> None:
    wrong = [Question("own", "en", "Who?", 0, 3, "nobody at all")]
    with pytest.raises(ValueError, match="doesn't stand at 3"):
        read_corpus(write_data(tmp_path, Corpus(corpus.paragraphs, wrong), []))


def test_near_misses_differ_and_what_is_exchanged_is_mostly_not_in_the_passage(corpus: Corpus) -> None:
    misses = near_misses(corpus, 300)
    asked = {(q.paragraph, q.text) for q in corpus.questions}
    assert len(misses) > 100
    assert {miss.language for miss in misses} == {"en", "de", "ja", "ar"}
    for miss in misses:
        text = corpus.paragraphs[miss.paragraph].text
        assert not miss.answered
        assert (miss.paragraph, miss.text) not in asked
        for number in NUMBER.findall(miss.text):
            assert number in text or all(number not in q.text for q in corpus.asked[miss.paragraph])
    numbers = [n for miss in misses for n in NUMBER.findall(miss.text)]
    absent = [
        n for miss in misses for n in NUMBER.findall(miss.text) if n not in corpus.paragraphs[miss.paragraph].text
    ]
    assert len(absent) > 0.3 * len(numbers)


def test_a_near_miss_is_never_another_question_of_the_passage() -> None:
    text = "In 1900 Ann Bell sang here, and in Paris too. In 1900 Carl Dorn sang here, and in Paris too."
    asked = [Question("own", "en", f"When did {who} sing?", 0, 3, "1900") for who in ("Ann Bell", "Carl Dorn")]
    corpus = Corpus([Paragraph("a", "en", "Songs", "songs", text, "a")], asked)
    made = [miss.text for seed in range(20) for miss in near_misses(corpus, 10, seed)]
    assert not set(made) & {question.text for question in asked}


@pytest.mark.parametrize("number", ["1987", "۱۹۸۷", "١٩٨٧", "१९८७", "１９８７", "42", "٤٢", "3.5", "07"])
def test_another_number_is_another_one_in_the_same_digits(number: str) -> None:
    zeros = {ord(char) - int(char) for char in number if char.isdecimal()}
    for seed in range(60):
        changed = statements.another_number(f"x {number} y", random.Random(seed))
        assert changed is not None
        other = changed.split()[1]
        assert float(other) != float(number)
        assert {ord(char) - int(char) for char in other if char.isdecimal()} == zeros


@pytest.mark.parametrize(
    ("sentence", "language", "denied"),
    [
        ("It was large.", "en", "It was not large."),
        ("It was not large.", "en", "It was large."),
        ("این بزرگ است.", "fa", "این بزرگ نیست."),
        ("از آن استفاده می‌کنند", "fa", None),  # the piece only begins another word
        ("यह बड़ा है", "hi", "यह बड़ा नहीं है"),
        ("ここは山である。", "ja", "ここは山ではない。"),
        ("ทำในเดือนมีนาคม", "th", None),
        ("Hali ni nzuri", "sw", "Hali si nzuri"),
        ("Qqq", "xx", None),
    ],
)
def test_a_sentence_is_denied_at_whole_words(sentence: str, language: str, denied: str | None) -> None:
    assert {statements.denied(sentence, language, random.Random(seed)) for seed in range(5)} == {denied}


@pytest.mark.parametrize(
    ("sentence", "language", "turned"),
    [
        ("the first one", "en", "the last one"),
        ("the firstborn", "en", None),
        ("人口は3万人", "ja", "人口は3億人"),
        ("万葉集を読む", "ja", None),  # a single character is often part of a word
        ("父親に会う", "ja", None),
        ("最大的城市", "zh", "最小的城市"),
        ("万里长城", "zh", None),
    ],
)
def test_a_word_is_turned_round_at_whole_words(sentence: str, language: str, turned: str | None) -> None:
    assert {statements.turned(sentence, language, random.Random(seed)) for seed in range(5)} == {turned}


@pytest.mark.parametrize(
    ("question", "language", "claim"),
    [
        ("Who built it?", "en", "Ann built it."),
        ("Wer hat es gebaut?", "de", "Ann hat es gebaut."),
        ("建設したのは誰ですか？", "ja", "建設したのはAnnですか。"),
        ("When was it built?", "en", "When was it built? Ann"),
        ("Quién lo hizo?", "es", "Ann lo hizo."),
        ("Nani alijenga?", "sw", "Ann alijenga."),
        ("Qqq?", "xx", "Qqq? Ann"),
    ],
)
def test_a_question_with_its_answer_becomes_a_claim(question: str, language: str, claim: str) -> None:
    assert statements.statement(question, "Ann", language) == claim


def test_what_may_name_the_same_is_not_exchanged() -> None:
    dice = random.Random(1)
    passage = "He met Obama, and Barack Obama spoke."
    assert statements.another_name("Then, Obama left.", passage, dice) is None
    assert statements.another_name("Then, Obama left.", passage + " So did Smith.", dice) == "Then, Smith left."
    assert statements.another_answer("Built 1990.", ["1990"], ["in 1990"], dice) is None
    assert statements.another_answer("Built 1990.", ["1990"], ["in 1990", "1850"], dice) == "Built 1850."


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("an Australian in Australia", "Australia", 17),
        ("Osloby", "Oslo", -1),
        ("2020年", "20", -1),
        ("Ankara'nın", "Ankara", 0),
        ("서울은 크다", "서울", 0),
        ("1990年に", "1990", 0),
        ("وبغداد", "بغداد", 1),
    ],
)
def test_words_are_exchanged_only_where_they_stand_whole(text: str, words: str, at: int) -> None:
    assert stands_at(text, words) == at


def test_roles_are_swapped_but_not_in_a_list() -> None:
    dice = random.Random(1)
    assert (
        statements.roles_swapped("Then, Ann invited Bert here.", ["Ann", "Bert"], dice)
        == "Then, Bert invited Ann here."
    )
    assert statements.roles_swapped("Then, Ann and Bert came.", ["Ann", "Bert"], dice) is None
    assert statements.roles_swapped("Then, Ann, Carl, Dora and Bert came.", ["Ann", "Bert"], dice) is None
    assert statements.roles_swapped("佐藤、鈴木、高橋、田中が来た。", ["佐藤", "田中"], dice) is None
    assert (
        statements.roles_swapped("佐藤は昨日駅前の店で田中を見た。", ["佐藤", "田中"], dice)
        == "田中は昨日駅前の店で佐藤を見た。"
    )


def test_a_shortened_sentence_says_less() -> None:
    sentence = "The bridge of Arden (in the north) was built a long time ago in 1700, and it stands."
    found = {statements.shortened(sentence, random.Random(seed)) for seed in range(40)}
    assert "The bridge of Arden was built a long time ago in 1700, and it stands." in found
    assert "The bridge of Arden was built a long time ago in 1700" in found
    assert all(len(text) < len(sentence) for text in found)


def test_no_made_claim_that_is_called_false_stands_in_its_passage(corpus: Corpus) -> None:
    claims = made_claims(corpus, 1000)
    kinds = {claim.source for claim in claims}
    assert {"made", "made-answer", "made-number", "made-name", "made-roles", "made-denial", "made-opposite"} <= kinds
    assert all(claim.made for claim in claims)
    for claim in claims:
        if claim.label != LABELS["support"]:
            assert claim.text not in claim.passage
    labels = {name: sum(claim.label == number for claim in claims) for name, number in LABELS.items()}
    assert min(labels.values()) > 20


def test_made_claims_that_are_called_true_are_said_by_the_passage(corpus: Corpus) -> None:
    """Sentences come from the passage or from its counterpart; statements name the answer that people gave."""
    by_text = {p.text: p for p in corpus.paragraphs}
    for claim in made_claims(corpus, 1000):
        if claim.label != LABELS["support"]:
            continue
        passage = by_text[claim.passage]
        if claim.source == "made-answer":
            place = corpus.paragraphs.index(passage)
            true = {statements.statement(q.text, q.answer, q.language) for q in corpus.asked[place]}
            assert claim.text in true
        else:
            number = NUMBER.search(claim.text)
            assert number is not None
            assert number.group() in claim.passage  # each year is told once, by parallel paragraphs alone


def test_a_wrong_answer_neither_names_nor_touches_the_right_one() -> None:
    text = "Long ago King Charles I, the Mild, ruled there. Anna Berg came later and so did Carlos Diaz of Spain."
    asked = [
        Question("own", "en", "Which king ruled there?", 0, text.index("King"), "King Charles"),
        Question("own", "en", "Which king ruled there?", 0, text.index("the Mild"), "the Mild"),
        Question("own", "en", "Which name had the king?", 0, text.index("Charles I"), "Charles I"),
        Question("own", "en", "Whence was Carlos?", 0, text.index("Spain"), "Spain"),
    ]
    corpus = Corpus([Paragraph("a", "en", "Kings", "kings", text, "a")], asked)
    for seed in range(60):
        for claim in made_claims(corpus, 1, seed):
            if claim.label == LABELS["not"] and claim.text.startswith("Which king"):
                assert claim.text == "Which king ruled there? Spain"


def test_typed_questions_keep_what_asks_denies_and_counts(corpus: Corpus) -> None:
    question = "In the year 49 BC, why did he not go to the sea?"
    forms = {as_typed(question, "en", random.Random(seed)) for seed in range(40)}
    assert forms == {"in the year 49 bc, why did he not go to the sea", "year 49 bc, why he not go sea"}
    assert as_typed("Ai là vua?", "vi", random.Random(0)) == "ai là vua"
    for seed in range(20):  # "ai" asks who: no word goes where small words aren't known
        assert as_typed("Nhà này do ai xây?", "vi", random.Random(seed)) == "nhà này do ai xây"
    assert as_typed("誰ですか？", "ja", random.Random(0)) == "誰ですか"
    typed = typed_questions(corpus, 0.5)
    originals = {(q.paragraph, q.start, q.answer, q.source) for q in corpus.questions}
    assert 0.3 < len(typed) / len(corpus.questions) < 0.7
    assert all((q.paragraph, q.start, q.answer, q.source) in originals for q in typed)
    assert all(q.text == q.text.lower() and not q.text.endswith(("?", "？", "؟")) for q in typed)
