"""Babelquote for LlamaIndex: a retriever.

    from babelquote_llamaindex import BabelquoteRetriever

    retriever = BabelquoteRetriever(Assistant(index_dir="var/index"), k=5)
    engine = RetrieverQueryEngine.from_args(retriever, llm=llm)

A node's `start_char_idx` and `end_char_idx` say where its words stand in the source, counted in Unicode code points.
"""

from __future__ import annotations

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from babelquote import Assistant, Citation, ScoredPassage

__all__ = ["BabelquoteRetriever"]

# What a language model need not read, nor an embedding model.
_FOR_PROGRAMS = ["document_id", "number", "support", "language"]


class BabelquoteRetriever(BaseRetriever):
    """Finds passages in an index, or the exact words that answer.

    Args:
        assistant: asks the index.
        k: how many passages; `None` takes the assistant's.
        quotes: return the citations of an answer instead of passages: the exact words, each with its `number` and
            `support`; none where the documents don't answer.
    """

    def __init__(self, assistant: Assistant, k: int | None = None, *, quotes: bool = False) -> None:
        self._assistant = assistant
        self._k = k
        self._quotes = quotes
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = query_bundle.query_str
        if not self._quotes:
            return [_passage(hit) for hit in self._assistant.retrieve(question, k=self._k)]
        answer = self._assistant.answer(question, k=self._k)
        return [_quote(one) for one in answer.citations if not answer.refused]


def _passage(hit: ScoredPassage) -> NodeWithScore:
    passage = hit.passage
    fields = {
        "document_id": passage.document_id,
        "title": hit.title,
        "source": hit.source,
        "language": passage.language,
    }
    return NodeWithScore(node=_node(passage.text, passage.start, passage.end, fields, passage.id), score=hit.score)


def _quote(one: Citation) -> NodeWithScore:
    fields = {"document_id": one.document_id, "title": one.title, "source": one.source}
    fields |= {"number": str(one.number), "support": one.support}
    name = f"{one.document_id}#{one.start}-{one.end}"
    return NodeWithScore(node=_node(one.quote, one.start, one.end, fields, name), score=None)


def _node(text: str, start: int, end: int, metadata: dict[str, str], name: str) -> TextNode:
    return TextNode(
        id_=name,
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata=metadata,
        excluded_llm_metadata_keys=_FOR_PROGRAMS,
        excluded_embed_metadata_keys=_FOR_PROGRAMS,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=metadata["document_id"])},
    )
