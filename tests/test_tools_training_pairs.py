"""The bundle of a small corpus, and what the trainings show a model of it: pairs, batches, the split, sampling."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from index.embedders.bundled.packed import bundled_model_path, read_packed
from tests.harness.training_articles import small_corpus
from tools.train_reader.pairs import LONGEST, Pair, Pairs
from tools.training.arrays import END, Questions, from_rows, held_back, load, sampling, to_rows
from tools.training.average import averaged
from tools.training.bundle import write_bundle
from tools.training.claims import made_claims
from tools.training.corpus import LABELS, Claim, Corpus


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return small_corpus(12)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, corpus: Corpus) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    people = [Claim("people", f"Claim {n}.", corpus.paragraphs[n].text, n % 3) for n in range(60)]
    write_bundle(corpus, made_claims(corpus, 40) + people, folder)
    return folder


@pytest.fixture(scope="module")
def questions(bundle: Path) -> Questions:
    return Questions(bundle)


@pytest.fixture(scope="module")
def pairs(questions: Questions) -> Pairs:
    return Pairs(questions, _near(questions))


def _near(questions: Questions) -> np.ndarray:
    """Return paragraphs of all languages as negatives of each question, none that is parallel to the right one."""
    dice = np.random.default_rng(1)
    rows = []
    for number in range(len(questions)):
        mine = questions.parallel[questions.paragraph[number]]
        rows.append(dice.permutation(np.nonzero(questions.parallel != mine)[0])[:24])
    return np.array(rows)


@pytest.fixture(scope="module")
def words(bundle: Path) -> list[str]:
    """The piece of each place in the list of word rows."""
    pieces = read_packed(bundled_model_path()).pieces
    return [pieces[int(row)] for row in load(bundle / "weights.npz")["rows"]]


def _text(words: list[str], ids: list[int]) -> str:
    return "".join(words[token] for token in ids).replace("▁", " ").strip()


def _all_pairs(pairs: Pairs, questions: Questions, *, whole: bool = False) -> list[tuple[int, Pair]]:
    dice = random.Random(3)
    numbers = [number for _ in range(3) for number in range(len(questions))]
    return [(number, pair) for number in numbers for pair in pairs.of(number, dice, whole=whole)]


def test_spans_point_at_the_answers_words_in_windows_and_joined_passages(
    pairs: Pairs, questions: Questions, corpus: Corpus, words: list[str]
) -> None:
    lengths = set()
    for number, pair in _all_pairs(pairs, questions):
        if not pair.span:
            continue
        first, last = pair.span
        assert corpus.questions[number].answer in _text(words, pair.ids[first : last + 1])
        assert len(_text(words, pair.ids[first : last + 1])) <= len(corpus.questions[number].answer) + 8
        assert pair.sentences[first] >= 0
        lengths.add(len(set(pair.sentences) - {-1}))
    assert min(lengths) == 2  # windows
    assert max(lengths) >= 6  # joined with a neighbour


def test_a_passage_that_is_said_not_to_answer_does_not_hold_the_answer(
    pairs: Pairs, questions: Questions, corpus: Corpus, words: list[str]
) -> None:
    without = 0
    for number, pair in _all_pairs(pairs, questions):
        question = corpus.questions[number]
        if pair.span or not question.answered:
            continue
        text = _text(words, pair.ids[pair.passage :])
        year = next(word for word in question.text.replace("年", " ").split() if word[:4].strip("؟?").isdigit())[:4]
        assert not (question.answer in text and year in text)
        without += _text(words, pair.ids[pair.passage :])[:30] in corpus.paragraphs[question.paragraph].text
    assert without > 20 or without == 0  # both makers of such passages were seen when titles were left out


def test_the_passage_without_its_answering_sentence_keeps_the_others(
    pairs: Pairs, questions: Questions, corpus: Corpus, words: list[str]
) -> None:
    dice, found = random.Random(1), 0
    for number in range(len(questions)):
        if not questions.answered[number]:
            continue
        made = pairs._without(number, dice, titled=False, whole=True)
        if made is None:
            continue
        found += 1
        text, question = _text(words, made.ids[made.passage :]), corpus.questions[number]
        mine = [q for q in corpus.asked[question.paragraph] if q.start != question.start]
        assert question.answer not in text
        assert all(other.answer in text for other in mine)
    assert found > 50


def test_negatives_come_only_in_the_languages_of_the_sets_answers(
    pairs: Pairs, questions: Questions, corpus: Corpus, words: list[str]
) -> None:
    seen: dict[str, set[str]] = {"own": set(), "mlqa": set()}
    dice = random.Random(2)
    texts = [(p.text.replace(" ", "")[:40], p) for p in corpus.paragraphs]
    for number, question in enumerate(corpus.questions):
        for pair in pairs._negative(number, dice, 2, titled=False, whole=True):
            start = _text(words, pair.ids[pair.passage :]).replace(" ", "")
            paragraph = next(p for text, p in texts if start.startswith(text[:30]))
            seen[question.source].add(paragraph.language)
            if question.source == "own":
                assert paragraph.language == corpus.paragraphs[question.paragraph].language
    assert seen["mlqa"] == {"en", "de", "ja", "ar"}


def test_pairs_have_one_shape(pairs: Pairs, questions: Questions) -> None:
    for _, pair in _all_pairs(pairs, questions):
        assert len(pair.ids) == len(pair.sentences) <= LONGEST
        assert pair.ids[-1] == pair.ids[pair.passage - 1] == END
        inside = [sentence for sentence in pair.sentences if sentence >= 0]
        assert inside == sorted(inside)
        assert inside[0] == 0


def test_the_answer_at_the_end_of_a_long_passage_is_still_shown(questions: Questions, words: list[str]) -> None:
    number = int(np.nonzero(questions.answered)[0][3])
    made = Pairs(questions, _near(questions))
    place = int(questions.paragraph[number])
    body, sentence = questions.body[place], questions.sentence[place]
    first, last = questions.span[number]
    before = 400
    questions.body[place] = np.concatenate([np.resize(body[:20], before), body])
    questions.sentence[place] = np.concatenate([np.zeros(before, np.int64), sentence + 1])
    questions.span[number] += before
    try:
        pair = made.of(number, random.Random(0), whole=True)[0]
        assert pair.span is not None
        assert pair.ids[pair.span[0] : pair.span[1] + 1] == body[first : last + 1].tolist()
        assert len(pair.ids) == LONGEST
    finally:
        questions.body[place], questions.sentence[place] = body, sentence
        questions.span[number] -= before


@pytest.mark.slow
def test_a_batch_marks_sentence_span_and_rival(pairs: Pairs, questions: Questions) -> None:
    from tools.train_reader.batches import batch_of  # loads torch, like the next ones: for who runs these tests alone

    dice = random.Random(4)
    groups = [group for number in range(12) if (group := pairs.of(number, dice))]
    batch = batch_of(groups)
    assert batch.ids.shape[1] % 16 == 0
    assert batch.answers.sum() == sum(pair.span is not None for group in groups for pair in group)
    for right, wrong in batch.versus.tolist():
        assert batch.answers[right] == 1
        assert batch.answers[wrong] == 0
    for row in np.nonzero(batch.answers.numpy())[0]:
        assert batch.sentences[row, batch.start[row]] == batch.sentence[row]
        assert batch.segments[row, batch.start[row]] == 1
        assert batch.start[row] <= batch.end[row]


@pytest.mark.slow
def test_the_split_leaks_no_article_not_even_by_claims(bundle: Path, questions: Questions) -> None:
    from tools.train_reader.batches import Claims

    for seed in range(5):
        training, held = questions.held_back(seed, part=4)
        articles = [set(questions.article[questions.paragraph[some]].tolist()) for some in (training, held)]
        assert not articles[0] & articles[1]
        assert len(held) > 0.1 * len(questions)
    claims, judging = Claims(bundle, questions), set(questions.judging())
    arrays = load(bundle / "claims.npz")
    passages = arrays["passage"][claims.training]
    assert judging
    assert not judging & set(questions.article[passages[passages < len(questions.body)]].tolist())
    assert judging & set(questions.article[arrays["passage"][arrays["passage"] < len(questions.body)]].tolist())
    assert not set(claims.training.tolist()) & set(claims.held.tolist())
    assert not arrays["made"][claims.held].any()


def test_held_back_claims_are_always_the_same() -> None:
    assert held_back(np.arange(100)).tolist() == held_back(np.arange(100)).tolist()
    assert len(held_back(np.arange(100))) == 10
    assert len(held_back(np.arange(100_000))) == 2_400


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
def test_sampling_sums_to_one_and_draws_small_sets_more_often(power: float) -> None:
    sets = np.array([0] * 900 + [1] * 100)  # set 2 has no rows
    share = sampling(sets, 3, power)
    assert share.sum() == pytest.approx(1)
    assert share[sets == 1].sum() == pytest.approx(100**power / (900**power + 100**power))


def test_rows_of_8_bits_are_near_what_they_were() -> None:
    dice = np.random.default_rng(1)
    tensors = {
        "matrix": (dice.normal(size=(80, 100)) * dice.uniform(0.01, 9, size=(80, 1))).astype(np.float32),
        "zeros": np.zeros((80, 100), np.float32),
        "vector": dice.normal(size=7).astype(np.float16),
    }
    kept = to_rows(tensors)
    found = from_rows(kept)
    assert kept["matrix"].dtype == np.int8
    assert set(found) == set(tensors)
    bound = np.abs(tensors["matrix"]).max(1, keepdims=True) / 126
    assert (np.abs(found["matrix"] - tensors["matrix"]) <= bound * 1.001).all()
    assert not found["zeros"].any()
    assert (found["vector"] == tensors["vector"]).all()


def test_the_average_is_weighted_and_needs_the_same_tensors() -> None:
    one, other = {"a": np.array([1.0, 2.0], np.float32)}, {"a": np.array([5.0, 2.0], np.float32)}
    assert averaged([(3, one), (1, other)])["a"].tolist() == [2.0, 2.0]
    with pytest.raises(SystemExit, match="different tensors"):
        averaged([(1, one), (1, {"b": other["a"]})])


@pytest.mark.slow
def test_the_encoders_batches_tell_sentences_apart(questions: Questions, corpus: Corpus, words: list[str]) -> None:
    from tools.train_encoder.batches import Maker

    maker = Maker(questions, _near(questions))
    numbers = maker.usable(np.nonzero(questions.answered)[0])[:16]
    batch = maker(numbers, random.Random(1))
    assert batch.question.shape[0] == 16
    assert batch.passage.shape[0] == 32
    assert not (batch.right & batch.doubtful).any()
    for row, number in enumerate(numbers):
        assert not batch.holds_too[row, row]
        right = np.nonzero(batch.right[row].numpy())[0]
        assert len(right) == 1
        assert int(batch.owner[right[0]]) == row
        ids = batch.passage[row][batch.sentence[row] == int(right[0])].tolist()
        assert corpus.questions[number].answer in _text(words, ids)
    parallel = questions.parallel[questions.paragraph[numbers]]
    same = np.nonzero(parallel[:, None] == parallel[None, :])
    for row, column in zip(*same, strict=True):
        assert row == column or bool(batch.holds_too[row, column])


def test_labels_of_claims_are_kept(bundle: Path) -> None:
    arrays = load(bundle / "claims.npz")
    assert set(arrays["label"].tolist()) == set(LABELS.values())
    assert arrays["claim_lengths"].max() <= 110


def test_several_rivals_come_as_one_choice(questions: Questions) -> None:
    pairs, dice = Pairs(questions, _near(questions), rivals=3), random.Random(5)
    groups = [group for number in range(len(questions)) if (group := pairs.of(number, dice))]
    sizes = [sum(pair.choice == 0 for pair in group) for group in groups]
    assert max(sizes) == 3 and 0 in sizes
    assert all(pair.span is None for group in groups for pair in group if pair.choice >= 0)
    judging = [pair for number in range(20) for pair in pairs.of(number, dice, whole=True)]
    assert all(pair.choice == -1 for pair in judging), "judging must not depend on how rivals are chosen"


def test_of_a_choice_only_the_hardest_trains(questions: Questions) -> None:
    """A stand-in for the model gives each passage the log-odds that are its first token's number."""
    torch = pytest.importorskip("torch")
    from types import SimpleNamespace

    from tools.train_reader.__main__ import hardest
    from tools.train_reader.batches import batch_of

    def pair(score: float, span: tuple[int, int] | None = None, choice: int = -1) -> Pair:
        return Pair([int(score * 10) + 100, 5, 6, END], 1, [-1, 0, 0, -1], span, choice)

    groups = [
        [pair(2, (1, 2)), pair(0), pair(-4, choice=0), pair(1, choice=0), pair(9, choice=0)],
        [pair(2, (1, 2)), pair(8, choice=0), pair(7, choice=0)],
        [pair(2, (1, 2)), pair(-5)],
    ]

    def read(ids: object, *_: object) -> SimpleNamespace:
        assert isinstance(ids, torch.Tensor)
        return SimpleNamespace(answers=(ids[:, 0] - 100) / 10)

    batch = hardest(SimpleNamespace(read=read), batch_of(groups))
    scores = ((batch.ids[:, 0] - 100) / 10).tolist()
    # 9 is so sure that it may really answer: 1 is taken. Where all are so sure, the least sure one is.
    assert scores == [2, 0, 1, 2, 7, 2, -5]
    assert batch.versus.tolist() == [[0, 1], [0, 2], [3, 4], [5, 6]]
    assert not batch.choices.numel()
    assert torch.equal(batch.start, torch.tensor([1, -1, -1, 1, -1, 1, -1]))


def test_a_set_is_drawn_more_often_when_asked_for(bundle: Path, questions: Questions, pairs: Pairs) -> None:
    from tools.train_reader.batches import Claims, Stream

    training, _ = questions.held_back()
    claims = [Claims(bundle, questions, more) for more in (None, {"people": 9.0})]
    streams = [
        Stream(pairs, questions, training, one, (8, 8), 0, more)
        for one, more in zip(claims, (None, {"mlqa": 9.0}), strict=True)
    ]
    mlqa = questions.set[training] == questions.sets.index("mlqa")
    plain, more = (float(stream.share[mlqa].sum()) for stream in streams)
    assert more / (1 - more) == pytest.approx(9 * plain / (1 - plain))
    assert all(stream.share.sum() == pytest.approx(1) for stream in streams)
    assert claims[1].share.max() > claims[0].share.max()
