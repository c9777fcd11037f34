from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ConfigError
from rag import AnswerConfig, Assistant
from rag.entailment import CrossEncoderJudge, Relation, check_spec, load_judge
from rag.support import check
from rag.testing import FakeLLM, document, tiny_index

CLAIM, QUOTE = "The minister travelled to Baghdad by train.", "He went to the Iraqi capital, and took the railway."


def test_a_relation_takes_the_place_of_similarity() -> None:
    judged = {
        relation: check(CLAIM, QUOTE, similarity=0.5, relation=relation)
        for relation in ("entailment", "neutral", "contradiction")
    }
    assert judged == {"entailment": "supported", "neutral": "partly", "contradiction": "not found"}


def test_a_relation_never_makes_a_number_or_a_denial_good() -> None:
    assert check("It was 12 %.", "It was 45 %.", relation="entailment", same_language=True) != "supported"
    assert check("He never went.", "He went by train.", relation="entailment", same_language=True) != "supported"
    copied = check("Iraq beat Iran in May.", "Iraq beat Iran in May, clearly so.", relation="contradiction")
    assert copied == "not found"


@pytest.mark.parametrize("spec", ["bert", "sentence-transformers:", "openai:x", ":x"])
def test_specs_are_checked_when_the_settings_are_made(spec: str) -> None:
    with pytest.raises(ConfigError, match="nli"):
        AnswerConfig(nli=spec)


def test_no_spec_no_model() -> None:
    assert check_spec("") == ""
    assert load_judge("") is None


def test_a_folder_that_is_not_there_or_holds_pickles(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        CrossEncoderJudge(str(tmp_path / "absent"))
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ConfigError, match="safetensors"):
        CrossEncoderJudge(str(tmp_path))


def _save(folder: Path, labels: dict[int, str], favourite: int) -> str:
    """Save a cross-encoder of a few weights that always prefers one class."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "minister", "went"]
    plain = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="[UNK]"))
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    plain.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    config = BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        max_position_embeddings=64, id2label=labels, label2id={name: n for n, name in labels.items()},
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    model.classifier.bias.data[favourite] = 50.0
    model.save_pretrained(folder, safe_serialization=True)
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=plain, model_max_length=64, **special).save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("labels", "favourite", "expected"),
    [
        ({0: "entailment", 1: "neutral", 2: "contradiction"}, 0, "entailment"),
        ({0: "CONTRADICTION", 1: "ENTAILMENT", 2: "NEUTRAL"}, 0, "contradiction"),
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 1, "entailment"),
        ({0: "contradiction", 1: "entailment", 2: "neutral"}, 2, "neutral"),
    ],
)
def test_classes_are_read_from_the_config(
    tmp_path: Path, labels: dict[int, str], favourite: int, expected: Relation
) -> None:
    assert CrossEncoderJudge(_save(tmp_path, labels, favourite))(QUOTE, CLAIM) == expected


def test_other_classes_are_refused(tmp_path: Path) -> None:
    judge = CrossEncoderJudge(_save(tmp_path, {0: "positive", 1: "negative", 2: "mixed"}, 0))
    with pytest.raises(ConfigError, match="classes positive, negative, mixed"):
        judge(QUOTE, CLAIM)


def test_the_assistant_uses_it(tmp_path: Path) -> None:
    folder = _save(tmp_path, {0: "contradiction", 1: "entailment", 2: "neutral"}, 0)
    live = tiny_index([document("trip", QUOTE, "en")])
    config = AnswerConfig(min_confidence=0.0, nli=f"sentence-transformers:{folder}")
    answer = Assistant(index=live, llm=FakeLLM(f"{CLAIM} [1]"), config=config).answer("How did he go to the capital?")
    assert [citation.support for citation in answer.citations] == ["not found"]
