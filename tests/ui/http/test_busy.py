"""A server given texts made to cost time goes on answering; visitors take turns; nothing is done for who has gone."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI

from index.opening.listing import Listing
from rag.llms.calls.guard import Limits, Sink, guarded
from rag.question.cleaning import MAX_CHARACTERS, MOST_TURNS, recent
from rag.types import Answer, Turn
from tests.conftest import ROOT
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import chat_site, last_state, separate_server
from tests.ui.http.test_attacks import free_port
from ui.api.answers import api_routes
from ui.api.openai_api import openai_routes
from ui.http.admission import Gate, at_once
from ui.http.fair_queue import Places, Visitor, visitor_of
from ui.service.asking.asking import ChatService
from ui.service.library.library import Library, Rights
from ui.view.cards import SourceCard
from ui.view.cards import TurnCard as Shown
from ui.view.limits import MOST_HTML, bounded
from ui.view.render import turn_html

CITING = "سفينة 5G “it” [1] "


def kept_turn(text: str, number: int = 1) -> dict[str, object]:
    quote = {"number": 1, "document_id": "d", "title": "T" * 400, "source": "s", "start": 0, "end": 2, "quote": "it"}
    return {"id": f"t{number}", "question": "What?", "state": "answered", "text": text, "sources": [quote]}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    process = separate_server(port, 0.0)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


def slowest_health(address: str, done: threading.Event) -> float:
    worst = 0.0
    while not done.is_set():
        begun = time.monotonic()
        assert httpx.get(f"{address}/health", timeout=60).status_code == 200
        worst = max(worst, time.monotonic() - begun)
        time.sleep(0.02)
    return worst


BODIES = {
    "spans and citations": [kept_turn(CITING * 8_000)],
    "citations up to the limit of a body": [kept_turn("[1] " * 950_000)],
    "many turns": [kept_turn(CITING * 200, number) for number in range(900)],
    "bars and stars": [kept_turn("**a|" * 900_000)],
    "names of a megabyte": [{**kept_turn("a [1]"), "llm": "x" * 1_000_000, "language": "y" * 1_000_000}],
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.slow
def test_drawing_a_conversation_keeps_nobody_waiting_and_is_bounded(address: str, name: str) -> None:
    body = json.dumps(BODIES[name], ensure_ascii=False).encode()[:4_000_000]
    done = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(slowest_health, address, done)
        begun = time.monotonic()
        drawn = httpx.post(f"{address}/chat/turns", content=body, timeout=120)
        seconds = time.monotonic() - begun
        done.set()
        assert watching.result() < 1.0
    assert drawn.status_code in (200, 413, 422)
    assert len(drawn.text) <= MOST_HTML and seconds < 30


CARELESS = """
import sys, time, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def turns(request):
    content, begun = await request.body(), time.monotonic()
    while time.monotonic() < begun + 3:  # as if it drew what came, in the event loop
        pass
    return PlainTextResponse("")
async def health(request):
    return PlainTextResponse("ok")
app = Starlette(routes=[Route("/chat/turns", turns, methods=["POST"]), Route("/health", health)])
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


@pytest.mark.slow
def test_a_server_that_draws_in_its_event_loop_is_caught() -> None:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", CARELESS, str(port)], cwd=ROOT)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        done = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            watching = pool.submit(slowest_health, f"http://127.0.0.1:{port}", done)
            time.sleep(0.1)
            httpx.post(f"http://127.0.0.1:{port}/chat/turns", content=b"[]", timeout=60)
            done.set()
            assert watching.result() > 1.0
    finally:
        process.kill()
        process.wait()


def test_an_honest_turn_is_drawn_whole() -> None:
    source = SourceCard(1, "d", "Title", "a.md", 0, 12, "the quote is", "before", "after")
    turn = Shown(
        "t", "What?", "answered", "It is so [1].\n\nAnd so [1].", (source,), llm="local", warnings=("careful",)
    )
    assert bounded(turn) == turn


def test_markers_beyond_a_thousand_stay_text() -> None:
    source = SourceCard(1, "d", "Title", "a.md", 0, 2, "it")
    html = turn_html(Shown("t", "What?", "answered", "[1] " * 5_000, (source,)), "en")
    assert html.count("<button") < 1_100 and html.count("[1]") == 4_000


class Talker(FakeAssistant):
    """Writes a long text letter by letter."""

    def stream(self, question: str, *, history: object = ()) -> Iterator[str | Answer]:
        for place in range(4_000):
            yield CITING
            if place % 40 == 0:
                time.sleep(0.09)  # a bunch of its own for the page
        yield self.answer(question)


