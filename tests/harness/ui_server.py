"""The web chat on a free loopback port, in a thread, for tests that talk to it as browsers and programs do."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.harness.ui_fakes import FakeAssistant
from ui.app.server import build_app
from ui.app.web import known_examples, server_of
from ui.http.bodies import PATIENCE, App
from ui.http.crowd import Crowd
from ui.http.public import PublicAddress
from ui.http.sign_in.login import Users
from ui.page.chat import build_chat
from ui.service.asking.asking import ChatService
from ui.service.library.library import Library
from ui.view.cards import TurnCard


@dataclass
class Site:
    """A running server: where it is and what answers in it."""

    url: str
    assistant: Any


@contextmanager
def running(app: App, patience: float = PATIENCE, crowd: Crowd | None = None) -> Iterator[str]:
    """Serve an application on a free port; yields its address.

    Args:
        app: the application.
        patience: seconds for which it waits for a request's head.
        crowd: holds its connections.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    server = server_of(app, patience, crowd)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def chat_site(
    assistant: Any = None,
    *,
    users: Users | None = None,
    host: str = "127.0.0.1",
    library: Library | None = None,
    others: dict[str, Any] | None = None,
    public: PublicAddress | None = None,
    names: frozenset[str] = frozenset(),
) -> Iterator[Site]:
    """Serve the chat over an assistant, the fake one by default; `others` are those of further backends, by spec."""
    asked = assistant or FakeAssistant(delay=0.01)
    service = ChatService(asked, "extractive", tell_all=host == "127.0.0.1", others=others)
    shown = known_examples(asked)
    with _one_application():
        app = build_app(service, host=host, examples=shown, users=users, library=library, public=public, names=names)
    with running(app) as url:
        yield Site(url, asked)


@contextmanager
def _one_application() -> Iterator[None]:
    """Let the framework make the application that is mounted, and not three others before it that nobody serves.

    It makes one whenever a page or a queue is made: four fifths of what a site costs.
    """

    def build(*arguments: Any, **named: Any) -> Any:
        import gradio.blocks  # late: what it reads from the environment is set before the page is built

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gradio.blocks, "App", SimpleNamespace(create_app=lambda *_, **__: None))
            return build_chat(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.app.server.build_chat", build)
        yield


async def last_state(service: ChatService, question: str, run: str, backend: str = "") -> TurnCard:
    """Ask as the page does; returns how it ended."""
    states = [turn async for turn in service.ask(question, (), run, backend)]
    return states[-1]


def free_port() -> int:
    """Return a port that nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def reached(port: int) -> None:
    """Wait until somebody listens at a port."""
    deadline = time.monotonic() + 240  # a crowded machine takes its time
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def separate_server(port: int, delay: float) -> subprocess.Popen[bytes]:
    """Start the chat over the fake assistant in a process of its own, and wait until it answers."""
    command = [sys.executable, "-m", "tests.harness.ui_server", str(port), str(delay)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 240  # a crowded machine takes its time
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process
    process.kill()
    raise AssertionError(f"the server did not start: {process.wait()}")


if __name__ == "__main__":
    fake = FakeAssistant(delay=float(sys.argv[2]))
    server = server_of(build_app(ChatService(fake, "extractive"), examples=known_examples(fake)))
    server.run(sockets=[socket.create_server(("127.0.0.1", int(sys.argv[1])))])
