"""Each part is found by its spec and does what it should; run where the package is installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import index
from index.embedders import load
from index.errors import ConfigError, EmbedderError
from rag import AnswerConfig, Assistant, load_llm
from rag.checking.entailment import load_judge
from rag.reading import load_reader
from rag.retrieval.reranking import load_reranker

RECIPE = "RECIPE\nFlatbread\nMix flour and water. Bake the dough for eleven minutes.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "bread.recipe").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "texts" / "soup.txt").write_text(
        "Cook the lentils gently until they are soft. Add salt.", encoding="utf-8"
    )
    report = index.build([tmp_path / "texts"], index_dir=tmp_path / "index", embedder="letters:32")
    assert len(report.added) == 2, report
    return tmp_path / "index"


def test_the_format_and_the_embedder_make_an_index(folder: Path) -> None:
    with index.open(folder) as opened:
        assert opened.manifest.embedder.spec == "letters:32"
        documents = [opened.store.document(name) for name in opened.store.document_ids()]
        assert {document.title for document in documents} >= {"Flatbread"}
        assert not any("RECIPE" in document.text for document in documents)


def test_reader_reranker_and_backend_answer(folder: Path) -> None:
    config = AnswerConfig(reader="longest", reranker="shortest:5", nli="verbatim", min_confidence=0.0)
    answer = Assistant(folder, "first", config=config).answer("How long is the dough baked?")
    assert answer.llm == "first"
    assert answer.citations, answer
    assert answer.passages[0].reading is not None
    assert answer.passages[0].reading.reader == "longest"
    unread = Assistant(folder, config=replace(config, reader="none")).retrieve("How long is the dough baked?")
    lengths = [len(hit.passage.text) for hit in unread]
    assert lengths == sorted(lengths)


def test_specs_that_are_wrong_are_named() -> None:
    with pytest.raises(EmbedderError, match="letters:many"):
        load("letters:many")
    with pytest.raises(ConfigError, match=r"longest\[:…\]"):
        load_reader("no-such-reader")
    reranker, judge = load_reranker("shortest:3"), load_judge("verbatim")
    assert reranker is not None and judge is not None
    assert reranker.most == 3
    assert judge("It is red and round.", "It is red") == "entailment"
    assert load_llm("first").spec == "first"
