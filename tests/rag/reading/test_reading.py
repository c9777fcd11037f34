"""What the bundled reader says: against a naive forward pass, and against the figures that came with weights."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.language.sentences.splitting import sentences
from index.types import Passage
from rag.reading import ClaimReader, Reader, Reading
from rag.reading.model.bundled import BundledReader
from rag.reading.model.weights import SHIPPED
from rag.reading.model.windows import Text, Window, claim_windows, question_windows
from rag.types import ScoredPassage, ScoredSentence
from tests.harness.naive_passage_reader import NaiveReader
from tests.harness.partly_slow import partly_slow

OFFSET = 1000  # passages begin somewhere in their document
PAIRS = [
    (
        "Who heads the AOI?",
        "Industry",
        "The AOI was founded in 1975. It is headed by General El-Terras. He met Saadoun, spokesman of the ministry.",
        "General El-Terras",
    ),
    ("متى تأسست الجامعة؟", "جامعة", "تقع الجامعة في القاهرة. تأسست عام 1908 بمبادرة من الأهالي.", "1908"),
    ("珠穆朗玛峰有多高？", "珠穆朗玛峰", "珠穆朗玛峰是世界最高峰。它的高度是8848米。1953年有人首次登顶。", "8848米"),
    (
        "Wie lang ist der Fluss?",
        "",
        "Der Fluss entspringt in den Alpen und ist 120 km lang. Er mündet in die Donau.",
        "120 km",
    ),
    ("When was the bridge built?", "Ponte", "O rio corre para o mar. A ponte foi construída em 1903.", "1903"),
    ("What do whales eat?", "Trams", "Trams run on rails. The first one ran in 1807.", ""),
]
CLAIMS = [
    ("The AOI was founded in 1975.", PAIRS[0][2]),
    ("The AOI was founded in 1985.", PAIRS[0][2]),
    ("Il ponte fu costruito nel 1903.", "A ponte foi construída em 1903."),
    ("Whales eat krill.", "Trams run on rails. The first one ran in 1807."),
]


@pytest.fixture(scope="module")
def exact() -> BundledReader:
    return BundledReader(precision="f32")


@pytest.fixture(scope="module")
def fast() -> BundledReader:
    return BundledReader()


@pytest.fixture(scope="module")
def naive() -> NaiveReader:
    return NaiveReader(SHIPPED)


def hit(text: str, title: str = "", *, offset: int = OFFSET, heading: str = "", cut: bool = False) -> ScoredPassage:
    passage = Passage("d:0", "d", offset, offset + len(text), text, "und", heading)
    found = tuple(ScoredSentence(offset + s.start, offset + s.end, 0.5) for s in sentences(text)) if cut else ()
    return ScoredPassage(passage, title, "d.txt", 1.0, sentences=found)


def words(reading: Reading, text: str) -> str:
    return text[reading.start - OFFSET : reading.end - OFFSET]


def logits_of(reader: BundledReader, window: Window) -> Any:
    parts = reader._loaded()
    return parts.heads.question(window, parts.network.states([window], 0)[0])


def window_of(reader: BundledReader, question: str, title: str, text: str, bounds: list[tuple[int, int]]) -> Window:
    unigram = reader._loaded().unigram
    (window,) = question_windows(unigram, unigram.encode(question), Text(title, text, tuple(bounds)))
    return window


def test_both_protocols_are_kept(fast: BundledReader) -> None:
    assert isinstance(fast, Reader)
    assert isinstance(fast, ClaimReader)


@pytest.mark.parametrize(("question", "title", "text", "_"), partly_slow(PAIRS, now=2))
def test_a_naive_forward_pass_says_the_same(
    exact: BundledReader, fast: BundledReader, naive: NaiveReader, question: str, title: str, text: str, _: str
) -> None:
    bounds = [(s.start, s.end) for s in sentences(text)]
    expected = naive.question(question, title, text, bounds)
    window = window_of(exact, question, title, text, bounds)
    assert list(window.ids) == expected.ids
    for reader, tolerance in ((exact, 0.005), (fast, 0.6)):
        found = logits_of(reader, window)
        assert found.answers == pytest.approx(expected.answers, abs=tolerance)
        np.testing.assert_allclose(found.scores, expected.sentences, atol=tolerance)
        np.testing.assert_allclose(found.starts, expected.starts, atol=tolerance)
        np.testing.assert_allclose(found.ends, expected.ends, atol=tolerance)


def test_verdicts_are_those_of_a_naive_forward_pass(
    exact: BundledReader, fast: BundledReader, naive: NaiveReader
) -> None:
    expected = [naive.claim(*pair) for pair in CLAIMS]
    for reader, tolerance in ((exact, 0.002), (fast, 0.1)):
        found = [(v.supported, v.contradicted, v.silent) for v in reader.judge(CLAIMS)]
        np.testing.assert_allclose(found, expected, atol=tolerance)
    assert expected[0].argmax() == 0
    assert expected[1].argmax() == 1


def test_the_right_words_and_sentence_are_found(fast: BundledReader) -> None:
    for question, title, text, answer in PAIRS[:-1]:
        (reading,) = fast.read(question, [hit(text, title)])
        found = sentences(text)[int(np.argmax(reading.sentences))]
        assert answer in text[found.start : found.end]
        assert answer in words(reading, text)
        assert len(words(reading, text)) <= len(answer) + 8  # another training may add a word
        assert np.argmax(reading.words) == np.argmax(reading.sentences)


def test_what_answers_stands_above_what_does_not(fast: BundledReader) -> None:
    question, title, text, _ = PAIRS[0]
    good, bad = fast.read(question, [hit(text, title), hit(PAIRS[5][2], PAIRS[5][1])])
    assert good.answers > 1
    assert bad.answers < -1
    assert good.probability == pytest.approx(1 / (1 + np.exp(-good.answers)))


def test_a_batch_reads_as_each_one_alone(exact: BundledReader) -> None:
    hits = [hit(text * times, title) for times in (1, 4, 2) for _, title, text, _ in PAIRS]
    question = PAIRS[0][0]
    together = exact.read(question, hits)
    for one, reading in zip(hits, together, strict=True):
        (alone,) = exact.read(question, [one])
        assert (alone.start, alone.end) == (reading.start, reading.end)
        assert alone.answers == pytest.approx(reading.answers, abs=1e-3)
        np.testing.assert_allclose(alone.sentences, reading.sentences, atol=1e-3)
    claims = [(claim, passage * times) for times in (1, 3) for claim, passage in CLAIMS]
    for pair, verdict in zip(claims, exact.judge(claims), strict=True):
        (single,) = exact.judge([pair])
        assert single.supported == pytest.approx(verdict.supported, abs=1e-3)


def test_nothing_to_read_is_no_work() -> None:
    reader = BundledReader()
    assert reader.read("?", []) == []
    assert reader.judge([]) == []
    assert reader._parts is None


# --- any text ------------------------------------------------------------------------------------------------------

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
AWKWARD = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "\ud800\udfff",
        "<s></s><mask>",
        "ﷺﷻ",
        "e\u0301\u0323" * 3,
        "👩‍👩‍👧🇩🇪",
        "\u200f\u202e",
        "a\n\n b  c.",
        "▁▁",
        "가각",
    ]
)


@settings(max_examples=60)
@given(st.one_of(ANY, AWKWARD), st.lists(st.one_of(ANY, AWKWARD), max_size=3), st.one_of(ANY, AWKWARD), st.booleans())
@pytest.mark.slow
def test_every_text_has_a_reading(fast: BundledReader, question: str, texts: list[str], title: str, cut: bool) -> None:
    hits = [hit(text, title, heading=title[::-1], cut=cut) for text in texts]
    readings = fast.read(question, hits)
    assert len(readings) == len(hits)
    for one, reading in zip(hits, readings, strict=True):
        passage = one.passage
        assert passage.start <= reading.start <= reading.end <= passage.end
        assert reading.start < reading.end or not passage.text
        assert len(reading.sentences) == len(reading.words) == len(one.sentences or sentences(passage.text))
        figures = [reading.answers, reading.span, *reading.sentences, *reading.words]
        assert np.isfinite(figures).all()
        assert 0 <= reading.probability <= 1
        if reading.sentences:
            assert np.exp(reading.sentences).sum() == pytest.approx(1, abs=1e-6)
            assert np.exp(reading.words).sum() == pytest.approx(1, abs=1e-6)
    for verdict in fast.judge([(question, text) for text in texts]):
        assert verdict.supported + verdict.contradicted + verdict.silent == pytest.approx(1, abs=1e-6)


# --- the figures that came with the weights -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given_weights() -> Iterator[tuple[list[dict[str, Any]], Path]]:
    """Checked pairs, and the weights that they were computed with."""
    folder = os.environ.get("RAG_READER_CHECK")
    if not folder and os.environ.get("RAG_BENCH_DATA"):
        folder = str(Path(os.environ["RAG_BENCH_DATA"]).parent / "reader")
    if not folder or not (Path(folder) / "check.jsonl").is_file():
        pytest.skip("needs check.jsonl and reader.safetensors: set RAG_READER_CHECK to their folder")
    lines = (Path(folder) / "check.jsonl").read_text(encoding="utf-8").splitlines()
    yield [json.loads(line) for line in lines], Path(folder) / "reader.safetensors"


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "tolerance"), [("f32", 0.02), ("bf16", 0.16), ("int8", 1.0)])
def test_given_figures_are_met(
    given_weights: tuple[list[dict[str, Any]], Path], precision: str, tolerance: float
) -> None:
    rows, weights = given_weights
    reader = BundledReader(weights, precision, verify=False)
    off = []
    for row in rows:
        if row["kind"] != "reader":
            continue
        window = window_of(reader, row["question"], row["title"], row["text"], [tuple(s) for s in row["sentences"]])
        assert list(window.ids) == row["ids"]
        found = logits_of(reader, window)
        off.append(abs(found.answers - row["answers"]))
        for values, name in ((found.scores, "sentence"), (found.starts, "start"), (found.ends, "end")):
            np.testing.assert_allclose(values, row[name], atol=tolerance)
    assert np.mean(off) < tolerance / 4
    assert max(off) < tolerance / 2
    parts = reader._loaded()
    for row in rows:
        if row["kind"] != "verdict":
            continue
        (window,) = claim_windows(parts.unigram, row["claim"], row["passage"])
        assert list(window.ids) == row["ids"]
        verdict = parts.heads.verdict(window, parts.network.states([window], 2)[0])
        np.testing.assert_allclose(verdict, row["verdict"], atol=tolerance / 2)
