"""Options of a server that belong together, each group as fields of `ui.app.serve_options.ServeOptions`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import typer

from ui.cli.options.server_options import (
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
from ui.cli.options.shared import Host, HostNames, MayChange, Places, Port, PrivateAddresses, PublicUrl, UsersFile

if TYPE_CHECKING:
    from ui.http.sign_in.provider import Provider

__all__ = ["Addresses", "Logging", "SignIn", "addresses", "logging", "sign_in"]


class Addresses(TypedDict):
    """Where the server is reached, and what it may reach for its visitors."""

    host: str
    port: int
    public_url: str
    host_names: tuple[str, ...]
    private_addresses: bool
    places: bool


class SignIn(TypedDict):
    """Who may ask, who may change the index, and who says who they are."""

    auth_file: Path | None
    admin: bool | None
    auth_header: str
    trusted_proxies: tuple[str, ...]
    provider: Provider | None
    oidc_admins: str


class Logging(TypedDict):
    """What is reported about the questions, and to whom."""

    metrics: bool
    spans: bool
    log_format: str
    log_questions: bool


def addresses(
    host: Host = "127.0.0.1",
    port: Port = 7860,
    public_url: PublicUrl = "",
    host_name: HostNames = None,
    allow_private_addresses: PrivateAddresses = False,
    allow_places: Places = False,
) -> Addresses:
    """Return where the server is reached."""
    return Addresses(
        host=host,
        port=port,
        public_url=public_url,
        host_names=tuple(host_name or ()),
        private_addresses=allow_private_addresses,
        places=allow_places,
    )


def sign_in(
    auth: UsersFile = None,
    admin: MayChange = None,
    auth_header: AuthHeader = "",
    trusted_proxy: TrustedProxy = None,
    oidc: Oidc = "",
    oidc_client: OidcClient = "",
    oidc_name: OidcName = "sub",
    oidc_groups: OidcGroups = "groups",
    oidc_admin: OidcAdmin = "",
    oidc_audience: OidcAudience = "",
) -> SignIn:
    """Return who may ask.

    Raises:
        BadParameter: an option of OpenID Connect has no effect.
        ConfigError: what is said of the issuer makes no sense.
    """
    return SignIn(
        auth_file=auth,
        admin=admin,
        auth_header=auth_header,
        trusted_proxies=tuple(trusted_proxy or ()),
        provider=chosen_provider(oidc, oidc_client, oidc_name, oidc_groups, oidc_admin, oidc_audience),
        oidc_admins=oidc_admin,
    )


def logging(
    metrics: Metrics = False, spans: Spans = False, log_format: LogFormat = "text", log_questions: LogQuestions = False
) -> Logging:
    """Return what is logged.

    Raises:
        BadParameter: there is no such format, or an option has no effect.
    """
    if log_format not in ("text", "json"):
        raise typer.BadParameter(f"--log-format: {log_format!r} is none; write text or json")
    if log_questions and log_format != "json" and not spans:
        raise typer.BadParameter("--log-questions has no effect without --log-format json or --spans")
    return Logging(metrics=metrics, spans=spans, log_format=log_format, log_questions=log_questions)
