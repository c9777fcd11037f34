"""Options of running the program as a service, with what `--help` says of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ui.http.sign_in.provider import Provider

__all__ = [
    "AuthHeader",
    "ConfigFile",
    "LogFormat",
    "LogQuestions",
    "Metrics",
    "Oidc",
    "OidcAdmin",
    "OidcAudience",
    "OidcClient",
    "OidcGroups",
    "OidcName",
    "Spans",
    "TrustedProxy",
    "chosen_provider",
]

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Settings file; see `rag config`. Also RAG_CONFIG.", show_default="babelquote.toml"),
]
AuthHeader = Annotated[
    str,
    typer.Option(
        envvar="RAG_AUTH_HEADER",
        help="Header in which a proxy names who asks, such as X-Remote-User; needs --trusted-proxy.",
        show_default=False,
    ),
]
TrustedProxy = Annotated[
    list[str] | None,
    typer.Option(
        envvar="RAG_TRUSTED_PROXY", help="Address or network of that proxy; nobody else is answered. Repeatable."
    ),
]
Metrics = Annotated[
    bool, typer.Option("--metrics", envvar="RAG_METRICS", help="Give figures for Prometheus at /metrics.")
]
Spans = Annotated[
    bool,
    typer.Option("--spans", envvar="RAG_SPANS", help="Send spans by OpenTelemetry (OTEL_EXPORTER_OTLP_ENDPOINT)."),
]
LogFormat = Annotated[
    str,
    typer.Option("--log-format", envvar="RAG_LOG_FORMAT", help="How the server logs: text, or json, a line an event."),
]
LogQuestions = Annotated[
    bool,
    typer.Option("--log-questions", envvar="RAG_LOG_QUESTIONS", help="Log what is asked, too (with json or --spans)."),
]
Oidc = Annotated[
    str,
    typer.Option(
        envvar="RAG_OIDC", help="Issuer (https://…) that signs people in by OpenID Connect.", show_default=False
    ),
]
OidcClient = Annotated[
    str,
    typer.Option(
        envvar="RAG_OIDC_CLIENT",
        help="What that issuer calls this server; its secret is in RAG_OIDC_SECRET.",
        show_default=False,
    ),
]
OidcGroups = Annotated[
    str, typer.Option(envvar="RAG_OIDC_GROUPS", help="Claim that lists somebody's groups; dots lead into nested ones.")
]
OidcName = Annotated[
    str, typer.Option(envvar="RAG_OIDC_NAME", help="Claim that is somebody's name here; it must be unique and theirs.")
]
OidcAudience = Annotated[
    str,
    typer.Option(
        envvar="RAG_OIDC_AUDIENCE",
        help="Audience of the access tokens that programs bring; else the client and the public address.",
        show_default=False,
    ),
]
OidcAdmin = Annotated[
    str,
    typer.Option(envvar="RAG_OIDC_ADMIN", help="Group whose members may change the index.", show_default=False),
]


def chosen_provider(issuer: str, client: str, name: str, groups: str, admins: str, audience: str) -> Provider | None:
    """Return who signs people in; `None` where no issuer was named.

    Raises:
        ConfigError: what was said of it makes no sense.
    """
    if not issuer:
        options = {"client": client, "name": name != "sub", "groups": groups != "groups"}
        options |= {"admin": admins, "audience": audience}
        if idle := [f"--oidc-{part}" for part, given in options.items() if given]:
            raise typer.BadParameter(f"{' and '.join(idle)}: no effect without --oidc")
        return None
    from ui.http.sign_in.provider import provider_of

    return provider_of(issuer, client, os.environ.get("RAG_OIDC_SECRET", ""), name, groups, audience)
