"""The encoder in 8-bit integers: integer kernels, vectors that agree, and what it does where it can't be had."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedders.base import unit_rows
from index.embedders.bundled import eight_bits, encoder
from index.embedders.bundled.eight_bits import EightBitBuilder, multiplies_integers
from index.embedders.bundled.encoder import OpenVinoEncoder, encoder_graph
from index.embedders.bundled.graphs.graph import compile_graph
from index.embedders.bundled.packed import PackedModel, weights_digest
from index.embedders.bundled.state_ranges import PRODUCTS, StateRanges, read_ranges
from index.embedders.bundled.tokens.unigram import Unigram
from index.types import FloatArray
from tools.state_ranges import largest

TEXTS = (
    "The harbour froze in the winter of 1709, and trade came to a halt.",
    "تجمّد الميناء في شتاء عام 1709 وتوقفت التجارة.",
    "Гавань замёрзла зимой 1709 года, и торговля остановилась.",
    "1709年冬天，港口结冰，贸易停止了。",
    "for row, tokens in enumerate(batch): ids[row, : len(tokens)] = tokens",
    "| 1709 | 12.5 % | – |",
    "",
)


@pytest.fixture(scope="module")
def ranges(packed: PackedModel) -> StateRanges:
    found = read_ranges(weights_digest(packed.path))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def batch(unigram: Unigram) -> list[list[int]]:
    return [[0, *unigram.ids(f"passage: {text}"), 2] for text in TEXTS]


@pytest.fixture(scope="module")
def exact(packed: PackedModel, batch: list[list[int]]) -> FloatArray:
    return unit_rows(OpenVinoEncoder(packed, "f32").encode(batch))


@pytest.mark.slow
def test_vectors_agree_with_those_in_floating_point(
    packed: PackedModel, batch: list[list[int]], exact: FloatArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = OpenVinoEncoder(packed, "int8")
    assert whole.precision == "int8"
    cosines = (unit_rows(whole.encode(batch)) * exact).sum(1)
    assert cosines.mean() > 0.998 and cosines.min() > 0.995
    # Without moving the difference between columns into the matrix the vectors are others.
    monkeypatch.setattr(eight_bits, "_SHARE", {})
    monkeypatch.setattr(eight_bits, "_USUAL_SHARE", 0.0)
    careless = unit_rows(OpenVinoEncoder(packed, "int8").encode(batch))
    assert (careless * exact).sum(1).mean() < 0.99


@pytest.mark.slow
def test_a_text_gets_the_same_vector_beside_any_others(packed: PackedModel, batch: list[list[int]]) -> None:
    whole = OpenVinoEncoder(packed, "int8")
    together = unit_rows(whole.encode(batch))
    alone = unit_rows(np.concatenate([whole.encode([tokens]) for tokens in batch]))
    assert (together * alone).sum(1).min() > 0.999


@pytest.mark.slow
@pytest.mark.skipif(not multiplies_integers(), reason="the processor doesn't multiply 8-bit integers")
def test_every_product_is_one_of_integers_but_those_that_lose_most(packed: PackedModel, ranges: StateRanges) -> None:
    def kinds(builder: EightBitBuilder | None) -> Counter[str]:
        compiled, _ = compile_graph(encoder_graph(packed, builder))
        infos: list[Any] = [node.get_rt_info() for node in compiled.get_runtime_model().get_ops()]
        products = [info for info in infos if info["layerType"].astype(str) == "FullyConnected"]
        return Counter(info["runtimePrecision"].astype(str) for info in products)

    exact = len(eight_bits._EXACT)
    found = kinds(EightBitBuilder(packed, ranges))
    assert found["i8"] == 6 * packed.sizes.layers - exact and found.total() - found["i8"] == exact
    assert kinds(None)["i8"] == 0


def test_weights_whose_states_were_not_measured_stay_in_floating_point(
    packed: PackedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []

    def noted(_graph: object, precision: str | None = None) -> tuple[Any, str]:
        asked.append(precision)
        return type("Compiled", (), {"create_infer_request": lambda _self: None})(), precision or "bf16"

    monkeypatch.setattr(encoder, "compile_graph", noted)
    monkeypatch.setattr(encoder, "encoder_graph", lambda *_: None)
    monkeypatch.setattr(encoder, "multiplies_integers", lambda: True)
    assert OpenVinoEncoder(packed).precision == "int8"
    assert OpenVinoEncoder(packed, "f32").precision == "f32"
    monkeypatch.setattr(encoder, "read_ranges", lambda _digest: None)
    assert OpenVinoEncoder(packed).precision == OpenVinoEncoder(packed, "int8").precision == "bf16"
    assert asked == [None, "f32", None, None]


def test_a_processor_without_integer_products_keeps_floating_point(
    packed: PackedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "multiplies_integers", lambda: False)
    assert OpenVinoEncoder(packed).precision in ("bf16", "f32")


@pytest.mark.parametrize(
    ("machine", "flags", "found"),
    [
        ("x86_64", "flags : avx512_vnni avx512_bf16", True),
        ("AMD64", "flags : avx2 avx_vnni", True),
        ("x86_64", "flags : avx2 fma", False),
        ("aarch64", "Features : bf16 i8mm", False),
    ],
)
def test_the_processor_is_asked(
    machine: str, flags: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpuinfo").write_text(flags, "utf-8")
    monkeypatch.setattr(eight_bits, "_FLAGS", tmp_path / "cpuinfo")
    monkeypatch.setattr(eight_bits.platform, "machine", lambda: machine)
    assert multiplies_integers() is found


def test_ranges_are_of_one_model(packed: PackedModel, ranges: StateRanges) -> None:
    assert read_ranges("0" * 64) is None
    sizes = packed.sizes
    for name in PRODUCTS:
        columns = sizes.feed_forward if name == "fo" else sizes.hidden
        assert ranges.largest[name].shape == (sizes.layers, columns)
        assert (ranges.largest[name] > 0).all()
    assert np.array_equal(ranges.of("l3.k"), ranges.of("l3.q"))
    assert not np.array_equal(ranges.of("l3.q"), ranges.of("l4.q"))
    with pytest.raises(KeyError):
        ranges.of("emb.word")


@pytest.mark.slow
def test_the_largest_states_are_those_of_the_texts_not_of_the_padding(packed: PackedModel, ranges: StateRanges) -> None:
    long, short = f"passage: {TEXTS[0]} {TEXTS[2]}", "passage: ice"
    together, apart = largest(packed, [long, short]), [largest(packed, [each]) for each in (long, short)]
    for name in PRODUCTS:
        expected = np.maximum(*(each[name] for each in apart))
        np.testing.assert_allclose(together[name], expected, rtol=0.03, atol=0.03)
        assert (together[name].max(1) <= 1.3 * ranges.largest[name].max(1)).all()
