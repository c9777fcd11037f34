"""Pools of texts as real indexes: written as JSON lines without their languages, built, opened, asked."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

import index
from benchmarks.data import Asked, Text
from benchmarks.kept import Kept
from index.building.passages.chunking import embedding_text
from index.embedders.base import Embedder
from index.opening.opened import Index
from index.types import FloatArray
from rag import Assistant
from rag.assistant import Live
from rag.config import AnswerConfig


@dataclass
class Pool:
    """An open index over some texts.

    Attributes:
        index: the product's own.
        texts: what it holds, by name.
        embedder: what it was made with.
        reader: who reads question and passages together, as `AnswerConfig` has it.
        ranked: rankings of variants that others build on, so that each is made once.
    """

    index: Index
    texts: dict[str, Text]
    embedder: Embedder
    reader: str = "bundled"
    ranked: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """Let an `Assistant` read this index."""
        yield self.index

    @cached_property
    def assistant(self) -> Assistant:
        """The product over this pool."""
        live: Live = self
        return Assistant(index=live, config=AnswerConfig(reader=self.reader))

    @cached_property
    def raw(self) -> tuple[list[str], FloatArray]:
        """Names of the documents and vectors of all passages as the model gives them, shape (n, dimension)."""
        names, inputs = [], []
        for name in self.index.store.document_ids():
            document = self.index.store.document(name)
            for passage in self.index.store.passages(self.index.store.keys(name)):
                names.append(name)
                inputs.append(embedding_text(document.title, passage))
        return names, self.embedder.embed_passages(inputs)

    @cached_property
    def document_of(self) -> dict[int, str]:
        """Document of each passage key."""
        store = self.index.store
        return {key: name for name in store.document_ids() for key in store.keys(name)}


class Bench:
    """Builds pools in a working folder.

    Args:
        data: folder of the benchmark data.
        work: where vectors are kept from run to run.
        most: questions a language in each table; 0 for all.
        plots: folder for the heat map, `None` for none.
        reader: who reads question and passages together; `"none"` measures retrieval's own word on them.
    """

    def __init__(
        self, data: Path, work: Path, most: int = 0, plots: Path | None = None, reader: str = "bundled"
    ) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self.data, self.work, self.most, self.plots, self.reader = data, work, most, plots, reader
        self.embedder: Embedder = Kept("bundled", work / "benchmark-vectors.sqlite")

    @contextmanager
    def pool(self, texts: Sequence[Text]) -> Iterator[Pool]:
        """Build an index over the texts and open it; it is deleted afterwards."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        try:
            source = folder / "texts"
            source.mkdir()
            rows = [{"id": text.name, "title": text.title, "text": text.text} for text in texts]
            lines = [json.dumps({k: v for k, v in row.items() if v}, ensure_ascii=False) for row in rows]
            (source / "texts.jsonl").write_text("\n".join(lines), encoding="utf-8")
            index.build([source], index_dir=folder / "index", embedder=self.embedder)
            with index.open(folder / "index", embedder=self.embedder) as opened:
                yield Pool(opened, {text.name: text for text in texts}, self.embedder, self.reader)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def prepare(self, asked: Sequence[Asked]) -> None:
        """Embed questions together, which is much quicker than one by one."""
        self.embedder.embed_queries([question.text for question in asked])


def mixed(parallel: dict[str, list[Text]], draw: int) -> list[Text]:
    """Return each text in one language, drawn at random."""
    codes = list(parallel)
    dice = np.random.default_rng(draw).integers(0, len(codes), len(parallel[codes[0]]))
    return [parallel[codes[choice]][number] for number, choice in enumerate(dice)]
