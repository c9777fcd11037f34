"""An index in memory: every paragraph is a passage, vectors are hashed n-grams; for `rag.testing.doubles`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.embedders.alignment.vectors import Alignment
from index.embedders.base import beginning
from index.embedders.hashing import HashingEmbedder
from index.language.identification import detect
from index.language.sentences.answer_sentences import sentence_spans
from index.stores import memory
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["MemoryIndex", "MemoryStore", "document"]

_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")


def document(name: str, text: str, language: str = "") -> Document:
    """Return a document with this id; its language is found when it is not given."""
    return Document(name, name.replace("-", " ").title(), f"texts/{name}.md", language or detect(text), text)


class MemoryStore(memory.MemoryStore):
    """A store in memory that cuts and embeds what is added to it."""

    def __init__(self) -> None:
        self._embedder = HashingEmbedder()
        super().__init__(self._embedder.dimension)

    def add(self, document: Document) -> None:
        """Cut, embed and store a document: every paragraph is a passage."""
        found = _PARAGRAPH.finditer(document.text)
        cuts = [(match.start(), match.start() + len(match.group().rstrip())) for match in found]
        passages = [
            Passage(f"{document.id}:{n}", document.id, start, end, document.text[start:end], document.language, "")
            for n, (start, end) in enumerate(cuts)
        ]
        sentences = [
            Sentence(passage.start + start, passage.start + end)
            for passage in passages
            for start, end in sentence_spans(passage.text)
        ]
        vectors = self._embedder.embed_passages([passage.text for passage in passages])
        texts = [document.text[sentence.start : sentence.end] for sentence in sentences]
        self.put(document, passages, vectors, sentences, self._embedder.embed_passages(texts))


class MemoryIndex:
    """What reading needs of an index, around a store in memory."""

    def __init__(self, store: MemoryStore, generation: int = 1) -> None:
        self.store = store
        self.generation = generation
        self.alignment = Alignment.identity(store.dimension)
        self._embedder = HashingEmbedder()

    @property
    def fingerprint(self) -> str:
        """Names the model."""
        return self._embedder.fingerprint

    def embed_query(self, text: str) -> tuple[FloatArray, str]:
        """Return the vector of a question and its language."""
        return self._embedder.embed_query(beginning(self._embedder, text)), detect(text)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of many texts."""
        return self._embedder.embed_queries([beginning(self._embedder, text) for text in texts])
