"""Starts the web chat: `serve` is all that the command line calls."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ConfigError, RagError
from ui.guard import App, is_loopback
from ui.login import read_users
from ui.terminal import echo

if TYPE_CHECKING:
    import uvicorn

    from rag import Assistant
    from ui.service import Answerer

__all__ = ["serve"]


def serve(
    index_dir: Path | None,
    llm: str,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    auth_file: Path | None = None,
    open_browser: bool = False,
    admin: bool | None = None,
) -> None:
    """Serve the web chat until it is interrupted.

    Args:
        index_dir: the index to ask; `None` for the default one.
        llm: spec of the backend that writes the answers.
        host: address or name to listen at; any but loopback needs `auth_file`.
        port: port to listen at; 0 takes a free one.
        auth_file: users and their hashed passwords, as `ui.login.read_users` reads them.
        open_browser: show the page in the user's browser once it answers.
        admin: who may change what is indexed: `None` the local user and whoever signed in as `admin`, `True` everyone
            who may see the page, `False` nobody.

    Raises:
        ConfigError: the port is taken, the address isn't ours, or it can be reached from outside without a login.
        StoreError: there is no sound index.
    """
    users = read_users(auth_file) if auth_file is not None else None
    if users is None and not is_loopback(host):
        raise ConfigError(f"{host} can be reached by other machines: give a users' file with --auth, or use 127.0.0.1")
    with closing(_listen(host, port)) as listener:
        from index.config import default_index_dir
        from rag import Assistant
        from ui.library import Library, Rights
        from ui.server import build_app
        from ui.service import ChatService

        assistant = Assistant(index_dir=index_dir, llm=llm)
        service = ChatService(assistant, llm, tell_all=is_loopback(host))
        rights = Rights(local=users is None and is_loopback(host), admin=admin)
        library = Library(default_index_dir() if index_dir is None else Path(index_dir), rights)
        app = build_app(service, host=host, examples=known_examples(assistant), users=users, library=library)
        address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
        echo(f"Babelquote answers at {address} (Ctrl+C ends it)", file=sys.stderr)
        threading.Thread(target=_warm_up, args=(assistant,), daemon=True).start()
        if open_browser:
            _open_later(address)
        with suppress(KeyboardInterrupt):  # raised again by the server once it has closed its connections
            server_of(app).run(sockets=[listener])


def server_of(app: App) -> uvicorn.Server:
    """Return the HTTP server around the application, ready to run on a listening socket."""
    import uvicorn

    config = uvicorn.Config(
        app,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
        lifespan="on",
    )
    return uvicorn.Server(config)


def known_examples(assistant: Answerer) -> tuple[tuple[str, str], ...]:
    """Return the sample questions, if the sample articles are what this index holds."""
    from ui.examples import EXAMPLES

    known = []
    for language, question, document_id in EXAMPLES:
        try:
            assistant.document(document_id)
        except (RagError, KeyError):
            continue
        known.append((language, question))
    return tuple(known)


def _warm_up(assistant: Assistant) -> None:
    """Load the embedding model before the first person asks."""
    with suppress(RagError):
        assistant.retrieve("warm")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except OverflowError as error:
        raise ConfigError(f"port {port}: there is no such port; give one from 1 to 65535 with --port") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"port {port} of {host} can't be used ({reason}); choose another one with --port") from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _open_later(address: str) -> None:
    import webbrowser

    timer = threading.Timer(1.0, webbrowser.open, [address])
    timer.daemon = True
    timer.start()
