"""From a document to what the store keeps of it: passages, sentences and the digests of the texts to embed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from index.building.passages.chunking import Chunked, chunk, embedding_text, sentence_embedding_text
from index.building.workers import EmbedPieces
from index.config import ChunkingConfig
from index.folders import titled
from index.language.identification import detect
from index.sources.reading import document_digest
from index.stores.base import KeptVectors
from index.stores.vector_cache import text_digest
from index.types import Document, Passage, Sentence

__all__ = ["EmbeddingQueue", "Prepared", "prepare"]

_PIECE = 512  # texts embedded and made durable at once: what a kill can lose
_WAITING = 40_000  # texts gathered before they are embedded, sorted by length among themselves


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with what is to be embedded of it.

    Attributes:
        document: with its language.
        passages: its passages.
        sentences: its sentences.
        passage_texts: what the embedder reads for each passage.
        sentence_texts: and for each sentence.
        passage_digests: what the vectors of the passages are known by.
        sentence_digests: and those of the sentences.
    """

    document: Document
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    passage_texts: tuple[str, ...]
    sentence_texts: tuple[str, ...]
    passage_digests: tuple[bytes, ...]
    sentence_digests: tuple[bytes, ...]


def prepare(document: Document, count_tokens: Callable[[str], int], config: ChunkingConfig) -> Prepared:
    """Cut a document and name the texts to embed; finds its language where the source doesn't tell."""
    if document.language in ("", "und"):
        document = replace(document, language=detect(document.text))
    if not document.digest:
        document = replace(document, digest=document_digest(document))
    cut = chunk(document, count_tokens, config)
    title = titled(document.title, document.source)
    passage_texts = tuple(embedding_text(title, each) for each in cut.passages)
    sentence_texts = tuple(_sentence_texts(document, title, cut))
    return Prepared(
        document,
        cut.passages,
        cut.sentences,
        passage_texts,
        sentence_texts,
        tuple(map(text_digest, passage_texts)),
        tuple(map(text_digest, sentence_texts)),
    )


def _sentence_texts(document: Document, title: str, cut: Chunked) -> Iterator[str]:
    """Yield what the embedder reads for each sentence, in the context of the first passage that holds it."""
    place = 0
    for sentence in cut.sentences:
        while cut.passages[place].end < sentence.end:
            place += 1
        passage = cut.passages[place]
        yield sentence_embedding_text(title, passage, document.text[sentence.start : sentence.end])


@dataclass(slots=True)
class EmbeddingQueue:
    """Texts that wait to be embedded; each piece that was is durable at once, so a killed build goes on from there.

    Attributes:
        embed: gives the vectors of pieces of texts, in order.
        cache: keeps them.
        progress: called with (texts done, texts in all) of the batch at work.
        embedded: passages embedded so far, sentences not counted.
    """

    embed: EmbedPieces
    cache: KeptVectors
    progress: Callable[[int, int], None]
    embedded: int = 0
    _texts: dict[bytes, tuple[str, bool]] = field(default_factory=dict)

    def add(self, prepared: Prepared) -> None:
        """Take in the texts of a document; embeds when enough have come together."""
        for digest, text in zip(prepared.sentence_digests, prepared.sentence_texts, strict=True):
            self._texts.setdefault(digest, (text, False))
        for digest, text in zip(prepared.passage_digests, prepared.passage_texts, strict=True):
            self._texts[digest] = (text, True)
        if len(self._texts) >= _WAITING:
            self.flush()

    def flush(self) -> None:
        """Embed all that waits and is not in the cache."""
        digests = list(self._texts)
        rough = frozenset(digest for digest, (_, is_passage) in self._texts.items() if not is_passage)
        wanted = [(digests[at], *self._texts[digests[at]]) for at in self.cache.missing(digests, rough)]
        self._texts = {}
        # By bytes, which say more of a text's tokens than its letters: of one length, less is read that only fills up.
        wanted.sort(key=lambda each: len(each[1].encode("utf-8", "surrogatepass")))
        pieces = [wanted[at : at + _PIECE] for at in range(0, len(wanted), _PIECE)]
        if pieces:
            self.progress(0, len(wanted))
        done = 0
        for piece, vectors in zip(pieces, self.embed([text for _, text, _ in piece] for piece in pieces), strict=True):
            self.cache.put([digest for digest, _, _ in piece], vectors, rough)
            self.embedded += sum(is_passage for _, _, is_passage in piece)
            done += len(piece)
            self.progress(done, len(wanted))
