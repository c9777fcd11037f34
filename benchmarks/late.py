"""Embedders for `benchmarks.one_pass`: sentence vectors apart, from the passage's states, or none."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from benchmarks.one_pass_encoder import OnePassEncoder, Places, tokens_within
from index import embedders
from index.building.passages.chunking import embedding_text
from index.building.passages.preparing import Prepared
from index.embedders.alignment.language_table import LanguageTable
from index.embedders.base import Progress, unit_rows
from index.embedders.bundled.graphs.graph import Weights
from index.embedders.bundled.packed import PackedModel
from index.embedders.bundled.tokens.unigram import Unigram
from index.types import FloatArray, Passage

__all__ = ["Encoding", "Variant"]

_TOGETHER = 8  # texts a batch, of like length
_BEGIN, _END = 0, 2


@dataclass
class Cost:
    """What embedding took.

    Attributes:
        tokens: read by the encoder, special ones too.
        seconds: of processor time, all threads.
    """

    tokens: int = 0
    seconds: float = 0.0


@dataclass
class Encoding:
    """One set of weights with all that it has read.

    Attributes:
        name: for people.
        model: the packed model.
        weights: of the layers, `None` for the packed model's own.
        unigram: shared by all, since words are.
        table: language vectors estimated for these weights; set before a pool is built.
    """

    name: str
    model: PackedModel
    weights: Weights | None
    unigram: Unigram
    table: LanguageTable | None = None
    _apart: dict[str, FloatArray] = field(default_factory=dict)
    _late: dict[str, tuple[FloatArray, FloatArray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compile the graph."""
        self._encoder = OnePassEncoder(self.model, self.weights)

    def apart(self, texts: Sequence[str], cost: Cost | None = None) -> FloatArray:
        """Return the vectors of prefixed texts, each read by itself, shape (n, dimension)."""
        wanted = [text for text in dict.fromkeys(texts) if text not in self._apart]
        read = self._read(wanted, [()] * len(wanted), cost)
        self._apart.update((text, row) for text, (row, _) in zip(wanted, read, strict=True))
        return np.stack([self._apart[text] for text in texts])

    def late(
        self, texts: Sequence[str], sentences: Sequence[Sequence[tuple[int, int]]], cost: Cost | None = None
    ) -> list[tuple[FloatArray, FloatArray]]:
        """Return the vectors of prefixed passages and of their sentences, by their code points, in one pass."""
        new = [place for place, text in enumerate(texts) if text not in self._late]
        read = self._read([texts[place] for place in new], [sentences[place] for place in new], cost)
        self._late.update((texts[place], found) for place, found in zip(new, read, strict=True))
        return [self._late[text] for text in texts]

    def _read(
        self, texts: Sequence[str], sentences: Sequence[Sequence[tuple[int, int]]], cost: Cost | None
    ) -> list[tuple[FloatArray, FloatArray]]:
        started, spent = time.process_time(), 0
        found: dict[int, tuple[FloatArray, FloatArray]] = {}
        order = iter(sorted(range(len(texts)), key=lambda place: len(texts[place])))
        while some := list(islice(order, _TOGETHER)):
            batch = [self._tokens(texts[place], sentences[place]) for place in some]
            spent += sum(len(ids) for ids, _ in batch)
            means, of_sentences = self._encoder.encode([ids for ids, _ in batch], [places for _, places in batch])
            found.update(
                (place, (row, unit_rows(rows)))
                for place, row, rows in zip(some, unit_rows(means), of_sentences, strict=True)
            )
        if cost is not None:
            cost.tokens += spent
            cost.seconds += time.process_time() - started
        return [found[place] for place in range(len(texts))]

    def _tokens(self, text: str, sentences: Sequence[tuple[int, int]]) -> tuple[list[int], list[Places]]:
        tokens = self.unigram.encode(text)
        most = self.model.sizes.positions - 4
        places = [tokens_within(tokens.spans, start, end) for start, end in sentences]
        moved = [(start + 1, end + 1) if end > start else (0, 0) for start, end in places]
        return [_BEGIN, *tokens.ids[:most], _END], moved


class Variant:
    """An embedder that a pool is built with.

    Args:
        encoding: the weights.
        sentences: `"apart"`, `"late"` (from the passage's states) or `"none"` (each has its passage's vector).
    """

    dimension, spec = 384, "bundled"

    def __init__(self, encoding: Encoding, sentences: str) -> None:
        self._encoding, self._sentences = encoding, sentences
        bundled = embedders.load()
        self._count, self.max_tokens = bundled.count_tokens, bundled.max_tokens
        self.fingerprint = f"benchmark/{encoding.name}/{sentences}"
        self._known: dict[str, FloatArray] = {}
        self.cost = Cost()

    def know(self, documents: Sequence[Prepared]) -> None:
        """Embed what an index over these documents will ask for."""
        passages = [(one, passage) for one in documents for passage in one.passages]
        texts = ["passage: " + embedding_text(one.document.title, passage) for one, passage in passages]
        if self._sentences == "apart":
            both = texts + ["passage: " + text for one in documents for text in one.sentence_texts]
            self._known.update(zip(both, self._encoding.apart(both, self.cost), strict=True))
            return
        spans = [_spans(one, passage, text) for (one, passage), text in zip(passages, texts, strict=True)]
        read = self._encoding.late(texts, spans, self.cost)
        of_passage = {passage.id: found for (_, passage), found in zip(passages, read, strict=True)}
        for one in documents:
            for text, passage, place in _placed(one):
                row, rows = of_passage[passage.id]
                self._known["passage: " + text] = row if self._sentences == "none" else rows[place]
        self._known.update((text, row) for text, (row, _) in zip(texts, read, strict=True))

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> FloatArray:
        """See `index.embedders.base.Embedder`; only texts that are known."""
        if progress:
            progress(len(texts))
        return np.stack([self._known["passage: " + text] for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """See `index.embedders.base.Embedder`."""
        return self._encoding.apart(["query: " + text for text in texts])

    def embed_query(self, text: str) -> FloatArray:
        """See `index.embedders.base.Embedder`."""
        row: FloatArray = self.embed_queries([text])[0]
        return row

    def count_tokens(self, text: str) -> int:
        """See `index.embedders.base.Embedder`."""
        return self._count(text)


def _inside(one: Prepared, passage: Passage) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in one.sentences if passage.start <= s.start and s.end <= passage.end]


def _spans(one: Prepared, passage: Passage, text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a passage stand in what is read for it."""
    moved = len(text) - len(passage.text) - passage.start
    return [(start + moved, end + moved) for start, end in _inside(one, passage)]


def _placed(one: Prepared) -> Iterator[tuple[str, Passage, int]]:
    """Yield what would be read for each sentence, the first passage that holds it, and its number there."""
    for sentence, text in zip(one.sentences, one.sentence_texts, strict=True):
        passage = next(p for p in one.passages if p.start <= sentence.start and sentence.end <= p.end)
        yield text, passage, _inside(one, passage).index((sentence.start, sentence.end))
