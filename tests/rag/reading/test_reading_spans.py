"""From logits to words of the text, and from several windows to one reading."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedders.bundled.tokens.unigram import Unigram
from index.language.icu import character_ends
from index.types import Passage
from rag.reading.model.heads import Seen
from rag.reading.model.merging import merged
from rag.reading.model.spans import LEAST, log_softmax, span_of, words_of
from rag.reading.model.windows import Text, Window, claim_windows, question_windows, text_of
from rag.types import ScoredPassage, ScoredSentence


def window_of(text: str, size: int = 1) -> Window:
    """A window whose tokens are pieces of so many characters, all of one sentence."""
    spans = tuple((start, min(start + size, len(text))) for start in range(0, len(text), size))
    return Window((0, 2, 2, *range(10, 10 + len(spans)), 2), 3, 3, spans, (0,) * len(spans))


def seen_of(starts: list[float], ends: list[float], answers: float = 0.0, sentence: int = 0) -> Seen:
    """What was seen in a window that holds one sentence."""
    logits = np.array([starts, ends], np.float32)
    return Seen(answers, np.array([sentence]), np.zeros(1, np.float32), logits[0], logits[1])


_LOGIT = st.floats(-3, 3, width=32)


def peak(size: int, at: int) -> list[float]:
    """Logits that leave no doubt."""
    return [9.0 if number == at else 0.0 for number in range(size)]


def chosen(text: str, start: int, end: int) -> str:
    """The words of a span of tokens from `start` to before `end`."""
    size = len(text)
    spans = words_of(seen_of(peak(size, start), peak(size, end - 1)))
    assert spans is not None
    first, last = span_of(text, window_of(text), spans)
    return text[first:last]


# --- spans ---------------------------------------------------------------------------------------------------------


def naive_spans(starts: np.ndarray, ends: np.ndarray) -> dict[tuple[int, int], float]:
    """Every span of at most 30 tokens with its probability."""
    size = len(starts)
    pairs = [(i, j) for i in range(size) for j in range(i, min(i + 30, size))]
    weights = np.exp([starts[i] + ends[j] for i, j in pairs])
    return dict(zip(pairs, weights / weights.sum(), strict=True))


@given(st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_spans_are_those_of_a_double_loop(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    starts, ends = rng.normal(0, 3, (2, size))
    spans = words_of(seen_of(list(starts), list(ends)))
    expected = naive_spans(starts.astype(np.float32).astype(float), ends.astype(np.float32).astype(float))
    assert spans is not None
    assert (spans.first, spans.last) == max(expected, key=lambda pair: expected[pair])
    assert np.exp(spans.best) == pytest.approx(max(expected.values()), rel=1e-6)
    begins = [sum(p for (i, _), p in expected.items() if i == first) for first in range(size)]
    np.testing.assert_allclose(spans.begins, begins, rtol=1e-6)


def test_an_end_before_the_start_is_no_span() -> None:
    spans = words_of(seen_of([0.0, 0.0, 9.0], [9.0, 0.0, 0.0]))
    assert spans is not None
    assert spans.first <= spans.last


def test_no_tokens_give_no_spans() -> None:
    assert words_of(seen_of([], [])) is None


@given(st.lists(st.tuples(_LOGIT, _LOGIT), min_size=2, max_size=12))
def test_the_next_likeliest_words_overlap_nothing(logits: list[tuple[float, float]]) -> None:
    starts, ends = map(list, zip(*logits, strict=True))
    spans = words_of(seen_of(starts, ends))
    assert spans is not None
    table = {
        (first, last): float(np.float32(starts[first])) + float(np.float32(ends[last]))
        for first in range(len(starts))
        for last in range(first, len(ends))
    }
    total = np.log(sum(np.exp(value) for value in table.values()))
    taken = [(spans.first, spans.last)]
    for first, last, share in spans.others:
        free = [place for place in table if all(place[1] < low or place[0] > high for low, high in taken)]
        assert (first, last) in free
        assert share == pytest.approx(table[first, last] - total, abs=1e-4)
        assert share == pytest.approx(max(table[place] for place in free) - total, abs=1e-4)
        taken.append((first, last))


@given(st.lists(st.tuples(_LOGIT, _LOGIT), min_size=2, max_size=16))
def test_words_within_a_clause_are_the_likeliest_that_are_shorter(logits: list[tuple[float, float]]) -> None:
    starts, ends = (np.array(some, np.float32).astype(float) / 4 for some in zip(*logits, strict=True))
    starts[0], ends[-1] = 1.0, 1.0  # the whole is the likeliest
    spans = words_of(seen_of(list(starts), list(ends)))
    size = len(starts)
    assert spans is not None and (spans.first, spans.last) == (0, size - 1)
    if size < 8:
        assert spans.within == ()
        return
    shares = naive_spans(starts, ends)
    short = {place: np.log(share) for place, share in shares.items() if place[1] - place[0] + 1 <= size * 2 // 3}
    likeliest = sorted((share for share in short.values() if share >= -9.0), reverse=True)[:16]
    assert [share for _, _, share in spans.within] == pytest.approx(likeliest, abs=1e-4)
    assert all(short[first, last] == pytest.approx(share, abs=1e-4) for first, last, share in spans.within)


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        ("It was 1975.", 6, 12, "1975"),
        ("In the U.S. he won", 6, 11, "U.S."),
        ("by J. R. R. Tolkien, who", 2, 20, "J. R. R. Tolkien"),
        ("(born 1950) he", 0, 10, "born 1950"),
        ("the AOI (Cairo), founded", 3, 15, "AOI (Cairo)"),
        ("said “yes” twice", 4, 9, "yes"),
        ("它的高度是8848米。1953", 5, 11, "8848米"),
        ("عام 1908، ثم", 3, 9, "1908"),
        ("what?! no", 0, 6, "what"),
        ("-5 °C outside", 0, 5, "-5 °C"),
        ("costs $5.50, or", 5, 12, "$5.50"),
        ("... and", 0, 3, "..."),
        ("a   b", 1, 4, "b"),
        ("b   ", 1, 4, "b"),
    ],
)
def test_words_lose_what_stands_around_them(text: str, start: int, end: int, words: str) -> None:
    assert chosen(text, start, end) == words


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        ("cafe\u0301 noir", 0, 4, "cafe\u0301"),
        ("x e\u0301", 3, 4, "e\u0301"),
        ("हिन्दी", 0, 1, "हि"),
        ("👩‍👩‍👧 here", 0, 1, "👩‍👩‍👧"),
        ("🇩🇪🇫🇷", 1, 2, "🇩🇪"),
        ("\u1100\u1161\u11a8", 1, 2, "\u1100\u1161\u11a8"),
    ],
)
def test_no_character_is_cut(text: str, start: int, end: int, words: str) -> None:
    assert chosen(text, start, end) == words


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30), st.data())
def test_words_are_whole_characters_of_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    spans = words_of(seen_of(peak(len(text), start), peak(len(text), end - 1)))
    assert spans is not None
    first, last = span_of(text, window_of(text), spans)
    assert 0 <= first < last <= len(text)
    assert {first, last} <= {0, *character_ends(text)}


@pytest.mark.parametrize("filling", [" ", ",", "\n", " ,"])
def test_long_runs_take_no_longer_than_others(filling: str) -> None:
    text = "a" + filling * 100_000 + "b"
    window = Window((0, 2, 2, 4, 5, 2), 3, 3, ((0, len(text) - 1), (len(text) - 1, len(text))), (0, 0))
    spans = words_of(seen_of([9.0, 0.0], [0.0, 9.0]))
    assert spans is not None
    since = time.process_time()
    assert span_of(text, window, spans) == (0, len(text))
    first = words_of(seen_of([9.0, 0.0], [9.0, 0.0]))
    assert first is not None
    assert span_of(text, window, first) == (0, 1)
    assert time.process_time() - since < 5


def test_logarithms_are_finite() -> None:
    assert log_softmax(np.zeros(0)).shape == (0,)
    assert log_softmax(np.array([0.0, -1e9])).tolist() == pytest.approx([0.0, LEAST])


# --- windows -------------------------------------------------------------------------------------------------------


def passage(text: str, title: str = "", heading: str = "", found: tuple[ScoredSentence, ...] = ()) -> ScoredPassage:
    return ScoredPassage(Passage("d:0", "d", 7, 7 + len(text), text, "en", heading), title, "d", 1.0, sentences=found)


@pytest.mark.parametrize(
    ("title", "heading", "read"),
    [
        ("Cairo", "", "Cairo"),
        ("Cairo", "History", "Cairo: History"),
        ("Cairo", "cairo", "Cairo"),
        ("Cairo", "History of Cairo", "History of Cairo"),
        ("", "History", "History"),
        (" Cairo ", "Cai", "Cairo"),
    ],
)
def test_title_and_heading_are_read_once(title: str, heading: str, read: str) -> None:
    assert text_of(passage("x", title, heading)).title == read


def test_sentences_of_the_hit_come_first() -> None:
    text = "One. Two."
    assert text_of(passage(text)).bounds == ((0, 4), (5, 9))
    assert text_of(passage(text, found=(ScoredSentence(7, 16, 0.1),))).bounds == ((0, 9),)


def test_a_short_text_is_one_window_as_in_training(unigram: Unigram) -> None:
    text = Text("Title", "One two. Three four.", ((0, 8), (9, 20)))
    (window,) = question_windows(unigram, unigram.encode("Who?"), text)
    question, title, body = (unigram.encode(part).ids for part in ("Who?", "Title", text.text))
    assert list(window.ids) == [0, *question, 2, 2, *title, *body, 2]
    assert window.head == 3 + len(question)
    assert window.body == window.head + len(title)
    assert next(text.text[start:end].strip() for start, end in window.spans) == "One"
    assert set(window.sentences) == {0, 1}


def test_limits_are_those_of_training(unigram: Unigram) -> None:
    many = "word " * 1000
    windows = question_windows(unigram, unigram.encode(many), Text(many, many, ((0, len(many)),)))
    assert len(windows) > 3
    for window in windows:
        assert len(window.ids) == 320
        assert (window.head, window.body) == (67, 97)
    for window in claim_windows(unigram, many, many):
        assert (len(window.ids), window.head) == (360, 113)


@given(st.integers(1, 1500))
def test_windows_cover_every_token_and_overlap_by_half(unigram: Unigram, count: int) -> None:
    text = "word " * count
    tokens = unigram.encode(text)
    windows = question_windows(unigram, unigram.encode("Who?"), Text("", text, ((0, len(text)),)))
    covered = sorted({span for window in windows for span in window.spans})
    assert covered == sorted(set(tokens.spans))
    room = max(len(window.spans) for window in windows)
    starts = [tokens.spans.index(window.spans[0]) for window in windows]
    assert all(0 < b - a <= room // 2 for a, b in pairwise(starts))
    assert all(len(window.spans) == room for window in windows)


# --- merging -------------------------------------------------------------------------------------------------------


def test_the_window_that_answers_decides_and_gives_the_words() -> None:
    text = Text("", "abcdef", ((0, 3), (3, 6)))
    spans = tuple((at, at + 1) for at in range(6))
    left = Window((0, 2, 2, 4, 5, 6, 2), 3, 3, spans[:3], (0, 0, 0))
    right = Window((0, 2, 2, 7, 8, 9, 2), 3, 3, spans[3:], (1, 1, 1))
    one = Seen(
        -4.0,
        np.array([0]),
        np.zeros(1, np.float32),
        np.array([9.0, 0, 0], np.float32),
        np.array([0, 9.0, 0], np.float32),
    )
    two = Seen(
        4.0,
        np.array([1]),
        np.zeros(1, np.float32),
        np.array([0, 9.0, 0], np.float32),
        np.array([0, 0, 9.0], np.float32),
    )
    reading = merged(text, 100, [left, right], [one, two])
    assert (reading.answers, reading.start, reading.end) == (4.0, 104, 106)
    weights = 1 / (1 + np.exp([8.0, -8.0]))
    np.testing.assert_allclose(np.exp(reading.sentences), weights, rtol=1e-6)
    np.testing.assert_allclose(np.exp(reading.words), weights, rtol=1e-6)


def test_one_window_gives_its_own_figures() -> None:
    text = Text("", "ab", ((0, 1), (1, 2)))
    window = Window((0, 2, 2, 4, 5, 2), 3, 3, ((0, 1), (1, 2)), (0, 1))
    logits = np.array([2.0, -1.0], np.float32)
    one = Seen(1.5, np.array([0, 1]), logits, np.array([0.0, 3.0], np.float32), np.zeros(2, np.float32))
    reading = merged(text, 0, [window], [one])
    np.testing.assert_allclose(reading.sentences, log_softmax(logits), rtol=1e-6)
    # Three spans: the first token, both, the second one.
    share = np.exp(3) / (2 + np.exp(3))
    np.testing.assert_allclose(np.exp(reading.words), [1 - share, share], rtol=1e-6)
    assert np.exp(reading.span) == pytest.approx(share)
    assert (reading.start, reading.end) == (1, 2)