@pytest.mark.slow
def test_a_text_that_streams_is_drawn_a_bounded_number_of_times() -> None:
    async def lengths() -> list[int]:
        service = ChatService(Talker(), "extractive")
        return [len(turn.text) async for turn in service.ask("Q?", (), "r") if turn.state == "streaming"]

    drawn = asyncio.run(lengths())
    whole = 4_000 * len(CITING)
    assert max(drawn) > 0.9 * whole  # it is shown as it comes
    assert sum(drawn) < 60 * whole


def test_visitors_take_turns() -> None:
    async def order() -> list[str]:
        places, served = Places(1), []
        await places.acquire(("first", ""))

        async def ask(who: str, page: str) -> None:
            await places.acquire((who, page))
            served.append(who + page)
            places.release()

        tasks = [asyncio.ensure_future(ask("flood", page)) for page in "ab" for _ in range(55)]
        await asyncio.sleep(0)
        tasks += [asyncio.ensure_future(ask(who, "")) for who in ("noor", "omid", "noor")]
        tasks.append(asyncio.ensure_future(ask("flood", "c")))
        await asyncio.sleep(0)
        assert places.before(("new", "")) == 3 and places.before(("flood", "a")) > 50
        tasks[5].cancel()
        places.release()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not places.locked()
        return served

    served = asyncio.run(order())
    assert len(served) == 113
    assert served.index("noor") < 4 and served.index("omid") < 4
    assert served.index("floodc") < 12  # the pages of one visitor share that visitor's turns
    assert served[:12].count("floodb") >= 2


def test_places_are_not_lost_when_a_turn_comes_as_its_visitor_leaves() -> None:
    async def crowd() -> list[object]:
        places = Places(1)
        await places.acquire(("a", ""))
        waiting = [asyncio.ensure_future(places.acquire((who, ""))) for who in "bbcd"]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[2].cancel()
        places.release()  # the turn of one that has just been cancelled and has not noticed yet
        done = await asyncio.gather(*waiting[:1], *waiting[2:3], return_exceptions=True)
        for other in asyncio.as_completed((waiting[1], waiting[3])):  # whose turn comes first is not the point here
            await other
            places.release()
        await asyncio.wait_for(places.acquire(("e", "")), 1)
        return done

    assert [type(one) for one in asyncio.run(crowd())] == [asyncio.CancelledError] * 2


def test_who_has_many_questions_is_refused_before_the_others_are() -> None:
    async def crowd() -> tuple[list[object], object]:
        gate = Gate(1, seconds=0.5)
        gate.leave(await gate.enter() - 1)  # a question takes about 0.1 s
        entered = await gate.enter()
        flood = [asyncio.ensure_future(gate.enter(("flood",))) for _ in range(110)]
        await asyncio.sleep(0)
        other = asyncio.ensure_future(gate.enter(("other",)))
        await asyncio.sleep(0)
        gate.leave(entered)
        for _ in range(2):
            await asyncio.sleep(0)
            gate.leave(time.monotonic() - 0.1)
        results = await asyncio.gather(*flood, return_exceptions=True)
        return results, await other

    flood, other = asyncio.run(crowd())
    assert isinstance(other, float)
    assert sum(isinstance(one, Exception) for one in flood) > 80


@pytest.mark.slow
def test_one_visitor_can_not_fill_the_queue_of_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.service.asking.asking._MOST_ASKED", 3)

    async def crowd() -> list[str]:
        service = ChatService(FakeAssistant(delay=0.2), "extractive")
        places = service.gates.of("extractive").places
        while not places.locked():
            await places.acquire(("x", ""))

        async def ask(number: int) -> str:
            states = [turn async for turn in service.ask("Q?", (), f"r{number}", "", ("flood", str(number)))]
            return states[-1].state

        asked = [asyncio.ensure_future(ask(number)) for number in range(5)]
        await asyncio.sleep(0.05)
        for _ in range(8):
            places.release()
        return await asyncio.gather(*asked)

    assert sorted(asyncio.run(crowd())) == ["answered"] * 3 + ["failed"] * 2


def test_a_visitor_is_who_signed_in_or_an_address() -> None:
    assert visitor_of({"client": ("10.0.0.7", 4711)}, "page") == ("at 10.0.0.7", "page")
    assert visitor_of({"client": ("10.0.0.7", 4711), "babelquote.user": "noor"}) == ("noor", "")


