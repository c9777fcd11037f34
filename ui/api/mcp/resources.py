"""What agents and editors may read and begin with, beside the tools: documents as resources, and prompts.

A client offers prompts to its user; each says to a model which tool to use and to keep the marks of its answer.
"""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.server.mcpserver.resources import ResourceSecurity
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from index.errors import IndexMissingError, RagError, StoreError
from ui.api.endpoints import as_api_error
from ui.api.mcp.visitors import visitor
from ui.http.admission import ApiError, Gate
from ui.service.asking.asking import ChatService

__all__ = ["add_prompts", "add_resources"]

_URI = "babelquote://documents/{+document_id}"  # an id may hold a slash
_CITED = "Keep the marks [1], [2] … and show the quoted words of each below. If it refuses, say so and add nothing."


def add_resources(server: MCPServer[Any], service: ChatService, gate: Gate) -> None:
    """Offer each indexed document as a resource: its text, in which the offsets of citations count.

    Args:
        server: offers them.
        service: has the documents; what its assistant may not find is not read either.
        gate: lets so many readers work at once.
    """

    @server.resource(
        _URI,
        name="document",
        title="Document",
        description="The whole text of an indexed document, by the id that list_documents and citations name.",
        mime_type="text/plain",
        security=ResourceSecurity(exempt_params={"document_id"}),  # no path: it is looked up among the documents
    )
    async def document(document_id: str) -> str:
        try:
            async with gate.place(visitor()):
                found = await run_in_threadpool(service.assistant.document, document_id)
        except ApiError as error:
            raise ResourceError(str(error)) from error
        except IndexMissingError as error:
            raise ResourceError(str(as_api_error(error))) from error
        except (KeyError, StoreError) as error:
            raise ResourceNotFoundError("There is no such document.") from error
        except RagError as error:
            raise ResourceError(str(as_api_error(error))) from error
        return found.text


def add_prompts(server: MCPServer[Any]) -> None:
    """Offer ways to begin: a question with its sources, a text to check, a document to sum up."""

    @server.prompt(title="Ask my documents", description="Answer a question from the documents, every claim cited.")
    def ask_documents(question: Annotated[str, Field(description="The question, in any language.")]) -> str:
        return f"Use the tool `answer` for this question, in its own language:\n\n{question}\n\n{_CITED}"

    @server.prompt(title="Check my text", description="Check quotations and claims of a text against the documents.")
    def check_my_text(text: Annotated[str, Field(description="The text to check.")]) -> str:
        instruction = (
            "List every quotation that is not exact and every claim that is contradicted or not found, with the words"
        )
        return f"Use the tool `check_text` for the text below. {instruction} of the source.\n\n{text}"

    @server.prompt(title="Sum up a document", description="What one document is about, in words that it holds.")
    def sum_up(document_id: Annotated[str, Field(description="Its id, as list_documents names it.")]) -> str:
        where = f"Read the resource babelquote://documents/{document_id}"
        return f"{where} and sum it up in five sentences. Quote the exact words that carry each sentence."
