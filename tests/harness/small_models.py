"""Models of a few weights, saved as real ones are."""

from __future__ import annotations

from pathlib import Path


def save_cross_encoder(folder: Path, labels: dict[int, str], favourite: int) -> str:
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
