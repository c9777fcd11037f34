"""Babelquote for Haystack: a retriever and an answerer.

    from babelquote_haystack import BabelquoteAnswerer, BabelquoteRetriever

    pipeline.add_component("retriever", BabelquoteRetriever(index_dir="var/index", top_k=5))

The `meta` of each document say where its words stand: `text[start:end]` of the source, counted in Unicode code points.
"""

from __future__ import annotations

from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict

from babelquote import Assistant, Citation, ScoredPassage

__all__ = ["BabelquoteAnswerer", "BabelquoteRetriever"]


@component
class BabelquoteRetriever:
    """Finds passages in an index.

    Args:
        index_dir: folder or `postgresql://` address of the index; `None` is the default one.
        top_k: how many passages.
    """

    def __init__(self, index_dir: str | None = None, top_k: int = 5) -> None:
        self.index_dir = index_dir
        self.top_k = top_k
        self._assistant: Assistant | None = None

    def warm_up(self) -> None:
        """Open the index."""
        if self._assistant is None:
            self._assistant = Assistant(index_dir=self.index_dir)

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """Return the passages that fit a question best, best first, each with its place in `meta`."""
        self.warm_up()
        assert self._assistant is not None
        return {"documents": [_passage(hit) for hit in self._assistant.retrieve(query, k=top_k or self.top_k)]}

    def to_dict(self) -> dict[str, Any]:
        """Return what makes this component again."""
        return default_to_dict(self, index_dir=self.index_dir, top_k=self.top_k)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> BabelquoteRetriever:
        """Make a component of what `to_dict` gave."""
        return default_from_dict(cls, data)


@component
class BabelquoteAnswerer:
    """Answers from an index, every claim cited.

    Args:
        index_dir: folder or `postgresql://` address of the index; `None` is the default one.
        llm: spec of the backend that writes the answer.
    """

    def __init__(self, index_dir: str | None = None, llm: str = "extractive") -> None:
        self.index_dir = index_dir
        self.llm = llm
        self._assistant: Assistant | None = None

    def warm_up(self) -> None:
        """Open the index."""
        if self._assistant is None:
            self._assistant = Assistant(index_dir=self.index_dir, llm=self.llm)

    @component.output_types(answer=str, refused=bool, documents=list[Document])
    def run(self, query: str) -> dict[str, Any]:
        """Return the answer with its marks `[1]`, whether it is a refusal, and the quotes in their order."""
        self.warm_up()
        assert self._assistant is not None
        found = self._assistant.answer(query)
        return {"answer": found.text, "refused": found.refused, "documents": [_quote(one) for one in found.citations]}

    def to_dict(self) -> dict[str, Any]:
        """Return what makes this component again."""
        return default_to_dict(self, index_dir=self.index_dir, llm=self.llm)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> BabelquoteAnswerer:
        """Make a component of what `to_dict` gave."""
        return default_from_dict(cls, data)


def _passage(hit: ScoredPassage) -> Document:
    passage = hit.passage
    where = {"document_id": passage.document_id, "start": passage.start, "end": passage.end}
    fields = {"title": hit.title, "source": hit.source, "language": passage.language}
    return Document(id=passage.id, content=passage.text, meta=where | fields, score=hit.score)


def _quote(one: Citation) -> Document:
    where = {"document_id": one.document_id, "start": one.start, "end": one.end}
    fields = {"title": one.title, "source": one.source, "number": one.number, "support": one.support}
    return Document(content=one.quote, meta=where | fields)
