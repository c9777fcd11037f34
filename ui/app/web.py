"""Starts the web chat: `serve` is all that the command line calls."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from index.disk.scratch import remove_scratch
from index.errors import ConfigError, IndexMissingError, RagError
from ui.app.logs import announce, log_as_json
from ui.app.serve_options import ServeOptions
from ui.http.bodies import PATIENCE, App
from ui.http.crowd import Crowd, room
from ui.http.guard import is_loopback
from ui.http.public import PublicAddress, host_name
from ui.http.sign_in.login import read_users
from ui.http.sign_in.proxied import behind_proxy

if TYPE_CHECKING:
    import uvicorn

    from index.locations import Location
    from index.stores.base import Filter
    from rag import AnswerConfig
    from rag.types import Style
    from ui.http.sign_in.login import Users
    from ui.service.asking.asking import Answerer
    from ui.service.watching.observed import Observer

__all__ = ["known_examples", "offered_assistants", "serve", "server_of"]


def serve(index_dir: Location | None, llm: str, options: ServeOptions) -> None:
    """Serve the web chat until it is interrupted.

    Args:
        index_dir: the index to ask; `None` for the default one.
        llm: spec of the backend that writes the answers.
        options: where and for whom.

    Raises:
        ConfigError: the port is taken, the address isn't ours, it can be reached from outside without a login, or the
            public address or a host name is none.
        StoreError: the index can't be read.
    """
    host, public = options.host, options.public
    if options.log_format == "json":
        log_as_json()
    users = _users(options)
    if users is None and not is_loopback(host) and not options.auth_header:
        raise ConfigError(
            f"{host} can be reached by other machines", "give a users' file with --auth, or use 127.0.0.1"
        )
    os.umask(os.umask(0o077) | 0o077)  # what a server writes is its account's own
    with closing(_listen(host, options.port)) as listener, _scratch_removed():
        app = behind_proxy(_app(index_dir, llm, options, users), options.auth_header, options.trusted_proxies)
        address = public.url if public else f"http://{_shown(host)}:{listener.getsockname()[1]}"
        open_to_all = users is None and not (options.local or options.auth_header)
        announce(address, as_json=options.log_format == "json", open_to_all=open_to_all)
        if options.open_browser:
            _open_later(address)
        with suppress(KeyboardInterrupt):  # raised again by the server once it has closed its connections
            server_of(app, crowd=_crowd(public), own_logs=options.log_format == "json").run(sockets=[listener])


def _users(options: ServeOptions) -> Users | None:
    """Return who may sign in; `None` where nobody does."""
    from ui.http.sign_in.login import Users

    ways = {"--auth": options.auth_file, "--auth-header": options.auth_header, "--oidc": options.provider}
    given = [way for way, value in ways.items() if value]
    if len(given) > 1:
        raise ConfigError(f"{' and '.join(given)} both say who asks", "give one of them")
    if options.provider is not None:
        return Users({}, admins=set())
    return read_users(options.auth_file) if options.auth_file is not None else None


def _signing_in(options: ServeOptions) -> Callable[[App, Users, PublicAddress | None], App]:
    """Return what makes the layer in which people sign in."""
    from ui.http.sign_in.login import Login

    if options.provider is None:
        return Login
    from ui.http.sign_in.oidc import OidcLogin

    return partial(OidcLogin, provider=options.provider, admins=options.oidc_admins)


def _app(index_dir: Location | None, llm: str, options: ServeOptions, users: Users | None) -> App:
    """Open the index and put the application around it together."""
    from index.locations import location_of
    from ui.app.watched import watching
    from ui.service.asking.asking import ChatService
    from ui.service.library.builds import Builds
    from ui.service.library.library import ADMIN, Library, Rights

    names = frozenset(host_name(name) for name in options.host_names)
    folder, local = location_of(index_dir), options.local
    as_json = options.log_format == "json"
    eyes = watching(metrics=options.metrics, spans=options.spans, as_json=as_json, words=options.log_questions)
    models = (options.nli, options.reader, options.reranker, options.where, options.style)
    assistants = offered_assistants(folder, llm, options.offer, *models, observers=eyes.observers)
    service = ChatService(assistants.pop(llm), llm, tell_all=local, others=assistants)
    known = users
    is_admin = (lambda user: user == ADMIN) if known is None else (lambda user: user in known.admins)
    rights = Rights(local=known is None and local, admin=options.admin, admins=is_admin)
    builds = Builds(folder, private_addresses=options.private_addresses)
    library = Library(folder, rights, builds, allow_places=options.places)
    library.resume()
    threading.Thread(target=_warm_up, args=(service.assistant,), daemon=True).start()
    examples = known_examples(service.assistant)
    return eyes.around(
        service,
        rights,
        host=options.host,
        examples=examples,
        users=users,
        library=library,
        names=names,
        public=options.public,
        named_by_proxy=bool(options.auth_header),
        signing_in=_signing_in(options),
    )


def offered_assistants(
    folder: Location,
    llm: str,
    offer: Sequence[str] = (),
    nli: str = "",
    reader: str = "bundled",
    reranker: str = "",
    where: Filter | None = None,
    style: str = "normal",
    observers: Sequence[Observer] = (),
) -> dict[str, Answerer]:
    """Return an assistant for each backend that visitors may choose, by its spec; all ask one open index.

    `observers` are called with how each question ended.

    Raises:
        ConfigError: a spec is wrong, a model isn't there, or nothing in the index can match the filter.
        StoreError: the index can't be read; where there is none yet, one may come.
    """
    import index
    from index.opening.scoped import ScopedLive
    from rag import AnswerConfig
    from ui.http.sign_in.viewing import viewer
    from ui.service.asking.backends import offered
    from ui.service.asking.filters import check_filter
    from ui.service.watching.observed import ObservedAssistant

    config = AnswerConfig(nli=nli, reader=reader, reranker=reranker, style=cast("Style", style))
    _load_models(config)
    live = index.LiveIndex(folder, wait=True)
    live.collections.now()  # where it can't be known who may see what, that is said now
    with suppress(IndexMissingError), live.reading() as opened:
        check_filter(live.resolved(where), opened.store)
    seen = ScopedLive(live, viewer)
    given = {"index": seen, "config": config, "where": where}
    return {one.spec: ObservedAssistant(observers, one.spec, **given) for one in offered(llm, offer)}


def _load_models(config: AnswerConfig) -> None:
    """Load what was asked for besides the index: a model that is missing is reported now, not to the first visitor."""
    from rag.checking.entailment import load_judge
    from rag.retrieval.reranking import load_reranker

    load_judge(config.nli)
    load_reranker(config.reranker)


@contextmanager
def _scratch_removed() -> Iterator[None]:
    try:
        yield
    finally:
        remove_scratch()


def _crowd(public: PublicAddress | None) -> Crowd:
    """Return the bound of connections: those of a proxy and of this machine come from many visitors."""
    return Crowd(room(), shared=is_loopback if public is None else lambda _: True)


def server_of(
    app: App, patience: float = PATIENCE, crowd: Crowd | None = None, *, own_logs: bool = False
) -> uvicorn.Server:
    """Return the HTTP server around the application, ready to run on a listening socket.

    Args:
        app: the application.
        patience: seconds for which the head of a request is waited for.
        crowd: holds the connections; `None` for the bound of a server that its own machine calls.
        own_logs: its logs go where those of this process go.
    """
    import uvicorn

    from ui.http.connections import connection_class

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await super().shutdown(sockets)
            remove_scratch()  # now: told by a signal to end, it ends by that signal and not by returning

    config = uvicorn.Config(
        app,
        http=connection_class(patience, crowd if crowd is not None else _crowd(None)),
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        log_config=None if own_logs else uvicorn.config.LOGGING_CONFIG,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    return Server(config)


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a line of the log says more than that a stream was cut or refused, which anyone can bring about."""
    from starlette.exceptions import HTTPException

    error = record.exc_info[1] if record.exc_info else None
    expected = (asyncio.CancelledError, HTTPException)
    return not isinstance(error, expected) and not (error and isinstance(error.__cause__, expected))


def known_examples(assistant: Answerer) -> tuple[tuple[str, str], ...]:
    """Return the sample questions, if the sample articles are what this index holds."""
    from ui.app.examples import EXAMPLES

    known = []
    for language, question, document_id in EXAMPLES:
        try:
            assistant.document(document_id)
        except (RagError, KeyError):
            continue
        known.append((language, question))
    return tuple(known)


def _warm_up(assistant: Answerer) -> None:
    """Load the embedding model before the first person asks."""
    with suppress(RagError):
        assistant.retrieve("warm")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except OverflowError as error:
        raise ConfigError(f"port {port}: there is no such port", "give one from 1 to 65535 with --port") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"port {port} of {host} can't be used ({reason})", "choose another one with --port"
        ) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _open_later(address: str) -> None:
    import webbrowser

    timer = threading.Timer(1.0, webbrowser.open, [address])
    timer.daemon = True
    timer.start()
