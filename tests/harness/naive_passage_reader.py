"""The reader's forward pass in NumPy, float32, one sequence at a time: to compare the fast one with.

Written from the definition, with nothing of `rag.reading` but the tensors' names, so that both can't be wrong alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.embedders.bundled.packed import PackedModel, bundled_model_path, decode, read_packed
from tools.export_encoder import tokenizer_settings

Array = np.ndarray
HEADS = 12


@dataclass
class Outputs:
    ids: list[int]
    answers: float
    sentences: list[float]
    starts: Array
    ends: Array


def linear(x: Array, weight: Array, bias: Array) -> Array:
    return x @ weight.T + bias


def layer_norm(x: Array, weight: Array, bias: Array, epsilon: float) -> Array:
    return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + epsilon) * weight + bias


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def gelu(x: Array) -> Array:
    """x/2 (1 + erf(x/√2)), erf by Abramowitz & Stegun 7.1.26 (error below 1.5e-7)."""
    z = np.abs(x) / np.sqrt(2.0)
    t = 1 / (1 + 0.3275911 * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return x / 2 * (1 + np.sign(x) * (1 - series * np.exp(-z * z)))


def attention(q: Array, k: Array, v: Array) -> Array:
    size = q.shape[1] // HEADS
    parts = []
    for head in range(HEADS):
        columns = slice(head * size, (head + 1) * size)
        weights = softmax(q[:, columns] @ k[:, columns].T / np.sqrt(size))
        parts.append(weights @ v[:, columns])
    return np.concatenate(parts, axis=1)


class NaiveReader:
    def __init__(self, weights: Path) -> None:
        import json

        self.model: PackedModel = read_packed(bundled_model_path())
        tensors = load_file(weights)
        self.trained = {
            name: values.astype(np.float32) * (tensors[f"{name}.scale"][:, None] if f"{name}.scale" in tensors else 1)
            for name, values in tensors.items()
            if not name.endswith(".scale")
        }
        self.tokenizer = Tokenizer.from_str(json.dumps(tokenizer_settings(self.model)))

    @cache  # noqa: B019 - those of two layers are unpacked from four bits; one reader serves a file
    def tensor(self, layer: int, part: str, kind: str) -> Array:
        """A weight (`w`) or bias (`b`) of a layer."""
        if f"layers.{layer}.aln.weight" not in self.trained:
            name = f"l{layer}.{part}.{kind}"
            if part in ("aln", "oln") or kind == "b":
                return self.model.vector(name)
            return self.model.matrix(name, 1536 if part == "fo" else 384)
        kind = {"w": "weight", "b": "bias"}[kind]
        if part in "qkv":
            at = 384 * "qkv".index(part)
            return self.trained[f"layers.{layer}.qkv.{kind}"][at : at + 384]
        return self.trained[f"layers.{layer}.{part}.{kind}"]

    def states(self, ids: list[int], segments: list[int]) -> Array:
        m, eps = self.model, self.model.sizes.epsilon
        x = decode(m.blocks("emb.word", 384)[ids]) + m.matrix("emb.pos", 384)[: len(ids)] + m.matrix("emb.type", 384)[0]
        x = layer_norm(x, m.vector("emb.ln.w"), m.vector("emb.ln.b"), eps)
        for layer in range(12):
            if layer == 2:
                x = x + self.trained["segment"][segments]
            w = {p: (self.tensor(layer, p, "w"), self.tensor(layer, p, "b")) for p in ("q", "k", "v", "ao", "fi", "fo")}
            mixed = attention(*(linear(x, *w[p]) for p in "qkv"))
            x = layer_norm(
                x + linear(mixed, *w["ao"]), self.tensor(layer, "aln", "w"), self.tensor(layer, "aln", "b"), eps
            )
            inner = gelu(linear(x, *w["fi"]))
            x = layer_norm(
                x + linear(inner, *w["fo"]), self.tensor(layer, "oln", "w"), self.tensor(layer, "oln", "b"), eps
            )
        return x

    def ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def head(self, name: str, x: Array) -> Array:
        return linear(x, self.trained[f"{name}.weight"], self.trained[f"{name}.bias"])

    def question(self, question: str, title: str, text: str, bounds: list[tuple[int, int]]) -> Outputs:
        head = [0, *self.ids(question)[:64], 2, 2]
        encoded = self.tokenizer.encode(text, add_special_tokens=False)
        before = len(head) + len(self.ids(title)[:30])
        ids = [*head, *self.ids(title)[:30], *encoded.ids, 2]
        x = self.states(ids, [0] * len(head) + [1] * (len(ids) - len(head)))
        asked, body = x[: len(head)].mean(0), x[before:-1]
        owner = [max(n for n, (s, _) in enumerate(bounds) if n == 0 or (a + z) / 2 >= s) for a, z in encoded.offsets]
        means = [body[[o == n for o in owner]].mean(0) for n in range(len(bounds))]
        cosines = [m @ asked / np.linalg.norm(m) / np.linalg.norm(asked) for m in means]
        scale = self.trained["scale"]
        sentences = [float(self.head("sentence", m)[0] + scale[0] * c) for m, c in zip(means, cosines, strict=True)]
        pooled = np.tanh(self.head("answers_pool", np.concatenate([x[0], asked])))
        answers = self.head("answers", pooled)[0] + scale[1] * (max(cosines) - 0.8)
        starts, ends = self.head("span", body).T
        return Outputs(ids, float(answers), sentences, starts, ends)

    def claim(self, claim: str, passage: str) -> Array:
        head = [0, *self.ids(claim)[:110], 2, 2]
        ids = [*head, *self.ids(passage), 2]
        x = self.states(ids, [2] * len(head) + [1] * (len(ids) - len(head)))
        pooled = np.tanh(self.head("verdict_pool", np.concatenate([x[0], x[: len(head)].mean(0)])))
        return softmax(self.head("verdict", pooled))
