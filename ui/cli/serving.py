"""The commands that serve an index to others, and what belongs to them: `chat`, `mcp`, `password`, `feedback`."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli import commands
from ui.cli.choices import Choice, choosing
from ui.cli.options import (
    AnswerStyle,
    Browser,
    Host,
    HostNames,
    IndexDir,
    Llm,
    LlmHeader,
    LlmTimeout,
    MayChange,
    Offer,
    Places,
    Port,
    PrivateAddresses,
    PublicUrl,
    UsersFile,
    located,
)
from ui.cli.server_options import (
    AuthHeader,
    LogFormat,
    LogQuestions,
    Metrics,
    Oidc,
    OidcAdmin,
    OidcAudience,
    OidcClient,
    OidcGroups,
    OidcName,
    Spans,
    TrustedProxy,
    chosen_provider,
)

__all__ = ["chat", "feedback", "mcp", "password"]


@choosing
def chat(
    *,
    choice: Choice,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    offer: Offer = None,
    style: AnswerStyle = "normal",
    host: Host = "127.0.0.1",
    port: Port = 7860,
    auth: UsersFile = None,
    admin: MayChange = None,
    public_url: PublicUrl = "",
    host_name: HostNames = None,
    allow_private_addresses: PrivateAddresses = False,
    allow_places: Places = False,
    open_browser: Browser = False,
    auth_header: AuthHeader = "",
    trusted_proxy: TrustedProxy = None,
    oidc: Oidc = "",
    oidc_client: OidcClient = "",
    oidc_name: OidcName = "sub",
    oidc_groups: OidcGroups = "groups",
    oidc_admin: OidcAdmin = "",
    oidc_audience: OidcAudience = "",
    metrics: Metrics = False,
    spans: Spans = False,
    log_format: LogFormat = "text",
    log_questions: LogQuestions = False,
) -> None:
    """Open the web chat; filters narrow what its answers may use."""
    if log_format not in ("text", "json"):
        raise typer.BadParameter(f"--log-format: {log_format!r} is none; write text or json")
    if log_questions and log_format != "json" and not spans:
        raise typer.BadParameter("--log-questions has no effect without --log-format json or --spans")
    from ui.app.serve_options import ServeOptions
    from ui.app.shutdown import leave
    from ui.app.web import serve

    options = ServeOptions(
        host=host,
        port=port,
        offer=tuple(offer or ()),
        nli=choice.nli,
        reader=choice.reader,
        reranker=choice.reranker,
        style=style,
        where=choice.where,
        auth_file=auth,
        admin=admin,
        private_addresses=allow_private_addresses,
        places=allow_places,
        open_browser=open_browser,
        public_url=public_url,
        host_names=tuple(host_name or ()),
        auth_header=auth_header,
        trusted_proxies=tuple(trusted_proxy or ()),
        provider=chosen_provider(oidc, oidc_client, oidc_name, oidc_groups, oidc_admin, oidc_audience),
        oidc_admins=oidc_admin,
        metrics=metrics,
        spans=spans,
        log_format=log_format,
        log_questions=log_questions,
    )
    serve(choice.index_dir, llm, options)
    leave()


@choosing
def mcp(
    *, choice: Choice, llm: Llm = "extractive", _llm_timeout: LlmTimeout = None, _llm_header: LlmHeader = None
) -> None:
    """Offer answers, search and the list of documents to agents and editors (MCP over standard input and output)."""
    from ui.api.mcp_server import mcp_over_stdio

    mcp_over_stdio(choice.index_dir, llm, choice.config(), choice.where)


def feedback(index_dir: IndexDir = None) -> None:
    """Print the answers judged in the web chat as questions for `rag eval`, a JSON object a line."""
    commands.export_feedback(located(index_dir))


def password(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    group: Annotated[list[str] | None, typer.Option("--group", help="A group that they are in; repeatable.")] = None,
) -> None:
    """Print a line for the users' file of `rag chat --auth`; the password is asked for, or read from a pipe."""
    commands.password_line(name, tuple(group or ()))
