"""Babelquote for LangChain: a retriever and a tool.

    from babelquote_langchain import BabelquoteRetriever, babelquote_tool

    retriever = BabelquoteRetriever(assistant=Assistant(index_dir="var/index"))
    agent = create_agent(model, tools=[babelquote_tool(Assistant())])

The metadata of each document say where its words stand: `text[start:end]` of the source, in Unicode code points.
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import StructuredTool
from pydantic import ConfigDict, Field

from babelquote import Answer, Assistant, Citation, ScoredPassage

__all__ = ["BabelquoteRetriever", "babelquote_tool"]

_WHAT = (
    "Answers a question in any language from the user's own documents. Every sentence cites the exact words of a "
    "source as [n]; keep these marks. A refusal means that the documents don't tell."
)


class BabelquoteRetriever(BaseRetriever):
    """Finds passages in an index, or the exact words that answer.

    Attributes:
        assistant: asks the index.
        k: how many passages; `None` takes the assistant's.
        quotes: return the citations of an answer instead of passages: the exact words, each with its `number` and
            `support`; none where the documents don't answer.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Assistant
    k: int | None = Field(default=None, ge=1, le=100)
    quotes: bool = False

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        if self.quotes:
            return _cited(self.assistant.answer(query, k=self.k))
        return [_passage(hit) for hit in self.assistant.retrieve(query, k=self.k)]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
    ) -> list[Document]:
        if self.quotes:
            return _cited(await self.assistant.aanswer(query, k=self.k))
        return await super()._aget_relevant_documents(query, run_manager=run_manager)


def babelquote_tool(assistant: Assistant, name: str = "ask_documents") -> StructuredTool:
    """Return a tool for agents: its text is the answer with its sources, its artifact the answer as JSON fields.

    Args:
        assistant: answers the questions.
        name: what the agent calls it.
    """

    def ask(question: str) -> tuple[str, dict[str, Any]]:
        answer = assistant.answer(question)
        return str(answer), answer.to_dict()

    async def ask_later(question: str) -> tuple[str, dict[str, Any]]:
        answer = await assistant.aanswer(question)
        return str(answer), answer.to_dict()

    return StructuredTool.from_function(
        ask, coroutine=ask_later, name=name, description=_WHAT, response_format="content_and_artifact"
    )


def _passage(hit: ScoredPassage) -> Document:
    passage = hit.passage
    where = {"document_id": passage.document_id, "start": passage.start, "end": passage.end}
    fields = {"title": hit.title, "source": hit.source, "language": passage.language, "score": hit.score}
    return Document(id=passage.id, page_content=passage.text, metadata=where | fields)


def _cited(answer: Answer) -> list[Document]:
    return [_quote(one) for one in answer.citations if not answer.refused]


def _quote(one: Citation) -> Document:
    where = {"document_id": one.document_id, "start": one.start, "end": one.end}
    fields = {"title": one.title, "source": one.source, "number": one.number, "support": one.support}
    return Document(page_content=one.quote, metadata=where | fields)
