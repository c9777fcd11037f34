"""The commands that serve an index to others, and what belongs to them: `chat`, `mcp`, `password`, `feedback`."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli.commands import answers as commands
from ui.cli.options.choices import Choice, choosing
from ui.cli.options.grouping import grouped
from ui.cli.options.server_groups import Addresses, Logging, SignIn, addresses, logging, sign_in
from ui.cli.options.shared import AnswerStyle, Browser, IndexDir, Llm, LlmHeader, LlmTimeout, Offer, located

__all__ = ["chat", "feedback", "mcp", "password"]


@choosing
@grouped("logs", logging)
@grouped("people", sign_in)
@grouped("reached", addresses)
def chat(
    *,
    choice: Choice,
    reached: Addresses,
    people: SignIn,
    logs: Logging,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    offer: Offer = None,
    style: AnswerStyle = "normal",
    open_browser: Browser = False,
) -> None:
    """Open the web chat; filters narrow what its answers may use."""
    from ui.app.serve_options import ServeOptions
    from ui.app.shutdown import leave
    from ui.app.web import serve

    options = ServeOptions(
        offer=tuple(offer or ()),
        nli=choice.nli,
        reader=choice.reader,
        reranker=choice.reranker,
        style=style,
        where=choice.where,
        open_browser=open_browser,
        **reached,
        **people,
        **logs,
    )
    serve(choice.index_dir, llm, options)
    leave()


@choosing
def mcp(
    *, choice: Choice, llm: Llm = "extractive", _llm_timeout: LlmTimeout = None, _llm_header: LlmHeader = None
) -> None:
    """Offer answers and search to agents and editors (MCP).

    It speaks the Model Context Protocol over standard input and output, and gives the list of documents too.
    """
    from ui.api.mcp.server import mcp_over_stdio

    mcp_over_stdio(choice.index_dir, llm, choice.config(), choice.where)


def feedback(index_dir: IndexDir = None) -> None:
    """Print the answers that were judged in the web chat.

    They come as questions for `rag eval`, a JSON object a line.
    """
    commands.export_feedback(located(index_dir))


def password(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    group: Annotated[list[str] | None, typer.Option("--group", help="A group that they are in; repeatable.")] = None,
) -> None:
    """Print a line for the users' file of `rag chat --auth`.

    The password is asked for, or read from a pipe.
    """
    commands.password_line(name, tuple(group or ()))
