"""The queue of the page keeps nothing of those who asked, once they have read, have gone, or never came to read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

import ui.app.server as server
from benchmarks.load import Server, ask_page, find_page
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import running
from ui.http.bodies import App
from ui.http.sessions import Sessions
from ui.service.asking.asking import ChatService

PATIENCE = 1.0


class Seen(Sessions):
    """Remembers the framework's queue, for the test to look into."""

    last: Any = None

    def __init__(self, app: App, queue: Any) -> None:
        super().__init__(app, queue, PATIENCE)
        Seen.last = queue


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Server]:
    monkeypatch.setattr(server, "Sessions", getattr(request, "param", Seen))
    with running(server.build_app(ChatService(FakeAssistant(), "extractive"))) as url:
        served = Server(psutil.Process(), url)
        find_page(served)
        yield served


class Careless(Seen):
    """Leaves everything to the framework."""

    def _forget(self, session: str) -> None:
        pass


def kept() -> int:
    queue = Seen.last()
    return len(queue.pending_messages_per_session) + len(queue.pending_event_ids_session)


def kept_at_last() -> int:
    """Return what is kept once all streams have had time to end."""
    deadline = time.monotonic() + 10
    while kept() and time.monotonic() < deadline:
        time.sleep(0.05)
    return kept()


def ask_and_read(page: Server, count: int) -> None:
    async def everyone() -> None:
        async with httpx.AsyncClient(base_url=page.url, timeout=60) as client:
            for number in range(count):
                assert "moon" in await ask_page(client, page, f"reader{number}", "moon")

    asyncio.run(everyone())


def ask_alone(page: Server, session: str, question: str = "moon") -> None:
    data = [question, "[]", session, "en", "", "", ""][: page.inputs]
    body = {"data": data, "fn_index": page.target, "session_hash": session}
    httpx.post(f"{page.url}/gradio_api/queue/join", json=body, timeout=60).raise_for_status()


def test_nothing_is_kept_of_who_has_read(page: Server) -> None:
    ask_and_read(page, 20)
    assert kept_at_last() == 0


@pytest.mark.slow
def test_nothing_is_kept_for_who_never_reads(page: Server) -> None:
    for number in range(5):
        ask_alone(page, f"deaf{number}")
    assert kept() > 0
    time.sleep(2 * PATIENCE)
    ask_alone(page, "last")
    assert set(Seen.last().pending_messages_per_session) <= {"last"}
    ask_and_read(page, 1)


@pytest.mark.slow
def test_a_session_that_was_dropped_may_ask_again(page: Server) -> None:
    ask_alone(page, "reader0")
    time.sleep(2 * PATIENCE)
    for _ in range(5):  # at once, as a page does: the stream before has hardly ended
        ask_and_read(page, 1)


@pytest.mark.parametrize("question", partly_slow(["moon", "an endless one"]))
def test_who_goes_in_the_middle_leaves_nothing(page: Server, question: str) -> None:
    ask_alone(page, "gone", question)
    with httpx.stream("GET", f"{page.url}/gradio_api/queue/data?session_hash=gone", timeout=60) as stream:
        next(stream.iter_lines())
    time.sleep(2 * PATIENCE)
    ask_and_read(page, 1)
    assert kept_at_last() == 0


@pytest.mark.parametrize("page", [Careless], indirect=True)
@pytest.mark.slow
def test_a_page_that_leaves_it_to_the_framework_is_caught(page: Server) -> None:
    ask_and_read(page, 20)
    assert kept_at_last() >= 20