class Slow(FakeAssistant):
    """Tells how many pieces were asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = 0

    def stream(self, question: str, *, history: object = ()) -> Iterator[str | Answer]:
        for _ in range(200):
            self.pieces += 1
            time.sleep(0.02)
            yield "word "
        yield self.answer(question)


def test_nothing_is_done_for_a_client_that_has_gone() -> None:
    slow = Slow()
    with chat_site(slow) as site:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{site.url}/api/answer", json={"question": "Who?"}, timeout=0.5)
        time.sleep(0.3)
        asked = slow.pieces
        time.sleep(0.5)
        assert 0 < asked == slow.pieces < 100


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """One with nothing in it; with it the server has the tools for agents."""
    return Library(tmp_path / "index", Rights(local=True))


class Silent(FakeAssistant):
    """Has a model that says nothing for twenty seconds, as the real limits hold it; tells when its wait was over."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.freed, self.cut = threading.Event(), threading.Event(), threading.Event()

    def stream(self, question: str, *, history: object = ()) -> Iterator[str | Answer]:
        def silence(sink: Sink) -> None:
            self.asked.set()
            sink.stop.wait(20)

        try:
            yield from guarded("model", silence, Limits(), cancel=self.cut.set)
        finally:
            self.freed.set()


def ask_and_leave(url: str, path: str, silent: Silent, body: dict[str, object]) -> float:
    """Ask, go when the model has been asked; returns how long its wait went on."""
    headers = {"accept": "application/json, text/event-stream"}

    def ask() -> None:
        with pytest.raises(httpx.TimeoutException):
            httpx.post(f"{url}{path}", json=body, headers=headers, timeout=httpx.Timeout(30, read=1.5))

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        assert silent.asked.wait(10)
        asking.result()
        begun = time.monotonic()
        assert silent.freed.wait(15)
        return time.monotonic() - begun


CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "answer", "arguments": {"question": "?"}}}
ASKED: dict[str, tuple[str, dict[str, object]]] = {
    "api": ("/api/answer", {"question": "Who?"}),
    "api, streamed": ("/api/answer", {"question": "Who?", "stream": True}),
    "openai": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Who?"}]}),
    "openai, streamed": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Who?"}], "stream": True}),
    "mcp": ("/mcp", CALL),
}


@pytest.mark.parametrize("name", partly_slow(ASKED))
def test_a_model_that_has_said_nothing_is_let_go_with_its_client(name: str, library: Library) -> None:
    """A naive version looks for the client at the next piece, and waits for that with a thread and a place."""
    silent = Silent()
    with chat_site(silent, library=library) as site:
        assert ask_and_leave(site.url, ASKED[name][0], silent, ASKED[name][1]) < 3
        assert silent.cut.is_set()  # the connection to the model


def test_on_the_page_a_silent_model_is_let_go_at_once() -> None:
    silent = Silent()

    async def leave() -> float:
        service = ChatService(silent, "extractive")
        states = service.ask("Who?", (), "r")
        await anext(states)
        waiting = asyncio.ensure_future(anext(states))
        await asyncio.to_thread(silent.asked.wait, 10)
        service.stop("r")
        begun = time.monotonic()
        assert (await waiting).state == "stopped"
        assert await asyncio.to_thread(silent.freed.wait, 15)
        await states.aclose()
        return time.monotonic() - begun

    assert asyncio.run(leave()) < 3


def test_each_client_of_mcp_is_a_visitor_of_its_own(library: Library) -> None:
    """A naive version gives all of them one turn: who asks a hundred times keeps the other programs waiting."""
    seen: list[Sequence[str]] = []

    class Noting(Places):
        async def acquire(self, visitor: Visitor) -> bool:
            seen.append(visitor)
            return await super().acquire(visitor)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ui.http.admission.Places", Noting)
        with chat_site(library=library) as site:
            for program in ("editor/1", "agent/2"):
                headers = {"accept": "application/json, text/event-stream", "user-agent": program}
                assert httpx.post(f"{site.url}/mcp", json=CALL, headers=headers, timeout=30).status_code == 200
    assert seen == [("at 127.0.0.1", "mcp editor/1"), ("at 127.0.0.1", "mcp agent/2")]


