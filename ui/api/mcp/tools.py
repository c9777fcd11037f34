"""The assistant as tools of the Model Context Protocol: answer, search, check_text, list_documents.

The protocol: https://modelcontextprotocol.io. It needs the package `mcp`: only `ui.api.mcp.server` imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from anyio import from_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from index.errors import RagError
from index.opening.listing import Listed, Listing
from rag.llms.calls.callers import CallerLeftError
from rag.llms.events import StreamEvent
from rag.output.json import passage_fields
from rag.types import Answer, ScoredPassage
from ui.api.answers import answer_object, checked_filter
from ui.api.checking import checked_object
from ui.api.endpoints import as_api_error, whole
from ui.api.fields import MOST_PASSAGES
from ui.api.mcp.filters import filtered
from ui.api.mcp.resources import add_prompts, add_resources
from ui.api.mcp.visitors import visitor
from ui.api.requests import CheckRequest, Filters
from ui.http.admission import ApiError, Gate
from ui.service.asking.asking import ChatService
from ui.terminal.drafts import draft_lines

__all__ = ["Tools", "mcp_of"]

_INSTRUCTIONS = (
    "Answers questions in any language from the user's own documents. Every sentence of an answer cites the exact "
    "words of a source as [n]; keep these marks and show the quotes. A refusal means that the documents don't tell."
)
_MOST_LISTED = 100
_PIECES = 20  # of an answer between two notices of progress
_SHOWN = ("id", "title", "source", "language", "date", "passages")

Result = TypeVar("Result")
Question = Annotated[str, Field(description="The question, in any language.")]
Count = Annotated[int, Field(ge=1, le=MOST_PASSAGES, description="How many passages to return.")]
Words = Annotated[str, Field(description="Only documents with these words in their title or source; empty for all.")]
Draft = Annotated[str, Field(description="The text to check, plain or Markdown, in any language.")]
Claims = Annotated[bool, Field(description="Check its claims as well as its quotations.")]
Marked = Annotated[bool, Field(description="Give the citations as W3C Web Annotations too.")]
Offset = Annotated[int, Field(ge=0, description=f"How many to leave out first; {_MOST_LISTED} are listed at a time.")]


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools, as their names are.

    Attributes:
        service: answers the questions.
        gate: lets so many of them work at once.
        listing: says what is indexed.
    """

    service: ChatService
    gate: Gate
    listing: Callable[[], Listing]

    @filtered
    async def answer(
        self, context: Context, question: Question, annotations: Marked = False, *, wanted: Filters
    ) -> CallToolResult:
        """Answer a question from the indexed documents, with numbered citations of their exact words."""

        def work() -> tuple[Answer, dict[str, Any]]:
            asked = self.service.assistant
            pieces = asked.stream(question, **checked_filter(wanted, asked))
            found = self.service.shown(whole(_with_progress(context, pieces)))
            return found, answer_object(found, answerer=asked, annotated=annotations)

        found, fields = await self._worked(work)
        return _result(str(found), fields)

    @filtered
    async def search(self, question: Question, k: Count = 5, *, wanted: Filters) -> CallToolResult:
        """Return the passages of the indexed documents that fit a question best, best first."""

        def work() -> list[ScoredPassage]:
            narrow = checked_filter(wanted, self.service.assistant)
            return self.service.assistant.retrieve(question, k=k, **narrow)

        hits = await self._worked(work)
        text = "\n\n".join(_shown(number, hit) for number, hit in enumerate(hits, start=1))
        return _result(text or "No passage fits.", {"passages": [passage_fields(hit) for hit in hits]})

    @filtered
    async def check_text(
        self, text: Draft, claims: Claims = True, annotations: Marked = False, *, wanted: Filters
    ) -> CallToolResult:
        """Check a text against the indexed documents: its quotations word by word, its claims by the deciding words."""
        asked = CheckRequest(text=text, claims=claims, annotations=annotations, **wanted.model_dump())
        draft, fields = await self._worked(lambda: checked_object(self.service, asked))
        return _result("\n".join(str(line) for line in draft_lines(draft)), fields)

    async def list_documents(self, query: Words = "", offset: Offset = 0) -> CallToolResult:
        """List what is indexed: id, title, source, language, date and number of passages of each document."""
        listing = await self._worked(self.listing)
        wanted = query.casefold().strip()
        found = [one for one in listing.documents if one.id and wanted in f"{one.title}\n{one.source}".casefold()]
        rows = [_row(one) for one in found[offset : offset + _MOST_LISTED]]
        lines = [f"{row['id']}: {row['title']} ({row['source']}, {row['language']})" for row in rows]
        return _result("\n".join(lines) or "No document.", {"documents": rows, "found": len(found)})

    async def _worked(self, work: Callable[[], Result]) -> Result:
        """Do something in a thread, once there is a place for it."""
        try:
            async with self.gate.place(visitor()):
                return await run_in_threadpool(work)
        except CallerLeftError:
            raise ToolError("The client has gone.") from None
        except ApiError as error:
            raise ToolError(str(error)) from error
        except RagError as error:
            raise ToolError(str(as_api_error(error))) from error


def mcp_of(tools: Tools) -> MCPServer[Any]:
    """Return a server that offers the tools, over whatever transport."""
    server: MCPServer[Any] = MCPServer(
        "babelquote", title="Babelquote", instructions=_INSTRUCTIONS, log_level="WARNING"
    )
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in (tools.answer, tools.search, tools.check_text, tools.list_documents):
        server.add_tool(tool, annotations=reads)
    add_resources(server, tools.service, tools.gate)
    add_prompts(server)
    return server


def _with_progress(context: Context, events: Iterator[StreamEvent]) -> Iterator[StreamEvent]:
    """Yield what comes from a thread, telling a client that wants to know of every so many pieces of text."""
    for number, event in enumerate(events, start=1):
        if number % _PIECES == 1:
            from_thread.run(context.report_progress, number, None, "the answer is being written")
        yield event


def _result(text: str, fields: dict[str, object]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=fields)


def _shown(number: int, hit: ScoredPassage) -> str:
    return f"{number}. {hit.title} ({hit.source}, {hit.passage.language})\n{hit.passage.text}"


def _row(one: Listed) -> dict[str, object]:
    return {name: getattr(one, name) for name in _SHOWN}
