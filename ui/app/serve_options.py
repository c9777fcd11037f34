"""How the web chat is served: what the command line says, for whoever puts the server together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ui.http.guard import is_loopback
from ui.http.public import PublicAddress, public_address

if TYPE_CHECKING:
    from index.stores.base import Filter
    from ui.http.sign_in.provider import Provider

__all__ = ["ServeOptions"]


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How the web chat is served.

    Attributes:
        host: address or name to listen at; any but loopback needs `auth_file`.
        port: port to listen at; 0 takes a free one.
        offer: specs of further backends that visitors may choose; an entry may hold several with commas between.
        nli: spec of a model that says whether quotes carry claims; `""` uses none.
        reader: spec of the reader of passages; `"none"` uses none.
        reranker: spec of a model that orders the passages anew; `""` uses none.
        style: how long a language model writes: `"short"`, `"normal"` or `"detailed"`.
        where: which passages may be found and quoted; `None` means all.
        auth_file: users and their hashed passwords, as `ui.http.sign_in.login.read_users` reads them.
        admin: who may change what is indexed: `None` the local user and whoever signed in as `admin`, `True` everyone
            who may see the page, `False` nobody.
        private_addresses: web addresses that are added on the page may lead into this machine's own network.
        places: places elsewhere (`s3://` …) can be named on the page.
        open_browser: show the page in the user's browser once it answers.
        public_url: how the world calls the server, when a proxy passes its requests on; `""` when there is no proxy.
        host_names: further host names by which it may be called.
        auth_header: header in which a proxy names who asks; `""`: none does.
        trusted_proxies: the addresses that may send it.
        provider: signs people in (OpenID Connect); `None`: none does.
        oidc_admins: the group of it whose members may change the index; `""` for none.
        metrics: figures for Prometheus are to be had at `/metrics`.
        spans: spans of questions are sent by OpenTelemetry.
        log_format: how it logs, one of `ui.app.logs.FORMATS`.
        log_questions: what is asked is logged, and stands in spans, as well.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    offer: tuple[str, ...] = ()
    nli: str = ""
    reader: str = "bundled"
    reranker: str = ""
    style: str = "normal"
    where: Filter | None = None
    auth_file: Path | None = None
    admin: bool | None = None
    private_addresses: bool = False
    places: bool = False
    open_browser: bool = False
    public_url: str = ""
    host_names: tuple[str, ...] = ()
    auth_header: str = ""
    trusted_proxies: tuple[str, ...] = ()
    provider: Provider | None = None
    oidc_admins: str = ""
    metrics: bool = False
    spans: bool = False
    log_format: str = "text"
    log_questions: bool = False

    @property
    def public(self) -> PublicAddress | None:
        """The public address, taken apart."""
        return public_address(self.public_url) if self.public_url else None

    @property
    def local(self) -> bool:
        """Whether only people at this machine reach the server."""
        alone = is_loopback(self.host) and not self.auth_header
        return alone and (self.public is None or is_loopback(self.public.name))
