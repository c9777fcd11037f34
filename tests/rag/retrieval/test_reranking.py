"""The reranker on a small cross-encoder that is made and saved here: order, time, traces, refusals of wrong models."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ConfigError
from rag import Assistant
from rag.assistant import Live
from rag.retrieval.reranking import CrossEncoderReranker, check_reranker_spec, load_reranker
from rag.retrieval.retrieve import retrieve
from rag.testing.doubles import document, tiny_index

QUESTION = "Where does Factory 200 stand?"
TEXTS = [
    "Factory 200 stands in Helwan.", "Cats sleep all day.", "The bridge is red.", "A factory stands here.",
    "Trains go north.", "Salt is white.", "Factory 201 stands elsewhere.",
]  # fmt: skip


def make_cross_encoder(folder: Path, outputs: int = 1) -> Path:
    import torch
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    letters = [chr(code) for code in range(33, 127)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *("##" + letter for letter in letters)]
    tokenizer = Tokenizer(WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=256, num_labels=outputs, initializer_range=0.5,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder, safe_serialization=True)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        model_max_length=256,
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def live() -> Live:
    return tiny_index([document(f"d{n}", text, "en") for n, text in enumerate(TEXTS)])


def expected(model: Path, texts: list[str]) -> list[str]:
    from sentence_transformers import CrossEncoder

    scores = CrossEncoder(str(model), device="cpu").predict([(QUESTION, text) for text in texts])
    return [text for _, text in sorted(zip(scores, texts, strict=True), reverse=True)]


def test_passages_come_in_the_order_of_the_model_and_keep_their_traces(model: Path, live: Live) -> None:
    with live.reading() as index:
        before = retrieve(index, QUESTION, 7)
        after = retrieve(index, QUESTION, 7, reranker=CrossEncoderReranker(str(model)))
    result = [f"{hit.title}\n{hit.passage.text}" for hit in before.passages]
    found = [f"{hit.title}\n{hit.passage.text}" for hit in after.passages]
    assert found == expected(model, result)
    assert found != result
    assert [hit.ranks["reranker"].rank for hit in after.passages] == list(range(1, 8))
    assert [hit.score for hit in after.passages] == [hit.score for hit in before.passages]
    assert after.evidence == before.evidence
    assert after.timings["rerank"] > 0
    assert {hit.passage.id: hit.ranks["dense"] for hit in after.passages} == {
        hit.passage.id: hit.ranks["dense"] for hit in before.passages
    }


def test_time_is_bounded_and_the_unread_stay_behind_in_their_order(model: Path, live: Live) -> None:
    with live.reading() as index:
        before = retrieve(index, QUESTION, 7).passages
    after = CrossEncoderReranker(str(model), seconds=0.0)(QUESTION, before)
    assert {hit.passage.id for hit in after[:4]} == {hit.passage.id for hit in before[:4]}
    assert after[4:] == before[4:]
    assert all("reranker" not in hit.ranks for hit in after[4:])


def test_a_passage_beyond_k_can_come_first(model: Path, live: Live) -> None:
    with live.reading() as index:
        seven = retrieve(index, QUESTION, 7, reranker=CrossEncoderReranker(str(model))).passages
        one = retrieve(index, QUESTION, 1, reranker=CrossEncoderReranker(str(model))).passages
        few = retrieve(index, QUESTION, 7, reranker=CrossEncoderReranker(str(model), most=2)).passages
    assert [hit.passage.id for hit in one] == [seven[0].passage.id]
    assert sum("reranker" in hit.ranks for hit in few) == 2


def test_no_passages(model: Path) -> None:
    assert CrossEncoderReranker(str(model))(QUESTION, ()) == ()


def test_the_assistant_takes_it_by_its_spec(model: Path, live: Live) -> None:
    assistant = Assistant(index=live, reranker=f"sentence-transformers:{model}")
    assert all("reranker" in hit.ranks for hit in assistant.retrieve(QUESTION, 3))
    assert any("reranker" in hit.ranks for hit in assistant.answer(QUESTION).passages)
    assert all("reranker" not in hit.ranks for hit in Assistant(index=live).retrieve(QUESTION, 3))


@pytest.mark.parametrize("spec", ["bm25", "sentence-transformers:", "http://x"])
def test_other_specs_are_refused(spec: str, live: Live) -> None:
    with pytest.raises(ConfigError, match="NAME_OR_FOLDER"):
        check_reranker_spec(spec)
    with pytest.raises(ConfigError, match="NAME_OR_FOLDER"):
        Assistant(index=live, reranker=spec)


def test_none_is_wanted_and_a_wrong_model_is_reported(tmp_path: Path, live: Live) -> None:
    assert load_reranker("") is None
    with pytest.raises(ConfigError, match="reranker"):
        CrossEncoderReranker(str(tmp_path / "nowhere"))
    three = make_cross_encoder(tmp_path / "three", outputs=3)
    with live.reading() as index, pytest.raises(ConfigError, match="3 outputs"):
        retrieve(index, QUESTION, 3, reranker=CrossEncoderReranker(str(three)))