def test_who_leaves_the_queue_of_the_api_is_not_asked_for() -> None:
    class Counting(Slow):
        def __init__(self) -> None:
            super().__init__()
            self.asked: list[str] = []
            self.all_left = threading.Event()

        def stream(self, question: str, *, history: object = ()) -> Iterator[str | Answer]:
            self.asked.append(question)
            self.all_left.wait(30)
            yield self.answer(question)

    counting = Counting()
    with chat_site(counting) as site, ThreadPoolExecutor(16) as crowd:

        def leave(number: int) -> None:
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{site.url}/api/answer", json={"question": f"gone {number}?"}, timeout=0.1)

        list(crowd.map(leave, range(16)))
        time.sleep(0.5)
        counting.all_left.set()
        assert httpx.post(f"{site.url}/api/answer", json={"question": "here?"}, timeout=30).status_code == 200
    assert "here?" in counting.asked and len(counting.asked) <= at_once("extractive") + 1


def test_the_conversation_before_a_question_is_bounded_everywhere() -> None:
    turns = [(f"q{number}" + "x" * 9_000, "a" * 100_000) for number in range(40)]
    kept = recent(turns)
    assert [turn.question[:3] for turn in kept] == [f"q{number}" for number in range(34, 40)]
    assert len(kept) == MOST_TURNS and {len(turn.answer) for turn in kept} == {MAX_CHARACTERS}
    assert recent([Turn("a", "b"), ("c", "d")]) == (Turn("a", "b"), Turn("c", "d"))


@pytest.mark.parametrize("path", partly_slow(["/api/answer", "/v1/chat/completions"]))
def test_a_huge_history_costs_no_time(path: str) -> None:
    with chat_site() as site:
        text = "What did the ship do? " * 1_000
        pairs = [[text, text]] * 80
        messages = [{"role": role, "content": text} for _ in pairs for role in ("user", "assistant")]
        question = "Who heads the AOI?"
        body: dict[str, object] = {"question": question, "history": pairs}
        if path.startswith("/v1"):
            body = {"messages": [*messages, {"role": "user", "content": question}]}
        begun = time.monotonic()
        assert httpx.post(f"{site.url}{path}", json=body, timeout=60).status_code == 200
        assert time.monotonic() - begun < 30  # without a bound it took two minutes
        ((_, history),) = site.assistant.questions
        assert 0 < len(history) <= MOST_TURNS
        assert all(len(turn.question) <= MAX_CHARACTERS for turn in history)


def test_the_page_says_that_too_many_wait() -> None:
    service = ChatService(FakeAssistant(), "extractive")
    service_turn = asyncio.run(last_state_of_a_crowd(service))
    assert service_turn.state == "failed"


async def last_state_of_a_crowd(service: ChatService) -> Shown:
    service._asking[""] = 120
    return await last_state(service, "Q?", "r")


class Counting(FakeAssistant):
    """Tells how many questions it had at work at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self.lock = threading.Lock()
        self.order: list[str] = []

    def stream(self, question: str, *, history: object = ()) -> Iterator[str | Answer]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
            self.order.append(question)
        time.sleep(0.05)
        with self.lock:
            self.now -= 1
        yield self.answer(question)


class Unheard:
    """The context of a tool's call by a client that wants to know of no progress."""

    async def report_progress(self, *_: object) -> None:
        pass


def test_the_page_the_api_and_mcp_share_the_places_at_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.api.mcp.tools import Tools

    monkeypatch.setattr("ui.http.admission.os.cpu_count", lambda: 1)  # two at once
    counting = Counting()
    service = ChatService(counting, "extractive")
    app = FastAPI()
    app.router.routes += [*api_routes(service, service.gates), *openai_routes(service, service.gates)]
    tools = Tools(service, service.gates.of(), lambda: Listing(0, "", (), {}, ()))

    async def crowd() -> None:
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1", timeout=60)

        async def ask(way: str, number: int) -> None:
            question = f"{way} {number}?"
            if way == "page":
                async for _ in service.ask(question, (), question, "", ("someone", "1")):
                    pass
            elif way == "mcp":
                await tools.answer(cast("Any", Unheard()), question)
            elif way == "api":
                assert (await http.post("/api/answer", json={"question": question})).status_code == 200
            else:
                body = {"messages": [{"role": "user", "content": question}]}
                assert (await http.post("/v1/chat/completions", json=body)).status_code == 200

        flood = [asyncio.ensure_future(ask("page", number)) for number in range(16)]
        await asyncio.sleep(0.02)
        await asyncio.gather(*(ask(way, number) for way in ("api", "openai", "mcp") for number in range(3)), *flood)
        await http.aclose()

    asyncio.run(crowd())
    assert counting.most == 2
    first = [counting.order.index(question) for question in ("api 0?", "mcp 0?")]
    assert max(first) < 10  # who comes later by another way waits behind one turn of the flood, not behind all of it
    assert not service.gates.of().places.locked()
