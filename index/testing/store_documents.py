"""Small documents, cut and with vectors, that the contract of stores puts into them."""

from __future__ import annotations

from typing import Any

import numpy as np

from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["DIMENSION", "cut", "document", "put", "unit"]

DIMENSION = 16


def unit(count: int, seed: int = 0, dimension: int = DIMENSION) -> FloatArray:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def document(name: str, text: str, *, language: str = "en", source: str = "", **metadata: Any) -> Document:
    return Document(
        name, f"Title of {name}", source or f"folder/{name}.txt", language, text, metadata, f"digest-{text}"
    )


def cut(doc: Document, size: int) -> tuple[list[Passage], list[Sentence]]:
    spans = [(at, min(at + size, len(doc.text))) for at in range(0, len(doc.text), size)]
    passages = [
        Passage(f"{doc.id}:{number}", doc.id, start, end, doc.text[start:end], doc.language, f"heading {number}")
        for number, (start, end) in enumerate(spans)
    ]
    halves = [(start, (start + end) // 2) for start, end in spans] + [((a + b) // 2, b) for a, b in spans]
    return passages, [Sentence(start, end) for start, end in sorted(halves) if end > start]


def put(writer: Any, doc: Document, size: int = 20, seed: int = 0) -> list[Passage]:
    passages, sentences = cut(doc, size)
    writer.put(doc, passages, unit(len(passages), seed), sentences, unit(len(sentences), seed + 1000))
    return passages
