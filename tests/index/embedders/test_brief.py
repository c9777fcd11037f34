"""The way of a process that asks one question: NumPy alone, the same vectors but for rounding, soon ready."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import index
from index.embedders.base import Brief
from index.embedders.bundled.brief import BriefEncoder
from index.embedders.bundled.embedder import BundledEmbedder
from index.embedders.bundled.packed import bundled_model_path
from index.embedders.bundled.single import SingleEncoder
from index.opening.opened import Index

TEXTS = {
    "English": "query: Who heads the Arab Organization for Industrialization?",
    "Arabic": "query: من يرأس الهيئة العربية للتصنيع؟",
    "Chinese": "query: 阿拉伯工业化组织由谁领导？",
    "numbers": "query: 12.5 % of 3,400 – 1/2 @ №7",
    "nothing": "",
    "unknown letters": "query: 𓀀𓂀 𐎠𐎡",
}
LONG = "query: " + "The keeper of the lighthouse wrote down every ship that passed. " * 45
AGREE, ALIGNED = 0.998, 0.99  # less what all texts of a language share, which is most of a vector's length


@pytest.fixture(scope="module")
def brief() -> BriefEncoder:
    return BriefEncoder(bundled_model_path())


@pytest.fixture(scope="module")
def single() -> SingleEncoder:
    return SingleEncoder(bundled_model_path())


def cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("kind", TEXTS)
def test_the_vectors_are_those_of_the_graph(kind: str, brief: BriefEncoder, single: SingleEncoder) -> None:
    text = TEXTS[kind]
    assert cosine(brief.embed_many([text])[0], single.embed(text)) > AGREE


def test_a_text_of_several_windows_too(brief: BriefEncoder, single: SingleEncoder) -> None:
    assert cosine(brief.embed_many([LONG])[0], single.embed(LONG)) > AGREE


def test_texts_that_run_together_get_what_they_get_alone(brief: BriefEncoder) -> None:
    texts = list(TEXTS.values())
    alone = np.concatenate([brief.embed_many([text]) for text in texts])
    np.testing.assert_allclose(brief.embed_many(texts), alone, atol=2e-5)
    assert brief.embed_many([]).shape == (0, 384)


def test_attention_across_texts_is_caught(brief: BriefEncoder) -> None:
    """As if the texts were one: what a careless way of running them together would give."""
    whole = brief.embed_many([f"{TEXTS['English']} {TEXTS['Chinese']}"])[0]
    assert cosine(whole, brief.embed_many([TEXTS["English"]])[0]) < AGREE


def test_a_brief_embedder_needs_no_openvino_for_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder, usual = BundledEmbedder(), BundledEmbedder()
    assert isinstance(embedder, Brief)
    questions = ["Who heads the AOI?", "Wer leitet die AOI?"]
    expected = usual.embed_queries(questions)
    monkeypatch.setattr(BundledEmbedder, "_single_encoder", lambda _self: pytest.fail("OpenVINO was started"))
    embedder.be_brief()
    found = embedder.embed_queries(questions)
    assert ((found * expected).sum(1) > AGREE).all()
    np.testing.assert_allclose(embedder.embed_query(questions[0]), found[0], atol=2e-5)


def test_many_texts_take_the_way_for_many_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = BundledEmbedder()
    embedder.be_brief()
    monkeypatch.setattr(BriefEncoder, "embed_many", lambda *_: pytest.fail("too many for NumPy"))
    assert embedder.embed_queries([f"Question {number} about the keeper?" for number in range(120)]).shape == (120, 384)


@pytest.fixture(scope="module", params=["bundled", "hashing"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("brief")
    (folder / "tower.txt").write_text("Edda Vik kept the tower. The lamp was lit in 1902.", "utf-8")
    index.build([folder / "tower.txt"], index_dir=folder / "index", embedder=request.param)
    with index.open(folder / "index") as found:
        yield found


def test_an_index_asked_briefly_gives_the_same_vectors(opened: Index) -> None:
    texts = ["Who kept the tower?", "When was the lamp lit?"]
    usual = opened.embed_queries(texts)
    opened.be_brief()
    assert ((opened.embed_queries(texts) * usual).sum(1) > ALIGNED).all()
    assert opened.embed_query(texts[0])[0] @ usual[0] > ALIGNED


@pytest.mark.slow
def test_asking_once_loads_no_openvino(tmp_path: Path) -> None:
    (tmp_path / "tower.txt").write_text("Edda Vik kept the tower. The lamp was lit in 1902.", "utf-8")
    index.build([tmp_path / "tower.txt"], index_dir=tmp_path / "index")
    code = (
        "import os, sys\nfrom ui.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('LOADED', 'openvino' in sys.modules, os.environ.get('OPENBLAS_NUM_THREADS'))"
    )
    for command in (("ask", "--reader", "none"), ("search",)):
        arguments = [*command, "Who kept the tower?", "--index", str(tmp_path / "index")]
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert "Edda Vik" in done.stdout and "LOADED False 1" in done.stdout, done.stdout + done.stderr
