"""Of a question the encoder reads what fits its window, counted in its own tokens, after normalisation."""

from __future__ import annotations

import pytest

from index.embedders.base import beginning
from index.embedders.bundled.embedder import BundledEmbedder
from index.embedders.hashing import HashingEmbedder

KINDS = {
    "words": "the ship sailed on ",
    "combining marks": "a\u0301\u0316\u0327",
    "stacked marks": "a" + "\u0316\u0301\u0327\u0338" * 30,
    "ideographs": "龘靐齉爩鱻",
    "ligatures": "\ufdfa",
    "squared words": "㌀㌖㋿",
    "emoji": "👩‍🚀",
    "one word": "x",
}


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_cut_to_the_window_by_tokens(kind: str, bundled: BundledEmbedder) -> None:
    text = (KINDS[kind] * 4_000)[:4_000]
    cut = beginning(bundled, text)
    assert text.startswith(cut) and bundled.count_tokens(cut) <= bundled.max_tokens
    assert bundled.count_tokens(text[: len(cut) + 64]) >= bundled.max_tokens  # no more is lost than that


def test_a_cut_by_characters_is_caught(bundled: BundledEmbedder) -> None:
    long = [kind for kind, unit in KINDS.items() if bundled.count_tokens((unit * 600)[:600]) > bundled.max_tokens]
    assert {"ideographs", "ligatures", "squared words"} <= set(long)


def test_what_fits_stays_as_it_is(bundled: BundledEmbedder) -> None:
    for text in ("", "Who heads the AOI?", "من يرأس الهيئة؟", "x" * 300):
        assert beginning(bundled, text) == text


class Counting(HashingEmbedder):
    """Notes how much it is asked to count."""

    max_tokens = 50

    def __init__(self) -> None:
        self.counted: list[int] = []

    def count_tokens(self, text: str) -> int:
        self.counted.append(len(text))
        return 4 * len(text)


def test_never_much_more_than_the_window_is_counted() -> None:
    embedder = Counting()
    assert len(beginning(embedder, "\ufdfa" * 100_000)) == 12
    assert max(embedder.counted) <= 100 and len(embedder.counted) < 20
