"""The web server's parts put together: our routes, the login, the chat, and the guard around all of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Mount, Route

from index.disk.scratch import scratch_folder
from ui.api.answers import api_routes
from ui.api.checking import checking_routes
from ui.api.mcp.server import mcp_over_http
from ui.api.openai_api import openai_routes
from ui.api.openapi import ADDRESS, describe
from ui.api.overviews import overview_routes
from ui.http.bodies import App, Receive, Scope, Send
from ui.http.events import Events
from ui.http.guard import Guard, is_loopback
from ui.http.public import PublicAddress
from ui.http.sessions import Sessions
from ui.http.sign_in.login import Login, Users
from ui.http.sign_in.viewing import Viewing, viewers
from ui.page.chat import build_chat
from ui.page.frame import head_html
from ui.page.library_routes import UPLOAD_PATH, library_routes
from ui.page.page_routes import page_routes
from ui.page.picker import picker_routes
from ui.page.routes import chat_routes
from ui.page.suggestions import suggestion_routes
from ui.service.asking.asking import ChatService
from ui.service.asking.runs import Runs, run_routes
from ui.service.library.library import ADMIN, Library
from ui.service.library.pages import Pages
from ui.service.library.topics import Topics

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

__all__ = ["build_app"]

_QUEUE = ("/gradio_api/queue/", "/gradio_api/cancel")


@dataclass(frozen=True, slots=True)
class _Site:
    """Leads the chat's queue straight to the chat, past the layers and the list of all other routes."""

    app: App
    chat: App

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["path"].startswith(_QUEUE)
        await (self.chat if asked else self.app)(scope, receive, send)


def build_app(
    service: ChatService,
    *,
    host: str = "127.0.0.1",
    examples: tuple[tuple[str, str], ...] = (),
    users: Users | None = None,
    library: Library | None = None,
    names: frozenset[str] = frozenset(),
    public: PublicAddress | None = None,
    more: Sequence[BaseRoute] = (),
    named_by_proxy: bool = False,
    signing_in: Callable[[App, Users, PublicAddress | None], App] = Login,
) -> Guard:
    """Return the ASGI application that serves the chat, its routes and the API.

    Args:
        service: answers the questions.
        host: address or name at which it will listen; decides by which names it may be called.
        examples: pairs of language code and question for the first view.
        users: who may sign in; `None` leaves the page open, right only for loopback.
        library: what is indexed, to be shown and changed; `None` leaves the library out.
        names: further host names by which it may be called.
        public: how the world calls it, when a proxy passes its requests on; `None` when there is no proxy.
        more: further routes.
        signing_in: makes the layer in which users sign in.
        named_by_proxy: a proxy says who asks (`ui.http.sign_in.proxied`): nobody is this machine's own user.
    """
    _prepare_gradio()
    runs = Runs(service.stop)
    app = _with_routes(service, runs, library, _people(users, named_by_proxy=named_by_proxy), more)
    describe(app, signed_in=users is not None or named_by_proxy)
    site = _with_chat(app, build_chat(service, runs, examples, library=library is not None), public)
    local = is_loopback(host)
    owner = local and not named_by_proxy and (public is None or is_loopback(public.name))
    seen = Viewing(site, viewers(users, local=owner, admin=_admin(library), named_by_proxy=named_by_proxy))
    inner: App = seen if users is None else signing_in(seen, users, public)
    large = {} if library is None else {UPLOAD_PATH: library.uploads.file_bytes}
    known = names if local else names | _names(host)
    own = partial(_answers, [route for route in app.router.routes if isinstance(route, Route)])
    return Guard(inner, names=known, any_address=not local, large_bodies=large, public=public, own=own)


def _admin(library: Library | None) -> str:
    """Return as whom somebody signs in to change the index; `""`: nobody does."""
    return "" if library is None or library.rights.admin is False else ADMIN


def _with_chat(app: FastAPI, chat: gr.Blocks, public: PublicAddress | None) -> _Site:
    """Return the application with the chat behind its routes."""
    mounted = Sessions(_mounted_chat(app, chat, public), lambda: chat._queue)
    return _Site(app, Events(mounted, lambda: {n: len(fn.inputs) for n, fn in chat.fns.items()}))


def _answers(routes: Sequence[Route], path: str) -> bool:
    """Tell whether one of the routes answers a path."""
    return any(route.path_regex.match(path) for route in routes)


def _prepare_gradio() -> None:
    """Set what gradio reads when it is imported: uploads and caches go where no other user of the machine can read."""
    os.environ["GRADIO_TEMP_DIR"] = str(scratch_folder())
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        GRADIO_ANALYTICS_MAX_EVENTS="1",  # a list of them is made for each question
        GRADIO_ANALYTICS_CACHE_FREQUENCY=str(sys.maxsize),  # a summary that nobody asks for would load pandas
    )


def _people(users: Users | None, *, named_by_proxy: bool) -> tuple[str, ...] | None:
    """Return to whom a collection can belong besides everyone; `None` where nobody has a name."""
    if users is None:
        return () if named_by_proxy else None
    groups = frozenset[str]().union(*users.groups.values())
    return (*(f"group:{name}" for name in sorted(groups)), *(f"user:{name}" for name in sorted(users.hashes)))


def _with_routes(
    service: ChatService,
    runs: Runs,
    library: Library | None,
    people: Sequence[str] | None = None,
    more: Sequence[BaseRoute] = (),
) -> FastAPI:
    """Return the application with every route but the page's own."""
    from fastapi import FastAPI
    from starlette.middleware.cors import CORSMiddleware
    from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

    gates = service.gates
    pages = Pages()
    routes = chat_routes(service, pages) + page_routes(service, pages) + picker_routes(service)
    routes += api_routes(service, gates) + openai_routes(service, gates) + checking_routes(service)
    routes += overview_routes(service, gates)
    routes += [*run_routes(runs), *suggestion_routes(service), *more]
    lifespan = None
    if library is not None:
        tools, lifespan = mcp_over_http(service, gates.of(), library.listing)
        routes += library_routes(library, Topics(service), people) + tools
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=ADDRESS, lifespan=lifespan)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # with it present gradio adds no CORS header of its own
    # Events go out as they come. JSON holds the token of the library: packed together with what a stranger had us say,
    # its length would tell of it (BREACH, Prado et al. 2013).
    whole = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/json")
    app.add_middleware(GZipMiddleware, minimum_size=2_000, compresslevel=6, exclude_content_types=whole)
    app.router.routes.extend(routes)
    return app


def _mounted_chat(app: FastAPI, chat: gr.Blocks, public: PublicAddress | None) -> App:
    """Mount the chat behind all other routes; returns the application that serves it."""
    import gradio as gr

    # Around every event gradio would set matplotlib up, whose first import keeps the event loop busy for a second; the
    # page draws no plots.
    gr.utils.MatplotlibBackendMananger = nullcontext
    gr.mount_gradio_app(
        app,
        chat,
        path="/",
        root_path=public.url if public else None,
        head=head_html(),
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        show_error=False,
        enable_monitoring=False,
        run_history=False,
        footer_links=[],
        allowed_paths=[],
        blocked_paths=[str(Path.cwd())],
        max_file_size="1mb",
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    mounted: App = next(route.app for route in app.routes if isinstance(route, Mount) and not route.path)
    return mounted


def _names(host: str) -> frozenset[str]:
    import socket

    return frozenset(name.lower() for name in (host, socket.gethostname(), socket.getfqdn()) if name)
