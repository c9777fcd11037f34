"""What several tests of the index share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import index
from index.embedders.hashing import HashingEmbedder
from tests.harness.crash_harness import WORDS


def build(folder: Path, corpus: Path, **options: Any) -> index.BuildReport:
    return index.build([corpus], index_dir=folder, embedder="hashing", **options)


def answers(folder: Path) -> list[object]:
    """Everything that a reader can see of an index."""
    found: list[object] = []
    with index.open(folder) as opened:
        for word in WORDS:
            vector, language = opened.embed_query(f"What is told of the {word}?")
            hits, words = opened.store.dense(vector, 3), opened.store.keyword(word, 3)
            found += [language, hits, words, opened.store.passages([hit.key for hit in hits])]
            found += [[(s, v.tolist()) for s, v in opened.store.sentences([hit.key])] for hit in hits]
        found += [opened.store.document(name) for name in opened.store.document_ids()]
    return found


def corpus_of(folder: Path) -> str:
    with index.open(folder) as opened:
        texts = [opened.store.document(name).text for name in opened.store.document_ids()]
    assert len(texts) == len(WORDS)
    (name,) = {"A" if " A " in text else "B" for text in texts}
    return name


class CountingEmbedder(HashingEmbedder):
    """Remembers every text that it embeds."""

    def __init__(self, fingerprint: str = "") -> None:
        self.texts: list[str] = []
        if fingerprint:
            self.fingerprint = fingerprint

    def embed_passages(self, texts: Any, *, progress: Any = None) -> Any:
        self.texts += texts
        return super().embed_passages(texts, progress=progress)


def make_texts(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    for name in ("one", "two", "three", "sub/four"):
        (folder / f"{name}.txt").write_text(f"The {name} text tells of {name}. " * 5 + f"\n\nMore of {name}. " * 60)
    return folder
