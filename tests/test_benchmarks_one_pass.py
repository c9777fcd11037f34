"""One pass gives a passage's vector and its sentences': the same states, averaged over the right tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from benchmarks.data import Text
from benchmarks.late import Encoding, Variant
from benchmarks.one_pass import _beside
from benchmarks.one_pass_encoder import OnePassEncoder, TrainedLayers, tokens_within
from benchmarks.pools import Bench
from index.building.passages.preparing import prepare
from index.config import ChunkingConfig
from index.embedders import load
from index.embedders.alignment.language_table import bundled_table, read_table
from index.embedders.bundled.encoder import OpenVinoEncoder
from index.embedders.bundled.packed import PackedModel
from index.embedders.bundled.tokens.unigram import Unigram
from index.errors import EmbedderError
from index.types import Document
from tools.training.average import carried_layers

TEXT = "The harbour froze in 1709. 港口结冰了。 تجمّد الميناء في الشتاء. Trade came to a halt."
SENTENCES = ("The harbour froze in 1709.", "港口结冰了。", "تجمّد الميناء في الشتاء.", "Trade came to a halt.")
NAMES = [
    f"layers.{layer}.{part}.{kind}"
    for layer in (10, 11)
    for part in ("qkv", "ao", "fi", "fo", "aln", "oln")
    for kind in ("weight", "bias")
]


@pytest.fixture(scope="module")
def encoder(packed: PackedModel) -> OnePassEncoder:
    return OnePassEncoder(packed, precision="f32")


def test_every_token_belongs_to_the_sentence_that_holds_it(unigram: Unigram) -> None:
    spans = unigram.encode(TEXT).spans
    starts = [TEXT.index(sentence) for sentence in SENTENCES]
    ends = [start + len(sentence) for start, sentence in zip(starts, SENTENCES, strict=True)]
    places = [tokens_within(spans, start, end) for start, end in zip(starts, ends, strict=True)]
    taken = [place for start, end in places for place in range(start, end)]
    assert taken == sorted(set(taken))
    left = sorted(set(range(len(spans))) - set(taken))
    assert not "".join(TEXT[slice(*spans[place])] for place in left).strip()  # nothing but blanks between sentences
    for (first, last), sentence in zip(places, SENTENCES, strict=True):
        assert TEXT[spans[first][0] : spans[last - 1][1]].strip() == sentence
    assert tokens_within(spans, len(TEXT), len(TEXT) + 9) == (0, 0)


def test_means_are_of_the_same_states_whatever_else_is_in_the_batch(
    packed: PackedModel, encoder: OnePassEncoder, unigram: Unigram
) -> None:
    long = [0, *unigram.encode("passage: " + TEXT).ids, 2]
    short = [0, *unigram.encode("passage: a bridge").ids, 2]
    parts = [(0, 5), (5, 20), (20, len(long))]
    passages, sentences = encoder.encode([long, short], [parts, []])
    plain = OpenVinoEncoder(packed, "f32").encode([long, short])
    np.testing.assert_allclose(passages, plain, atol=2e-3)
    assert [rows.shape for rows in sentences] == [(3, 384), (0, 384)]
    together = sum(rows * (end - start) for rows, (start, end) in zip(sentences[0], parts, strict=True))
    np.testing.assert_allclose(together / len(long), passages[0], atol=2e-3)
    alone, of_alone = encoder.encode([long], [[(5, 20)]])
    np.testing.assert_allclose(of_alone[0][0], sentences[0][1], atol=2e-3)
    assert np.abs(sentences[0][0] - sentences[0][1]).max() > 0.05
    np.testing.assert_allclose(alone[0], passages[0], atol=2e-3)


def test_a_sentence_behind_the_end_has_the_vector_of_its_passage(encoder: OnePassEncoder) -> None:
    passages, sentences = encoder.encode([[0, 581, 9, 2]], [[(0, 0), (7, 9), (2, 99)]])
    np.testing.assert_allclose(sentences[0][:2], [passages[0]] * 2, atol=1e-4)
    assert np.abs(sentences[0][2] - passages[0]).max() > 1e-2


def test_trained_layers_take_the_place_of_the_carried_ones(packed: PackedModel, tmp_path: Path) -> None:
    tensors = carried_layers(packed, NAMES)
    save_file(tensors, tmp_path / "same.safetensors")
    same = TrainedLayers(packed, tmp_path / "same.safetensors")
    for part, columns in (("q", 384), ("k", 384), ("v", 384), ("fi", 384), ("fo", 1536)):
        name = f"l11.{part}.w"
        np.testing.assert_array_equal(same.matrix(name, columns), packed.matrix(name, columns))
    np.testing.assert_array_equal(same.vector("l10.oln.w"), packed.vector("l10.oln.w"))
    np.testing.assert_array_equal(same.vector("l3.k.b"), packed.vector("l3.k.b"))
    save_file(tensors | {"layers.11.qkv.bias": tensors["layers.11.qkv.bias"] + 1}, tmp_path / "other.safetensors")
    other = TrainedLayers(packed, tmp_path / "other.safetensors")
    np.testing.assert_allclose(other.vector("l11.v.b"), packed.vector("l11.v.b") + 1, rtol=1e-6)
    np.testing.assert_array_equal(other.vector("l10.v.b"), packed.vector("l10.v.b"))


def test_a_file_that_is_none_is_reported(packed: PackedModel, tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"no tensors")
    for name in ("missing", "broken"):
        with pytest.raises(EmbedderError, match=name):
            TrainedLayers(packed, tmp_path / name)


def test_a_table_is_only_read_for_its_own_model(packed: PackedModel) -> None:
    from index.embedders.alignment import language_table

    fingerprint = load().fingerprint
    found = read_table(language_table._FILE, fingerprint)
    assert found is not None and found.languages == bundled_table(fingerprint).languages  # type: ignore[union-attr]
    assert read_table(language_table._FILE, fingerprint + "x") is None


@pytest.mark.slow
def test_a_variant_knows_what_a_build_asks_for(packed: PackedModel, unigram: Unigram, tmp_path: Path) -> None:
    encoding = Encoding("carried", packed, None, unigram)
    texts = [
        Text("p-1", "en", "Harbours", TEXT),
        Text("p-2", "en", "Bridges", "A bridge is red. It was built in 1903."),
    ]
    count = load().count_tokens
    documents = [prepare(Document(one.name, one.title, "", "", one.text), count, ChunkingConfig()) for one in texts]
    wanted = [text for one in documents for text in (*one.passage_texts, *one.sentence_texts)]
    vectors = {}
    for kind in ("apart", "late", "none"):
        variant = Variant(encoding, kind)
        variant.know(documents)
        bench = Bench(tmp_path, tmp_path / kind)
        bench.embedder = variant
        with bench.pool(texts) as pool:
            assert len(pool.index.store) == len(texts)
        vectors[kind] = variant.embed_passages(wanted)
    first = 1 + len(documents[0].sentences)
    np.testing.assert_allclose(vectors["late"][0], vectors["apart"][0], atol=1e-2)
    np.testing.assert_array_equal(vectors["none"][:first], vectors["none"][[0] * first])
    assert np.abs(vectors["none"][first] - vectors["none"][0]).max() > 0.01
    late, apart = (vectors[kind][1:first] - vectors[kind][1:first].mean(axis=0) for kind in ("late", "apart"))
    assert ((late @ apart.T).argmax(axis=1) == np.arange(first - 1)).all()  # each sentence is nearest to itself


def test_differences_are_taken_question_by_question() -> None:
    assert _beside([1.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 0.0]) == "75.0 (+25.0 ± 21.7)"
    assert _beside([], []) == "-"
