"""What the reader is trained on: pairs, near misses, claims and their arrays are what their names say."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tools.train_reader.pairs import LONGEST, Pairs
from tools.training import statements
from tools.training.arrays import Questions, from_rows, sampling, to_rows
from tools.training.average import averaged
from tools.training.bundle import write_bundle
from tools.training.claims import made_claims
from tools.training.corpus import LABELS, Corpus, Paragraph, Question
from tools.training.near_misses import NUMBER, near_misses
from tools.training.negatives import _Allowed
from tools.training.typed import as_typed, typed_questions

TEXTS = (
    ("en", "bridge", "The old bridge was built in 1903. Anna Weiss painted it green. It has 12 arches and one tower."),
    (
        "en",
        "bridge",
        "Karl Lund paid for the tower in 1911. The tower has 48 steps. Boats pass below it every morning.",
    ),
    ("en", "bees", "A hive holds 40000 bees in summer. Only 9000 live through the winter. Honey is taken in July."),
    ("de", "bienen", "Im Sommer leben 40000 Bienen im Stock. Im Winter sind es nur 9000. Im Juli wird geerntet."),
    ("fr", "phare", "Le phare date de 1850. Jeanne Roux en fut la gardienne. La lampe tourne toutes les 6 secondes."),
)
ASKED = (
    ("qa", "en", "Who painted the bridge built in 1903?", 0, "Anna Weiss"),
    ("qa", "en", "When was the old bridge built?", 0, "1903"),
    ("qa", "en", "Who paid for the tower?", 1, "Karl Lund"),
    ("qa", "en", "How many bees does a hive hold in summer?", 2, "40000"),
    ("mlqa", "en", "When is honey taken?", 3, "Juli"),
    ("mlqa", "de", "Wie viele Bienen leben im Winter?", 2, "9000"),
    ("qa", "fr", "Qui fut la gardienne du phare ?", 4, "Jeanne Roux"),
    ("qa", "en", "Who cleans the tower?", 1, ""),
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    paragraphs = [
        Paragraph(str(n), language, article.title(), article, text, "hive" if article in ("bees", "bienen") else str(n))
        for n, (language, article, text) in enumerate(TEXTS)
    ]
    questions = [
        Question(source, language, text, place, TEXTS[place][2].find(answer) if answer else -1, answer)
        for source, language, text, place, answer in ASKED
    ]
    return Corpus(paragraphs, questions)


@pytest.fixture(scope="module")
def questions(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Questions:
    folder = tmp_path_factory.mktemp("bundle")
    write_bundle(corpus, made_claims(corpus, 5), folder)
    return Questions(folder)


@pytest.fixture(scope="module")
def pairs(questions: Questions) -> Pairs:
    allowed = _Allowed(questions)
    rows = [
        [place if allowed(number, place) else -1 for place in range(len(questions.body))]
        for number in range(len(questions))
    ]
    return Pairs(questions, np.array(rows))


# --- arrays --------------------------------------------------------------------------------------------------------


def test_spans_point_at_the_tokens_of_the_answer(corpus: Corpus, questions: Questions) -> None:
    from index.embedders.packed import bundled_model_path
    from tools.training.bundle import Words, read_packed

    words = Words(read_packed(bundled_model_path()))
    for number, question in enumerate(corpus.questions):
        first, last = questions.span[number]
        if not question.answered:
            assert first == last == -1
            continue
        offsets = words.encode([corpus.paragraphs[question.paragraph].text])[0].offsets
        covered = corpus.paragraphs[question.paragraph].text[offsets[first][0] : offsets[last][1]]
        assert question.answer in covered
        assert len(covered) <= len(question.answer) + 2


def test_bits_name_the_sentences_that_hold_the_answer(questions: Questions) -> None:
    assert [questions.held_by(0, sentence) for sentence in range(3)] == [False, True, False]
    assert [questions.held_by(1, sentence) for sentence in range(3)] == [True, False, False]
    assert not any(questions.held_by(7, sentence) for sentence in range(3))


def test_no_article_trains_and_judges(questions: Questions) -> None:
    training, held = questions.held_back(part=2)
    assert len(training) and len(held)
    assert not {*questions.article[questions.paragraph[training]]} & {*questions.article[questions.paragraph[held]]}


def test_a_set_of_many_questions_does_not_drown_the_others() -> None:
    share = sampling(np.array([0] * 100 + [1]), 2)
    assert share.sum() == pytest.approx(1.0)
    assert share[100] > 3 * share[0]


def test_rows_of_8_bits_are_near_the_weights() -> None:
    weights = np.random.default_rng(0).normal(size=(96, 64)).astype(np.float32)
    small = weights[0]
    again = from_rows(to_rows({"matrix": weights, "vector": small}))
    assert np.abs(again["matrix"] - weights).max() <= np.abs(weights).max() / 126
    assert np.array_equal(again["vector"], small)


def test_an_average_weighs_its_runs_and_refuses_strangers() -> None:
    one, other = {"w": np.full(3, 1.0, np.float32)}, {"w": np.full(3, 4.0, np.float32)}
    assert averaged([(1.0, one), (2.0, other)])["w"].tolist() == [3.0, 3.0, 3.0]
    with pytest.raises(SystemExit, match="different tensors"):
        averaged([(1.0, one), (1.0, {"v": one["w"]})])


# --- pairs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_every_pair_of_every_question_is_what_it_says(questions: Questions, pairs: Pairs, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(len(questions)):
        group = pairs.of(number, dice)
        place = int(questions.paragraph[number])
        assert [pair.span is not None for pair in group] == [bool(questions.answered[number])] + [False] * (
            len(group) - 1
        )
        for pair in group:
            assert len(pair.ids) == len(pair.sentences) <= LONGEST
            assert pair.ids[0] == 0 and pair.ids[-1] == 2
            assert all(sentence == -1 for sentence in pair.sentences[: pair.passage])
        if group[0].span:
            first, last = group[0].span
            start, end = questions.span[number]
            assert group[0].ids[first : last + 1] == questions.body[place][start : end + 1].tolist()
            assert group[0].sentences[first] >= 0


@pytest.mark.parametrize("seed", range(20))
def test_a_passage_that_does_not_answer_does_not_hold_the_answer(questions: Questions, pairs: Pairs, seed: int) -> None:
    dice = random.Random(seed)
    for number in np.nonzero(questions.answered)[0]:
        start, end = questions.span[number]
        answer = questions.body[questions.paragraph[number]][start : end + 1].tolist()
        for pair in pairs.of(int(number), dice)[1:]:
            body = pair.ids[pair.passage :]
            assert answer not in [body[at : at + len(answer)] for at in range(len(body))]


def test_no_translation_of_the_right_passage_is_a_negative(questions: Questions) -> None:
    allowed = _Allowed(questions)
    assert not allowed(3, 2) and not allowed(3, 3)  # the hive in English and German
    assert allowed(3, 4)


def test_negatives_come_in_the_languages_that_answers_come_in(questions: Questions, pairs: Pairs) -> None:
    own = {
        tuple(body.tolist()): int(language)
        for body, language in zip(questions.body, questions.passage_language, strict=True)
    }
    for number in range(len(questions)):
        across = questions.sets[int(questions.set[number])] == "mlqa"
        right = int(questions.passage_language[questions.paragraph[number]])
        for seed in range(10):
            for pair in pairs.of(number, random.Random(seed), whole=True)[1:]:
                inside = [token for token, s in zip(pair.ids, pair.sentences, strict=True) if s >= 0]
                language = own.get(tuple(inside), right)  # a passage without sentences is its own
                assert across or language == right


# --- questions and claims made by rule -----------------------------------------------------------------------------


def test_near_misses_differ_in_one_thing_that_the_passage_does_not_hold(corpus: Corpus) -> None:
    made = near_misses(corpus, 50)
    assert made
    originals = {question.text for question in corpus.questions}
    for miss in made:
        assert miss.text not in originals
        assert not miss.answered
    numbers = [miss for miss in made if miss.text.startswith("Who painted the bridge built in ")]
    assert numbers
    for miss in numbers:
        for number in NUMBER.findall(miss.text):
            assert number not in corpus.paragraphs[miss.paragraph].text


def test_questions_as_people_type_them(corpus: Corpus) -> None:
    dice = random.Random(0)
    assert as_typed("When was the old bridge built?", dice).islower()
    assert as_typed("¿Quién?", dice) == "quién"
    assert as_typed("谁建造了这座桥？", dice) == "谁建造了这座桥"
    typed = typed_questions(corpus, 1.0)
    assert typed and all(question.text != question.text.upper() for question in typed)
    assert {question.answer for question in typed} <= {question.answer for question in corpus.questions}


@pytest.mark.parametrize(
    ("question", "answer", "language", "statement"),
    [
        ("Who painted the bridge?", "Anna Weiss", "en", "Anna Weiss painted the bridge."),
        ("Wer bemalte die Brücke?", "Anna Weiss", "de", "Anna Weiss bemalte die Brücke."),
        ("¿Quién pintó el puente?", "Ana", "es", "Ana pintó el puente."),
        ("谁画了这座桥？", "安娜", "zh", "安娜画了这座桥。"),
        ("Köprüyü kim boyadı?", "Anna", "tr", "Köprüyü Anna boyadı."),
        ("When was it built?", "1903", "en", "When was it built? 1903"),
        ("Whose bridge is it?", "Anna's", "en", "Whose bridge is it? Anna's"),
    ],
)
def test_question_and_answer_as_a_statement(question: str, answer: str, language: str, statement: str) -> None:
    assert statements.statement(question, answer, language) == statement


def test_every_rule_changes_a_sentence_or_says_that_it_can_not() -> None:
    dice = random.Random(1)
    said = "In 1903 Anna Weiss met the engineer Karl Lund before the bridge was built."
    assert statements.another_number(said, dice) not in (said, None)
    assert statements.roles_swapped(said, [], dice) == said.replace("Anna Weiss", "\0").replace(
        "Karl Lund", "Anna Weiss"
    ).replace("\0", "Karl Lund")
    assert statements.denied(said, "en", dice) == said.replace(" was ", " was not ")
    assert statements.denied("It was not built.", "en", dice) == "It was built."
    assert statements.turned(said, "en", dice) == said.replace("before", "after")
    assert statements.turned("Nothing here.", "en", dice) is None
    assert statements.another_number("No digit.", dice) is None
    assert statements.denied(said, "xx", dice) is None


def test_made_claims_are_what_their_labels_say(corpus: Corpus) -> None:
    claims = [claim for seed in range(10) for claim in made_claims(corpus, 5, seed)]
    kinds = {claim.source for claim in claims}
    assert {"made", "made-number", "made-answer"} <= kinds
    for claim in claims:
        assert claim.made
        if claim.label in (LABELS["contradict"], LABELS["silent"]):
            assert claim.text not in claim.passage
        if claim.source == "made" and claim.label == LABELS["support"]:
            own = [p.text for p in corpus.paragraphs if claim.text.rstrip(".") in p.text]
            assert own, "a supported claim stands in the passage or in its translation"


def test_a_bundle_is_read_without_the_project(questions: Questions, tmp_path: Path) -> None:
    import ast

    for name in ("arrays", "encoder", "negatives", "runs"):
        source = (Path(__file__).parent.parent / "tools" / "training" / f"{name}.py").read_text("utf-8")
        modules = {
            (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        outside = {module.split(".")[0] for module in modules} - {"torch", "numpy", "tools"}
        assert not outside & {"index", "rag", "ui", "tokenizers", "safetensors"}, name
