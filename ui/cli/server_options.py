"""Options of running the program as a service, with what `--help` says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AuthHeader", "ConfigFile", "LogFormat", "LogQuestions", "Metrics", "TrustedProxy"]

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
LogFormat = Annotated[
    str,
    typer.Option("--log-format", envvar="RAG_LOG_FORMAT", help="How the server logs: text, or json, a line an event."),
]
LogQuestions = Annotated[
    bool, typer.Option("--log-questions", envvar="RAG_LOG_QUESTIONS", help="Log what is asked, too (with json).")
]
